//! That scores and receipts are of each other, and of the model.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader},
    path::Path,
};

use anyhow::{Context, Result, bail, ensure};
use geno_core::Digest;
use geno_provenance::{
    FieldError, Fields, Json, Receipt, ReceiptCheck, ReceiptReader,
    release::{Claim, ReportBody},
};

/// The fields of a score that its receipt has to repeat.
const CHECKED: [&str; 5] = [
    "bucket_id",
    "confidence",
    "low_confidence",
    "sigma_calibrated",
    "sigma_raw",
];

/// What `batch_receipt_report.json` holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct BatchReceipts {
    pub(crate) records: u64,
    pub(crate) model_id: Digest,
    pub(crate) calibration_hash: Digest,
    /// What computed: the same of every receipt.
    pub(crate) runtime: Runtime,
}

/// What computed, as a receipt says it.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Runtime {
    pub(crate) backend: String,
    pub(crate) device: String,
    pub(crate) version: String,
    pub(crate) encoder_revision: String,
    /// The code of the inner loops, which decides the last bits of a score.
    pub(crate) kernel: String,
    /// What kept the program from the network.
    pub(crate) sandbox: String,
}

impl Runtime {
    fn of(receipt: &Receipt) -> Result<Self> {
        let details = receipt.details().context("has no details")?;
        let text = |key: &str| {
            let value = details.get(key).and_then(Json::as_str);
            value
                .with_context(|| format!("has no `{key}`"))
                .map(str::to_owned)
        };
        Ok(Self {
            backend: receipt.backend().to_owned(),
            device: receipt.device().to_owned(),
            version: receipt.version().to_owned(),
            encoder_revision: receipt.carbon_revision().to_owned(),
            kernel: text("kernel")?,
            sandbox: text("sandbox")?,
        })
    }

    const FIELDS: [&str; 6] = [
        "backend",
        "device",
        "geno_lewm_version",
        "encoder_revision",
        "kernel",
        "sandbox",
    ];

    /// Names and values, in the order of [`Self::FIELDS`].
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let values = [
            &self.backend,
            &self.device,
            &self.version,
            &self.encoder_revision,
            &self.kernel,
            &self.sandbox,
        ];
        Self::FIELDS.into_iter().zip(values.map(String::as_str))
    }
}

impl BatchReceipts {
    /// Reads scores and receipts, row by row.
    pub(crate) fn of(scores: &Path, receipts: &Path, manifest: &[u8]) -> Result<Self> {
        let check = ReceiptCheck::new(manifest)?;
        let open = |path: &Path| {
            let file = fs::File::open(path);
            file.map(BufReader::new).with_context(|| {
                format!(
                    "cannot read `{}`",
                    path.file_name().unwrap_or_default().display()
                )
            })
        };
        let mut rows = open(scores)?.lines();
        let (mut records, mut runtimes) = (0, BTreeSet::new());
        for receipt in ReceiptReader::new(open(receipts)?) {
            let receipt = receipt?;
            records += 1;
            let row = rows.next();
            let row = row.with_context(|| format!("receipt {records} has no score"))??;
            let at = || format!("row {records}");
            check.check(&receipt).with_context(at)?;
            compare(&row, &receipt, records).with_context(at)?;
            runtimes.insert(Runtime::of(&receipt).with_context(at)?);
        }
        ensure!(rows.next().is_none(), "there are more scores than receipts");
        let runtime = runtimes.pop_first().context("no variant was scored")?;
        ensure!(runtimes.is_empty(), "receipts name several runtimes");
        Ok(Self {
            records,
            model_id: check.model_id(),
            calibration_hash: check.calibration_hash(),
            runtime,
        })
    }
}

/// The score and its receipt say the same, and stand in the same row.
fn compare(row: &str, receipt: &Receipt, number: u64) -> Result<()> {
    let row = Json::parse(row.as_bytes()).context("score is not JSON")?;
    let marker = row.get("generated_by").and_then(Json::as_str);
    ensure!(
        marker == Some("geno-lewm-score"),
        "score is not of `geno-lewm score`"
    );
    let receipt = receipt.to_json();
    let output = receipt.get("output").context("receipt has no output")?;
    for field in CHECKED {
        let (scored, received) = (row.get(field), output.get(field));
        if scored.is_none() || scored != received {
            bail!("`{field}` of the score is not its receipt's");
        }
    }
    let details = receipt
        .get("provenance")
        .and_then(|provenance| provenance.get("details"));
    let index = details.and_then(|details| details.get("row_index")?.as_u64());
    ensure!(index == Some(number), "receipt is of another row");
    Ok(())
}

impl ReportBody for BatchReceipts {
    const PRODUCER: &'static str = "xtask.demo.batch-receipts";
    const CLAIMS: &'static [Claim] = &[Claim::CommandBehaviourOnly, Claim::NoPrivacyAssurance];
    const NEEDS_FINDINGS: bool = false;

    fn take(fields: &mut Fields) -> Result<Self, FieldError> {
        // Always the same; the reader compares them.
        fields.value("checked_score_fields")?;
        let mut runtime = fields.object("runtime")?;
        let [backend, device, version, encoder_revision, kernel, sandbox] =
            Runtime::FIELDS.map(|field| runtime.string(field));
        let runtime = Runtime {
            backend: backend?,
            device: device?,
            version: version?,
            encoder_revision: encoder_revision?,
            kernel: kernel?,
            sandbox: sandbox?,
        };
        Ok(Self {
            records: fields.unsigned("records")?,
            model_id: fields.digest("model_id")?,
            calibration_hash: fields.digest("calibration_hash")?,
            runtime,
        })
    }

    fn to_json(&self) -> Json {
        let runtime = self.runtime.fields();
        let runtime = runtime.map(|(field, value)| (field, Json::from(value)));
        Json::object([
            ("records", Json::from(self.records)),
            ("model_id", self.model_id.into()),
            ("calibration_hash", self.calibration_hash.into()),
            ("runtime", Json::object(runtime)),
            (
                "checked_score_fields",
                Json::Array(CHECKED.map(Json::from).into()),
            ),
        ])
    }
}
