//! Arguments about the model and the machine, shared by the commands that score.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use geno_app::config::{Layers, Paths, Settings};
use geno_runtime::{
    BackendChoice, BackendError, CalibrationSource, EncoderSource, FrozenEncoder, LoadOptions,
    MemoryBudget, ModelConfig, ModelDir, Runtime, WindowsPerVariant,
};
use geno_surprise::Aggregation;

use crate::{
    failure::{Failure, ReadError, UsageError},
    shared_args::help_of,
};

#[derive(clap::Args)]
pub(crate) struct ModelArgs {
    #[arg(long, value_name = "DIR", help = help_of("paths.model_dir"))]
    model_dir: Option<PathBuf>,

    #[arg(long, value_name = "DIR", help = help_of("paths.encoder_dir"))]
    encoder_dir: Option<PathBuf>,

    #[command(flatten)]
    machine: MachineArgs,
}

#[derive(clap::Args)]
pub(crate) struct MachineArgs {
    /// Where to compute: auto, native, cpu, ndarray, wgpu or cuda [default: auto] [key: runtime.backend]
    #[arg(long, value_name = "NAME")]
    backend: Option<String>,
}

#[derive(clap::Args)]
pub(crate) struct LayoutArgs {
    #[arg(long, value_name = "NAME", help = help_of("runtime.layout"))]
    layout: Option<String>,
}

#[derive(clap::Args)]
pub(crate) struct MemoryArgs {
    #[arg(long, value_name = "BYTES", help = help_of("runtime.memory_budget"))]
    memory_budget: Option<String>,
}

#[derive(clap::Args)]
pub(crate) struct WindowCountArgs {
    #[arg(
        long,
        value_name = "N",
        help = help_of("runtime.windows_per_variant"),
        value_parser = clap::value_parser!(u8).range(1..=6)
    )]
    windows_per_variant: Option<u8>,

    #[arg(long, value_name = "NAME", help = help_of("runtime.aggregate"))]
    aggregate: Option<String>,
}

impl WindowCountArgs {
    /// Adds the flags that stand for keys.
    pub(crate) fn add_to(&self, layers: &mut Layers) {
        let n = self.windows_per_variant.map(u32::from);
        layers.flag_if("runtime.windows_per_variant", "--windows-per-variant", n);
        layers.flag_if(
            "runtime.aggregate",
            "--aggregate",
            self.aggregate.as_deref(),
        );
    }
}

impl LayoutArgs {
    /// Adds the flag that stands for a key.
    pub(crate) fn add_to(&self, layers: &mut Layers) {
        layers.flag_if("runtime.layout", "--layout", self.layout.as_deref());
    }
}

impl MemoryArgs {
    /// Adds the flag that stands for a key.
    pub(crate) fn add_to(&self, layers: &mut Layers) {
        let bytes = self.memory_budget.as_deref();
        layers.flag_if("runtime.memory_budget", "--memory-budget", bytes);
    }
}

impl ModelArgs {
    /// Adds the flags that stand for keys.
    pub(crate) fn add_to(&self, layers: &mut Layers) -> Result<(), BackendError> {
        layers.flag_if("paths.model_dir", "--model-dir", self.model_dir.as_deref());
        let encoder_dir = self.encoder_dir.as_deref();
        layers.flag_if("paths.encoder_dir", "--encoder-dir", encoder_dir);
        self.machine.add_to(layers)
    }
}

impl MachineArgs {
    /// Adds the flags that stand for keys.
    pub(crate) fn add_to(&self, layers: &mut Layers) -> Result<(), BackendError> {
        if let Some(name) = &self.backend {
            let _known: BackendChoice = name.parse()?;
            let name = name.to_ascii_lowercase();
            layers.flag("runtime.backend", "--backend", name.as_str());
        }
        Ok(())
    }
}

/// The backend that a configuration asks for.
pub(crate) fn backend(settings: &Settings) -> Result<BackendChoice, BackendError> {
    settings.runtime.backend_for_device().parse()
}

/// The memory that a configuration allows variants.
pub(crate) fn memory_budget(settings: &Settings) -> MemoryBudget {
    MemoryBudget::of_bytes(settings.runtime.memory_budget)
}

/// The calibration table of a configuration.
pub(crate) fn calibration_source(settings: &Settings) -> CalibrationSource<'_> {
    match &settings.paths.calibration {
        Some(path) => CalibrationSource::File(path),
        None => CalibrationSource::Model,
    }
}

/// The encoder of a configuration: that of `model_config` in the encoder's folder, or else that of
/// the model directory.
pub(crate) fn load_encoder(
    settings: &Settings,
    model_config: Option<&Path>,
) -> Result<FrozenEncoder, Failure> {
    let (backend, layout) = (backend(settings)?, settings.runtime.layout);
    let Some(path) = model_config else {
        let model = open_model(settings)?;
        return Ok(FrozenEncoder::of_model(&model, backend, layout)?);
    };
    let Some(folder) = &settings.paths.encoder_dir else {
        let message = "`--model-config` needs `--encoder-dir`";
        return Err(UsageError(message.to_owned()).into());
    };
    let bytes = fs::read(path).map_err(|source| ReadError {
        path: path.to_owned(),
        source,
    })?;
    let config = ModelConfig::from_yaml(&bytes)?;
    Ok(FrozenEncoder::open(
        folder,
        &config.encoder,
        backend,
        layout,
    )?)
}

/// Opens the model directory of a configuration: manifest and model configuration, checked.
pub(crate) fn open_model(settings: &Settings) -> Result<ModelDir, Failure> {
    let Some(folder) = &settings.paths.model_dir else {
        let message = "a model directory is needed: give `--model-dir` or set `paths.model_dir`";
        return Err(UsageError(message.to_owned()).into());
    };
    let source = encoder_source(&settings.paths);
    Ok(ModelDir::open(folder, &source)?)
}

/// The model directory of a configuration, and what was loaded from it, with one window a variant.
pub(crate) fn load(
    settings: &Settings,
    calibration: CalibrationSource<'_>,
) -> Result<(ModelDir, Runtime), Failure> {
    load_in(settings, calibration, WindowsPerVariant::ONE)
}

/// As [`load`], with as many windows a variant as the configuration says.
pub(crate) fn load_to_score(
    settings: &Settings,
    calibration: CalibrationSource<'_>,
) -> Result<(ModelDir, Runtime), Failure> {
    let aggregate = match settings.runtime.aggregate.as_str() {
        "max" => Aggregation::Max,
        "median" => Aggregation::Median,
        _ => Aggregation::Mean,
    };
    let windows = WindowsPerVariant::new(settings.runtime.windows_per_variant, aggregate);
    // The table of keys allows no other number.
    load_in(settings, calibration, windows.unwrap_or_default())
}

fn load_in(
    settings: &Settings,
    calibration: CalibrationSource<'_>,
    windows: WindowsPerVariant,
) -> Result<(ModelDir, Runtime), Failure> {
    let backend = backend(settings)?;
    let model = open_model(settings)?;
    let options = LoadOptions {
        layout: settings.runtime.layout,
        windows,
        calibration,
    };
    let runtime = Runtime::load_with(&model, backend, options)?;
    Ok((model, runtime))
}

/// Where an encoder may lie outside its model directory, and where records of encoders are kept.
pub(crate) fn encoder_source(paths: &Paths) -> EncoderSource {
    let hub_cache = folder_from("HF_HUB_CACHE")
        .or_else(|| folder_from("HF_HOME").map(|home| home.join("hub")))
        .or_else(|| folder_from("HOME").map(|home| home.join(".cache/huggingface/hub")));
    let records = cache_folder(paths).map(|cache| cache.join("encoders"));
    EncoderSource {
        folder: paths.encoder_dir.clone(),
        records,
        hub_cache,
    }
}

/// The folder of what is remembered between runs.
pub(crate) fn cache_folder(paths: &Paths) -> Option<PathBuf> {
    paths
        .cache_dir
        .clone()
        .or_else(|| folder_from("XDG_CACHE_HOME").map(|cache| cache.join("geno-lewm")))
        .or_else(|| folder_from("HOME").map(|home| home.join(".cache/geno-lewm")))
}

/// A folder that an environment variable names.
fn folder_from(name: &str) -> Option<PathBuf> {
    env::var_os(name)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use geno_app::config::Key;
    use geno_predictor::{ActionArchitecture, PredictorArchitecture};
    use geno_runtime::ModelConfig;

    /// The table of keys says what an absent key of a model's own file means.
    #[test]
    fn defaults_of_a_model_are_those_of_the_table() {
        let config = ModelConfig::default();
        let (e, p) = (&config.encoder, &config.predictor);
        let PredictorArchitecture::CrossAttentionV1(network) = config.predictor_architecture()
        else {
            panic!("the published predictor");
        };
        let ActionArchitecture::KmerV1(a) = config.action_architecture() else {
            panic!("the published action encoder");
        };
        for (path, value) in [
            ("encoder.model_id", e.model_id.clone()),
            ("encoder.revision", e.revision.clone()),
            ("encoder.dtype", e.dtype.to_string()),
            ("encoder.state_layer", e.state_layer.to_string()),
            ("encoder.pool_type", e.pool_type.to_string()),
            ("encoder.pool_radius", e.pool_radius.to_string()),
            ("encoder.normalize", e.normalize.to_string()),
            ("encoder.state_contract", e.state_contract.to_string()),
            ("encoder.window_bp", e.window_bp.to_string()),
            ("encoder.layout", e.layout.to_string()),
            ("predictor.architecture", "cross_attention".to_owned()),
            ("predictor.n_layers", network.n_cross_layers.to_string()),
            ("predictor.n_heads", network.n_heads.to_string()),
            ("predictor.d_state", network.d_state.to_string()),
            ("predictor.d_hidden", network.d_hidden.to_string()),
            ("predictor.n_self_layers", network.n_self_layers.to_string()),
            ("predictor.ffn_dim", network.ffn_dim.to_string()),
            ("predictor.dtype", p.dtype.to_string()),
            ("predictor.compute_dtype", p.compute_dtype.to_string()),
            ("action.d_action", a.d_action.to_string()),
            ("action.max_len", network.max_actions.to_string()),
            ("action.d_pos", a.d_pos.to_string()),
            ("action.d_type", a.d_type.to_string()),
            ("action.d_seq", a.d_seq.to_string()),
            ("action.d_hidden", a.d_hidden.to_string()),
        ] {
            assert_eq!(Key::find(path).unwrap().default, value, "{path}");
        }
    }
}
