//! Checkpoints of whole numbers: how they load, and that their states are those of the weights they
//! stand for.

use std::collections::BTreeMap;

use burn::tensor::Device;
use geno_core::{Coded, Dtype, ErrorCode};
use geno_encoder::{
    CarbonConfig, CarbonEncoder, EncoderFiles, LoadError, NativeEncoder, checkpoint_tensors,
};
use geno_kernels::{Kernel, quantize_row};
use geno_weights::{
    NewTensor, TensorDtype, TensorSpec, WeightDtype, WeightError, WeightFile, WeightLayout,
    scale_name, write_weights,
};

use crate::{
    native::{PLAIN, dense_site, native},
    tiny::{bits, checkpoint, config, difference, states},
};

/// The tensors of a checkpoint, layers as whole numbers and scales.
type Tensors = BTreeMap<String, (Vec<usize>, TensorDtype, Vec<u8>)>;

const F32: TensorDtype = TensorDtype::Weights(WeightDtype::F32);

fn layers(config: &CarbonConfig) -> Vec<String> {
    let tokenizer = geno_encoder::DnaTokenizer::carbon();
    let tensors = checkpoint_tensors(config, &tokenizer);
    let layers = tensors.filter(|tensor| tensor.part.is_layer());
    layers.map(|tensor| tensor.name).collect()
}

fn int8_tensors(config: &CarbonConfig) -> Tensors {
    let files = checkpoint(config);
    let mut file = WeightFile::parse(&*files.weights[0].1).unwrap();
    let (names, layers): (Vec<_>, _) = (file.names().map(str::to_owned).collect(), layers(config));
    let mut tensors = Tensors::new();
    for name in names {
        let shape = file.shape(&name).unwrap().to_vec();
        let values = file.take_f32(&name, &shape).unwrap();
        if !layers.contains(&name) {
            let bytes = values.iter().flat_map(|value| value.to_le_bytes());
            tensors.insert(name, (shape, F32, bytes.collect()));
            continue;
        }
        let (mut whole, mut scales) = (Vec::new(), Vec::new());
        for row in values.chunks(shape[1]) {
            let mut rounded = vec![0; row.len()];
            scales.extend(quantize_row(row, &mut rounded).to_le_bytes());
            whole.extend(rounded.iter().map(|value| value.cast_unsigned()));
        }
        tensors.insert(scale_name(&name), (vec![shape[0], 1], F32, scales));
        tensors.insert(name, (shape, TensorDtype::I8, whole));
    }
    tensors
}

fn files_of(config: &CarbonConfig, tensors: &Tensors) -> EncoderFiles<'static> {
    let specs = tensors.iter().map(|(name, (shape, dtype, _))| TensorSpec {
        name: name.clone(),
        shape: shape.clone(),
        dtype: *dtype,
    });
    let layout = WeightLayout::new(specs.collect(), &BTreeMap::new()).unwrap();
    let mut bytes = layout.header().to_vec();
    for spec in layout.tensors() {
        bytes.extend(&tensors[&spec.name].2);
    }
    EncoderFiles {
        weights: vec![("model.safetensors".into(), bytes.into())],
        ..checkpoint(config)
    }
}

/// The tiny checkpoint with its layers as whole numbers.
pub(crate) fn int8_checkpoint(config: &CarbonConfig) -> EncoderFiles<'static> {
    files_of(config, &int8_tensors(config))
}

/// The weights that the whole numbers stand for, in `F32`.
fn widened(config: &CarbonConfig) -> EncoderFiles<'static> {
    let files = int8_checkpoint(config);
    let mut file = WeightFile::parse(&*files.weights[0].1).unwrap();
    let names: Vec<_> = file.names().map(str::to_owned).collect();
    let mut tensors = Vec::new();
    for name in names.iter().filter(|name| !name.ends_with("_scale")) {
        let shape = file.shape(name).unwrap().to_vec();
        let values = match file.is_int8(name) {
            false => file.take_f32(name, &shape).unwrap(),
            true => {
                let scales = file.take_f32(&scale_name(name), &[shape[0], 1]).unwrap();
                let matrix = file.int8(name, [shape[0], shape[1]]).unwrap();
                let mut row = vec![0; shape[1]];
                let rows = scales.iter().enumerate().flat_map(|(i, scale)| {
                    matrix.read_row(i, &mut row);
                    row.iter()
                        .map(|whole| f32::from(*whole) * scale)
                        .collect::<Vec<_>>()
                });
                rows.collect()
            }
        };
        tensors.push(NewTensor::new(name, shape, values, WeightDtype::F32));
    }
    EncoderFiles {
        weights: vec![(
            "model.safetensors".into(),
            write_weights(&tensors).unwrap().into(),
        )],
        ..checkpoint(config)
    }
}

fn load(files: EncoderFiles<'_>, dtype: Dtype) -> Result<NativeEncoder, LoadError> {
    NativeEncoder::load(files, PLAIN, dtype, Kernel::detect(), &Device::flex())
}

#[test]
fn states_are_those_of_the_weights_that_whole_numbers_stand_for() {
    let sites = [dense_site(900, 24)];
    let exact = CarbonEncoder::load(widened(&config()), PLAIN, Dtype::F32, &Device::flex());
    let expected = states(&exact.unwrap(), &sites);
    let original = states(
        &native(&config(), PLAIN, Dtype::F32, Kernel::detect()),
        &sites,
    );
    for kernel in Kernel::available() {
        let encoder = native(&config(), PLAIN, Dtype::Int8, kernel);
        assert_eq!(encoder.products(), Dtype::Int8);
        let found = states(&encoder, &sites);
        for ((found, expected), original) in found.iter().zip(&expected).zip(&original) {
            for ((found, expected), original) in found.iter().zip(expected).zip(original) {
                // Activations are rounded to 127 steps a sign, embeddings and attention to 8 bits:
                // about 1 % a product. Rows or scales in another order give states that have
                // nothing in common, a difference of about 1.4.
                let difference = difference(found, expected);
                assert!(difference <= 0.05, "{kernel}: {difference}");
                assert!(
                    self::difference(found, original) > 1e-4,
                    "nothing was rounded"
                );
            }
        }
    }
}

#[test]
fn states_do_not_depend_on_threads() {
    let sites = [dense_site(2_000, 200), dense_site(1_500, 3)];
    let encoder = native(&config(), PLAIN, Dtype::Int8, Kernel::detect());
    let on_threads = |n| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build();
        pool.unwrap().install(|| bits(&encoder, &sites))
    };
    assert_eq!(on_threads(1), on_threads(3));
}

#[test]
fn a_checkpoint_of_another_dtype_is_refused() {
    let error = load(checkpoint(&config()), Dtype::Int8).unwrap_err();
    assert!(matches!(error, LoadError::NotQuantized { .. }), "{error}");
    assert_eq!(error.code(), ErrorCode::ConfigGeneric);
    for dtype in [Dtype::F32, Dtype::Bf16, Dtype::F16] {
        let error = load(int8_checkpoint(&config()), dtype).unwrap_err();
        assert!(matches!(error, LoadError::Quantized { .. }), "{error}");
    }
    let files = int8_checkpoint(&config());
    let error = CarbonEncoder::load(files, PLAIN, Dtype::Int8, &Device::flex()).err();
    assert!(matches!(error, Some(LoadError::Int8Backend)));
}

#[test]
fn layers_are_all_whole_numbers_with_scales_or_none_is() {
    let name = "model.layers.1.mlp.up_proj.weight";
    let refused = |change: &dyn Fn(&mut Tensors)| {
        let mut tensors = int8_tensors(&config());
        change(&mut tensors);
        load(files_of(&config(), &tensors), Dtype::Int8).unwrap_err()
    };

    let wide = refused(&|tensors| {
        tensors.remove(&scale_name(name));
        let (shape, dtype, bytes) = tensors.get_mut(name).unwrap();
        (*dtype, *bytes) = (F32, vec![0; 4 * shape[0] * shape[1]]);
    });
    assert!(matches!(wide, LoadError::NotQuantized { name: found } if found == name));
    let unscaled = refused(&|tensors| drop(tensors.remove(&scale_name(name))));
    assert!(matches!(
        unscaled,
        LoadError::Weights(WeightError::Missing { .. })
    ));
    let zero = refused(&|tensors| tensors.get_mut(&scale_name(name)).unwrap().2[..4].fill(0));
    assert!(matches!(
        zero,
        LoadError::Weights(WeightError::Scale { row: 0, .. })
    ));
    let norm = "model.norm.weight";
    let whole_norm = refused(&|tensors| {
        *tensors.get_mut(norm).unwrap() = (vec![24], TensorDtype::I8, vec![1; 24]);
    });
    assert!(matches!(
        whole_norm,
        LoadError::Weights(WeightError::Dtype { .. })
    ));
    let more = refused(&|tensors| {
        let zero_point = (vec![40, 1], TensorDtype::I8, vec![0; 40]);
        tensors.insert(format!("{name}_zero_point"), zero_point);
    });
    assert!(matches!(
        more,
        LoadError::Weights(WeightError::Unused { .. })
    ));
}
