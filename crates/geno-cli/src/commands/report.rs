//! `geno-lewm report`: scores, metrics and receipts as one page.

use std::{
    fs,
    io::{self, Write},
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
};

use geno_app::config::Settings;
use geno_data::{Annotator, Fasta};
use geno_eval::{Bootstrap, JoinFiles, LabelRule, OpenJoin, ScoreSource};
use geno_provenance::{Json, Label, summary_json, write_atomic};
use geno_report::{
    Evaluation, LocusRegion, LookUps, MetricsFile, ProvenanceFiles, Report, ScoreFile, Verdict,
};
use geno_runtime::ModelDir;

use crate::{
    annotations::AnnotationFileArgs,
    failure::{Failure, UsageError, WriteError, required},
    interrupt,
    label_args::LabelArgs,
    model_args::encoder_source,
    progress::Bar,
};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Scores to show: JSON lines, tab-separated values or Parquet, as `score` writes them
    #[arg(long, value_name = "FILE", required_unless_present_any = ["print_config", "explain"])]
    scores: Option<PathBuf>,

    /// The page, HTML
    #[arg(long, value_name = "FILE", required_unless_present_any = ["print_config", "explain"])]
    output: Option<PathBuf>,

    /// Folder for the plots as SVG; made if it is not there
    #[arg(long, value_name = "DIR")]
    plots: Option<PathBuf>,

    /// What the page is called [default: the name of the scores]
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,

    /// Rows to show; of more, those with the highest percentiles are shown, and all are counted
    #[arg(
        long,
        value_name = "N",
        default_value_t = 250_000,
        value_parser = clap::value_parser!(u32).range(1..=1_000_000)
    )]
    max_rows: u32,

    /// Region that the locus shows, as 20:3300000-3310000 [default: those with the most variants]
    #[arg(long, value_name = "CONTIG:START-END")]
    locus: Option<LocusRegion>,

    #[command(flatten)]
    labels: LabelArgs,

    /// Metrics to show, schema 1, as `eval` and `rollout` write them; may be repeated
    #[arg(long, value_name = "FILE")]
    metrics_json: Vec<PathBuf>,

    /// Receipts of the scores, one a line
    #[arg(long, visible_alias = "receipt", value_name = "FILE")]
    receipts: Option<PathBuf>,

    /// Folder of the model that the receipts name: every file in it is checked
    #[arg(long, value_name = "DIR", conflicts_with = "manifest")]
    model_dir: Option<PathBuf>,

    /// Manifest of the model that the receipts name
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,

    /// Reference, plain or bgzip: needed to tell what a change of a coding sequence does
    #[arg(long, value_name = "FASTA")]
    fasta: Option<PathBuf>,

    #[command(flatten)]
    annotation: AnnotationFileArgs,
}

pub(crate) fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let (path, output) = (
        required(&args.scores, "--scores")?,
        required(&args.output, "--output")?,
    );
    let metrics = args.metrics_json.iter();
    let metrics = metrics.map(|path| MetricsFile::read(path));
    let metrics: Vec<_> = metrics.collect::<Result<_, _>>()?;
    let files = args.annotation.files(args.fasta.as_deref());
    let sources = files.has_any().then(|| files.open()).transpose()?;
    let mut annotator = sources.map(Annotator::new);

    let manifest = args
        .model_dir
        .as_ref()
        .map(|folder| folder.join("manifest.json"));
    let scores = ScoreFile {
        path,
        max_rows: args.max_rows as usize,
    };
    let vouching = ProvenanceFiles {
        manifest: args.manifest.as_deref().or(manifest.as_deref()),
        receipts: args.receipts.as_deref(),
        model_files: match &args.model_dir {
            None => None,
            Some(folder) => Some(check_model(folder, settings)?),
        },
    };
    let shared = annotator
        .as_ref()
        .and_then(|annotator| annotator.sources().fasta.clone());
    let fasta = match (&args.fasta, shared) {
        (Some(_), Some(fasta)) => Some(fasta),
        (Some(path), None) if args.labels.file().is_some() => Some(Arc::new(Fasta::open(path)?)),
        _ => None,
    };
    let rule = LabelRule::Class(args.labels.classes());
    let source = percentiles(path)?;
    let labels = args.labels.file();
    let labels = labels.map(|labels| JoinFiles {
        labels,
        rule: &rule,
        scores: &source,
        baselines: &[],
        fasta: fasta.as_deref(),
        background: None,
    });
    let mut join = match labels {
        None => None,
        Some(files) => Some(read_labels(files, settings)?),
    };
    let look_ups = LookUps {
        annotator: annotator.as_mut(),
        labels: join.as_mut(),
    };
    let (scores, provenance) = scores.read_checked(look_ups, &vouching)?;
    if let Some(region) = &args.locus
        && scores.n_in(region) == 0
    {
        let message = format!("no score that is shown lies in `--locus {region}`");
        return Err(UsageError(message).into());
    }
    let evaluations = match (join, args.labels.file()) {
        (Some(join), Some(labels)) => vec![evaluate(join, labels)?],
        _ => Vec::new(),
    };
    let report = Report {
        title: args.title.as_deref().unwrap_or(&scores.name),
        scores: &scores,
        provenance: &provenance,
        metrics: &metrics,
        evaluations: &evaluations,
        annotation: annotator.as_ref().map(Annotator::sources),
        locus: args.locus.as_ref(),
    };
    write_atomic(output, |file| report.write_html(file))?;
    let plots = match &args.plots {
        None => Vec::new(),
        Some(folder) => write_plots(folder, &report)?,
    };
    let verdict = provenance.verdict();
    if let Verdict::Fails(fault) = &verdict {
        warn(fault);
    }
    let summary = Json::object([
        ("report", output.display().to_string().into()),
        ("rows", scores.n_rows.into()),
        ("shown", scores.n_shown().into()),
        ("plots", Json::Array(plots)),
        ("provenance", verdict.word().into()),
    ]);
    writeln!(io::stdout(), "{}", summary_json(&summary)).map_err(Failure::stdout)
}

/// The percentiles of a file, as what labels are joined to.
fn percentiles(scores: &Path) -> Result<ScoreSource, Failure> {
    Ok(ScoreSource {
        name: Label::new("scores")?,
        path: scores.to_owned(),
        field: "sigma_calibrated".to_owned(),
        threshold: None,
        producer: None,
    })
}

fn read_labels<'a>(files: JoinFiles<'a>, settings: &Settings) -> Result<OpenJoin<'a>, Failure> {
    let (bar, interrupted) = (Bar::new(settings.observability.quiet), interrupt::catch());
    let join = OpenJoin::read_labels(files, |progress| {
        bar.show_file(progress, "read".to_owned());
        interrupt::flow(interrupted)
    })?;
    bar.finish();
    join.ok_or(Failure::Interrupted)
}

/// Curves of the percentiles of labelled variants.
fn evaluate(join: OpenJoin<'_>, labels: &Path) -> Result<Evaluation, Failure> {
    let join = join.finish(|_| ControlFlow::Continue(()))?;
    let join = join.ok_or(Failure::Interrupted)?;
    let classes = join.labels.classes().unwrap_or_default();
    let labelled = join.columns[0].labelled(&classes)?;
    let name = labels.file_name().unwrap_or_default().to_string_lossy();
    // A percentile of surprise is no probability of a label.
    let bootstrap = Bootstrap::default();
    Ok(Evaluation::of(&name, &labelled, &bootstrap, false))
}

/// What came of comparing every file of a model with its manifest.
fn check_model(folder: &Path, settings: &Settings) -> Result<Result<String, String>, Failure> {
    let model = ModelDir::open(folder, &encoder_source(&settings.paths))?;
    Ok(match model.check() {
        Ok(()) => Ok(format!("{} files", model.checks().count())),
        Err(error) => Err(Failure::chain(&error)),
    })
}

/// Writes every plot to a folder; what they are called there.
fn write_plots(folder: &Path, report: &Report<'_>) -> Result<Vec<Json>, Failure> {
    fs::create_dir_all(folder).map_err(|source| WriteError {
        what: format!("`{}`", folder.display()),
        source,
    })?;
    let mut names = Vec::new();
    for figure in report.figures() {
        let name = format!("{}.svg", figure.name);
        let svg = figure.picture.to_svg();
        write_atomic(&folder.join(&name), |file| file.write_all(svg.as_bytes()))?;
        names.push(name.into());
    }
    Ok(names)
}

#[expect(clippy::print_stderr, reason = "warnings stand beside the data")]
fn warn(fault: &str) {
    eprintln!("warning: provenance: {fault}");
}
