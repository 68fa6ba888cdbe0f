//! `geno-lewm cache-windows build`.

use std::{
    num::{NonZeroU32, NonZeroU64},
    path::{Path, PathBuf},
    time::Duration,
};

use clap::ValueEnum;
use geno_app::config::{Layers, Settings};
use geno_data::{CacheWriter, Fasta, ReferenceLoci, StoredAs};
use geno_provenance::Json;
use geno_runtime::{
    BackendError, BuildCache, CacheBuilt, CalibrationSource, Completion, state_recipe,
};

use super::{CacheArgs, print};
use crate::{
    failure::{Failure, UsageError},
    interrupt,
    model_args::{self, LayoutArgs, ModelArgs},
    progress::Bar,
};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    model: ModelArgs,

    /// Genome whose states are wanted, plain or bgzip
    #[arg(
        long,
        value_name = "FASTA",
        required_unless_present_any = ["windows", "print_config", "explain"]
    )]
    fasta: Option<PathBuf>,

    /// Regions of the genome; without them all of it
    #[arg(long, value_name = "BED", requires = "fasta")]
    bed: Option<PathBuf>,

    /// Bases from one locus to the next, in each region or contig
    #[arg(long, value_name = "BP", requires = "fasta", default_value = "8192")]
    every: NonZeroU64,

    /// Windows, as `geno-lewm windows` writes them; the state of each is taken in its middle
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fasta", "bed"])]
    windows: Option<PathBuf>,

    /// How values are stored; fp16 rounds them and takes half the space
    #[arg(long, value_name = "DTYPE", default_value = "fp32")]
    stored: StoredAsArg,

    /// Most bytes of states to keep: what was used longest ago makes room
    #[arg(long, value_name = "N")]
    max_bytes: Option<u64>,

    /// Windows computed together; never changes a state
    #[arg(long, value_name = "N", default_value = "16")]
    batch_size: NonZeroU32,

    /// States of one shard, which is what a killed run loses at most
    #[arg(long, value_name = "N", default_value = "4096")]
    per_shard: NonZeroU32,

    #[command(flatten)]
    layout: LayoutArgs,

    #[command(flatten)]
    pub(super) cache: CacheArgs,
}

#[derive(Clone, Copy, ValueEnum)]
enum StoredAsArg {
    Fp32,
    Fp16,
}

impl Args {
    /// Adds the flags that stand for keys.
    pub(super) fn add_to(&self, layers: &mut Layers) -> Result<(), BackendError> {
        self.layout.add_to(layers);
        self.model.add_to(layers)
    }
}

pub(super) fn run(
    args: &Args,
    settings: &Settings,
    folder: &Path,
    wait: Duration,
) -> Result<(), Failure> {
    let (model, runtime) = model_args::load(settings, CalibrationSource::Nothing)?;
    let fasta = args.fasta.as_deref().map(Fasta::open).transpose()?;
    let loci = match (&fasta, &args.windows) {
        (Some(fasta), _) => ReferenceLoci::Genome {
            fasta,
            bed: args.bed.as_deref(),
            every: args.every.get(),
            windows: runtime.windows(),
        },
        (None, Some(windows)) => ReferenceLoci::File(windows),
        (None, None) => {
            let message = "`--fasta` or `--windows` is needed";
            return Err(UsageError(message.to_owned()).into());
        }
    };
    let stored = match args.stored {
        StoredAsArg::Fp32 => StoredAs::F32,
        StoredAsArg::Fp16 => StoredAs::F16,
    };
    let request = BuildCache {
        loci,
        recipe: state_recipe(&model, stored),
        batch_size: args.batch_size.get() as usize,
        per_shard: args.per_shard.get() as usize,
    };
    let mut writer = CacheWriter::open(folder, wait)?;
    if let Some(max_bytes) = args.max_bytes {
        writer = writer.with_max_bytes(max_bytes);
    }
    let bar = Bar::new(settings.observability.quiet);
    let completion = runtime.build_cache(
        &request,
        &mut writer,
        |progress| {
            let (computed, present) = (progress.computed, progress.present);
            bar.show_file(
                progress.input,
                format!("{computed} computed, {present} were there"),
            );
        },
        interrupt::catch(),
    )?;
    bar.finish();
    match completion {
        Completion::Finished(built) => print(&report(&built)),
        Completion::Interrupted => Err(Failure::Paused),
    }
}

fn report(built: &CacheBuilt) -> Json {
    let rejected = built.rejected.iter();
    Json::object([
        ("written", built.written.into()),
        ("present", built.present.into()),
        ("bytes", built.bytes.into()),
        ("evicted_shards", built.evicted.into()),
        ("unknown_bases", built.unknown.into()),
        (
            "rejected",
            Json::object(rejected.map(|(code, n)| (*code, Json::from(*n)))),
        ),
    ])
}
