//! Adapters added to the encoder's own weights.

use std::{borrow::Cow, collections::HashMap};

use geno_encoder::{CarbonConfig, DnaTokenizer, EncoderFiles, checkpoint_tensors};
use geno_runtime::Lineage;
use geno_weights::{NewTensor, WeightDtype, write_weights_with};

use super::{Adapters, LoraError};

impl Adapters {
    /// The encoder with the changes added to its weights: a checkpoint like any other.
    ///
    /// Changed layers are stored as `f32`, all others as they were: a
    /// [`CarbonEncoder`](geno_encoder::CarbonEncoder) of it in `f32` gives the bits of the
    /// [adapted](Adapters::adapt) one. `lineage` is what its file will say it was made from.
    ///
    /// # Errors
    ///
    /// [`LoraError`] for files that are no encoder of `f32`, `bf16` or `f16`, or not the one that
    /// the adapters were made for.
    ///
    /// # Cost
    ///
    /// Memory holds all weights as `f32`, and the file.
    pub fn merge(
        &self,
        base: EncoderFiles<'_>,
        lineage: &Lineage,
    ) -> Result<EncoderFiles<'static>, LoraError> {
        let config =
            CarbonConfig::from_json(&base.config).map_err(geno_encoder::LoadError::from)?;
        let tokenizer = DnaTokenizer::from_json(&base.dna_config);
        let tokenizer = tokenizer.map_err(geno_encoder::LoadError::from)?;
        let dna_config = base.dna_config.to_vec();
        let mut file = base.weight_file()?;
        let mut changes = self.changes_by_name();
        let mut tensors = Vec::new();
        for tensor in checkpoint_tensors(&config, &tokenizer) {
            let mut values = file.take_f32(&tensor.name, &tensor.shape)?;
            let dtype = match changes.remove(&tensor.name) {
                Some(change) => {
                    add_transposed(&mut values, &change, tensor.shape[1]);
                    WeightDtype::F32
                }
                None => file.dtype(&tensor.name).unwrap_or(WeightDtype::F32),
            };
            tensors.push(NewTensor::new(tensor.name, tensor.shape, values, dtype));
        }
        file.finish()?;
        let weights = write_weights_with(&tensors, &lineage.to_metadata())?;
        Ok(EncoderFiles {
            config: Cow::Owned(config.to_json()),
            dna_config: Cow::Owned(dna_config),
            weight_index: None,
            weights: vec![("model.safetensors".to_owned(), Cow::Owned(weights))],
            mapped: Vec::new(),
        })
    }

    /// The changes, `[n_in, n_out]` each, by the name of the weights that they are added to.
    fn changes_by_name(&self) -> HashMap<String, Vec<f32>> {
        let named = self.places().filter_map(|(block, layer)| {
            let change = self.change(block, layer)?.into_data();
            let name = format!("model.layers.{block}.self_attn.{}.weight", layer.as_str());
            Some((name, change.iter::<f32>().collect()))
        });
        named.collect()
    }
}

/// Adds `[columns, rows]` to `[rows, columns]`.
fn add_transposed(values: &mut [f32], change: &[f32], columns: usize) {
    let rows = values.len() / columns;
    for (row, values) in values.chunks_exact_mut(columns).enumerate() {
        for (column, value) in values.iter_mut().enumerate() {
            *value += change[column * rows + row];
        }
    }
}
