//! Whether the percentiles of a model tell labelled variants apart: pathogenic from benign, and
//! pathogenic from common ones of the same molecular consequence.
//!
//! Beside the model stand the likelihood of a Markov model, and whether a substitution is a
//! transversion, which knows nothing of the sequence. What labels are read is not part of the project,
//! so the report is no part of it either.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use geno_core::Base;
use geno_data::Fasta;
use geno_eval::{Auroc, ScoredGroups};
use geno_provenance::{Manifest, write_atomic};
use serde_json::{Value, json};

use crate::{
    markov::Markov, program::Program, score_row::ScoreRow, sources::CHROMOSOME_20, split::TEST,
    variants::vcf_name,
};

/// Draws of a bootstrap.
const N_DRAWS: usize = 2000;

/// The report, in the folder of a build.
pub(crate) const REPORT: &str = "labels.json";

/// The score whose worth is asked.
const PERCENTILE: &str = "surprise percentile";

/// A build that is done, and what it is held against.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder of a build that is done
    #[arg(long, default_value = "target/model-build")]
    build: PathBuf,
    #[command(flatten)]
    labels: Labels,
}

/// What is compared.
#[derive(clap::Args)]
pub(crate) struct Labels {
    /// Labelled variants of chromosome 20, with `CLASS=P_LP` or `CLASS=B_LB` in INFO
    #[arg(long)]
    pub(crate) labels: PathBuf,
    /// Exons or transcripts that say what a variant touches: BED, GTF or GFF3
    #[arg(long)]
    pub(crate) genes: PathBuf,
}

/// A variant with all its scores.
struct Scored {
    class: Option<String>,
    consequence: String,
    scores: BTreeMap<&'static str, f64>,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let program = Program::beside(&args.build, 0, None)?;
    report(&args.build, &program, &args.labels)
}

/// Writes the report into the folder of a build, and a table to standard output.
pub(crate) fn report(folder: &Path, program: &Program, labels: &Labels) -> Result<()> {
    let folder = &fs::canonicalize(folder)?;
    let markov = Markov::count(&folder.join("data").join(CHROMOSOME_20))?;
    let common = folder.join("data").join(vcf_name(TEST));
    let genes = &fs::canonicalize(&labels.genes)?;
    let labelled = fs::canonicalize(&labels.labels)?;
    let labelled = scored(program, folder, "labels", &labelled, genes, &markov)?;
    let common = scored(program, folder, "common", &common, genes, &markov)?;

    let of = |class: &'static str| move |variant: &&Scored| variant.class.as_deref() == Some(class);
    let pathogenic: Vec<_> = labelled.iter().filter(of("P_LP")).collect();
    let benign: Vec<_> = labelled.iter().filter(of("B_LB")).collect();
    let common: Vec<_> = common.iter().collect();
    let mut metrics = Vec::new();
    for score in [PERCENTILE, "Markov likelihood", "transversion"] {
        for (name, positive, negative, is_matched) in [
            ("P/LP over B/LB", &pathogenic, &benign, false),
            (
                "P/LP over B/LB, same consequence",
                &pathogenic,
                &benign,
                true,
            ),
            (
                "P/LP over common, same consequence",
                &pathogenic,
                &common,
                true,
            ),
            ("B/LB over common, same consequence", &benign, &common, true),
        ] {
            let classes = classes(score, positive, negative, is_matched);
            metrics.extend(Auroc::of(&classes, N_DRAWS).map(|auroc| metric(name, score, &auroc)));
        }
    }
    let manifest = Manifest::parse(&fs::read(folder.join("model/manifest.json"))?)?;
    let report = json!({
        "calibration_hash": manifest.calibration.hash.to_string(),
        "metrics": metrics,
        "report": "area under the ROC; variants count as independent, though they cluster in genes",
        "weights_id": manifest.weights_id().to_string(),
    });
    let text = serde_json::to_vec_pretty(&report)?;
    Ok(write_atomic(&folder.join(REPORT), |out| {
        out.write_all(&text)
    })?)
}

fn metric(name: &str, score: &str, auroc: &Auroc) -> Value {
    println!(
        "{name:<36} {score:<20} {:.3} [{:.3}, {:.3}]  {} and {}",
        auroc.value, auroc.ci_low, auroc.ci_high, auroc.n_positive, auroc.n_negative,
    );
    let mut metric = json!({
        "ci_high": auroc.ci_high,
        "ci_low": auroc.ci_low,
        "higher_is_better": true,
        "n": auroc.n_positive + auroc.n_negative,
        "name": format!("AUROC {name}: {score}"),
        "split": "labels",
        "value": auroc.value,
    });
    // What other scores fail at is no finding against the model, nor that benign variants are no surprise.
    if score == PERCENTILE && name.starts_with("P/LP") {
        metric["baseline"] = "chance".into();
        metric["baseline_value"] = 0.5.into();
    }
    metric
}

/// Both groups by consequence, or in one class.
fn classes(
    score: &str,
    positive: &[&Scored],
    negative: &[&Scored],
    is_matched: bool,
) -> Vec<ScoredGroups> {
    let mut classes = BTreeMap::<&str, ScoredGroups>::new();
    for (i, variant) in positive.iter().chain(negative).enumerate() {
        let Some(&score) = variant.scores.get(score) else {
            continue;
        };
        let class = if is_matched {
            &variant.consequence[..]
        } else {
            ""
        };
        let groups = classes.entry(class).or_default();
        match i < positive.len() {
            true => groups.positive.push(score),
            false => groups.negative.push(score),
        }
    }
    classes.into_values().collect()
}

fn scored(
    program: &Program,
    folder: &Path,
    name: &str,
    vcf: &Path,
    genes: &Path,
    markov: &Markov,
) -> Result<Vec<Scored>> {
    let annotated = folder.join(format!("{name}.annotated.vcf"));
    let rows = folder.join(format!("{name}.scores.jsonl"));
    program.run(&[
        "annotate".as_ref(),
        "--quiet".as_ref(),
        "--vcf".as_ref(),
        vcf.as_os_str(),
        "--annotation".as_ref(),
        genes.as_os_str(),
        "--output".as_ref(),
        annotated.as_os_str(),
    ])?;
    program.run(&[
        "score".as_ref(),
        "--quiet".as_ref(),
        "--restart".as_ref(),
        "--model-dir".as_ref(),
        folder.join("model").as_os_str(),
        "--vcf".as_ref(),
        annotated.as_os_str(),
        "--fasta".as_ref(),
        folder.join("data").join(CHROMOSOME_20).as_os_str(),
        "--output".as_ref(),
        rows.as_os_str(),
    ])?;

    let fasta = Fasta::open(folder.join("data").join(CHROMOSOME_20))?;
    let mut percentiles = BTreeMap::new();
    for row in ScoreRow::read(&rows)? {
        let key = (row.pos, row.reference, row.alternate);
        percentiles.insert(key, row.sigma_calibrated);
    }
    let mut variants = Vec::new();
    for line in fs::read_to_string(&annotated)?.lines() {
        let fields: Vec<&str> = line.split('\t').take(8).collect();
        let [_, pos, _, reference, alternate, _, _, info] = fields[..] else {
            continue;
        };
        let Ok(pos) = pos.parse() else { continue };
        let key = (pos, reference.to_owned(), alternate.to_owned());
        let Some(&percentile) = percentiles.get(&key) else {
            continue;
        };
        let value = |key: &str| {
            info.split(';')
                .find_map(|field| field.strip_prefix(key)?.strip_prefix('='))
        };
        let mut scores = BTreeMap::from([(PERCENTILE, percentile)]);
        if let (&[from], &[to]) = (reference.as_bytes(), alternate.as_bytes()) {
            scores.insert("transversion", f64::from(is_transversion(from, to)));
            let delta = markov.surprise(&fasta, pos, to)?;
            scores.insert("Markov likelihood", delta);
        }
        variants.push(Scored {
            class: value("CLASS").map(str::to_owned),
            consequence: value("GENO_LEWM_CONSEQUENCE")
                .context("no consequence")?
                .to_owned(),
            scores,
        });
    }
    Ok(variants)
}

fn is_transversion(from: u8, to: u8) -> bool {
    let is_purine = |letter| matches!(Base::from_letter(letter), Some(Base::A | Base::G));
    is_purine(from) != is_purine(to)
}
