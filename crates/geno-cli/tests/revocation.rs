//! `verify` warns of withdrawn models, or fails, and relies on no list without a good signature.

use std::{
    fs,
    io::Cursor,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use geno_provenance::Manifest;
use minisign::KeyPair;
use tempfile::TempDir;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/parity")
        .join(name)
}

/// A list that names a model, its signature, and the key, in a folder.
struct Signed {
    folder: TempDir,
    key: String,
}

impl Signed {
    fn of(model_id: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let pair = KeyPair::generate_unencrypted_keypair().unwrap();
        let list = format!(
            r#"{{"schema_version":"1.0.0","issued":"2026-03-01T00:00:00Z","models":[{{"model_id":"{model_id}","reason":"leaked labels","since":"2026-02-01T00:00:00Z"}}]}}"#
        );
        let signature = minisign::sign(
            Some(&pair.pk),
            &pair.sk,
            Cursor::new(list.as_bytes()),
            None,
            None,
        );
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("list.json", &list);
        write("list.json.minisig", &signature.unwrap().into_string());
        let key = pair.pk.to_base64();
        Self { folder, key }
    }

    fn verify(&self, key: &str, more: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_geno-lewm"))
            .env("GENO_LEWM_LOG_LEVEL", "warn")
            .arg("verify")
            .arg(fixture("receipts.jsonl"))
            .arg("--manifest")
            .arg(fixture("model/manifest.json"))
            .arg("--revocation")
            .arg(self.folder.path().join("list.json"))
            .args(["--revocation-key", key])
            .args(more)
            .output()
            .unwrap()
    }
}

fn withdrawn() -> Signed {
    let manifest = fs::read(fixture("model/manifest.json")).unwrap();
    Signed::of(&Manifest::parse(&manifest).unwrap().model_id().to_string())
}

fn said(output: &Output) -> (Option<i32>, String) {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), text)
}

#[test]
fn a_withdrawn_model_is_warned_of_or_denied() {
    let signed = withdrawn();
    let (code, text) = said(&signed.verify(&signed.key, &[]));
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains("model_yanked") && text.contains("leaked labels"),
        "{text}"
    );

    let (code, text) = said(&signed.verify(&signed.key, &["--deny-yanked"]));
    assert_eq!(code, Some(8), "{text}");
    assert!(text.contains("error[PROVENANCE.MODEL_YANKED]"), "{text}");

    let file = signed.folder.path().join("key.pub");
    fs::write(&file, format!("untrusted comment: a key\n{}\n", signed.key)).unwrap();
    let (code, text) = said(&signed.verify(file.to_str().unwrap(), &["--deny-yanked"]));
    assert_eq!(code, Some(8), "{text}");
}

#[test]
fn another_model_is_neither() {
    let signed = Signed::of(&format!("sha256:{}", "0".repeat(64)));
    let output = signed.verify(&signed.key, &["--deny-yanked"]);
    assert_eq!(said(&output), (Some(0), String::new()));
}

#[test]
fn a_list_without_a_good_signature_fails() {
    let (signed, other) = (withdrawn(), withdrawn());
    assert_eq!(
        said(&signed.verify(&other.key, &[])).0,
        Some(8),
        "another key"
    );
    let list = signed.folder.path().join("list.json");
    let text = fs::read_to_string(&list).unwrap();
    fs::write(&list, text.replace("leaked", "Leaked")).unwrap();
    assert_eq!(
        said(&signed.verify(&signed.key, &[])).0,
        Some(8),
        "a changed list"
    );
    fs::remove_file(signed.folder.path().join("list.json.minisig")).unwrap();
    assert_eq!(
        said(&signed.verify(&signed.key, &[])).0,
        Some(8),
        "no signature"
    );
}
