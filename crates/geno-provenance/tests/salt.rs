//! Salted commitments open with their row's salt, and with nothing else.

use geno_action::EditSpec;
use geno_core::{Coded, Digest, ErrorCode};
use geno_provenance::{
    DtypeConfig, INPUT_COMMITMENT_SCHEMA, Json, Label, MasterSalt, OpenInputError, ParseSaltError,
    PoolingConfig, Receipt, ReceiptDraft, ReceiptOutput, RowSalt, SALTED_INPUT_COMMITMENT_SCHEMA,
    SALTED_WINDOWS_COMMITMENT_SCHEMA, Timestamp, WINDOWS_COMMITMENT_SCHEMA, canonical_json,
    input_commitment, open_input, open_windows, salted_input_commitment, windows_commitment,
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
    receipt_of(commitment.unwrap(), schema)
}

fn receipt_of(commitment: Digest, schema: &str) -> Receipt {
    let (pooling, dtypes) = (pooling(), dtypes());
    let draft = ReceiptDraft {
        model_id: Digest::of(b"model"),
        input_commitment: commitment,
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
            ("aggregate".to_owned(), "mean".into()),
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

/// The payload, spelled out: what a single window commits to has other keys.
#[test]
fn several_windows_are_committed_to_in_their_order_and_with_their_aggregate() {
    let edit_spec = r#"{"alt":"GTT","chrom":"1","edit_type":ET,"pos":3,"ref":"G"}"#;
    let edit_spec = edit_spec.replace("ET", &edit().edit_type().id().to_string());
    let dtype = r#"{"encoder_dtype":"bf16","predictor_dtype":"bf16"}"#;
    let pool = r#"{"normalize":true,"pool_radius":8,"pool_type":"centered_mean","state_layer":20}"#;
    let plain = format!(
        r#"{{"aggregate":"mean","dtype_config":{dtype},"edit_spec":{edit_spec},"pooling_config":{pool},"reference_windows":["ACGTACGT","TACGTACG"],"version":1}}"#
    );
    let windows: [&[u8]; 2] = [WINDOW, b"TACGTACG"];
    let commit = |windows: &[&[u8]], aggregate, salt: Option<&RowSalt>| {
        windows_commitment(windows, aggregate, &edit(), &pooling(), &dtypes(), salt).unwrap()
    };
    let found = commit(&windows, "mean", None);
    assert_eq!(found, Digest::of(plain.as_bytes()));
    let others = [
        commit(&[windows[1], windows[0]], "mean", None),
        commit(&windows[..1], "mean", None),
        commit(&windows, "max", None),
        commit(&windows, "mean", Some(&salt(1))),
        input_commitment(WINDOW, &edit(), &pooling(), &dtypes()).unwrap(),
    ];
    assert!(!others.contains(&found));
    assert!(windows_commitment(&[], "mean", &edit(), &pooling(), &dtypes(), None).is_err());
}

#[test]
fn a_receipt_of_several_windows_opens_with_all_of_them_alone() {
    let windows: [&[u8]; 2] = [WINDOW, b"TACGTACG"];
    let salt = salt(4);
    for (schema, salt) in [
        (WINDOWS_COMMITMENT_SCHEMA, None),
        (SALTED_WINDOWS_COMMITMENT_SCHEMA, Some(&salt)),
    ] {
        let commitment =
            windows_commitment(&windows, "mean", &edit(), &pooling(), &dtypes(), salt).unwrap();
        let receipt = receipt_of(commitment, schema);
        let open = |windows: &[&[u8]]| open_windows(&receipt, windows, &edit(), salt);
        assert_eq!(open(&windows), Ok(()));
        for wrong in [&windows[..1], &[windows[1], windows[0]]] {
            let code = open(wrong).unwrap_err().code();
            assert_eq!(code, ErrorCode::ProvenanceInputCommitmentMismatch);
        }
        assert!(open_input(&receipt, WINDOW, &edit(), salt).is_err());
    }
    let single = receipt(None, INPUT_COMMITMENT_SCHEMA);
    let error = open_windows(&single, &windows, &edit(), None);
    assert_eq!(error, Err(OpenInputError::Windows { found: 2 }));
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
