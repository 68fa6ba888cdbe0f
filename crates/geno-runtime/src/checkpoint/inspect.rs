//! What a checkpoint holds.

use std::{collections::BTreeMap, path::Path};

use geno_core::{Digest, Dtype};
use geno_encoder::{CarbonConfig, CheckpointPart, DnaTokenizer, checkpoint_tensors};
use geno_provenance::encoder_digest;
use geno_weights::{TensorDtype, WeightDtype, WeightError, WeightFile, scale_name};

use super::{CheckpointError, Int8Refusal, MeasuredError};
use crate::{
    lineage::Lineage,
    mapped_encoder::{MappedEncoder, MappedWeights, map_weights},
};

/// The most faults that are listed.
const MAX_FAULTS: usize = 20;

/// What a checkpoint holds.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EncoderInspection {
    /// The weight files.
    pub files: Vec<InspectedFile>,
    /// Digest of the weights, as a manifest holds it.
    pub digest: Digest,
    /// The network and the tokenizer, unless a weight file was looked at alone.
    pub network: Option<(CarbonConfig, DnaTokenizer)>,
    /// The tensors by what they are for and how they are stored.
    pub groups: Vec<InspectedGroup>,
    /// What would keep the checkpoint from being loaded; at most 20 faults.
    pub faults: Vec<String>,
    /// What it says it was made from.
    pub lineage: Option<Lineage>,
    /// What it says its weights do to states, if it says so.
    pub measured: Option<Result<MeasuredError, Int8Refusal>>,
}

/// A weight file.
#[derive(Clone, Debug)]
pub struct InspectedFile {
    /// Its name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Digest of its bytes.
    pub digest: Digest,
}

/// Tensors of one purpose, stored in one way.
#[derive(Clone, Debug)]
pub struct InspectedGroup {
    /// What they are for; none of the network's.
    pub part: Option<CheckpointPart>,
    /// How they are stored: `BF16`; `other` for what is no weight.
    pub format: String,
    /// Number of tensors.
    pub tensors: usize,
    /// Number of values.
    pub values: u64,
    /// Values that are NaN or infinite.
    pub non_finite: u64,
}

impl EncoderInspection {
    /// Number of values of all tensors.
    pub fn parameters(&self) -> u64 {
        self.groups.iter().map(|group| group.values).sum()
    }

    /// Bytes of the weights in memory in a working dtype: all blocks and norms, and the rows of DNA
    /// tokens. Nothing if the network is not known.
    pub fn working_bytes(&self, dtype: Dtype) -> Option<u64> {
        let (config, tokenizer) = self.network.as_ref()?;
        let alone = WeightDtype::from(dtype).size() as u64;
        let sizes = checkpoint_tensors(config, tokenizer).map(|tensor| {
            let values: u64 = tensor.shape.iter().map(|size| *size as u64).product();
            match tensor.part {
                CheckpointPart::OutputLayer => 0,
                CheckpointPart::Embedding => {
                    DnaTokenizer::N_ROWS as u64 * tensor.shape[1] as u64 * alone
                }
                // A byte a value, and a scale a row.
                part if part.is_layer() && dtype == Dtype::Int8 => {
                    values + 4 * tensor.shape[0] as u64
                }
                _ => values * alone,
            }
        });
        Some(sizes.sum())
    }
}

/// Reads a checkpoint: a folder, a GGUF file, or a safetensors file alone.
///
/// Faults of the weights are listed; files that cannot be read at all are errors.
///
/// # Errors
///
/// [`CheckpointError`].
///
/// # Cost
///
/// Two passes over the mapped bytes: one hashes them, one looks for values that are not finite.
pub fn inspect_encoder(place: &Path) -> Result<EncoderInspection, CheckpointError> {
    let is_alone = place.is_file() && place.extension().is_some_and(|end| end == "safetensors");
    if is_alone {
        let files = map_weights(&[place.to_owned()])?;
        let mut weights = WeightFile::parse(&*files[0].file)?;
        return Ok(inspection(&files, &mut weights, None));
    }
    let mapped = MappedEncoder::open(place)?;
    let files = mapped.files()?;
    let config = CarbonConfig::from_json(&files.config)?;
    let tokenizer = DnaTokenizer::from_json(&files.dna_config)?;
    let mut weights = files.weight_file()?;
    let network = Some((config, tokenizer));
    let inspection = inspection(&mapped.weights, &mut weights, network);
    mapped.check_unchanged()?;
    Ok(inspection)
}

fn inspection(
    files: &[MappedWeights],
    weights: &mut WeightFile<'_>,
    network: Option<(CarbonConfig, DnaTokenizer)>,
) -> EncoderInspection {
    let mut parts = BTreeMap::new();
    let mut faults = Vec::new();
    if let Some((config, tokenizer)) = &network {
        for tensor in checkpoint_tensors(config, tokenizer) {
            if faults.len() == MAX_FAULTS {
                break;
            }
            if let Err(error) = tensor.skip(weights) {
                faults.push(error.to_string());
            }
            if weights.is_int8(&tensor.name) {
                parts.insert(scale_name(&tensor.name), tensor.part);
            }
            parts.insert(tensor.name, tensor.part);
        }
        if let Err(error @ WeightError::Unused { .. }) = weights.finish() {
            faults.push(error.to_string());
            faults.truncate(MAX_FAULTS);
        }
    }

    let mut groups: BTreeMap<(Option<CheckpointPart>, String), InspectedGroup> = BTreeMap::new();
    for name in weights.names() {
        let stored = weights.stored(name);
        let part = parts.get(name).copied();
        let format = match &stored {
            Some(stored) => stored.format().to_string(),
            None if weights.is_int8(name) => TensorDtype::I8.to_string(),
            None => "other".to_owned(),
        };
        let group = groups.entry((part, format.clone()));
        let group = group.or_insert_with(|| InspectedGroup {
            part,
            format,
            tensors: 0,
            values: 0,
            non_finite: 0,
        });
        group.tensors += 1;
        let Some(stored) = stored else {
            let values = weights.shape(name).filter(|_| weights.is_int8(name));
            group.values += values.map_or(0, |shape| shape.iter().product::<usize>() as u64);
            continue;
        };
        group.values += (stored.n_rows() * stored.row_len()) as u64;
        group.non_finite += stored.non_finite() as u64;
        for MappedWeights { file, .. } in files {
            file.release(stored.extent());
        }
    }
    EncoderInspection {
        digest: encoder_digest(files.iter().map(|file| file.digest).collect()),
        lineage: files.iter().find_map(|file| Lineage::read(&file.file)),
        measured: files
            .iter()
            .find_map(|file| MeasuredError::read(&file.file)),
        files: files
            .iter()
            .map(|file| InspectedFile {
                name: file.name.clone(),
                size: file.file.len() as u64,
                digest: file.digest,
            })
            .collect(),
        network,
        groups: groups.into_values().collect(),
        faults,
    }
}
