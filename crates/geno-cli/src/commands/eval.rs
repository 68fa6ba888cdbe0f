//! `geno-lewm eval`: evaluate scores against labels, and compare them to baselines.

mod output;
mod sources;

use std::path::{Path, PathBuf};

use geno_app::config::Settings;
use geno_data::Fasta;
use geno_eval::{
    Bootstrap, Evaluation, EvaluationOptions, Join, JoinError, JoinFiles, LabelRule, MetricKind,
    ReportIdentity, TieRule,
};
use geno_provenance::Label;
use geno_runtime::{CalibrationFiles, ModelDir};

use self::{output::Outputs, sources::SourceArgs};
use crate::{
    failure::{Failure, UsageError, required},
    interrupt,
    label_args::LabelArgs,
    model_args::encoder_source,
    progress::Bar,
    report_args::ReportArgs,
};

/// Where the scores of a model are.
const CALIBRATED: &str = "sigma_calibrated";

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    sources: SourceArgs,

    #[command(flatten)]
    labels: LabelArgs,

    /// Metrics, as JSON
    #[arg(
        long,
        visible_alias = "output-metrics",
        value_name = "FILE",
        required_unless_present_any = ["print_config", "explain"]
    )]
    output: Option<PathBuf>,

    /// The same as a report to read, Markdown
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,

    /// Labelled variants that are not evaluated [default: OUTPUT.unmatched.jsonl]
    #[arg(long, value_name = "FILE")]
    unmatched: Option<PathBuf>,

    /// Refuse to leave a labelled variant out
    #[arg(long)]
    require_all: bool,

    /// Reference, which insertions and deletions of all files are left-aligned to
    #[arg(long, value_name = "FASTA")]
    fasta: Option<PathBuf>,

    /// VCF of variants that the calibration was made from: none of them may be evaluated
    #[arg(long, value_name = "VCF")]
    background: Option<PathBuf>,

    /// Model that the scores come from: it is named in the document, and its calibration says which
    /// labels it has not seen
    #[arg(long, value_name = "DIR")]
    model_dir: Option<PathBuf>,

    /// What labels are: classes, or values to which scores are compared by rank
    #[arg(long, value_name = "MODE", default_value = "binary", value_parser = ["binary", "spearman"])]
    metric_mode: String,

    /// Metric that verdicts go by [default: auroc; spearman_rho of `--metric-mode spearman`]
    #[arg(long, value_name = "METRIC")]
    primary: Option<String>,

    /// Name of the set of variants
    #[arg(long, value_name = "NAME", default_value = "eval_clinvar")]
    split: String,

    /// Resamples for intervals; 0 for none, and no verdict
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    bootstrap_resamples: u32,

    /// Seed of the resamples
    #[arg(long, value_name = "N", default_value_t = 0)]
    bootstrap_seed: u64,

    /// Part of the resamples that an interval holds
    #[arg(long, value_name = "LEVEL", default_value_t = 0.95)]
    ci_level: f64,

    /// Let average precision depend on the order of variants with equal scores, as the Python package does
    #[arg(long)]
    legacy_ties: bool,

    #[command(flatten)]
    names: ReportArgs,
}

impl Args {
    fn rule(&self) -> LabelRule {
        match self.metric_mode.as_str() {
            "spearman" => LabelRule::Value {
                field: self.labels.field().unwrap_or("value").to_owned(),
            },
            _ => LabelRule::Class(self.labels.classes()),
        }
    }

    fn options(&self) -> Result<EvaluationOptions, Failure> {
        if !(self.ci_level > 0.0 && self.ci_level < 1.0) {
            let message = "`--ci-level` lies between 0 and 1";
            return Err(UsageError(message.to_owned()).into());
        }
        let primary = self.primary.as_deref();
        Ok(EvaluationOptions {
            split: Label::new(&*self.split)?,
            bootstrap: Bootstrap {
                n_resamples: self.bootstrap_resamples as usize,
                seed: self.bootstrap_seed,
                level: self.ci_level,
            },
            primary: primary.map(str::parse::<MetricKind>).transpose()?,
            ties: match self.legacy_ties {
                true => TieRule::InOrder,
                false => TieRule::Together,
            },
        })
    }
}

pub(crate) fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let labels = args.labels.file();
    let labels = labels.ok_or_else(|| UsageError("`--labels` is needed".to_owned()))?;
    let output = required(&args.output, "--output")?;
    let (rule, options) = (args.rule(), args.options()?);
    let (scores, baselines) = args.sources.sources()?;
    let outputs = Outputs::new(args, output, &baselines)?;
    // No key stands for the model: scores need not be of the one in use.
    let folder = args.model_dir.as_ref();
    let model = folder.map(|folder| ModelDir::open(folder, &encoder_source(&settings.paths)));
    let model = model.transpose()?;
    let fasta = args.fasta.as_deref().map(Fasta::open).transpose()?;

    let bar = Bar::new(settings.observability.quiet);
    let interrupted = interrupt::catch();
    let files = JoinFiles {
        labels,
        rule: &rule,
        scores: &scores,
        baselines: &baselines,
        fasta: fasta.as_ref(),
        background: args.background.as_deref(),
    };
    let join = Join::read(&files, |progress| {
        bar.show_file(progress, "read".to_owned());
        interrupt::flow(interrupted)
    })?;
    bar.finish();
    let join = join.ok_or(Failure::Interrupted)?;
    outputs.write_unmatched(&join)?;
    let mut evaluation = Evaluation::of(&join, &rule, &options)?;
    let is_disjoint = is_disjoint(&join, labels, model.as_ref())?;
    let is_checked = args.background.is_some() || is_disjoint;
    if scores.field == CALIBRATED && !is_checked {
        let said = format!(
            "It is not known that the background of the calibration shares no variant with {}.",
            options.split
        );
        evaluation.limitations.insert(0, Label::new(said)?);
    }
    let identity = args.names.identity(match &model {
        Some(model) => ReportIdentity {
            model_id: Some(model.manifest().model_id()),
            model_release: Some(model.manifest().release_id.clone()),
            ..ReportIdentity::default()
        },
        None => ReportIdentity::default(),
    })?;
    outputs.write(
        args,
        &join,
        evaluation,
        identity,
        settings.observability.quiet,
    )
}

/// Whether the model's calibration says that its background shares no variant with the labels. One that was built of
/// them is refused.
pub(crate) fn is_disjoint(
    join: &Join,
    labels: &Path,
    model: Option<&ModelDir>,
) -> Result<bool, Failure> {
    let (Some(model), Some(digest)) = (model, join.labels_digest) else {
        return Ok(false);
    };
    let files = CalibrationFiles::of_model(model)?;
    if files.background == Some(digest) {
        let path = labels.to_owned();
        return Err(JoinError::IsBackground { path }.into());
    }
    Ok(files.disjoint_from.contains(&digest))
}
