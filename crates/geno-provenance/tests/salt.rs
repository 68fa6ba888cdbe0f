//! Salted commitments open with their row's salt, and with nothing else.

use geno_action::EditSpec;
use geno_core::{Coded, Digest, ErrorCode};
use geno_provenance::{
    DtypeConfig, INPUT_COMMITMENT_SCHEMA, Json, Label, MasterSalt, OpenInputError, ParseSaltError,
    PoolingConfig, Receipt, ReceiptDraft, ReceiptOutput, RowSalt, SALTED_INPUT_COMMITMENT_SCHEMA,
    Timestamp, canonical_json, input_commitment, open_input, salted_input_commitment,
    write_new_private,
};

const WINDOW: &[u8] = b"ACGTACGT";

fn label(text: &str) -> Label {
    Label::new(text).unwrap()
}

fn edit() -> EditSpec {
    EditSpec::new("1", 3, "G", "GTT").unwrap()
}

fn pooling() -> PoolingConfig {
    PoolingConfig {
        state_layer: 20,
        pool_type: label("centered_mean"),
        pool_radius: 8,
        normalize: true,
    }
}

fn dtypes() -> DtypeConfig {
    DtypeConfig {
        encoder_dtype: label("bf16"),
        predictor_dtype: label("bf16"),
    }
}

fn salt(row: u64) -> RowSalt {
    MasterSalt::from_bytes([7; 32]).row(row)
}

fn receipt(salt: Option<&RowSalt>, schema: &str) -> Receipt {
    let (edit, pooling, dtypes) = (edit(), pooling(), dtypes());
    let commitment = match salt {
        Some(salt) => salted_input_commitment(WINDOW, &edit, &pooling, &dtypes, salt),
        None => input_commitment(WINDOW, &edit, &pooling, &dtypes),
    };
    let draft = ReceiptDraft {
        model_id: Digest::of(b"model"),
        input_commitment: commitment.unwrap(),
        output: ReceiptOutput::new(0.5, 0.5, label("*"), 1.0, false).unwrap(),
        calibration_hash: Digest::of(b"calibration"),
        backend: label("cpu"),
        device: label("cpu/x86_64"),
        carbon_revision: label("r1"),
        timestamp: Timestamp::from_unix_seconds(0).unwrap(),
        details: [
            ("input_commitment_schema".to_owned(), schema.into()),
            ("pooling_config".to_owned(), pooling.to_json()),
            ("dtype_config".to_owned(), dtypes.to_json()),
        ]
        .into(),
    };
    draft.seal().unwrap()
}

#[test]
fn the_salted_payload_is_the_plain_one_with_salt_and_version() {
    let salt = salt(1);
    let payload = Json::object([
        ("version", 2.into()),
        ("reference_window", "ACGTACGT".into()),
        (
            "edit_spec",
            Json::object([
                ("chrom", Json::from("1")),
                ("pos", 3.into()),
                ("ref", "G".into()),
                ("alt", "GTT".into()),
                ("edit_type", u32::from(edit().edit_type().id()).into()),
            ]),
        ),
        ("pooling_config", pooling().to_json()),
        ("dtype_config", dtypes().to_json()),
        ("salt", salt.to_hex().into()),
    ]);
    let commitment = salted_input_commitment(WINDOW, &edit(), &pooling(), &dtypes(), &salt);
    assert_eq!(commitment, Ok(Digest::of(&canonical_json(&payload))));
}

#[test]
fn a_salted_receipt_opens_with_the_salt_of_its_row_alone() {
    let receipt = receipt(Some(&salt(4)), SALTED_INPUT_COMMITMENT_SCHEMA);
    let open = |salt: Option<RowSalt>| open_input(&receipt, WINDOW, &edit(), salt.as_ref());
    assert_eq!(open(Some(salt(4))), Ok(()));
    assert_eq!(open(None), Err(OpenInputError::SaltMissing));
    let error = open(Some(salt(5))).unwrap_err();
    assert_eq!(error.code(), ErrorCode::ProvenanceInputCommitmentMismatch);
    let other = EditSpec::new("1", 3, "G", "GTA").unwrap();
    let error = open_input(&receipt, WINDOW, &other, Some(&salt(4))).unwrap_err();
    assert_eq!(error.code(), ErrorCode::ProvenanceInputCommitmentMismatch);
    let line = String::from_utf8(receipt.to_line()).unwrap();
    assert!(
        !line.contains(&salt(4).to_hex()),
        "the salt is in the receipt"
    );
}

#[test]
fn a_plain_receipt_opens_without_a_salt() {
    let receipt = receipt(None, INPUT_COMMITMENT_SCHEMA);
    assert_eq!(open_input(&receipt, WINDOW, &edit(), None), Ok(()));
    let error = open_input(&receipt, WINDOW, &edit(), Some(&salt(1)));
    assert_eq!(error, Err(OpenInputError::SaltUnused));
}

#[test]
fn an_unknown_rule_is_refused() {
    let error = open_input(&receipt(None, "another"), WINDOW, &edit(), None).unwrap_err();
    assert_eq!(error.code(), ErrorCode::ProvenanceReceiptSchema);
}

#[test]
fn a_master_salt_is_read_back_and_never_shown() {
    let master = MasterSalt::from_bytes([7; 32]);
    let file = String::from_utf8(master.to_file()).unwrap();
    assert_eq!(file.len(), 65);
    assert_eq!(file.parse(), Ok(master.clone()));
    assert_eq!(
        format!("{master:?} {:?}", master.row(1)),
        "MasterSalt(..) RowSalt(..)"
    );
    for text in [
        "",
        "07",
        &file.replace('7', "g"),
        &file.to_uppercase().replace('0', "A"),
    ] {
        assert_eq!(text.parse::<MasterSalt>(), Err(ParseSaltError), "{text}");
    }
}

#[test]
fn a_private_file_is_its_owners_and_is_not_written_twice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("salt");
    write_new_private(&path, b"secret").unwrap();
    assert!(write_new_private(&path, b"another").is_err());
    assert_eq!(std::fs::read(&path).unwrap(), b"secret");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
