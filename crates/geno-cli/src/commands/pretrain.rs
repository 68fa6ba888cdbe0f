//! `geno-lewm pretrain`: train a small encoder on genomes.

mod envelope;
mod network_args;
mod step_args;

use std::{
    io::{self, Write},
    num::NonZeroUsize,
    path::PathBuf,
};

use clap::ValueEnum;
use geno_app::{
    Build,
    config::{Layers, Settings},
};
use geno_core::Event;
use geno_data::{Fasta, RegionSet};
use geno_runtime::BackendError;
use geno_training::{MarkovModels, Pretrain, PretrainProgress};
use geno_weights::WeightDtype;

use crate::{
    failure::{Failure, UsageError, required},
    interrupt,
    model_args::{self, MachineArgs},
    progress::Bar,
};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// A genome, plain or bgzip; may be given again
    #[arg(
        long,
        value_name = "FASTA",
        required_unless_present_any = ["print_config", "explain"]
    )]
    fasta: Vec<PathBuf>,

    /// What to train on: CONTIG, CONTIG:START-END or a BED file; may be given again [default: all]
    #[arg(long, value_name = "REGION")]
    include: Vec<String>,

    /// What not to train on; may be given again
    #[arg(long, value_name = "REGION")]
    exclude: Vec<String>,

    /// What to validate on, and not to train on; may be given again
    #[arg(
        long,
        value_name = "REGION",
        required_unless_present_any = ["print_config", "explain"]
    )]
    validate: Vec<String>,

    /// Folder of the run; one that holds a run that was stopped goes on
    #[arg(
        long,
        value_name = "DIR",
        required_unless_present_any = ["print_config", "explain"]
    )]
    run_dir: Option<PathBuf>,

    /// Checkpoint to go on from [default: the last one in the folder]
    #[arg(long, value_name = "DIR")]
    resume_from: Option<PathBuf>,

    #[command(flatten)]
    network: network_args::NetworkArgs,

    #[command(flatten)]
    steps: step_args::StepArgs,

    /// Steps from one checkpoint to the next; the best have one, too
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..))]
    checkpoint_every: u64,

    /// Checkpoints to keep beside the best
    #[arg(long, value_name = "N", default_value = "2")]
    keep: NonZeroUsize,

    /// Format of the encoder's weights
    #[arg(long, value_name = "DTYPE", default_value = "bf16")]
    dtype: DtypeArg,

    /// Orders of the Markov models to compare it with
    #[arg(
        long,
        value_name = "K,…",
        value_delimiter = ',',
        default_value = "3,5,8,10,11",
        value_parser = order
    )]
    markov_orders: Vec<usize>,

    #[command(flatten)]
    machine: MachineArgs,
}

#[derive(Clone, Copy, ValueEnum)]
enum DtypeArg {
    /// 32 bits
    Fp32,
    /// 16 bits, as Carbon is published
    Bf16,
    /// 16 bits
    Fp16,
}

impl DtypeArg {
    fn stored(self) -> WeightDtype {
        match self {
            Self::Fp32 => WeightDtype::F32,
            Self::Bf16 => WeightDtype::Bf16,
            Self::Fp16 => WeightDtype::F16,
        }
    }
}

impl Args {
    /// Adds the flags that stand for keys.
    pub(crate) fn add_to(&self, layers: &mut Layers) -> Result<(), BackendError> {
        self.machine.add_to(layers)
    }
}

pub(crate) fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let folder = required(&args.run_dir, "--run-dir")?;
    if args.fasta.is_empty() || args.validate.is_empty() {
        return Err(UsageError("`--fasta` and `--validate` are needed".to_owned()).into());
    }
    let fastas: Vec<Fasta> = args
        .fasta
        .iter()
        .map(Fasta::open)
        .collect::<Result<_, _>>()?;
    let included = match args.include.is_empty() {
        true => fastas.iter().map(RegionSet::whole).collect(),
        false => RegionSet::read(&args.include, &fastas)?,
    };
    let excluded = RegionSet::read(&args.exclude, &fastas)?;
    let training = included.iter().zip(&excluded);
    let training: Vec<_> = training.map(|(all, out)| all.without(out)).collect();
    let validation = RegionSet::read(&args.validate, &fastas)?;
    let (backend, device) = model_args::backend(settings)?.select()?;
    let run_settings = args.steps.settings(settings.seed)?;
    let config = args.network.config(run_settings.n_tokens)?;

    let pretrain = Pretrain {
        fastas: &fastas,
        training: &training,
        validation: &validation,
        config: &config,
        settings: &run_settings,
        dtype: args.dtype.stored(),
        markov_orders: &args.markov_orders,
        folder,
        checkpoint_every: args.checkpoint_every,
        keep: args.keep.get(),
        resume_from: args.resume_from.as_deref(),
        device: &device,
    };
    Event::TrainingRunStart {
        model_id: None,
        device: backend.as_str(),
        world_size: 1,
        git_sha: Build::current().git_sha,
    }
    .emit();
    let bar = Bar::new(settings.observability.quiet);
    let interrupted = interrupt::catch();
    let pretrained = pretrain.run(|progress| {
        show(&bar, progress);
        interrupt::flow(interrupted)
    })?;
    bar.finish();
    let pretrained = pretrained.ok_or(Failure::Paused)?;
    if settings.provenance.envelope {
        envelope::write(folder, &fastas, &pretrained, settings)?;
    }
    write!(io::stdout(), "{}", pretrained.held_out).map_err(Failure::stdout)
}

fn show(bar: &Bar, progress: PretrainProgress) {
    match progress {
        PretrainProgress::Reading { bases } => {
            bar.show_steps(0, 1, format!("{} Mb read", bases / 1_000_000));
        }
        PretrainProgress::Training {
            step,
            n_steps,
            bits_per_base,
            tokens_per_second,
        } => {
            let message = format!(
                "step {step}, {bits_per_base:.3} bits a base, {tokens_per_second:.0} tokens/s"
            );
            bar.show_steps(step, n_steps, message);
        }
        PretrainProgress::Comparing { windows, n_windows } => {
            let message = format!("{windows} held-out windows compared");
            bar.show_steps(windows as u64, n_windows as u64, message);
        }
    }
}

fn order(text: &str) -> Result<usize, String> {
    let order = text
        .parse()
        .ok()
        .filter(|order| *order <= MarkovModels::MAX_ORDER);
    order.ok_or_else(|| format!("expected an order from 0 to {}", MarkovModels::MAX_ORDER))
}
