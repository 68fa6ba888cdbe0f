//! Predictor and action encoder without an encoder, at one of the measured sizes.

use std::fs;

use anyhow::{Context, Result, bail};
use burn::tensor::Device;
use geno_core::{Dtype, RandomStream, StateContract};
use geno_kernels::Kernel;
use geno_predictor::{ActionArchitecture, PredictorArchitecture, PredictorConfig, StatePredictor};
use geno_runtime::{Backend, BackendChoice, EncoderSource, ModelConfig, ModelDir, Parts, Runtime};
use geno_weights::{WeightFile, write_weights};
use rand::RngExt;

use crate::{machine::Machine, options::ModelSource, sequence::WINDOW_BP, shape::Shape};

const SEED: u64 = 0;

/// Largest weight of the last layer, for a deviation of 0.02: with zeros a predictor is silent.
const LAST_WEIGHT: f32 = 0.0346;

/// The weights of `cross_attention_v1` and of its action encoder, as their files hold them.
pub(crate) struct Networks {
    /// The shape whose random weights these are.
    shape: Option<Shape>,
    pub(crate) config: PredictorConfig,
    /// In which the predictor multiplies, where the backend can.
    pub(crate) dtype: Dtype,
    actions: ActionArchitecture,
    predictor_file: Vec<u8>,
    action_file: Vec<u8>,
}

impl Networks {
    /// Reads the files of a model directory, or draws weights of a shape.
    ///
    /// # Errors
    ///
    /// If a file cannot be read, or the sizes are none of a network.
    pub(crate) fn new(source: &ModelSource) -> Result<Self> {
        let (shape, model, files) = match source {
            ModelSource::Random(random) => (Some(random.shape), random.config()?, None),
            ModelSource::Files { model: path, .. } => {
                let model = ModelDir::open(path, &EncoderSource::default())?;
                let read = |name: &str| {
                    let path = path.join(name);
                    fs::read(&path).with_context(|| format!("`{}`", path.display()))
                };
                let manifest = model.manifest();
                let files = (
                    read(manifest.predictor.file.as_str())?,
                    read(manifest.action_encoder.file.as_str())?,
                );
                (None, model.config().clone(), Some(files))
            }
        };
        let (predictor_file, action_file) = match files {
            Some(files) => files,
            None => (random_predictor(&model)?, random_actions(&model)?),
        };
        Ok(Self {
            shape,
            dtype: model.predictor.compute_dtype,
            config: published_predictor(&model)?,
            actions: model.action_architecture(),
            predictor_file,
            action_file,
        })
    }

    pub(crate) fn shape_name(&self) -> &'static str {
        self.shape.map_or("other", Shape::as_str)
    }

    /// The predictor on the machine's backend, and where its tensors are.
    ///
    /// # Errors
    ///
    /// If the backend cannot be used, or the file does not hold the predictor.
    pub(crate) fn predictor(&self, machine: &Machine) -> Result<(Box<dyn StatePredictor>, Device)> {
        let (backend, device) = BackendChoice::Only(machine.backend).select()?;
        let mut file = WeightFile::parse(self.predictor_file.clone())?;
        let architecture = PredictorArchitecture::CrossAttentionV1(self.config.clone());
        let predictor = match backend {
            Backend::Native => architecture.load_native(&mut file, self.dtype, Kernel::detect())?,
            _ => architecture.load(&mut file, &device)?,
        };
        Ok((predictor, device))
    }

    /// A runtime that predicts and cannot encode.
    ///
    /// # Errors
    ///
    /// As of [`predictor`](Self::predictor).
    pub(crate) fn runtime(&self, machine: &Machine) -> Result<Runtime> {
        let (predictor, device) = self.predictor(machine)?;
        let mut file = WeightFile::parse(self.action_file.clone())?;
        let actions = match machine.backend {
            Backend::Native => {
                let kernel = Kernel::detect();
                self.actions.load_native(&mut file, kernel, &device)?
            }
            _ => self.actions.load(&mut file, &device)?,
        };
        let parts = Parts {
            predictor: Some(predictor),
            action_encoder: Some(actions),
            ..Parts::default()
        };
        Ok(Runtime::from_parts(
            parts,
            StateContract::L2NormalizedV2,
            WINDOW_BP as u64,
            BackendChoice::Only(machine.backend),
        )?)
    }
}

/// The sizes of a model's `cross_attention_v1`, whose operations are counted.
///
/// # Errors
///
/// If the model has another predictor.
fn published_predictor(model: &ModelConfig) -> Result<PredictorConfig> {
    match model.predictor_architecture() {
        PredictorArchitecture::CrossAttentionV1(config) => Ok(config),
        PredictorArchitecture::CausalV2(_) => {
            bail!("operations are counted of the predictor `cross_attention_v1` alone")
        }
    }
}

/// A random state of length 1.
pub(crate) fn random_state(name: &str, width: usize) -> Vec<f32> {
    let mut stream = RandomStream::new(SEED, name);
    let values: Vec<f32> = (0..width).map(|_| stream.random_range(-1f32..1.)).collect();
    let length = values.iter().map(|x| x * x).sum::<f32>().sqrt();
    values.into_iter().map(|x| x / length).collect()
}

/// The file of a predictor with random weights, those of the last layer among them.
pub(crate) fn random_predictor(model: &ModelConfig) -> Result<Vec<u8>> {
    let mut stream = RandomStream::new(SEED, "bench/predictor");
    let architecture = model.predictor_architecture();
    let mut tensors = architecture.draw(&mut stream, &Device::flex())?;
    let last = tensors
        .iter_mut()
        .find(|tensor| tensor.name == "output_mlp.3.weight");
    let last = last.context("a predictor without a last layer")?;
    last.values
        .fill_with(|| stream.random_range(-LAST_WEIGHT..LAST_WEIGHT));
    Ok(write_weights(&tensors)?)
}

/// The file of an action encoder with random weights.
pub(crate) fn random_actions(model: &ModelConfig) -> Result<Vec<u8>> {
    let mut stream = RandomStream::new(SEED, "bench/action_encoder");
    let architecture = model.action_architecture();
    Ok(write_weights(
        &architecture.draw(&mut stream, &Device::flex())?,
    )?)
}

#[cfg(test)]
mod tests {
    use burn::tensor::Tensor;
    use geno_core::Layout;

    use super::*;
    use crate::random_model::RandomModel;

    #[test]
    fn random_networks_are_of_the_shape_and_their_predictor_speaks() {
        let networks = Networks::new(&ModelSource::Random(RandomModel {
            shape: Shape::Nano,
            dtype: Dtype::F32,
            predictor_dtype: Dtype::F32,
            contract: StateContract::L2NormalizedV2,
            layout: Layout::Centered,
        }))
        .unwrap();
        // The predictor is that of the peer: six cross blocks of 768.
        let config = &networks.config;
        assert_eq!((config.n_cross_layers, config.d_hidden), (6, 768));
        assert_eq!((config.d_state, config.d_action), (128, 64));
        let machine = Machine::new(BackendChoice::Auto, 1).unwrap();
        let (predictor, device) = networks.predictor(&machine).unwrap();
        let state = random_state("test", 128);
        let source = Tensor::<1>::from_floats(state.as_slice(), &device);
        let predicted = predictor.predict_single(
            source.clone().unsqueeze(),
            Tensor::<2>::ones([1, 64], &device),
        );
        let moved = (predicted.squeeze_dim::<1>(0) - source).abs().max();
        assert!(moved.into_scalar::<f32>() > 0.01);
    }
}
