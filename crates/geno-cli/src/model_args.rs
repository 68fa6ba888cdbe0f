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
    let hub_cache = folder_from("HF_HUB_CACHE")
        .or_else(|| folder_from("HF_HOME").map(|home| home.join("hub")))
        .or_else(|| folder_from("HOME").map(|home| home.join(".cache/huggingface/hub")));
    let records = folder_from("GENO_LEWM_CACHE")
        .or_else(|| folder_from("XDG_CACHE_HOME").map(|cache| cache.join("geno-lewm")))
        .or_else(|| folder_from("HOME").map(|home| home.join(".cache/geno-lewm")))
        .map(|cache| cache.join("encoders"));
    EncoderSource {
        folder: encoder_dir.or_else(|| folder_from("GENO_LEWM_ENCODER_DIR")),
        records,
        hub_cache,
    }
}

/// A folder that an environment variable names.
pub(crate) fn folder_from(name: &str) -> Option<PathBuf> {
    env::var_os(name)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
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
