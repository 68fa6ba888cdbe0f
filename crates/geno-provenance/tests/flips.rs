//! One changed byte anywhere breaks a sealed receipt, a stream of them, and a manifest.

use geno_core::Digest;
use geno_provenance::{
    Json, Label, Manifest, Receipt, ReceiptCheck, ReceiptDraft, ReceiptOutput, ReceiptReader,
    Timestamp, Verifier, canonical_json,
};

const MANIFEST: &[u8] = include_bytes!("../../../fixtures/parity/model/manifest.json");

/// Bytes that text might be changed into, beside those one bit away.
const REPLACEMENTS: &[u8] = b" \t\n\r\"\\{},.+0eA\xc3";

fn manifest() -> Manifest {
    Manifest::parse(MANIFEST).unwrap()
}

fn label(text: &str) -> Label {
    Label::new(text).unwrap()
}

/// A receipt with numbers, escapes and text of every kind.
fn receipt(row: u32) -> Receipt {
    let manifest = manifest();
    let output = ReceiptOutput::new(6.083_812e-7, 1.0, label("other|mid|*"), 0.035, false);
    ReceiptDraft {
        model_id: manifest.model_id(),
        input_commitment: Digest::of(b"input"),
        output: output.unwrap(),
        calibration_hash: manifest.calibration.hash,
        backend: label("cpu"),
        device: label("cpu/é😀"),
        carbon_revision: label("parity-r1"),
        timestamp: Timestamp::from_unix_seconds(1_767_323_045).unwrap(),
        details: [
            ("row_index".to_owned(), row.into()),
            ("escapes".to_owned(), Json::from("\"\\\n\u{1f}\u{1}/")),
            ("negative".to_owned(), Json::float(-0.0).unwrap()),
            ("large".to_owned(), Json::float(1e300).unwrap()),
            (
                "nested".to_owned(),
                Json::Array(vec![
                    Json::Null,
                    true.into(),
                    Json::object([("a", 0.into())]),
                ]),
            ),
        ]
        .into(),
    }
    .seal()
    .unwrap()
}

/// A receipt without anything odd, which a stream checks where it lies.
fn plain_receipt(row: u32) -> Receipt {
    let manifest = manifest();
    let output = ReceiptOutput::new(0.396_612_345_678_9, 0.5, label("*"), 1.0, false);
    ReceiptDraft {
        model_id: manifest.model_id(),
        input_commitment: Digest::of(b"input"),
        output: output.unwrap(),
        calibration_hash: manifest.calibration.hash,
        backend: label("cpu"),
        device: label("cpu/x86_64"),
        carbon_revision: label("parity-r1"),
        timestamp: Timestamp::from_unix_seconds(1_767_323_045).unwrap(),
        details: [
            ("row_index".to_owned(), row.into()),
            ("weights_id".to_owned(), manifest.weights_id().into()),
        ]
        .into(),
    }
    .seal()
    .unwrap()
}

/// The same as a sealed receipt of a later edition, with keys unknown here.
fn later_receipt(row: u32) -> Vec<u8> {
    let Json::Object(mut fields) = receipt(row).to_json() else {
        panic!("no object");
    };
    fields.insert("schema_version".to_owned(), "1.1.0".into());
    fields.insert("requires".to_owned(), Json::Array(vec!["output".into()]));
    for section in ["output", "runtime", "provenance"] {
        if let Some(Json::Object(fields)) = fields.get_mut(section) {
            fields.insert("added".to_owned(), Json::Array(vec![Json::Null, 1.into()]));
        }
    }
    let sealed = |digest: Option<Digest>| {
        let mut fields = fields.clone();
        if let Some(Json::Object(provenance)) = fields.get_mut("provenance")
            && let Some(Json::Object(details)) = provenance.get_mut("details")
        {
            details.remove("receipt_digest");
            let digest = digest.map(|digest| ("receipt_digest".to_owned(), digest.into()));
            details.extend(digest);
        }
        canonical_json(&Json::Object(fields))
    };
    let digest = Digest::of(&sealed(None));
    [sealed(Some(digest)), b"\n".to_vec()].concat()
}

/// Every version of `bytes` with one byte changed.
fn replaced(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    bytes.iter().enumerate().flat_map(move |(at, &old)| {
        let flips = (0..8).map(move |bit| old ^ 1 << bit);
        let others = REPLACEMENTS.iter().copied().filter(move |&new| new != old);
        flips.chain(others).map(move |new| {
            let mut changed = bytes.to_vec();
            changed[at] = new;
            changed
        })
    })
}

/// Every version of `bytes` with one byte removed or added.
fn shifted(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..=bytes.len()).flat_map(move |at| {
        let (before, behind) = bytes.split_at(at);
        let added = b" \n0\""
            .iter()
            .map(move |&new| [before, &[new], behind].concat());
        let removed = behind.get(1..).map(|behind| [before, behind].concat());
        added.chain(removed)
    })
}

/// Whether every receipt holds, one by one and as a stream.
fn stream_holds(bytes: &[u8], verifier: &Verifier, check: &ReceiptCheck) -> bool {
    let mut receipts = ReceiptReader::new(bytes);
    let holds =
        receipts.all(|receipt| receipt.is_ok_and(|receipt| verifier.verify(&receipt).is_ok()));
    let summary = check.check_stream(bytes, |_, _| {});
    assert_eq!(
        summary.n_failed == 0,
        holds,
        "{}",
        String::from_utf8_lossy(bytes)
    );
    holds
}

fn assert_no_change_holds(bytes: &[u8], holds: impl Fn(&[u8]) -> bool) {
    assert!(holds(bytes), "the unchanged bytes must hold");
    for changed in replaced(bytes).chain(shifted(bytes)) {
        assert!(!holds(&changed), "{}", String::from_utf8_lossy(&changed));
    }
}

#[test]
fn no_changed_byte_of_a_sealed_receipt_goes_unnoticed() {
    let verifier = Verifier::new(&manifest());
    assert_no_change_holds(&receipt(1).to_line(), |bytes| {
        Receipt::parse(bytes).is_ok_and(|receipt| verifier.verify(&receipt).is_ok())
    });
}

#[test]
fn no_changed_byte_of_a_later_sealed_receipt_goes_unnoticed() {
    let verifier = Verifier::new(&manifest());
    assert_no_change_holds(&later_receipt(1), |bytes| {
        Receipt::parse(bytes).is_ok_and(|receipt| verifier.verify(&receipt).is_ok())
    });
}

#[test]
fn no_changed_byte_of_a_file_with_one_sealed_receipt_goes_unnoticed() {
    let verifier = Verifier::new(&manifest());
    let check = ReceiptCheck::new(MANIFEST).unwrap();
    assert_no_change_holds(&receipt(1).to_line(), |bytes| {
        stream_holds(bytes, &verifier, &check)
    });
}

#[test]
fn no_changed_byte_of_a_stream_goes_unnoticed() {
    let verifier = Verifier::new(&manifest());
    let check = ReceiptCheck::new(MANIFEST).unwrap();
    let lines = [1, 2].map(|row| receipt(row).to_line()).concat();
    assert_no_change_holds(&lines, |bytes| stream_holds(bytes, &verifier, &check));
}

#[test]
fn no_changed_byte_of_plain_receipts_goes_unnoticed() {
    let verifier = Verifier::new(&manifest());
    let check = ReceiptCheck::new(MANIFEST).unwrap();
    // The third has the shape of the second. Changes of the first are seen above.
    let [first, second, third] = [1, 2, 30].map(|row| plain_receipt(row).to_line());
    assert_no_change_holds(&[&second[..], &third].concat(), |bytes| {
        stream_holds(&[&first[..], bytes].concat(), &verifier, &check)
    });
}

#[test]
fn no_changed_byte_of_a_canonical_manifest_keeps_its_identity() {
    let manifest = manifest();
    assert_eq!(manifest.to_bytes(), MANIFEST);
    let id = manifest.model_id();
    for changed in replaced(MANIFEST) {
        let read = Manifest::parse(&changed);
        let kept = read.is_ok_and(|manifest| manifest.model_id() == id);
        assert!(!kept, "{}", String::from_utf8_lossy(&changed));
    }
}

#[test]
fn no_changed_byte_of_a_later_manifest_keeps_its_identity() {
    let text = String::from_utf8_lossy(MANIFEST);
    let later = text
        .replace("\"1.0.0\"", "\"1.2.0\"")
        .replace("{\"file\"", "{\"added\":[1,\"x\"],\"file\"")
        .replace(
            "\"schema_version\"",
            "\"requires\":[\"eval\"],\"schema_version\"",
        );
    let manifest = Manifest::parse(later.as_bytes()).unwrap();
    assert_eq!(manifest.to_bytes(), later.as_bytes());
    let id = manifest.model_id();
    for changed in replaced(later.as_bytes()) {
        let read = Manifest::parse(&changed);
        let kept = read.is_ok_and(|manifest| manifest.model_id() == id);
        assert!(!kept, "{}", String::from_utf8_lossy(&changed));
    }
}

#[test]
fn a_receipt_of_an_earlier_version_cannot_claim_a_later_one() {
    let single = include_str!("../../../fixtures/parity/receipt.single.json");
    for version in [
        "0.3.0", "0.20.1", "1.0.0", "0.3", "zero", "-0.2.1", "v0.2.1",
    ] {
        let claimed = single.replace("\"0.2.1\"", &format!("\"{version}\""));
        assert_ne!(claimed, single);
        assert!(Receipt::parse(claimed.as_bytes()).is_err(), "{version}");
    }
}
