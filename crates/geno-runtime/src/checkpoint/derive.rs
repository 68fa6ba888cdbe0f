//! A checkpoint made from another: fewer rows, or another format.

use std::{
    fmt,
    io::{self, Write},
    path::Path,
    str::FromStr,
};

use geno_core::{Coded, Digest, DigestHasher, Dtype, ErrorCode};
use geno_encoder::{CarbonConfig, DnaTokenizer, EncoderFiles, checkpoint_tensors};
use geno_kernels::MappedFile;
use geno_provenance::AtomicFolder;
use geno_weights::{FolderWeights, WeightDtype, WeightFile, WeightLayout};

use super::{
    CheckpointError, Int8Refusal, MeasureError, MeasuredError, OtherEncoderError,
    measure::Side,
    new_configs::{new_config, new_dna_config},
    planned::Planned,
    write::WriteFault,
};
use crate::{
    lineage::{Lineage, LineageStep},
    mapped_encoder::MappedEncoder,
    model_dir::unreadable,
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
/// With a format of floating-point numbers states stay the same, bit for bit, for a model whose
/// dtype is this one: it rounds the weights in the same way when it loads them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ConvertTo {
    /// `F32`.
    F32,
    /// `BF16`.
    Bf16,
    /// Layers as whole numbers of 8 bits with a scale for each row, the rest in `BF16`.
    Int8,
}

/// A format that weights are not converted to.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("cannot convert to `{0}`, expected fp32, bf16 or int8")]
pub struct UnknownConversion(String);

impl Coded for UnknownConversion {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

/// A checkpoint that was made from another.
#[derive(Clone, Debug, PartialEq)]
pub struct DerivedEncoder {
    /// What it was made from, this step last.
    pub lineage: Lineage,
    /// Digest of its weights, as a manifest holds it.
    pub digest: Digest,
    /// Digests of its `config.json` and `dna_config.json`.
    pub configs: [Digest; 2],
    /// Bytes of its weights.
    pub size: u64,
    /// What it does to states and scores, if that was measured.
    pub measured: Option<MeasuredError>,
}

impl ConvertTo {
    /// The dtype of the models that the new checkpoint is for.
    pub fn dtype(self) -> Dtype {
        match self {
            Self::F32 => Dtype::F32,
            Self::Bf16 => Dtype::Bf16,
            Self::Int8 => Dtype::Int8,
        }
    }

    /// What Python calls the format.
    pub(super) fn torch_name(self) -> &'static str {
        match self {
            Self::F32 => "float32",
            Self::Bf16 | Self::Int8 => "bfloat16",
        }
    }
}

impl FromStr for ConvertTo {
    type Err = UnknownConversion;

    fn from_str(name: &str) -> Result<Self, UnknownConversion> {
        match name {
            "fp32" => Ok(Self::F32),
            "bf16" => Ok(Self::Bf16),
            "int8" => Ok(Self::Int8),
            _ => Err(UnknownConversion(name.to_owned())),
        }
    }
}

impl fmt::Display for Derivation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slice => f.write_str("slice"),
            Self::Convert(to) => write!(f, "convert to {}", to.dtype()),
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
/// [`CheckpointError`], for a checkpoint that would not load, for values that are not finite, for a
/// folder that exists, and for [`ConvertTo::Int8`], which needs [`convert_measured`].
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
    if derivation == Derivation::Convert(ConvertTo::Int8) {
        return Err(Int8Refusal::Unmeasured.into());
    }
    Draft::begin(source, target, derivation, by)?.finish(None)
}

/// As [`derive_encoder`], of a checkpoint whose error is measured before it is written.
///
/// The metadata says what was measured and on what. With equal input the bytes are equal on
/// processors with one kernel.
///
/// # Errors
///
/// As of [`derive_encoder`]; [`CheckpointError::Int8`] with the numbers where the error is above
/// its bound, [`CheckpointError::OtherEncoder`] for a model of another encoder, and
/// [`CheckpointError::Measure`]. Nothing is left behind.
///
/// # Cost
///
/// Beside that of [`derive_encoder`], two passes over all windows and edits, one encoder in memory
/// at a time, and as much disk again as the new weights take.
pub fn convert_measured(
    source: &Path,
    target: &Path,
    to: ConvertTo,
    by: &str,
    request: &MeasureError<'_>,
) -> Result<DerivedEncoder, CheckpointError> {
    let draft = Draft::begin(source, target, Derivation::Convert(to), by)?;
    if let Some(model) = request.model {
        let expected = model.manifest().encoder.hash;
        if draft.lineage.since(expected).is_none() {
            return Err(OtherEncoderError { expected }.into());
        }
    }
    let measured = draft.measure(to.dtype(), request)?;
    measured.check_bound()?;
    draft.finish(Some(measured))
}

/// A checkpoint that is not whole yet.
struct Draft {
    folder: AtomicFolder,
    mapped: MappedEncoder,
    lineage: Lineage,
    derivation: Derivation,
    configs: [Vec<u8>; 2],
}

/// The name of the weights while their error is measured.
const UNMEASURED: &str = "unmeasured.safetensors";

impl Draft {
    fn begin(
        source: &Path,
        target: &Path,
        derivation: Derivation,
        by: &str,
    ) -> Result<Self, CheckpointError> {
        let folder = AtomicFolder::create(target)?;
        let mapped = MappedEncoder::open(source)?;
        let step = LineageStep {
            from: mapped.digest(),
            did: derivation.to_string(),
            by: by.to_owned(),
        };
        let files = mapped.files()?;
        let tokenizer = DnaTokenizer::from_json(&files.dna_config)?;
        let configs = [
            new_config(&files.config, derivation)?,
            new_dna_config(&files.dna_config, derivation, &tokenizer)?,
        ];
        Ok(Self {
            folder,
            lineage: Lineage::after(mapped.lineage(), step),
            mapped,
            derivation,
            configs,
        })
    }

    /// Measures the error of the weights as they will be stored.
    fn measure(
        &self,
        dtype: Dtype,
        request: &MeasureError<'_>,
    ) -> Result<MeasuredError, CheckpointError> {
        self.write(UNMEASURED, None)?;
        let path = self.folder.draft(UNMEASURED);
        let weights = MappedFile::open(&path).map_err(|source| unreadable(&path, source))?;
        let [config, dna_config] = self.configs.each_ref().map(|bytes| bytes.as_slice().into());
        let made = Side {
            files: EncoderFiles {
                config,
                dna_config,
                weight_index: None,
                weights: vec![(UNMEASURED.to_owned(), (&*weights).into())],
                mapped: vec![&weights],
            },
            dtype,
        };
        let of_model = request.model.map(|model| model.config().encoder.dtype);
        let against = match request.against.or(of_model) {
            Some(against) => against,
            None => self.stored_dtype()?,
        };
        let source = Side {
            files: self.mapped.files()?,
            dtype: against,
        };
        let measured = request.run(source, made, &self.lineage)?;
        drop(weights);
        self.folder.remove(UNMEASURED)?;
        Ok(measured)
    }

    /// The dtype that the source's layers are stored in; of blocks, `f32`.
    fn stored_dtype(&self) -> Result<Dtype, CheckpointError> {
        let (planned, weights) = self.planned()?;
        let layer = planned.iter().find(|planned| planned.is_layer());
        let stored = layer.and_then(|layer| layer.stored(&weights).format().dtype());
        Ok(match stored {
            Some(WeightDtype::Bf16) => Dtype::Bf16,
            Some(WeightDtype::F16) => Dtype::F16,
            Some(WeightDtype::F32) | None => Dtype::F32,
        })
    }

    /// Writes the rest and gives the folder its name.
    fn finish(self, measured: Option<MeasuredError>) -> Result<DerivedEncoder, CheckpointError> {
        let (digest, size) = self.write(FolderWeights::SINGLE, measured.as_ref())?;
        let Self {
            folder,
            mapped,
            lineage,
            configs,
            ..
        } = self;
        for (name, bytes) in ["config.json", "dna_config.json"].into_iter().zip(&configs) {
            folder.write(name, |file| file.write_all(bytes))?;
        }
        mapped.check_unchanged()?;
        folder.commit()?;
        Ok(DerivedEncoder {
            lineage,
            digest,
            configs: configs.map(|bytes| Digest::of(&bytes)),
            size,
            measured,
        })
    }

    /// The new tensors, in the order of the network, and the file they are made from.
    fn planned(&self) -> Result<(Vec<Planned>, WeightFile<'_>), CheckpointError> {
        let files = self.mapped.files()?;
        let config = CarbonConfig::from_json(&files.config)?;
        let tokenizer = DnaTokenizer::from_json(&files.dna_config)?;
        let mut weights = files.weight_file()?;
        let mut planned = Vec::new();
        for tensor in checkpoint_tensors(&config, &tokenizer) {
            let made = Planned::of(tensor, &mut weights, self.derivation, &tokenizer)?;
            planned.extend(made);
        }
        weights.finish()?;
        Ok((planned, weights))
    }

    /// Writes the weights; their digest and size.
    fn write(
        &self,
        name: &str,
        measured: Option<&MeasuredError>,
    ) -> Result<(Digest, u64), CheckpointError> {
        let (mut planned, weights) = self.planned()?;
        let mut metadata = self.lineage.to_metadata();
        if let Some(measured) = measured {
            measured.add_to(&mut metadata);
        }
        let specs = planned.iter().map(|planned| planned.spec.clone()).collect();
        let layout = WeightLayout::new(specs, &metadata)?;
        planned.sort_by(|a, b| a.spec.name.cmp(&b.spec.name));
        let mut hasher = DigestHasher::default();
        let mut size = 0;
        let mut fault = None;
        let written = self.folder.write(name, |file| {
            let mut out = Hashing {
                file,
                hasher: &mut hasher,
                size: &mut size,
            };
            out.write_all(layout.header())?;
            for spec in layout.tensors() {
                let at = planned.binary_search_by(|planned| planned.spec.name.cmp(&spec.name));
                let planned = &planned[at.expect("the layout's own tensors")];
                let tensor = planned.stored(&weights);
                match planned.written.write(&spec.name, &tensor, &mut out) {
                    Ok(()) => {}
                    Err(WriteFault::Io(error)) => return Err(error),
                    Err(WriteFault::Checkpoint(error)) => {
                        fault = Some(error);
                        return Err(io::ErrorKind::InvalidData.into());
                    }
                }
                for weights in &self.mapped.weights {
                    weights.file.release(tensor.extent());
                }
            }
            Ok(())
        });
        if let Some(fault) = fault {
            return Err(fault);
        }
        written?;
        Ok((hasher.finish(), size))
    }
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
