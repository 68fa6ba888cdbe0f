//! A checkpoint made from another: fewer rows, or another format.

use std::{
    fmt,
    io::{self, Write},
    path::Path,
    str::FromStr,
};

use geno_core::{Coded, Digest, DigestHasher, ErrorCode};
use geno_encoder::{CarbonConfig, CheckpointTensor, DnaTokenizer, checkpoint_tensors};
use geno_provenance::{AtomicFolder, Json, indented_json};
use geno_weights::{
    FolderWeights, StoredTensor, TensorSpec, WeightDtype, WeightFile, WeightLayout,
};

use super::{
    CheckpointError,
    write::{WriteFault, write_values},
};
use crate::{
    encoder_files::EncoderPaths,
    lineage::{Lineage, LineageStep},
    mapped_encoder::MappedEncoder,
};

/// What is done to a checkpoint.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Derivation {
    /// Only the rows of the vocabulary from `<dna>` on are kept. States stay the same, bit for bit.
    Slice,
    /// All weights are stored in one format.
    Convert(ConvertTo),
}

/// The format that weights are converted to.
///
/// States stay the same, bit for bit, for a model whose dtype is this one: it rounds the weights in
/// the same way when it loads them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ConvertTo {
    /// `F32`.
    F32,
    /// `BF16`.
    Bf16,
}

/// A format that weights are not converted to.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("cannot convert to `{0}`, expected fp32 or bf16")]
pub struct UnknownConversion(String);

impl Coded for UnknownConversion {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

/// A checkpoint that was made from another.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DerivedEncoder {
    /// What it was made from, this step last.
    pub lineage: Lineage,
    /// Digest of its weights, as a manifest holds it.
    pub digest: Digest,
    /// Digests of its `config.json` and `dna_config.json`.
    pub configs: [Digest; 2],
    /// Bytes of its weights.
    pub size: u64,
}

impl ConvertTo {
    fn dtype(self) -> WeightDtype {
        match self {
            Self::F32 => WeightDtype::F32,
            Self::Bf16 => WeightDtype::Bf16,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::F32 => "fp32",
            Self::Bf16 => "bf16",
        }
    }

    /// What Python calls the format.
    fn torch_name(self) -> &'static str {
        match self {
            Self::F32 => "float32",
            Self::Bf16 => "bfloat16",
        }
    }
}

impl FromStr for ConvertTo {
    type Err = UnknownConversion;

    fn from_str(name: &str) -> Result<Self, UnknownConversion> {
        match name {
            "fp32" => Ok(Self::F32),
            "bf16" => Ok(Self::Bf16),
            _ => Err(UnknownConversion(name.to_owned())),
        }
    }
}

impl fmt::Display for Derivation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slice => f.write_str("slice"),
            Self::Convert(to) => write!(f, "convert to {}", to.as_str()),
        }
    }
}

/// Makes a checkpoint from the one at `source`, a folder or a GGUF file, in the new folder `target`.
///
/// The folder holds `config.json`, `dna_config.json` and `model.safetensors`, whose metadata says
/// what it was made from and `by` which program. It appears whole or not at all. Equal checkpoints
/// give equal bytes.
///
/// # Errors
///
/// [`CheckpointError`], for a checkpoint that would not load, for values that are not finite, and
/// for a folder that exists.
///
/// # Cost
///
/// Reads the source twice, once to hash it. Memory holds one tensor of the mapped file at a time.
pub fn derive_encoder(
    source: &Path,
    target: &Path,
    derivation: Derivation,
    by: &str,
) -> Result<DerivedEncoder, CheckpointError> {
    let folder = AtomicFolder::create(target)?;
    let mapped = MappedEncoder::open(&EncoderPaths::at(source)?)?;
    let step = LineageStep {
        from: mapped.digest(),
        did: derivation.to_string(),
        by: by.to_owned(),
    };
    let lineage = Lineage::after(mapped.lineage(), step);

    let files = mapped.files()?;
    let config = CarbonConfig::from_json(&files.config)?;
    let tokenizer = DnaTokenizer::from_json(&files.dna_config)?;
    let configs = [
        new_config(&files.config, derivation)?,
        new_dna_config(&files.dna_config, derivation, &tokenizer)?,
    ];
    let mapped_files = files.mapped.clone();
    let mut weights = files.weight_file()?;
    let mut planned = Vec::new();
    for tensor in checkpoint_tensors(&config, &tokenizer) {
        planned.push(Planned::new(tensor, &mut weights, derivation, &tokenizer)?);
    }
    weights.finish()?;

    let specs = planned.iter().map(|planned| planned.spec.clone()).collect();
    let layout = WeightLayout::new(specs, &lineage.to_metadata())?;
    planned.sort_by(|a, b| a.spec.name.cmp(&b.spec.name));
    let mut hasher = DigestHasher::default();
    let mut size = 0;
    let mut fault = None;
    let written = folder.write(FolderWeights::SINGLE, |file| {
        let mut out = Hashing {
            file,
            hasher: &mut hasher,
            size: &mut size,
        };
        out.write_all(layout.header())?;
        for spec in layout.tensors() {
            let at = planned.binary_search_by(|planned| planned.spec.name.cmp(&spec.name));
            let tensor = planned[at.expect("the layout's own tensors")].stored(&weights);
            match write_values(&spec.name, &tensor, spec.dtype, &mut out) {
                Ok(()) => {}
                Err(WriteFault::Io(error)) => return Err(error),
                Err(WriteFault::Checkpoint(error)) => {
                    fault = Some(error);
                    return Err(io::ErrorKind::InvalidData.into());
                }
            }
            for file in &mapped_files {
                file.release(tensor.extent());
            }
        }
        Ok(())
    });
    if let Some(fault) = fault {
        return Err(fault);
    }
    written?;
    for (name, bytes) in ["config.json", "dna_config.json"].into_iter().zip(&configs) {
        folder.write(name, |file| file.write_all(bytes))?;
    }
    mapped.check_unchanged()?;
    folder.commit()?;
    Ok(DerivedEncoder {
        lineage,
        digest: hasher.finish(),
        configs: configs.map(|bytes| Digest::of(&bytes)),
        size,
    })
}

/// A tensor of the new checkpoint, and the rows of the old one that it takes.
struct Planned {
    spec: TensorSpec,
    first_row: usize,
}

impl Planned {
    fn new(
        tensor: CheckpointTensor,
        weights: &mut WeightFile<'_>,
        derivation: Derivation,
        tokenizer: &DnaTokenizer,
    ) -> Result<Self, CheckpointError> {
        let CheckpointTensor {
            name,
            mut shape,
            part,
        } = tensor;
        let format = weights.take(&name, &shape)?.format();
        let dtype = match derivation {
            Derivation::Convert(to) => Some(to.dtype()),
            Derivation::Slice => format.dtype(),
        };
        let Some(dtype) = dtype else {
            return Err(CheckpointError::Blocks { name });
        };
        let first_row = match derivation {
            Derivation::Slice if part.is_vocabulary() => {
                let first = tokenizer.dna_start_id() - tokenizer.embedding_row_offset();
                (first as usize).min(shape[0])
            }
            _ => 0,
        };
        shape[0] -= first_row;
        Ok(Self {
            spec: TensorSpec { name, shape, dtype },
            first_row,
        })
    }

    fn stored<'w>(&self, weights: &'w WeightFile<'_>) -> StoredTensor<'w> {
        let tensor = weights.stored(&self.spec.name);
        let tensor = tensor.expect("a tensor that was taken");
        let n_rows = tensor.n_rows();
        match self.first_row {
            0 => tensor,
            first => tensor.rows(first..n_rows),
        }
    }
}

/// `config.json`, with the name of the new format where it names one.
fn new_config(bytes: &[u8], derivation: Derivation) -> Result<Vec<u8>, CheckpointError> {
    let (Json::Object(mut fields), Derivation::Convert(to)) = (Json::parse(bytes)?, derivation)
    else {
        return Ok(bytes.to_vec());
    };
    for key in ["torch_dtype", "dtype"] {
        if let Some(value) = fields.get_mut(key) {
            *value = to.torch_name().into();
        }
    }
    Ok(format!("{}\n", indented_json(&Json::Object(fields))).into_bytes())
}

/// `dna_config.json`, with the id of the first row that is kept.
fn new_dna_config(
    bytes: &[u8],
    derivation: Derivation,
    tokenizer: &DnaTokenizer,
) -> Result<Vec<u8>, CheckpointError> {
    let (Json::Object(mut fields), Derivation::Slice) = (Json::parse(bytes)?, derivation) else {
        return Ok(bytes.to_vec());
    };
    let first = tokenizer.dna_start_id();
    fields.insert("embedding_row_offset".to_owned(), first.into());
    Ok(format!("{}\n", indented_json(&Json::Object(fields))).into_bytes())
}

/// A file that is hashed while it is written.
struct Hashing<'f, W> {
    file: &'f mut W,
    hasher: &'f mut DigestHasher,
    size: &'f mut u64,
}

impl<W: Write> Write for Hashing<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.file.write(bytes)?;
        self.hasher.update(&bytes[..n]);
        *self.size += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
