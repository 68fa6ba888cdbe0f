//! Revocation lists count only under a signature that holds for them.

use std::io::Cursor;

use geno_core::{Coded, Digest, ErrorCode};
use geno_provenance::{RevocationError, RevocationList};
use minisign::KeyPair;

fn list() -> Vec<u8> {
    let id = Digest::of(b"withdrawn");
    format!(
        r#"{{"issued":"2026-03-01T00:00:00Z","models":[{{"model_id":"{id}","reason":"leaked labels","since":"2026-02-01T00:00:00Z"}}],"schema_version":"1.0.0"}}"#
    )
    .into_bytes()
}

fn pair() -> KeyPair {
    KeyPair::generate_unencrypted_keypair().unwrap()
}

fn sign(pair: &KeyPair, bytes: &[u8]) -> String {
    let signature = minisign::sign(Some(&pair.pk), &pair.sk, Cursor::new(bytes), None, None);
    signature.unwrap().into_string()
}

#[test]
fn a_signed_list_names_withdrawn_models() {
    let pair = pair();
    let signature = sign(&pair, &list());
    let file = pair.pk.to_box().unwrap().to_string();
    for key in [file, format!("{}\n", pair.pk.to_base64())] {
        let list = RevocationList::open(&list(), &signature, &key).unwrap();
        let revoked = list.find(Digest::of(b"withdrawn")).unwrap();
        assert_eq!(&*revoked.reason, "leaked labels");
        assert_eq!(revoked.since.to_string(), "2026-02-01T00:00:00Z");
        assert_eq!(list.issued().to_string(), "2026-03-01T00:00:00Z");
        assert!(list.find(Digest::of(b"another")).is_none());
    }
}

#[test]
fn no_changed_byte_of_a_list_or_its_signature_goes_unnoticed() {
    let (pair, list) = (pair(), list());
    let (signature, key) = (sign(&pair, &list), pair.pk.to_base64());
    for at in 0..list.len() {
        let mut changed = list.clone();
        changed[at] ^= 1;
        let error = RevocationList::open(&changed, &signature, &key);
        assert_eq!(error, Err(RevocationError::Signature));
    }
    // The second line is the signature, the fourth that over its comment.
    let lines: Vec<&str> = signature.lines().collect();
    for i in [1, 2, 3] {
        let mut changed: Vec<String> = lines.iter().map(|&line| line.to_owned()).collect();
        let middle = changed[i].len() / 2;
        let new = if changed[i].as_bytes()[middle] == b'A' {
            "B"
        } else {
            "A"
        };
        changed[i].replace_range(middle..=middle, new);
        let error = RevocationList::open(&list, &changed.join("\n"), &key).unwrap_err();
        assert_eq!(error.code(), ErrorCode::ProvenanceGeneric, "line {i}");
    }
}

#[test]
fn a_list_signed_by_another_key_or_a_signature_of_another_file_fails() {
    let (pair, other) = (pair(), pair());
    let key = pair.pk.to_base64();
    let error = RevocationList::open(&list(), &sign(&other, &list()), &key);
    assert_eq!(error, Err(RevocationError::Signature));
    let error = RevocationList::open(&list(), &sign(&pair, b"another"), &key);
    assert_eq!(error, Err(RevocationError::Signature));
    let error = RevocationList::open(&list(), "", &key);
    assert_eq!(error, Err(RevocationError::SignatureForm));
    let error = RevocationList::open(&list(), &sign(&pair, &list()), "no key");
    assert_eq!(error, Err(RevocationError::Key));
}

#[test]
fn a_signed_list_is_read_strictly() {
    let pair = pair();
    let text = String::from_utf8(list()).unwrap();
    for (from, to, code) in [
        ("1.0.0", "2.0.0", ErrorCode::ConfigSchemaIncompat),
        ("\"reason\"", "\"why\"", ErrorCode::InputGeneric),
        (
            "{\"issued\"",
            "{\"a\":1,\"issued\"",
            ErrorCode::InputGeneric,
        ),
        ("2026-02-01T00", "2026-02-30T00", ErrorCode::InputGeneric),
    ] {
        let changed = text.replace(from, to);
        assert_ne!(changed, text);
        let signature = sign(&pair, changed.as_bytes());
        let error = RevocationList::open(changed.as_bytes(), &signature, &pair.pk.to_base64());
        assert_eq!(error.unwrap_err().code(), code, "{to}");
    }
}
