//! Files of vectors: states, and rows that states are projected on.

mod error;

use std::{ffi::OsStr, fs::File, io::Read, path::Path};

use geno_core::Digest;
use geno_provenance::{FileRecord, Json};
use geno_weights::{NpyArray, WeightFile};

pub use self::error::GivenStatesError;
use crate::runtime::{Runtime, RuntimeError};

/// Most bytes of a file of states: more than ten thousand states of the widest encoder.
pub const MAX_GIVEN_STATES_LEN: u64 = 1 << 28;

/// Vectors read from a file, all finite and of one width.
///
/// | name | holds |
/// |---|---|
/// | `.npy` | an array of one axis, or of two with a vector a row; little-endian `f32` or `f64` |
/// | `.safetensors` | one tensor of such a shape; `F32`, `F16` or `BF16` |
/// | `.json` | a list of numbers, a list of such lists, or `{"state": [...]}` |
#[derive(Clone, Debug, PartialEq)]
pub struct GivenStates {
    rows: Vec<Vec<f64>>,
    record: FileRecord,
}

impl GivenStates {
    /// Reads a file whole; what is hashed is what is used.
    ///
    /// # Errors
    ///
    /// [`GivenStatesError`], which names the file.
    pub fn read(path: &Path) -> Result<Self, GivenStatesError> {
        let bytes = read_bytes(path)?;
        let record = FileRecord {
            digest: Digest::of(&bytes),
            size: bytes.len() as u64,
        };
        let at = || path.to_owned();
        let ending = path.extension().and_then(OsStr::to_str);
        let rows = match ending.map(str::to_ascii_lowercase).as_deref() {
            Some("npy") => {
                let array = NpyArray::parse(&bytes);
                let array = array.map_err(|source| GivenStatesError::Npy { path: at(), source })?;
                rows(path, &array.shape, array.values)?
            }
            Some("safetensors") => {
                let weights = |source| GivenStatesError::Weights { path: at(), source };
                let mut file = WeightFile::parse(bytes).map_err(weights)?;
                let names: Vec<String> = file.names().map(str::to_owned).collect();
                let [name] = names.as_slice() else {
                    let n = names.len();
                    return Err(GivenStatesError::Tensors { path: at(), n });
                };
                let shape = file.shape(name).unwrap_or_default().to_vec();
                let values = file.take_f32(name, &shape).map_err(weights)?;
                rows(path, &shape, values.into_iter().map(f64::from).collect())?
            }
            Some("json") => {
                let json = Json::parse(&bytes);
                let json = json.map_err(|source| GivenStatesError::Json { path: at(), source })?;
                let numbers = || GivenStatesError::NotNumbers { path: at() };
                json_rows(json.get("state").unwrap_or(&json)).ok_or_else(numbers)?
            }
            _ => return Err(GivenStatesError::UnknownFormat { path: at() }),
        };
        let width = rows.first().map_or(0, Vec::len);
        for (row, values) in rows.iter().enumerate() {
            if values.is_empty() || values.len() != width {
                return Err(GivenStatesError::Ragged { path: at(), row });
            }
            if let Some(index) = values.iter().position(|value| !value.is_finite()) {
                return Err(GivenStatesError::NotFinite {
                    path: at(),
                    row,
                    index,
                });
            }
        }
        match rows.is_empty() {
            true => Err(GivenStatesError::Empty { path: at() }),
            false => Ok(Self { rows, record }),
        }
    }

    /// The vectors.
    pub fn rows(&self) -> &[Vec<f64>] {
        &self.rows
    }

    /// Digest and size of the file.
    pub fn record(&self) -> FileRecord {
        self.record
    }
}

impl Runtime {
    /// Reads states, each brought into the form of [`Runtime::state_in_contract`].
    ///
    /// # Errors
    ///
    /// [`GivenStatesError`], which names the file; [`GivenStatesError::State`] for a vector that is no
    /// state of the model.
    pub fn read_states(
        &self,
        path: &Path,
    ) -> Result<(Vec<Vec<f32>>, FileRecord), GivenStatesError> {
        let file = GivenStates::read(path)?;
        let mut states = Vec::with_capacity(file.rows.len());
        for (row, values) in file.rows.iter().enumerate() {
            let narrow = values.iter().map(|value| *value as f32).collect();
            let state = self
                .state_in_contract(narrow)
                .map_err(|error| match error {
                    RuntimeError::UnusableState(source) => GivenStatesError::State {
                        path: path.to_owned(),
                        row,
                        source,
                    },
                    other => GivenStatesError::Runtime(Box::new(other)),
                })?;
            states.push(state);
        }
        Ok((states, file.record))
    }
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, GivenStatesError> {
    let io = |source| GivenStatesError::Io {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(io)?;
    let mut bytes = Vec::new();
    let mut file = file.take(MAX_GIVEN_STATES_LEN + 1);
    file.read_to_end(&mut bytes).map_err(io)?;
    match bytes.len() as u64 > MAX_GIVEN_STATES_LEN {
        true => Err(GivenStatesError::TooLarge {
            path: path.to_owned(),
        }),
        false => Ok(bytes),
    }
}

/// The rows of an array of one axis or two.
fn rows(path: &Path, shape: &[usize], values: Vec<f64>) -> Result<Vec<Vec<f64>>, GivenStatesError> {
    match *shape {
        [_] => Ok(vec![values]),
        [_, width] if width > 0 => Ok(values.chunks_exact(width).map(<[f64]>::to_vec).collect()),
        _ => Err(GivenStatesError::Shape {
            path: path.to_owned(),
            shape: shape.to_vec(),
        }),
    }
}

fn json_rows(json: &Json) -> Option<Vec<Vec<f64>>> {
    let Json::Array(items) = json else {
        return None;
    };
    let numbers = |items: &[Json]| items.iter().map(Json::as_f64).collect::<Option<Vec<_>>>();
    if let [Json::Array(_), ..] = items.as_slice() {
        let row = |item: &Json| match item {
            Json::Array(items) => numbers(items),
            _ => None,
        };
        return items.iter().map(row).collect();
    }
    Some(vec![numbers(items)?])
}
