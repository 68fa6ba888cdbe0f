//! The report of scores and their receipts, made again.

use anyhow::{Context, Result, bail, ensure};
use geno_core::Digest;
use geno_provenance::{Json, Manifest, Receipt, canonical_json};

use super::{
    compare::identity_fields,
    release::{Release, SCHEMA, shown},
    rows::Rows,
};

const REPORT: &str = "demo/batch_receipt_report.json";
const SCORES: &str = "demo/scores.jsonl";
const RECEIPTS: &str = "demo/receipts.jsonl";
const STREAM: &str = "jsonl_per_scored_alternate_v1";
/// What of a score its receipt says too.
const CHECKED: [&str; 5] = [
    "sigma_raw",
    "sigma_calibrated",
    "bucket_id",
    "confidence",
    "low_confidence",
];

/// Scores and receipts, and what the report of them says.
pub(super) struct Batch {
    pub(super) scores: Rows,
    pub(super) receipts: Rows,
    pub(super) report: Json,
}

/// Checks every receipt against its score and the model, and the report against what follows from them.
pub(super) fn check(release: &mut Release, manifest: Option<&Manifest>) -> Option<Batch> {
    release.check_producer(SCORES, "geno-lewm-score");
    let stated = release.report(REPORT, "tools.release.batch_receipt_report");
    let (scores, receipts) = (release.rows(SCORES)?, release.rows(RECEIPTS)?);
    let made = make(release, &scores, &receipts);
    let stated = stated?;
    let mut report = match made {
        Ok(report) => report,
        Err(error) => {
            release.error("receipts", RECEIPTS, format!("{error:#}"));
            return None;
        }
    };
    if let Json::Object(fields) = &mut report {
        let time = stated.get("generated_at").cloned().unwrap_or(Json::Null);
        fields.insert("generated_at".to_owned(), time);
    }
    release.compare_whole(REPORT, "batch.stale", &report, &stated);
    if let Some(manifest) = manifest {
        let is = |field, digest: Digest| shown(report.get(field)) == digest.to_string();
        let holds = is("model_id", manifest.model_id());
        release.expect(holds, "receipts.model", RECEIPTS, "are of another model");
        let holds = is("calibration_hash", manifest.calibration.hash);
        release.expect(
            holds,
            "receipts.model",
            RECEIPTS,
            "are of another calibration",
        );
    }
    Some(Batch {
        scores,
        receipts,
        report,
    })
}

fn make(release: &mut Release, scores: &Rows, receipts: &Rows) -> Result<Json> {
    let (n, n_receipts) = (scores.rows.len(), receipts.rows.len());
    ensure!(
        n == n_receipts,
        "there are {n_receipts} receipts of {n} scores"
    );
    let mut first: Option<Receipt> = None;
    for (i, (score, receipt)) in scores.rows.iter().zip(&receipts.rows).enumerate() {
        let row = i + 1;
        let mut line = canonical_json(receipt);
        line.push(b'\n');
        let receipt = Receipt::parse(&line).with_context(|| format!("receipt {row}"))?;
        check_receipt(score, &receipt, row as u64).with_context(|| format!("receipt {row}"))?;
        let first = first.get_or_insert_with(|| receipt.clone());
        let is_of_it = receipt.model_id() == first.model_id()
            && receipt.calibration_hash() == first.calibration_hash()
            && runtime(&receipt) == runtime(first);
        ensure!(
            is_of_it,
            "receipt {row} is of another model or program than those before it"
        );
    }
    let first = first.context("there is no receipt")?;
    let mut file = |path: &str, n: usize| {
        let observed = release.observe(path).context("it cannot be read")?;
        let name = path.split_once('/').map_or(path, |(_, name)| name);
        let more = [("jsonl_rows", Json::from(n as u64))];
        Ok::<_, anyhow::Error>(Json::object(
            identity_fields(&observed, name).into_iter().chain(more),
        ))
    };
    Ok(Json::object([
        ("schema_version", SCHEMA.into()),
        ("generated_by", "tools.release.batch_receipt_report".into()),
        ("model_id", first.model_id().into()),
        ("calibration_hash", first.calibration_hash().into()),
        ("receipt_schema_version", SCHEMA.into()),
        ("receipt_stream", STREAM.into()),
        ("records", (n as u64).into()),
        ("runtime", runtime(&first)),
        ("scores", file(SCORES, n)?),
        ("receipts", file(RECEIPTS, n)?),
        (
            "checked_score_fields",
            Json::Array(CHECKED.map(Json::from).to_vec()),
        ),
    ]))
}

fn runtime(receipt: &Receipt) -> Json {
    Json::object([
        ("backend", receipt.backend().into()),
        ("device", receipt.device().into()),
        ("geno_lewm_version", receipt.version().into()),
        ("carbon_revision", receipt.carbon_revision().into()),
    ])
}

fn check_receipt(score: &Json, receipt: &Receipt, row: u64) -> Result<()> {
    let output = receipt.output();
    ensure!(
        receipt.output_commitment() == output.commitment(),
        "it commits to another output"
    );
    let detail = |name| {
        receipt
            .details()
            .and_then(|details| details.get(name))
            .cloned()
    };
    ensure!(
        detail("scope") == Some("vcf_row".into()),
        "it is not of a row"
    );
    ensure!(
        detail("receipt_stream") == Some(STREAM.into()),
        "it is of no stream"
    );
    ensure!(
        detail("row_index") == Some(row.into()),
        "it is of another row"
    );
    let document = receipt.to_json();
    let said = document.get("output").context("it has no output")?;
    for name in CHECKED {
        let (Some(said), Some(scored)) = (said.get(name), score.get(name)) else {
            bail!("its score has no `{name}`");
        };
        let is_same = match (said.as_f64(), scored.as_f64()) {
            (Some(said), Some(scored)) => said == scored,
            _ => said == scored,
        };
        ensure!(is_same, "its score has another `{name}`");
    }
    Ok(())
}
