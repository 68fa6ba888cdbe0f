//! One flipped byte anywhere is noticed.

use std::{fs, path::Path};

use geno_core::{Coded, ErrorCode};
use geno_provenance::{Receipt, ReceiptCheck};
use geno_runtime::{EncoderSource, ModelDir, ModelDirError};
use geno_tests::{copy_of, fixture};

use crate::scoring::{Run, runtime};

fn check(model: &Path) -> Result<(), ModelDirError> {
    ModelDir::open(model, &EncoderSource::default())?.check()
}

#[test]
fn a_flipped_byte_in_any_file_of_a_model_is_found() {
    let model = copy_of("demo/model");
    check(model.path()).unwrap();
    for name in [
        "action_encoder.safetensors",
        "calibration.parquet",
        "config.yaml",
        "encoder/config.json",
        "encoder/dna_config.json",
        "encoder/model.safetensors",
        "eval_report.md",
        "predictor.safetensors",
    ] {
        let path = model.path().join(name);
        let whole = fs::read(&path).unwrap();
        for place in [0, whole.len() / 2, whole.len() - 1] {
            let mut flipped = whole.clone();
            flipped[place] ^= 1;
            fs::write(&path, flipped).unwrap();
            let code = check(model.path()).unwrap_err().code();
            assert_eq!(
                code,
                ErrorCode::ProvenanceManifestHashMismatch,
                "{name}, byte {place}"
            );
        }
        fs::write(&path, whole).unwrap();
    }
    check(model.path()).unwrap();
}

#[test]
fn a_missing_file_of_a_model_is_named() {
    let model = copy_of("demo/model");
    fs::remove_file(model.path().join("predictor.safetensors")).unwrap();
    let error = check(model.path()).unwrap_err();
    assert_eq!(error.code(), ErrorCode::ResourceModelNotFound);
    assert!(error.to_string().contains("predictor.safetensors"));
}

#[test]
fn a_manifest_that_names_a_file_outside_is_refused() {
    let model = copy_of("demo/model");
    let path = model.path().join("manifest.json");
    let manifest = fs::read_to_string(&path).unwrap();
    let outside = manifest.replace("predictor.safetensors", "../predictor.safetensors");
    assert_ne!(manifest, outside);
    fs::write(&path, outside).unwrap();
    let error = check(model.path()).unwrap_err();
    assert!(matches!(error, ModelDirError::Manifest { .. }), "{error}");
    assert_eq!(error.code().exit_code(), 2);
}

/// A receipt of ours, and the manifest it was written for.
fn receipt() -> (Vec<u8>, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let vcf = folder.path().join("variants.vcf");
    let all = fs::read_to_string(fixture("demo/variants.vcf")).unwrap();
    let first: Vec<&str> = all.lines().take(6).collect();
    fs::write(&vcf, first.join("\n") + "\n").unwrap();
    let fasta = folder.path().join("ref.fa.gz");
    fs::copy(fixture("demo/GRCh37.20.fa.gz"), &fasta).unwrap();
    let run = Run {
        vcf: &vcf,
        fasta: &fasta,
        folder: folder.path(),
        batch_size: 1,
        strict: true,
    };
    run.score(&runtime(&fixture("demo/model"))).unwrap();
    let manifest = fs::read(fixture("demo/model/manifest.json")).unwrap();
    (fs::read(run.receipts()).unwrap(), manifest)
}

#[test]
fn a_flipped_byte_in_a_receipt_or_its_manifest_is_found() {
    let (receipt, manifest) = receipt();
    let holds = |receipt: &[u8], manifest: &[u8]| {
        let Ok(check) = ReceiptCheck::new(manifest) else {
            return false;
        };
        Receipt::parse(receipt).is_ok_and(|receipt| check.check(&receipt).is_ok())
    };
    assert!(holds(&receipt, &manifest));

    let flips = |bytes: &[u8]| {
        let bytes = bytes.to_vec();
        (0..bytes.len() * 8).map(move |bit| {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            (bit, flipped)
        })
    };
    for (bit, flipped) in flips(&receipt) {
        assert!(!holds(&flipped, &manifest), "receipt, bit {bit}");
    }
    for (bit, flipped) in flips(&manifest) {
        assert!(!holds(&receipt, &flipped), "manifest, bit {bit}");
    }
}
