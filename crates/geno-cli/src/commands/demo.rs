//! `geno-lewm demo`: score real variants with the embedded model, and verify the receipts.

use std::{
    fs,
    io::{self, BufReader, Write},
    path::{Path, PathBuf},
};

use geno_app::{
    Sandbox,
    config::{Layers, Settings},
};
use geno_core::{Coded, ErrorCode};
use geno_provenance::{Json, ReceiptCheck, ReceiptReader, write_atomic};
use geno_report::{LookUps, ProvenanceFiles, Report, ScoreFile};
use geno_runtime::{
    Annotations, BackendError, EncoderSource, MemoryBudget, ModelDir, ReceiptFiles, RowFormat,
    Runtime, ScoreSummary, ScoreVcf, Signals, Unfinished,
};

use crate::{
    clock,
    failure::{Failure, required},
    interrupt,
    model_args::{self, MachineArgs},
    progress::Bar,
};

/// Rows shown on the terminal.
const N_SHOWN: usize = 8;

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../../../../fixtures/demo/", $name)).as_slice())),*]
    };
}

/// A small model and a slice of chromosome 20; see `fixtures/demo/SOURCES.md`.
const FILES: &[(&str, &[u8])] = embedded![
    "GRCh37.20.fa.gz",
    "background.vcf.gz",
    "variants.vcf",
    "model/action_encoder.safetensors",
    "model/calibration.parquet",
    "model/config.yaml",
    "model/encoder/config.json",
    "model/encoder/dna_config.json",
    "model/encoder/model.safetensors",
    "model/eval_report.md",
    "model/manifest.json",
    "model/predictor.safetensors",
];

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder for the model, the data and the results; made if it is not there
    #[arg(long, value_name = "DIR", required_unless_present_any = ["print_config", "explain"])]
    output: Option<PathBuf>,

    #[command(flatten)]
    machine: MachineArgs,
}

impl Args {
    /// Adds the flags that stand for keys.
    pub(crate) fn add_to(&self, layers: &mut Layers) -> Result<(), BackendError> {
        self.machine.add_to(layers)
    }
}

/// The folder could not be made.
#[derive(Debug, thiserror::Error)]
#[error("cannot use `{}`", path.display())]
struct FolderError {
    path: PathBuf,
    source: io::Error,
}

impl Coded for FolderError {
    fn code(&self) -> ErrorCode {
        ErrorCode::of_io(&self.source)
    }
}

pub(crate) fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let backend = model_args::backend(settings)?;
    let folder = required(&args.output, "--output")?;
    unpack(folder)?;

    let model = ModelDir::open(&folder.join("model"), &EncoderSource::default())?;
    model.check()?;
    let runtime = Runtime::load(&model, backend)?.with_network_guard(Sandbox::current().guard());
    let (scores, receipts) = (folder.join("scores.jsonl"), folder.join("receipts.jsonl"));
    let summary = score(folder, settings, &runtime, &scores, &receipts)?;
    let n_verified = verify(&folder.join("model/manifest.json"), &receipts)?;
    write_report(folder, &model, &scores, &receipts)?;
    print(folder, &scores, &summary, n_verified)
}

fn unpack(folder: &Path) -> Result<(), Failure> {
    let encoder = folder.join("model/encoder");
    fs::create_dir_all(&encoder).map_err(|source| FolderError {
        path: encoder,
        source,
    })?;
    for (name, bytes) in FILES {
        write_atomic(&folder.join(name), |out| out.write_all(bytes))?;
    }
    Ok(())
}

fn score(
    folder: &Path,
    settings: &Settings,
    runtime: &Runtime,
    scores: &Path,
    receipts: &Path,
) -> Result<ScoreSummary, Failure> {
    let request = ScoreVcf {
        is_list: false,
        vcf: &folder.join("variants.vcf"),
        fasta: &folder.join("GRCh37.20.fa.gz"),
        output: Some(scores),
        format: RowFormat::Jsonl,
        receipts: Some(ReceiptFiles::stream(receipts)),
        rejected: None,
        timestamp: clock::now()?,
        batch_size: 16,
        memory_budget: MemoryBudget::default(),
        strict: true,
        annotations: Annotations::default(),
        signals: Signals::default(),
        envelope: None,
        unfinished: Unfinished::Discard,
    };
    let bar = Bar::new(settings.observability.quiet);
    let completion =
        runtime.score_vcf(&request, |progress| bar.show(progress), interrupt::catch())?;
    bar.finish();
    interrupt::finished(completion)
}

fn verify(manifest: &Path, receipts: &Path) -> Result<u64, Failure> {
    let read = |path: &Path| {
        fs::read(path).map_err(|source| FolderError {
            path: path.to_owned(),
            source,
        })
    };
    let check = ReceiptCheck::new(&read(manifest)?)?;
    let bytes = read(receipts)?;
    let mut n_verified = 0;
    for receipt in ReceiptReader::new(BufReader::new(&bytes[..])) {
        check.check(&receipt?)?;
        n_verified += 1;
    }
    Ok(n_verified)
}

/// The page to look at. The files of the model were compared with its manifest before.
fn write_report(
    folder: &Path,
    model: &ModelDir,
    scores: &Path,
    receipts: &Path,
) -> Result<(), Failure> {
    let manifest = folder.join("model/manifest.json");
    let vouching = ProvenanceFiles {
        manifest: Some(&manifest),
        receipts: Some(receipts),
        model_files: Some(Ok(format!("{} files", model.checks().count()))),
    };
    let scores = ScoreFile {
        path: scores,
        max_rows: usize::MAX,
    };
    let (scores, provenance) = scores.read_checked(LookUps::default(), &vouching)?;
    let report = Report {
        title: "Common variants of chromosome 20",
        scores: &scores,
        provenance: &provenance,
        metrics: &[],
        evaluations: &[],
        annotation: None,
        locus: None,
    };
    write_atomic(&folder.join("report.html"), |file| report.write_html(file))?;
    Ok(())
}

fn print(
    folder: &Path,
    scores: &Path,
    summary: &ScoreSummary,
    n_verified: u64,
) -> Result<(), Failure> {
    let table = table(scores)?;
    let folder = folder.display();
    let text = format!(
        "\
{n_scored} common variants of GRCh37 chromosome 20, the {N_SHOWN} most surprising first:

{table}
The model is a small one, trained on two chromosomes; {folder}/model/eval_report.md
says how well it predicts, and what its scores do not say. A research tool, not a clinical diagnostic.

{n_verified} receipts verified.

  {folder}/model/            the model, with its card
  {folder}/GRCh37.20.fa.gz   the reference
  {folder}/variants.vcf      the variants
  {folder}/scores.jsonl      their scores
  {folder}/receipts.jsonl    their receipts
  {folder}/report.html       all of it as a page, for a browser

The same on your own files:

  geno-lewm score --model-dir {folder}/model --vcf YOUR.vcf.gz --fasta YOUR.fa.gz --output scores.tsv --receipt receipts.jsonl
  geno-lewm verify receipts.jsonl --model-dir {folder}/model
",
        n_scored = summary.scored,
    );
    io::stdout()
        .write_all(text.as_bytes())
        .map_err(Failure::stdout)
}

/// The rows with the highest percentiles, and among equal ones the highest surprise, aligned.
fn table(scores: &Path) -> Result<String, Failure> {
    let bytes = fs::read(scores).map_err(|source| FolderError {
        path: scores.to_owned(),
        source,
    })?;
    let mut rows = Vec::new();
    for line in bytes
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        rows.push(Json::parse(line)?);
    }
    let number = |row: &Json, key| row.get(key).and_then(Json::as_f64).unwrap_or_default();
    for key in ["sigma_raw", "sigma_calibrated"] {
        rows.sort_by(|a, b| number(b, key).total_cmp(&number(a, key)));
    }

    let mut table = "  variant                       surprise  percentile  context\n".to_owned();
    for row in rows.iter().take(N_SHOWN) {
        let text = |key| row.get(key).and_then(Json::as_str).unwrap_or_default();
        let pos = row.get("pos").and_then(Json::as_u64).unwrap_or_default();
        let variant = format!("{}:{pos} {}>{}", text("chrom"), text("ref"), text("alt"));
        table += &format!(
            "  {variant:<29} {:>8.4}  {:>10.3}  {}\n",
            number(row, "sigma_raw"),
            number(row, "sigma_calibrated"),
            text("bucket_id"),
        );
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_adds_at_most_eight_megabytes_to_the_binary() {
        let size: usize = FILES.iter().map(|(_, bytes)| bytes.len()).sum();
        assert!(size <= 8_000_000, "{size} bytes");
    }
}
