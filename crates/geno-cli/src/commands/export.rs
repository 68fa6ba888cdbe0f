//! `geno-lewm export`: make a model directory from trained weights.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::{Path, PathBuf},
};

use geno_app::{
    Build,
    config::{Layers, Settings},
};
use geno_provenance::{Json, Label, summary_json};
use geno_training::{EncoderPlacement, Evidence, Export, Exported, ModelNames, export};

use crate::{
    failure::{Failure, required},
    interrupt,
    shared_args::help_of,
};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder of a checkpoint: `RUN_DIR/checkpoints/step-00001200`
    #[arg(value_name = "CHECKPOINT", required_unless_present_any = ["print_config", "explain"])]
    checkpoint: Option<PathBuf>,

    /// The model directory, which must not exist
    #[arg(long, value_name = "DIR", required_unless_present_any = ["print_config", "explain"])]
    output: Option<PathBuf>,

    /// Configuration of the run, with every value [default: the run's `config.resolved.yaml`]
    #[arg(long, value_name = "FILE")]
    training_config: Option<PathBuf>,

    #[arg(long, value_name = "DIR", help = help_of("paths.encoder_dir"))]
    encoder_dir: Option<PathBuf>,

    /// What becomes of the encoder's files
    #[arg(long, value_name = "HOW", default_value = "copy")]
    encoder: Placement,

    /// Name of the encoder [default: as in the configuration]
    #[arg(long, value_name = "ID")]
    encoder_id: Option<String>,

    /// Name of the model
    #[arg(long, value_name = "NAME", required_unless_present_any = ["print_config", "explain"])]
    model_name: Option<String>,

    /// Version of the model
    #[arg(long, value_name = "VERSION", required_unless_present_any = ["print_config", "explain"])]
    model_version: Option<String>,

    /// Name of the release that the model belongs to
    #[arg(long, value_name = "ID", required_unless_present_any = ["print_config", "explain"])]
    release_id: Option<String>,

    /// Identity of the data that the model was trained on
    #[arg(long, value_name = "ID", required_unless_present_any = ["print_config", "explain"])]
    dataset_snapshot: Option<String>,

    /// A calibration table of the model
    #[arg(long, value_name = "FILE")]
    calibration: Option<PathBuf>,

    /// Report of the model's evaluation, Markdown
    #[arg(long, value_name = "FILE")]
    eval_report: Option<PathBuf>,

    /// Do without a calibration table or a report for now: `calibrate --into-model` and
    /// `model-card --into-model` add them
    #[arg(long)]
    allow_missing_evidence: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Placement {
    /// Copied into the model directory
    Copy,
    /// Symbolic links: the directory is good on this machine alone
    Link,
    /// Left where they are, for `--encoder-dir`
    None,
}

impl Args {
    /// Adds the flags that stand for keys.
    pub(crate) fn add_to(&self, layers: &mut Layers) {
        let encoder_dir = self.encoder_dir.as_deref();
        layers.flag_if("paths.encoder_dir", "--encoder-dir", encoder_dir);
    }

    fn names(&self) -> Result<ModelNames, Failure> {
        let label = |value, flag| -> Result<Label, Failure> {
            let value: &String = required(value, flag)?;
            Ok(Label::new(value.as_str())?)
        };
        Ok(ModelNames {
            name: label(&self.model_name, "--model-name")?,
            version: label(&self.model_version, "--model-version")?,
            release_id: label(&self.release_id, "--release-id")?,
        })
    }
}

pub(crate) fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let checkpoint = required(&args.checkpoint, "CHECKPOINT")?;
    let output = required(&args.output, "--output")?;
    let config = match &args.training_config {
        Some(path) => path.clone(),
        None => config_of_run(checkpoint),
    };
    let snapshot = required(&args.dataset_snapshot, "--dataset-snapshot")?;
    let encoder_id = args.encoder_id.as_deref().map(Label::new).transpose()?;
    let request = Export {
        checkpoint,
        config: &config,
        encoder: required(&settings.paths.encoder_dir, "--encoder-dir")?,
        placement: match args.encoder {
            Placement::Copy => EncoderPlacement::Copy,
            Placement::Link => EncoderPlacement::Link,
            Placement::None => EncoderPlacement::None,
        },
        encoder_id,
        names: args.names()?,
        calibration: args.calibration.as_deref(),
        eval_report: args.eval_report.as_deref(),
        evidence: match args.allow_missing_evidence {
            true => Evidence::MayBeMissing,
            false => Evidence::Complete,
        },
        facts: facts(snapshot)?,
    };
    let exported = interrupt::finished(export(&request, output, interrupt::catch())?)?;
    let summary = summary_json(&summary(&exported));
    writeln!(io::stdout(), "{summary}").map_err(Failure::stdout)
}

/// `RUN_DIR/config.resolved.yaml` of `RUN_DIR/checkpoints/STEP`.
fn config_of_run(checkpoint: &Path) -> PathBuf {
    checkpoint.join("../../config.resolved.yaml")
}

/// What the manifest is to say of data and code.
fn facts(snapshot: &str) -> Result<BTreeMap<Label, Label>, Failure> {
    let build = Build::current();
    let mut facts = vec![("snapshot", snapshot), ("code_version", build.version)];
    let commit = build.git_sha.map(|sha| match build.dirty {
        Some(false) => sha.to_owned(),
        _ => format!("{sha} with changes"),
    });
    facts.extend(commit.as_deref().map(|commit| ("code_commit", commit)));
    let facts = facts.into_iter().map(|(key, value)| {
        let label = (Label::new(key)?, Label::new(value)?);
        Ok::<_, Failure>(label)
    });
    facts.collect()
}

fn summary(exported: &Exported) -> Json {
    let manifest = &exported.manifest;
    let missing = exported.missing.iter().map(|what| Json::from(*what));
    Json::object([
        ("schema_version", "1.0.0".into()),
        ("generated_by", "geno-lewm-export".into()),
        ("model_id", manifest.model_id().into()),
        ("weights_id", manifest.weights_id().into()),
        ("release_id", Json::from(&manifest.release_id)),
        ("placeholder_evidence", Json::Array(missing.collect())),
    ])
}
