//! The arguments of a measured error.

use std::path::{Path, PathBuf};

use geno_app::config::Settings;
use geno_core::{Dtype, PoolType, StateContract};
use geno_runtime::{EncoderSection, MAX_STATE_ERROR, MEASURED_WINDOWS, MeasureError, ModelDir};

use crate::{
    failure::{Failure, UsageError},
    model_args::encoder_source,
};

#[derive(clap::Args)]
pub(super) struct MeasureArgs {
    /// Measure the error of states on windows of this reference, and with `--model-dir` that of
    /// scores
    #[arg(long, value_name = "FASTA")]
    fasta: Option<PathBuf>,

    #[arg(
        long,
        value_name = "N",
        requires = "fasta",
        default_value_t = MEASURED_WINDOWS,
        help = "Windows, with 8 edits each, chosen by `--seed`"
    )]
    windows: usize,

    #[arg(
        long,
        value_name = "X",
        requires = "fasta",
        default_value_t = MAX_STATE_ERROR,
        help = "The largest error of a state, relative to its length; above it nothing is written"
    )]
    max_state_error: f64,

    /// What the old encoder is computed in [default: the model's dtype, or the one it is stored in]
    #[arg(long, value_name = "DTYPE", requires = "fasta")]
    against: Option<String>,
}

/// What an error is measured on, opened.
pub(super) struct MeasureInputs<'a> {
    args: &'a MeasureArgs,
    fasta: &'a Path,
    seed: u64,
    against: Option<Dtype>,
    section: EncoderSection,
    model: Option<ModelDir>,
}

impl MeasureArgs {
    pub(super) fn fasta(&self) -> Option<&Path> {
        self.fasta.as_deref()
    }
}

impl<'a> MeasureInputs<'a> {
    pub(super) fn of(
        args: &'a MeasureArgs,
        fasta: &'a Path,
        settings: &Settings,
    ) -> Result<Self, Failure> {
        let folder = settings.paths.model_dir.as_deref();
        let source = encoder_source(&settings.paths);
        let model = folder
            .map(|folder| ModelDir::open(folder, &source))
            .transpose()?;
        let against = args.against.as_deref().map(|name| {
            let dtype: Result<Dtype, _> = name.parse();
            dtype.map_err(|error| UsageError(format!("`--against`: {error}")))
        });
        let section = model.as_ref().map(|model| model.config().encoder.clone());
        Ok(Self {
            args,
            fasta,
            seed: settings.seed,
            against: against.transpose()?,
            section: section.unwrap_or_else(without_model),
            model,
        })
    }

    pub(super) fn request(&self) -> MeasureError<'_> {
        MeasureError {
            fasta: self.fasta,
            n_windows: self.args.windows,
            seed: self.seed,
            max_state_error: self.args.max_state_error,
            against: self.against,
            section: &self.section,
            model: self.model.as_ref(),
        }
    }
}

/// How states are made where no model says so: of the last layer, which all others come before.
fn without_model() -> EncoderSection {
    let mut section = EncoderSection::default();
    section.state_layer = -1;
    section.pool_type = PoolType::DownstreamMean;
    section.state_contract = StateContract::L2NormalizedV2;
    section
}
