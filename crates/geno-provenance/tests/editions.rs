//! Later editions of a schema are read, unless they demand what this program does not know.

use geno_core::{Coded, Digest, ErrorCode};
use geno_provenance::{
    Json, Manifest, ReadManifestError, ReadReceiptError, Receipt, Verifier, canonical_json,
};

const MANIFEST: &[u8] = include_bytes!("../../../fixtures/parity/model/manifest.json");
const SINGLE: &[u8] = include_bytes!("../../../fixtures/parity/receipt.single.json");

fn object<'a>(document: &'a mut Json, path: &[&str]) -> &'a mut Json {
    path.iter().fold(document, |value, key| match value {
        Json::Object(fields) => fields.get_mut(*key).unwrap(),
        _ => panic!("no object at {key}"),
    })
}

fn insert(document: &mut Json, path: &[&str], key: &str, value: Json) {
    match object(document, path) {
        Json::Object(fields) => drop(fields.insert(key.to_owned(), value)),
        _ => panic!("no object"),
    }
}

fn strings(items: &[&str]) -> Json {
    Json::Array(items.iter().map(|&text| text.into()).collect())
}

/// A document of version 1.1.0 with an unknown key in every section.
fn later(bytes: &[u8], sections: &[&[&str]]) -> Json {
    let mut document = Json::parse(bytes).unwrap();
    insert(&mut document, &[], "schema_version", "1.1.0".into());
    for section in sections {
        let nested = Json::object([("deep", Json::Array(vec![Json::Null]))]);
        insert(&mut document, section, "added", nested);
    }
    document
}

fn later_manifest() -> Json {
    let sections: [&[&str]; 4] = [&[], &["encoder"], &["predictor"], &["training"]];
    later(MANIFEST, &sections)
}

fn later_receipt() -> Json {
    let sections: [&[&str]; 4] = [&[], &["output"], &["runtime"], &["provenance"]];
    let mut document = later(SINGLE, &sections);
    let digest = Digest::of(&canonical_json(&document));
    let details: [&str; 2] = ["provenance", "details"];
    insert(&mut document, &details, "receipt_digest", digest.into());
    document
}

fn line(document: &Json) -> Vec<u8> {
    [canonical_json(document), b"\n".to_vec()].concat()
}

#[test]
fn a_later_manifest_keeps_its_keys_and_is_identified_by_all_of_them() {
    let document = later_manifest();
    let bytes = canonical_json(&document);
    let manifest = Manifest::parse(&bytes).unwrap();
    assert_eq!(manifest.to_bytes(), bytes);
    assert_eq!(manifest.model_id(), Digest::of(&bytes));
    assert_eq!(manifest.edition.version(), "1.1.0");

    let first = Manifest::parse(MANIFEST).unwrap();
    assert_eq!(manifest.weights_id(), first.weights_id());
    assert_ne!(manifest.model_id(), first.model_id());
}

#[test]
fn a_later_sealed_receipt_holds() {
    let document = later_receipt();
    let receipt = Receipt::parse(&line(&document)).unwrap();
    assert_eq!(receipt.to_json(), document);
    assert_eq!(receipt.edition().version(), "1.1.0");
    let verifier = Verifier::new(&Manifest::parse(MANIFEST).unwrap());
    assert!(verifier.verify(&receipt).unwrap().sealed);
}

#[test]
fn a_later_receipt_must_be_sealed() {
    let bytes = canonical_json(&later(SINGLE, &[&[]]));
    let error = Receipt::parse(&bytes).unwrap_err();
    assert!(matches!(error, ReadReceiptError::Field(_)), "{error:?}");
}

#[test]
fn the_first_edition_has_closed_keys() {
    for key in ["added", "requires"] {
        let mut manifest = Json::parse(MANIFEST).unwrap();
        insert(&mut manifest, &[], key, strings(&[]));
        let error = Manifest::parse(&canonical_json(&manifest)).unwrap_err();
        assert!(matches!(error, ReadManifestError::Field(_)), "{error:?}");
        let mut receipt = Json::parse(SINGLE).unwrap();
        insert(&mut receipt, &[], key, strings(&[]));
        let error = Receipt::parse(&canonical_json(&receipt)).unwrap_err();
        assert!(matches!(error, ReadReceiptError::Field(_)), "{error:?}");
    }
}

/// Code and whole message of reading both documents with a list `requires`.
fn with_requires(requires: &Json) -> [Result<(), (ErrorCode, String)>; 2] {
    fn said<T, E: Coded>(read: Result<T, E>) -> Result<(), (ErrorCode, String)> {
        read.map(drop).map_err(|error| {
            let source = error.source().map(ToString::to_string);
            (error.code(), source.unwrap_or_default())
        })
    }
    let (mut manifest, mut receipt) = (later_manifest(), later_receipt());
    insert(&mut manifest, &[], "requires", requires.clone());
    insert(&mut receipt, &[], "requires", requires.clone());
    // The digest is an older one; reading does not compare it.
    [
        said(Manifest::parse(&canonical_json(&manifest))),
        said(Receipt::parse(&line(&receipt))),
    ]
}

#[test]
fn a_required_key_that_is_unknown_is_named() {
    for key in [
        "added",
        "predictor.added",
        "runtime.added",
        "absent",
        "provenance.details.x",
        "",
    ] {
        for said in with_requires(&strings(&["schema_version", key])) {
            let message = format!("required key `{key}` is unknown");
            assert_eq!(said, Err((ErrorCode::ConfigSchemaIncompat, message)));
        }
    }
}

#[test]
fn a_required_key_that_is_known_is_no_obstacle() {
    let [manifest, receipt] = with_requires(&strings(&["schema_version"]));
    assert_eq!((manifest, receipt), (Ok(()), Ok(())));
    let [manifest, _] = with_requires(&strings(&["predictor.hash", "training.data_snapshot"]));
    assert_eq!(manifest, Ok(()));
    let [_, receipt] = with_requires(&strings(&["output.sigma_raw", "provenance.details"]));
    assert_eq!(receipt, Ok(()));
}

#[test]
fn a_list_of_required_keys_is_a_list_of_strings() {
    for requires in [
        Json::Null,
        "added".into(),
        Json::Array(vec![1.into()]),
        Json::object([("a", 1.into())]),
    ] {
        for said in with_requires(&requires) {
            let message = "field `requires` is not a list of strings".to_owned();
            assert_eq!(said, Err((ErrorCode::InputGeneric, message)));
        }
    }
}

#[test]
fn a_known_key_cannot_hide_behind_a_dotted_one() {
    let mut manifest = later_manifest();
    insert(&mut manifest, &[], "predictor.hash", Json::Null);
    assert!(Manifest::parse(&canonical_json(&manifest)).is_err());
}

#[test]
fn every_key_of_the_first_edition_is_known() {
    fn paths(document: &Json, path: &str, found: &mut Vec<String>) {
        let Json::Object(fields) = document else {
            return;
        };
        for (key, value) in fields {
            let name = format!("{path}{key}");
            if !["provenance.details", "training.data_snapshot"].contains(&&*name) {
                paths(value, &format!("{name}."), found);
            }
            found.push(name);
        }
    }
    let (mut of_manifest, mut of_receipt) = (Vec::new(), Vec::new());
    paths(&Json::parse(MANIFEST).unwrap(), "", &mut of_manifest);
    paths(&Json::parse(SINGLE).unwrap(), "", &mut of_receipt);
    assert_eq!((of_manifest.len(), of_receipt.len()), (32, 20));
    for key in of_manifest {
        assert_eq!(with_requires(&strings(&[&key]))[0], Ok(()), "{key}");
    }
    for key in of_receipt {
        assert_eq!(with_requires(&strings(&[&key]))[1], Ok(()), "{key}");
    }
}
