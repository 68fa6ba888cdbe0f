//! `geno-lewm carbon-baseline`: zero-shot scores by Carbon's likelihood.

mod recipe_args;

use std::path::{Path, PathBuf};

use geno_app::config::{Layers, Settings};
use geno_core::Dtype;
use geno_runtime::{
    BaselineFormat, BaselineSummary, CarbonBaseline, CarbonModel, CarbonOptions, Completion,
    EnvelopeRequest, Recipe,
};

use self::recipe_args::RecipeArgs;
use crate::{
    banner, clock,
    failure::{Failure, UsageError, required},
    interrupt,
    model_args::{self, MemoryArgs},
    partial_run::{beside, tell_kept, unfinished},
    progress::Bar,
    run_state::{envelope_path, run_state},
    shared_args::help_of,
};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Variants to score: plain, gzip or bgzip, `-` for standard input
    #[arg(long, value_name = "VCF", required_unless_present_any = ["print_config", "explain"])]
    vcf: Option<PathBuf>,

    /// Reference, plain or bgzip; an index is built when there is none
    #[arg(long, value_name = "FASTA", required_unless_present_any = ["print_config", "explain"])]
    fasta: Option<PathBuf>,

    /// Checkpoint of Carbon: a folder, or a GGUF file; in place of the encoder of a model
    #[arg(long, value_name = "DIR", conflicts_with_all = ["model_dir", "encoder_dir"])]
    carbon_model_dir: Option<PathBuf>,

    #[arg(long, value_name = "DIR", help = help_of("paths.model_dir"))]
    model_dir: Option<PathBuf>,

    #[arg(long, value_name = "DIR", help = help_of("paths.encoder_dir"))]
    encoder_dir: Option<PathBuf>,

    /// What the checkpoint's revision is called in records
    #[arg(long, value_name = "NAME", default_value = "main")]
    carbon_revision: String,

    /// Number format of products: fp32, bf16 or fp16
    #[arg(long, value_name = "NAME", default_value_t = Dtype::F32)]
    dtype: Dtype,

    #[command(flatten)]
    recipe: RecipeArgs,

    /// Scores: .jsonl or .tsv
    #[arg(
        long,
        short,
        visible_alias = "output-scores",
        value_name = "FILE",
        required_unless_present_any = ["print_config", "explain"]
    )]
    output: Option<PathBuf>,

    /// Summary of the run, as JSON
    #[arg(long, value_name = "FILE")]
    metadata_output: Option<PathBuf>,

    /// Folder that names in the summary begin at; files elsewhere are named without folders
    #[arg(long, value_name = "DIR", requires = "metadata_output")]
    artifact_root: Option<PathBuf>,

    /// Likelihoods of earlier runs, to which those of this run are added
    #[arg(long, visible_alias = "logp-cache-jsonl", value_name = "FILE")]
    cache: Option<PathBuf>,

    /// What the run stood on [default: OUTPUT.envelope.json]
    #[arg(long, value_name = "FILE", conflicts_with = "no_receipt")]
    envelope: Option<PathBuf>,

    /// Rows that could not be scored [default: OUTPUT.rejected.jsonl]
    #[arg(long, value_name = "FILE")]
    rejected: Option<PathBuf>,

    #[arg(
        long,
        value_name = "N",
        help = help_of("score.batch_size"),
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    batch_size: Option<u32>,

    #[command(flatten)]
    memory: MemoryArgs,

    #[arg(long, help = help_of("score.strict"))]
    strict: bool,

    /// Go on with a run that was cut off, from what it left in OUTPUT.partial
    #[arg(long)]
    resume: bool,

    /// Throw away what a run that was cut off left in OUTPUT.partial
    #[arg(long, conflicts_with = "resume")]
    restart: bool,

    #[command(flatten)]
    package: PackageArgs,
}

/// Flags of the Python package that ask for what this program does not do.
#[derive(clap::Args)]
struct PackageArgs {
    /// Where to compute: `cpu`, whatever there is
    #[arg(long, hide = true, value_name = "NAME")]
    device: Option<String>,

    #[arg(long, hide = true)]
    allow_network_download: bool,

    #[arg(long, hide = true)]
    trust_remote_code: bool,
}

impl Args {
    /// Adds the flags that stand for keys.
    pub(crate) fn add_to(&self, layers: &mut Layers) {
        layers.flag_if("score.batch_size", "--batch-size", self.batch_size);
        let strict = self.strict.then_some(true);
        layers.flag_if("score.strict", "--strict", strict);
        layers.flag_if("paths.model_dir", "--model-dir", self.model_dir.as_deref());
        let encoder_dir = self.encoder_dir.as_deref();
        layers.flag_if("paths.encoder_dir", "--encoder-dir", encoder_dir);
        self.memory.add_to(layers);
    }

    fn load(&self, settings: &Settings, recipe: &Recipe) -> Result<CarbonModel, Failure> {
        let options = CarbonOptions {
            recipe,
            revision: &self.carbon_revision,
            dtype: self.dtype,
            domain: self.recipe.domain()?,
        };
        Ok(match &self.carbon_model_dir {
            Some(place) => CarbonModel::open(place, options)?,
            None => CarbonModel::of_model(&model_args::open_model(settings)?, options)?,
        })
    }
}

impl PackageArgs {
    fn check(&self) -> Result<(), UsageError> {
        let device = self.device.as_deref();
        let message = match device {
            _ if self.allow_network_download => {
                "`--allow-network-download`: nothing is downloaded, give a checkpoint on this \
                 machine"
            }
            _ if self.trust_remote_code => {
                "`--trust-remote-code`: no code of a checkpoint is run, and none is needed"
            }
            None | Some("cpu" | "auto") => return Ok(()),
            Some(_) => "`--device`: likelihoods are computed on the processor alone",
        };
        Err(UsageError(message.to_owned()))
    }
}

pub(crate) fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    args.package.check()?;
    let recipe = args.recipe.recipe()?;
    let output = required(&args.output, "--output")?;
    let format = BaselineFormat::of_path(output)?;
    let model = args.load(settings, &recipe)?;
    let quiet = settings.observability.quiet;
    banner::show(settings);

    let rejected = args.rejected.clone();
    let rejected = rejected.unwrap_or_else(|| beside(output, ".rejected.jsonl"));
    let is_wanted = settings.provenance.envelope;
    let envelope = envelope_path(args.envelope.as_deref(), Some(output), is_wanted);
    let request = CarbonBaseline {
        vcf: required(&args.vcf, "--vcf")?,
        fasta: required(&args.fasta, "--fasta")?,
        recipe: &recipe,
        output,
        format,
        rejected: Some(&rejected),
        metadata: args.metadata_output.as_deref(),
        artifact_root: args.artifact_root.as_deref(),
        cache: args.cache.as_deref(),
        timestamp: clock::now()?,
        batch_size: settings.score.batch_size,
        memory_budget: model_args::memory_budget(settings),
        strict: settings.score.strict,
        envelope: match &envelope {
            None => None,
            Some(path) => Some(EnvelopeRequest {
                path,
                run: run_state(settings)?,
            }),
        },
        unfinished: unfinished(args.resume, args.restart),
    };
    let bar = Bar::new(quiet);
    let completion =
        model.score_vcf(&request, |progress| bar.show(progress), interrupt::catch())?;
    bar.finish();
    match completion {
        Completion::Interrupted => {
            if !quiet {
                tell_kept(Some(output));
            }
            Err(Failure::Interrupted)
        }
        Completion::Finished(summary) => {
            if !quiet {
                report(&summary, &recipe, args.cache.as_deref());
            }
            Ok(())
        }
    }
}

/// Says on standard error what a run did.
#[expect(clippy::print_stderr, reason = "a summary beside the data")]
fn report(summary: &BaselineSummary, recipe: &Recipe, cache: Option<&Path>) {
    let n_rejected: u64 = summary.rejected.values().sum();
    let sidecar = match &summary.rejected_path {
        Some(path) => format!(", see `{}`", path.display()),
        None => String::new(),
    };
    let scored = summary.scored;
    eprintln!("{scored} scored by recipe {recipe}, {n_rejected} rejected{sidecar}");
    for (code, n) in &summary.rejected {
        eprintln!("  {n} {code}");
    }
    if let Some(cache) = cache {
        eprintln!("{} known from `{}`", summary.remembered, cache.display());
    }
    if summary.full_passes > 0 {
        eprintln!(
            "{} needed a pass of their own over their window",
            summary.full_passes
        );
    }
}
