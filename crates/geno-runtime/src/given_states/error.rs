//! What is wrong with a file of states.

use std::{io, path::PathBuf};

use geno_core::{Coded, ErrorCode};
use geno_provenance::JsonError;
use geno_weights::{NpyError, WeightError};

use super::MAX_GIVEN_STATES_LEN;
use crate::runtime::{RuntimeError, UnusableState};

/// Why a file gives no states.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GivenStatesError {
    /// The file could not be opened or read.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is longer than any of states.
    #[error("`{}` has more than {MAX_GIVEN_STATES_LEN} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The name does not say what the file holds.
    #[error("cannot tell what `{}` holds: use .npy, .safetensors or .json", path.display())]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// The file is no array that can be read.
    #[error("`{}` holds no states", path.display())]
    Npy {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: NpyError,
    },
    /// The file is no safetensors file that can be read.
    #[error("`{}` holds no states", path.display())]
    Weights {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: WeightError,
    },
    /// The file has no tensor or several.
    #[error("`{}` has {n} tensors, states are one", path.display())]
    Tensors {
        /// The file.
        path: PathBuf,
        /// How many.
        n: usize,
    },
    /// The file is no JSON.
    #[error("`{}` holds no states", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: JsonError,
    },
    /// The JSON is no list of numbers.
    #[error("`{}` is no list of numbers, nor of lists of numbers", path.display())]
    NotNumbers {
        /// The file.
        path: PathBuf,
    },
    /// The array has no axis, more than two, or rows of no values.
    #[error("`{}` has shape {shape:?}, states have one axis or two", path.display())]
    Shape {
        /// The file.
        path: PathBuf,
        /// Its shape.
        shape: Vec<usize>,
    },
    /// The file has no vector.
    #[error("`{}` is empty", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A vector has no values, or not as many as the first.
    #[error("vector {row} of `{}` is empty or not as long as the first", path.display())]
    Ragged {
        /// The file.
        path: PathBuf,
        /// Which vector, from 0.
        row: usize,
    },
    /// A value is NaN or infinite.
    #[error("value {index} of vector {row} of `{}` is not a finite number", path.display())]
    NotFinite {
        /// The file.
        path: PathBuf,
        /// Which vector, from 0.
        row: usize,
        /// Which value of it, from 0.
        index: usize,
    },
    /// A vector is no state of the model.
    #[error("vector {row} of `{}` is no state of the model", path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// Which vector, from 0.
        row: usize,
        /// Why.
        source: UnusableState,
    },
    /// The runtime has no predictor.
    #[error(transparent)]
    Runtime(Box<RuntimeError>),
}

impl Coded for GivenStatesError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Io { source, .. } => ErrorCode::of_io(source),
            Self::Runtime(source) => source.code(),
            _ => ErrorCode::InputGeneric,
        }
    }
}
