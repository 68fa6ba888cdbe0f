//! Receipts against the same scores computed again.

use std::{
    fs::{self, File},
    io::BufReader,
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
};

use geno_core::Digest;
use geno_provenance::{
    Label, ReadReceiptsError, Receipt, ReceiptDraft, ReceiptOutput, ReceiptReader, Timestamp,
};
use geno_runtime::{
    Annotations, Comparison, Completion, MemoryBudget, RerunError, RerunMismatch, RerunSummary,
    RerunVcf, Runtime, Tolerance, compare_receipts,
};
use geno_tests::{copy_of, fixture};
use tempfile::tempdir;

use crate::scoring::{Run, runtime};

type Receipts = Vec<Result<Receipt, ReadReceiptsError>>;

fn read(path: &Path) -> Receipts {
    ReceiptReader::new(BufReader::new(File::open(path).unwrap())).collect()
}

fn rerun(
    runtime: &Runtime,
    [vcf, fasta]: [&Path; 2],
    receipts: Receipts,
) -> Result<(RerunSummary, Vec<(u64, RerunMismatch)>), RerunError> {
    let request = RerunVcf {
        is_list: false,
        vcf,
        fasta,
        batch_size: 5,
        memory_budget: MemoryBudget::default(),
        annotations: Annotations::default(),
        salt: None,
    };
    let mut found = Vec::new();
    let completion = runtime.rerun_vcf(
        &request,
        receipts.into_iter(),
        |number, mismatch| found.push((number, mismatch)),
        |_| {},
        &AtomicBool::new(false),
    )?;
    match completion {
        Completion::Finished(summary) => Ok((summary, found)),
        Completion::Interrupted => panic!("nobody stopped the run"),
    }
}

/// The header and the first rows of the demo's variants.
fn first_variants(folder: &Path, n: usize) -> PathBuf {
    let text = fs::read_to_string(fixture("demo/variants.vcf")).unwrap();
    let (header, rows): (Vec<_>, Vec<_>) = text.lines().partition(|line| line.starts_with('#'));
    let lines = [&header[..], &rows[..n]].concat();
    let path = folder.join(format!("first-{n}.vcf"));
    fs::write(&path, lines.join("\n") + "\n").unwrap();
    path
}

#[test]
fn receipts_of_the_same_kernel_are_recomputed_to_the_bit() {
    let folder = tempdir().unwrap();
    let runtime = runtime(&fixture("demo/model"));
    let (twelve, eleven) = (
        first_variants(folder.path(), 12),
        first_variants(folder.path(), 11),
    );
    let fasta = fixture("demo/GRCh37.20.fa.gz");
    let run = Run {
        vcf: &twelve,
        fasta: &fasta,
        folder: folder.path(),
        batch_size: 64,
        strict: true,
    };
    run.score(&runtime).unwrap();

    let receipts = || read(&run.receipts());
    let (summary, found) = rerun(&runtime, [&twelve, &fasta], receipts()).unwrap();
    assert_eq!((summary.exact, summary.within_tolerance), (12, 0));
    assert_eq!((summary.mismatches, found), (0, vec![]));

    let error = rerun(&runtime, [&eleven, &fasta], receipts()).unwrap_err();
    assert!(
        matches!(error, RerunError::TooManyReceipts { scores: 11 }),
        "{error}"
    );
    let mut cut = receipts();
    cut.pop();
    let error = rerun(&runtime, [&twelve, &fasta], cut).unwrap_err();
    assert!(
        matches!(error, RerunError::TooFewReceipts { receipts: 11 }),
        "{error}"
    );

    let mut swapped = receipts();
    swapped.swap(3, 4);
    let (summary, found) = rerun(&runtime, [&twelve, &fasta], swapped).unwrap();
    assert_eq!((summary.exact, summary.mismatches), (10, 2));
    assert!(matches!(
        found[..],
        [
            (4, RerunMismatch::Input { .. }),
            (5, RerunMismatch::Input { .. })
        ]
    ));
}

#[test]
fn published_receipts_are_recomputed_within_the_tolerance() {
    let kit = copy_of("parity");
    let runtime = runtime(&kit.path().join("model"));
    let files = [kit.path().join("variants.vcf"), kit.path().join("ref.fa")];
    let receipts = read(&fixture("parity/receipts.jsonl"));
    let (summary, found) = rerun(&runtime, [&files[0], &files[1]], receipts).unwrap();
    assert_eq!((summary.exact, summary.within_tolerance), (0, 40));
    assert_eq!(found, []);
    assert!(
        summary.largest_difference > 0.,
        "two libraries agree to the bit"
    );
}

/// A receipt of this score, computed by this kernel in this arithmetic.
fn receipt(
    sigma_raw: f64,
    sigma_calibrated: f64,
    bucket: &str,
    kernel: Option<[&str; 2]>,
) -> Receipt {
    let bucket = Label::new(bucket).unwrap();
    let mut details = std::collections::BTreeMap::new();
    if let Some([kernel, arithmetic]) = kernel {
        details.insert("kernel".to_owned(), kernel.into());
        for name in ["arithmetic", "predictor_arithmetic"] {
            details.insert(name.to_owned(), arithmetic.into());
        }
    }
    let draft = ReceiptDraft {
        model_id: Digest::of(b"model"),
        input_commitment: Digest::of(b"input"),
        output: ReceiptOutput::new(sigma_raw, sigma_calibrated, bucket, 1., false).unwrap(),
        calibration_hash: Digest::of(b"calibration"),
        backend: Label::new("cpu").unwrap(),
        device: Label::new("cpu/x86_64").unwrap(),
        carbon_revision: Label::new("r1").unwrap(),
        timestamp: Timestamp::from_unix_seconds(0).unwrap(),
        details,
    };
    draft.seal().unwrap()
}

const A: [&str; 2] = ["a", "fp32"];
const B: [&str; 2] = ["b", "fp32"];

#[test]
fn rounded_activations_are_held_to_a_wider_tolerance_on_either_side() {
    let full = receipt(0.5, 0.25, "*", Some(A));
    let rounded = |raw, kernel| receipt(raw, 0.25, "*", Some([kernel, "bf16"]));
    for kernel in ["a", "b"] {
        for [said, again] in [
            [&full, &rounded(0.5049, kernel)],
            [&rounded(0.5049, kernel), &full],
        ] {
            let comparison = compare_receipts(said, again).unwrap();
            let Comparison::WithinTolerance { tolerance, .. } = comparison else {
                panic!("{comparison:?}");
            };
            assert_eq!(tolerance, Tolerance::ROUNDED);
        }
        let far = compare_receipts(&rounded(0.52, kernel), &full);
        assert!(
            matches!(far, Err(RerunMismatch::Tolerance { .. })),
            "{far:?}"
        );
    }
    let exact = compare_receipts(&rounded(0.5, "a"), &rounded(0.5, "a"));
    assert_eq!(exact, Ok(Comparison::Exact));
}

#[test]
fn the_last_bit_counts_on_one_kernel_and_not_between_two() {
    let one = receipt(0.5, 0.25, "*", Some(A));
    let next = receipt(0.5f64.next_up(), 0.25, "*", Some(A));
    assert_eq!(compare_receipts(&one, &one), Ok(Comparison::Exact));
    assert!(matches!(
        compare_receipts(&one, &next),
        Err(RerunMismatch::Bits {
            field: "sigma_raw",
            ..
        })
    ));
    for kernel in [Some(B), None] {
        let other = receipt(0.5f64.next_up(), 0.25, "*", kernel);
        let comparison = compare_receipts(&one, &other).unwrap();
        assert!(
            matches!(comparison, Comparison::WithinTolerance { difference, tolerance: Tolerance::FULL } if difference > 0.)
        );
    }
}

#[test]
fn a_score_beyond_the_tolerance_does_not_hold() {
    let again = receipt(0.5, 0.25, "*", Some(A));
    let said = |raw, calibrated, bucket| receipt(raw, calibrated, bucket, Some(B));
    for (receipt, field) in [
        (said(0.5002, 0.25, "*"), "sigma_raw"),
        (said(0.5, 0.2521, "*"), "sigma_calibrated"),
    ] {
        let mismatch = compare_receipts(&receipt, &again).unwrap_err();
        let RerunMismatch::Tolerance { field: found, .. } = mismatch else {
            panic!("{mismatch}");
        };
        assert_eq!(found, field);
    }
    assert!(compare_receipts(&said(0.50009, 0.2519, "*"), &again).is_ok());
    assert_eq!(
        compare_receipts(&said(0.5, 0.25, "other|mid|none"), &again),
        Err(RerunMismatch::Context)
    );
}
