//! Checks of the Python package's receipts end as its `verify` command does.

use std::collections::BTreeMap;

use geno_action::EditSpec;
use geno_core::{Coded, Digest};
use geno_provenance::{
    DtypeConfig, Json, Manifest, PoolingConfig, Receipt, ReceiptReader, Verifier, VerifyError,
    input_commitment, verify_input,
};

const GOLDEN: &[u8] = include_bytes!("../../../fixtures/parity/provenance_golden.json");
const MANIFEST: &[u8] = include_bytes!("../../../fixtures/parity/model/manifest.json");
const SINGLE: &str = include_str!("../../../fixtures/parity/receipt.single.json");
const SINGLE_INPUT: &[u8] = include_bytes!("../../../fixtures/parity/receipt.single.input.json");
const STREAM: &[u8] = include_bytes!("../../../fixtures/parity/receipts.jsonl");

fn text<'a>(case: &'a Json, key: &str) -> &'a str {
    let value = case.get(key).and_then(Json::as_str);
    value.unwrap_or_else(|| panic!("no text {key}"))
}

#[test]
fn receipts_of_the_package_hold() {
    let verifier = Verifier::new(&Manifest::parse(MANIFEST).unwrap());
    let mut n = 0;
    for receipt in ReceiptReader::new(STREAM) {
        let receipt = receipt.unwrap();
        assert!(!verifier.verify(&receipt).unwrap().sealed);
        n += 1;
    }
    assert_eq!(n, 40);
}

/// The single receipt, its input's commitment given another last base where `window_end` has one.
fn single_commitment(receipt: &Receipt, window_end: Option<u8>) -> Digest {
    let input = Json::parse(SINGLE_INPUT).unwrap();
    let mut window = text(&input, "window").as_bytes().to_vec();
    if let (Some(base), Some(last)) = (window_end, window.last_mut()) {
        assert_ne!(*last, base);
        *last = base;
    }
    let pos = input.get("pos").and_then(Json::as_u64).unwrap();
    let edit = EditSpec::new(
        text(&input, "chrom"),
        pos,
        text(&input, "ref"),
        text(&input, "alt"),
    );
    let details = receipt.details().unwrap();
    input_commitment(
        &window,
        &edit.unwrap(),
        &PoolingConfig::from_json(details["pooling_config"].clone()).unwrap(),
        &DtypeConfig::from_json(details["dtype_config"].clone()).unwrap(),
    )
    .unwrap()
}

/// Code and exit of checking a receipt, with or without its input.
fn outcome(text: &str, window_end: Option<Option<u8>>) -> Result<(), (String, u8)> {
    let coded = |error: &dyn Coded| (error.code().to_string(), error.code().exit_code());
    let receipt = Receipt::parse(text.as_bytes()).map_err(|error| coded(&error))?;
    if let Some(window_end) = window_end {
        let recomputed = single_commitment(&receipt, window_end);
        verify_input(&receipt, recomputed).map_err(|error| coded(&error))?;
    }
    let verifier = Verifier::new(&Manifest::parse(MANIFEST).unwrap());
    verifier
        .verify(&receipt)
        .map(drop)
        .map_err(|error| coded(&error))
}

#[test]
fn checks_end_as_the_packages_command_does() {
    let receipt = Receipt::parse(SINGLE.as_bytes()).unwrap();
    let replaced = |from: &str, to: &str| {
        let changed = SINGLE.replace(from, to);
        assert_ne!(changed, SINGLE);
        changed
    };
    let zeros = Digest::from_bytes([0; 32]).to_string();
    let model_id = receipt.model_id().to_string();
    let calibration = receipt.calibration_hash().to_string();
    let last = {
        let input = Json::parse(SINGLE_INPUT).unwrap();
        let window = text(&input, "window").as_bytes();
        if window.ends_with(b"A") { b'C' } else { b'A' }
    };
    let ours: BTreeMap<&str, _> = [
        ("good", outcome(SINGLE, None)),
        ("good_with_inputs", outcome(SINGLE, Some(None))),
        ("wrong_window", outcome(SINGLE, Some(Some(last)))),
        (
            "edited_output",
            outcome(&replaced("2.332047456235628", "2.3"), None),
        ),
        (
            "wrong_model_id",
            outcome(&replaced(&model_id, &zeros), None),
        ),
        (
            "wrong_calibration_hash_is_not_noticed",
            outcome(&replaced(&calibration, &zeros), None),
        ),
        (
            "extra_key",
            outcome(&replaced("{\"calibration", "{\"x\":1,\"calibration"), None),
        ),
    ]
    .into();

    let golden = Json::parse(GOLDEN).unwrap();
    let Some(Json::Array(cases)) = golden.get("verify_cli") else {
        panic!("no section verify_cli");
    };
    let mut seen = 0;
    for case in cases {
        let name = text(case, "name");
        let Some(ours) = ours.get(name) else {
            assert_eq!(name, "partial_flags", "flags are the command line's");
            continue;
        };
        seen += 1;
        if name == "wrong_calibration_hash_is_not_noticed" {
            // Overruled: a receipt that names another calibration table does not hold.
            let expected = ("PROVENANCE.MANIFEST_HASH_MISMATCH".to_owned(), 8);
            assert_eq!(ours.as_ref(), Err(&expected));
            continue;
        }
        let exit = case.get("exit").and_then(Json::as_u64).unwrap();
        match ours {
            Ok(()) => assert_eq!(exit, 0, "{name}"),
            Err((code, our_exit)) => {
                assert_eq!(u64::from(*our_exit), exit, "{name}");
                assert!(
                    text(case, "stderr").contains(&format!("[{code}]")),
                    "{name}"
                );
            }
        }
    }
    assert_eq!(seen, ours.len());
}

#[test]
fn a_changed_seal_has_its_own_code() {
    let error = VerifyError::Seal {
        receipt: Digest::of(b"a"),
        recomputed: Digest::of(b"b"),
    };
    assert_eq!(error.code().as_str(), "PROVENANCE.RECEIPT_DIGEST_MISMATCH");
}
