//! Arguments about the model and the machine, shared by the commands that score.

use std::{env, path::PathBuf};

use geno_runtime::{BackendChoice, BackendError, EncoderSource, ModelDir, ModelDirError};

use crate::failure::{Failure, UsageError};

#[derive(clap::Args)]
pub(crate) struct ModelArgs {
    /// Folder with a manifest and what it names
    #[arg(long, value_name = "DIR")]
    pub(crate) model_dir: PathBuf,

    /// Folder of the encoder's checkpoint, when the model directory does not hold it
    /// [env: GENO_LEWM_ENCODER_DIR]
    #[arg(long, value_name = "DIR")]
    encoder_dir: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) machine: MachineArgs,
}

#[derive(clap::Args)]
pub(crate) struct MachineArgs {
    /// Where to compute: auto, cpu, ndarray, wgpu or cuda
    #[arg(long, default_value = "auto", value_name = "NAME")]
    backend: String,

    /// Threads to use, all of the machine's by default; never changes a result
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

impl ModelArgs {
    /// Opens the model directory: manifest and configuration, checked.
    pub(crate) fn open(&self) -> Result<ModelDir, ModelDirError> {
        ModelDir::open(&self.model_dir, &encoder_source(self.encoder_dir.clone()))
    }
}

/// Where an encoder may lie outside its model directory, from arguments and environment.
pub(crate) fn encoder_source(encoder_dir: Option<PathBuf>) -> EncoderSource {
    let from = |name| {
        env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let hub_cache = from("HF_HUB_CACHE")
        .or_else(|| from("HF_HOME").map(|home| home.join("hub")))
        .or_else(|| from("HOME").map(|home| home.join(".cache/huggingface/hub")));
    EncoderSource {
        folder: encoder_dir.or_else(|| from("GENO_LEWM_ENCODER_DIR")),
        hub_cache,
    }
}

impl MachineArgs {
    /// Starts the threads and reads the backend's name.
    pub(crate) fn apply(&self) -> Result<BackendChoice, Failure> {
        if let Some(threads) = self.threads {
            if threads == 0 {
                return Err(UsageError("`--threads` must be at least 1".to_owned()).into());
            }
            rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build_global()
                .map_err(|error| UsageError(format!("cannot start threads: {error}")))?;
        }
        let choice = self
            .backend
            .parse()
            .map_err(|error: BackendError| Failure::from(error))?;
        Ok(choice)
    }
}
