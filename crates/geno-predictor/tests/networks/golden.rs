//! Reads the committed parity files.

use std::{collections::HashMap, fs, io::Read, path::PathBuf};

use burn::tensor::{Bool, Device, Tensor, TensorData, Tolerance};
use flate2::read::GzDecoder;
use geno_action::RelEdit;
use geno_core::Dtype;
use geno_kernels::Kernel;
use geno_predictor::{
    ActionEncoder, ActionEncoderConfig, EditEncoder, NativeActionEncoder, NativePredictor, Network,
    Predictor, PredictorConfig, StatePredictor,
};
use geno_weights::WeightFile;
use safetensors::SafeTensors;
use serde::Deserialize;
use serde_json::Value;

/// The bytes of a file of `fixtures/parity`, decompressed where its name ends in `.gz`.
pub(crate) fn bytes(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/parity");
    let bytes = fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    if !name.ends_with(".gz") {
        return bytes;
    }
    let mut inflated = Vec::new();
    GzDecoder::new(bytes.as_slice())
        .read_to_end(&mut inflated)
        .unwrap();
    inflated
}

pub(crate) fn json(name: &str) -> Value {
    serde_json::from_slice(&bytes(name)).unwrap()
}

pub(crate) fn load<N: Network>(name: &str, config: &N::Config) -> N {
    let mut file = WeightFile::parse(bytes(name)).unwrap();
    N::load(&mut file, config, &Device::default()).unwrap()
}

/// The predictors of `nets_golden.json`.
pub(crate) fn nets_predictors() -> Vec<Box<dyn StatePredictor>> {
    let config = &json("nets_golden.json")["predictor_config"];
    let config = PredictorConfig::deserialize(config).unwrap();
    predictors("nets_predictor.safetensors", &config)
}

/// A second network's numbers and its predictors.
pub(crate) fn second_network() -> (Value, Vec<Box<dyn StatePredictor>>) {
    let golden = json("golden_base/torch_golden.json");
    let config = PredictorConfig::deserialize(&golden["config"]).unwrap();
    let predictors = predictors("golden_base/tiny_predictor.safetensors", &config);
    (golden, predictors)
}

/// The same predictor in Burn and on every kernel.
pub(crate) fn predictors(name: &str, config: &PredictorConfig) -> Vec<Box<dyn StatePredictor>> {
    let native = Kernel::available().into_iter().map(|kernel| {
        let mut file = WeightFile::parse(bytes(name)).unwrap();
        let native = NativePredictor::load(&mut file, config, Dtype::F32, kernel);
        Box::new(native.unwrap()) as Box<dyn StatePredictor>
    });
    let burn: Box<dyn StatePredictor> = Box::new(load::<Predictor>(name, config));
    std::iter::once(burn).chain(native).collect()
}

/// The same action encoder in Burn and on every kernel.
pub(crate) fn edit_encoders(name: &str, config: &ActionEncoderConfig) -> Vec<Box<dyn EditEncoder>> {
    let native = Kernel::available().into_iter().map(|kernel| {
        let mut file = WeightFile::parse(bytes(name)).unwrap();
        let native = NativeActionEncoder::load(&mut file, config, kernel, &Device::default());
        Box::new(native.unwrap()) as Box<dyn EditEncoder>
    });
    let burn: Box<dyn EditEncoder> = Box::new(load::<ActionEncoder>(name, config));
    std::iter::once(burn).chain(native).collect()
}

/// The edit lists of `nets_golden.json`: `[position, type, reference, alternate]`.
pub(crate) fn edits(rows: &Value) -> Vec<Vec<RelEdit>> {
    let edit = |edit: &Value| {
        let position = edit[0].as_u64().unwrap() as usize;
        let parsed = RelEdit::new(
            position,
            edit[2].as_str().unwrap(),
            edit[3].as_str().unwrap(),
        )
        .unwrap();
        assert_eq!(
            u64::from(parsed.edit_type().id()),
            edit[1].as_u64().unwrap()
        );
        parsed
    };
    let row = |row: &Value| row.as_array().unwrap().iter().map(edit).collect();
    rows.as_array().unwrap().iter().map(row).collect()
}

/// A mask whose rows begin with so many actions.
pub(crate) fn left_aligned(lengths: &[usize], n_actions: usize) -> Tensor<2, Bool> {
    let values: Vec<bool> = lengths
        .iter()
        .flat_map(|&length| (0..n_actions).map(move |i| i < length))
        .collect();
    let data = TensorData::new(values, [lengths.len(), n_actions]);
    Tensor::from_data(data, &Device::default())
}

/// Nested JSON lists of numbers as a tensor.
pub(crate) fn tensor<const D: usize>(value: &Value) -> Tensor<D> {
    let mut shape = [0; D];
    let mut level = value;
    for dim in &mut shape {
        let list = level.as_array().unwrap();
        *dim = list.len();
        level = &list[0];
    }
    fn flatten(value: &Value, into: &mut Vec<f32>) {
        match value.as_array() {
            Some(list) => list.iter().for_each(|value| flatten(value, into)),
            None => into.push(value.as_f64().unwrap() as f32),
        }
    }
    let mut values = Vec::new();
    flatten(value, &mut values);
    Tensor::from_data(TensorData::new(values, shape), &Device::default())
}

/// Fails unless two tensors agree to 10⁻⁵.
pub(crate) fn assert_close<const D: usize>(what: &str, actual: Tensor<D>, expected: Tensor<D>) {
    assert_eq!(actual.dims(), expected.dims(), "{what}");
    let worst = (actual.clone() - expected.clone())
        .abs()
        .max()
        .into_scalar::<f32>();
    assert!(worst <= 1e-5, "{what}: {worst:e} apart");
    let tolerance = Tolerance::absolute(1e-5);
    actual
        .into_data()
        .assert_approx_eq::<f32>(&expected.into_data(), tolerance);
}

/// Fails unless two tensors agree to a part of the largest value.
pub(crate) fn assert_close_in_scale<const D: usize>(
    what: &str,
    tolerance: f32,
    actual: Tensor<D>,
    expected: Tensor<D>,
) {
    assert_eq!(actual.dims(), expected.dims(), "{what}");
    let worst = (actual - expected.clone()).abs().max().into_scalar::<f32>();
    let part = worst / expected.abs().max().into_scalar::<f32>();
    assert!(part <= tolerance, "{what}: {part:e} apart");
}

/// The reference's tensors of one file.
pub(crate) struct Golden(HashMap<String, TensorData>);

impl Golden {
    pub(crate) fn read(name: &str) -> Self {
        let bytes = bytes(name);
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let tensors = file.tensors().into_iter().map(|(name, view)| {
            let values: Vec<f32> = match view.dtype() {
                safetensors::Dtype::F32 => view
                    .data()
                    .as_chunks()
                    .0
                    .iter()
                    .map(|b| f32::from_le_bytes(*b))
                    .collect(),
                safetensors::Dtype::F64 => view
                    .data()
                    .as_chunks()
                    .0
                    .iter()
                    .map(|b| f64::from_le_bytes(*b) as f32)
                    .collect(),
                dtype => panic!("{name}: {dtype:?}"),
            };
            (name, TensorData::new(values, view.shape().to_vec()))
        });
        Self(tensors.collect())
    }

    pub(crate) fn tensor<const D: usize>(&self, name: &str) -> Tensor<D> {
        let data = self.0.get(name).unwrap_or_else(|| panic!("no `{name}`"));
        Tensor::from_data(data.clone(), &Device::default())
    }
}
