//! Checking a million receipts of a VCF, beside the rate of SHA-256.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufReader, BufWriter, Write},
    path::Path,
    time::Instant,
};

use anyhow::{Result, ensure};
use geno_core::Digest;
use geno_provenance::{
    Json, Label, Manifest, Receipt, ReceiptCheck, ReceiptDraft, ReceiptOutput, Timestamp,
};
use rayon::prelude::*;
use serde_json::{Value, json};

const MANIFEST: &[u8] = include_bytes!("../../fixtures/demo/model/manifest.json");

/// Receipts in the stream.
const ROWS: u64 = 1_000_000;

/// Receipts generated together.
const CHUNK: u64 = 10_000;

const REPEATS: usize = 3;

/// Writes the stream, checks it several times, and prints the rates of the median.
///
/// The floor is what hashing the stream's bytes once takes on as many threads.
pub(crate) fn measure() -> Result<Value> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("receipts.jsonl");
    generate(&path)?;
    let n_bytes = path.metadata()?.len();

    let check = ReceiptCheck::new(MANIFEST)?;
    let mut seconds = Vec::new();
    for _ in 0..REPEATS {
        let reader = BufReader::with_capacity(1 << 18, File::open(&path)?);
        let start = Instant::now();
        let summary = check.check_stream(reader, |_, _| {});
        seconds.push(start.elapsed().as_secs_f64());
        ensure!(
            (summary.n_receipts, summary.n_failed) == (ROWS, 0),
            "{summary:?}"
        );
    }
    seconds.sort_by(f64::total_cmp);
    let median = seconds[REPEATS / 2];
    let sha256 = sha256_rate();
    Ok(json!({
        "name": "verify-receipts",
        "work": format!("{ROWS} sealed receipts of a VCF, from a file"),
        "rows": ROWS,
        "bytes": n_bytes,
        "seconds": median,
        "fastest": seconds[0],
        "slowest": seconds[REPEATS - 1],
        "repeats": REPEATS,
        "rows_per_s": ROWS as f64 / median,
        "bytes_per_s": n_bytes as f64 / median,
        "sha256_bytes_per_s": sha256,
        "floor_seconds": n_bytes as f64 / sha256,
        "floor_fraction": n_bytes as f64 / sha256 / median,
        "threads": rayon::current_num_threads(),
    }))
}

/// Bytes that all threads together hash in a second.
fn sha256_rate() -> f64 {
    const PIECE: usize = 1 << 20;
    const PIECES: u32 = 2_048;
    let piece = vec![7; PIECE];
    let start = Instant::now();
    (0..PIECES).into_par_iter().for_each(|_| {
        std::hint::black_box(Digest::of(std::hint::black_box(&piece)));
    });
    f64::from(PIECES) * PIECE as f64 / start.elapsed().as_secs_f64()
}

fn generate(path: &Path) -> Result<()> {
    let manifest = Manifest::parse(MANIFEST)?;
    let mut file = BufWriter::new(File::create(path)?);
    for first in (1..=ROWS).step_by(CHUNK as usize) {
        let rows = first..first + CHUNK;
        let receipts = rows.into_par_iter().map(|row| receipt(&manifest, row));
        for receipt in receipts.collect::<Result<Vec<_>>>()? {
            file.write_all(&receipt.to_line())?;
        }
    }
    Ok(file.flush()?)
}

/// A receipt with the entries that `geno-lewm score` writes.
fn receipt(manifest: &Manifest, row: u64) -> Result<Receipt> {
    let input = Digest::of(&row.to_be_bytes());
    let [sigma, percentile] = [0, 8].map(|at| uniform(&input.as_bytes()[at..at + 8]));
    let details: [(&str, Json); 13] = [
        ("arithmetic", "fp32".into()),
        (
            "dtype_config",
            Json::object([("encoder_dtype", "fp32"), ("predictor_dtype", "fp32")].map(text)),
        ),
        (
            "input_commitment_schema",
            "reference_window_edit_pool_dtype_v1".into(),
        ),
        ("kernel", "burn-flex".into()),
        ("predictor_arithmetic", "fp32".into()),
        ("layout", "centered".into()),
        ("manifest_sha256", Digest::of(MANIFEST).into()),
        (
            "pooling_config",
            Json::object([
                ("normalize", true.into()),
                ("pool_radius", 8u32.into()),
                ("pool_type", "downstream_mean".into()),
                ("state_layer", 4u32.into()),
            ]),
        ),
        ("receipt_stream", "jsonl_per_scored_alternate_v1".into()),
        ("row_index", row.into()),
        ("scope", "vcf_row".into()),
        ("state_contract", "l2_normalized_v2".into()),
        ("weights_id", manifest.weights_id().into()),
    ];
    let mut details: BTreeMap<String, Json> = details
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect();
    details.insert("window_start_bp".to_owned(), (row * 37).into());
    let draft = ReceiptDraft {
        model_id: manifest.model_id(),
        input_commitment: input,
        output: ReceiptOutput::new(sigma, percentile, Label::new("other|mid|none")?, 1.0, false)?,
        calibration_hash: manifest.calibration.hash,
        backend: Label::new("cpu")?,
        device: Label::new("cpu/x86_64")?,
        carbon_revision: manifest.encoder.revision.clone(),
        timestamp: Timestamp::from_unix_seconds(1_767_225_600)?,
        details,
    };
    Ok(draft.seal()?)
}

fn text((key, value): (&'static str, &str)) -> (&'static str, Json) {
    (key, value.into())
}

/// A number between 0 and 1 with all the digits a double has.
fn uniform(bytes: &[u8]) -> f64 {
    let bits = bytes
        .iter()
        .fold(0u64, |bits, &byte| bits << 8 | u64::from(byte));
    (bits >> 11) as f64 / (1u64 << 53) as f64
}
