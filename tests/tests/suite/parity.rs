//! The published package's model directory, scored and verified.

use std::{fs::File, io::BufReader};

use geno_provenance::{Receipt, ReceiptCheck, ReceiptReader};
use geno_runtime::{EncoderSource, ModelDir};
use geno_tests::{copy_of, fixture};

use crate::scoring::{Run, number, rows, runtime};

/// Both sides compute in f32; the package's own noise against f64 is 3e-6 relative.
const SIGMA_RAW: f64 = 2e-4;

/// A raw difference crosses at most a few points of a 1001-point table.
const SIGMA_CALIBRATED: f64 = 2e-3;

fn receipts(name: &str) -> Vec<Receipt> {
    let file = File::open(fixture(name)).unwrap();
    ReceiptReader::new(BufReader::new(file))
        .map(Result::unwrap)
        .collect()
}

#[test]
fn forty_variants_of_every_type_score_as_published() {
    let (kit, folder) = (copy_of("parity"), tempfile::tempdir().unwrap());
    let run = Run {
        vcf: &kit.path().join("variants.vcf"),
        fasta: &kit.path().join("ref.fa"),
        folder: folder.path(),
        batch_size: 16,
        strict: true,
    };
    let summary = run.score(&runtime(&kit.path().join("model"))).unwrap();
    assert_eq!((summary.scored, summary.rejected.len()), (40, 0));

    let (ours, theirs) = (rows(&run.scores()), rows(&fixture("parity/scores.jsonl")));
    assert_eq!(ours.len(), theirs.len());
    for (ours, theirs) in ours.iter().zip(&theirs) {
        let (raw, expected) = (number(ours, "sigma_raw"), number(theirs, "sigma_raw"));
        assert!((raw / expected - 1.).abs() < SIGMA_RAW, "{raw} {expected}");
        let key = "sigma_calibrated";
        assert!((number(ours, key) - number(theirs, key)).abs() < SIGMA_CALIBRATED);
        for key in [
            "chrom",
            "pos",
            "ref",
            "alt",
            "bucket_id",
            "confidence",
            "low_confidence",
        ] {
            assert_eq!(ours.get(key), theirs.get(key), "{key}");
        }
    }

    let file = File::open(run.receipts()).unwrap();
    let ours = ReceiptReader::new(BufReader::new(file)).map(Result::unwrap);
    for (ours, theirs) in ours.zip(receipts("parity/receipts.jsonl")) {
        assert_eq!(ours.input_commitment(), theirs.input_commitment());
        assert_eq!(ours.model_id(), theirs.model_id());
        assert_eq!(ours.calibration_hash(), theirs.calibration_hash());
    }
}

#[test]
fn published_receipts_verify_against_the_published_model() {
    let kit = copy_of("parity");
    let folder = kit.path().join("model");
    ModelDir::open(&folder, &EncoderSource::default())
        .unwrap()
        .check()
        .unwrap();

    let manifest = std::fs::read(folder.join("manifest.json")).unwrap();
    let check = ReceiptCheck::new(&manifest).unwrap();
    let mut all = receipts("parity/receipts.jsonl");
    all.extend(receipts("parity/receipt.single.json"));
    assert_eq!(all.len(), 41);
    for receipt in all {
        check.check(&receipt).unwrap();
    }
}

#[test]
fn a_checkpoint_cut_to_its_dna_rows_is_another_encoder_to_the_manifest() {
    let kit = copy_of("parity");
    let encoder = EncoderSource {
        folder: Some(kit.path().join("model/encoder_dna_rows")),
        ..EncoderSource::default()
    };
    let model = ModelDir::open(&kit.path().join("model"), &encoder).unwrap();
    assert!(
        model
            .check()
            .unwrap_err()
            .to_string()
            .starts_with("`encoder` is sha256:")
    );
}
