//! Why there is no card.

use std::{io, path::PathBuf};

use geno_core::{Coded, Digest, ErrorCode};
use geno_eval::ReadDocumentError;
use geno_provenance::JsonError;
use geno_surprise::ReadCalibrationError;

/// Why there is no card.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CardError {
    /// A file could not be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A document is no JSON.
    #[error("cannot use `{name}`")]
    Json {
        /// The document.
        name: String,
        /// What is wrong.
        source: JsonError,
    },
    /// A document is not what an evaluation writes, though it says so.
    #[error("`{name}` is no document of metrics")]
    Evaluation {
        /// The document.
        name: String,
        /// Why not.
        source: ReadDocumentError,
    },
    /// A document is no object.
    #[error("`{name}` holds no object")]
    NotAnObject {
        /// The document.
        name: String,
    },
    /// A metric of a document cannot be.
    #[error("`{name}`: metric `{metric}` cannot be used")]
    Metric {
        /// The document.
        name: String,
        /// The metric, or its place in the list where it has no name.
        metric: String,
        /// What is wrong.
        source: MetricFault,
    },
    /// A document is about another model.
    #[error("`{name}` is about another model: its `{key}` is {found}, not {expected}")]
    OtherModel {
        /// The document.
        name: String,
        /// Which of its keys says so.
        key: &'static str,
        /// What it says.
        found: String,
        /// What the model has.
        expected: String,
    },
    /// The calibration table is not the one that the manifest names.
    #[error("the calibration table is {found}, but the manifest says {expected}")]
    OtherCalibration {
        /// What the manifest says.
        expected: Digest,
        /// What the file hashes to.
        found: Digest,
    },
    /// The calibration table cannot be read.
    #[error("cannot use the calibration table")]
    Calibration(#[from] ReadCalibrationError),
}

/// What is wrong with a metric.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum MetricFault {
    /// It has no name.
    #[error("it has no name")]
    NoName,
    /// It has no value, or one that is not a finite number.
    #[error("it has no finite value")]
    NoValue,
    /// One end of its interval is missing, or they lie the wrong way round.
    #[error("its interval is none")]
    Interval,
    /// A baseline without a value, or the other way round.
    #[error("its baseline is not whole")]
    Baseline,
    /// It says that it was measured on nothing.
    #[error("it was measured on nothing")]
    Empty,
}

impl Coded for CardError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Read { source, .. } => ErrorCode::of_io(source),
            Self::OtherModel { .. } | Self::OtherCalibration { .. } => {
                ErrorCode::ProvenanceManifestHashMismatch
            }
            Self::Calibration(source) => source.code(),
            Self::Evaluation { source, .. } => source.code(),
            _ => ErrorCode::InputGeneric,
        }
    }
}
