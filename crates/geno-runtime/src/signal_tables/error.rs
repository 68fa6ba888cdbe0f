//! Why signals have no percentiles.

use std::path::PathBuf;

use geno_core::{Coded, ErrorCode};
use geno_surprise::ReadCalibrationError;

use super::TableOf;
use crate::model_dir::ModelDirError;

/// Why the tables of signals cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignalTableError {
    /// There is nothing to put together.
    #[error(
        "`ensemble` needs another signal beside it, such as \
         `--signals displacement,likelihood_delta,ensemble`"
    )]
    NoMembers,
    /// A model directory holds no tables of signals.
    #[error(
        "`ensemble` needs tables that a model directory does not hold: build some with \
         `geno-lewm calibrate --signals {signals} --output FILE` and name FILE with `--calibration`"
    )]
    NoTable {
        /// The signals.
        signals: String,
    },
    /// One of them is not there.
    #[error(
        "there is no table `{}`: build it with `geno-lewm calibrate --signals {signals} --output {}`",
        path.display(), surprise.display()
    )]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
        /// The table of the surprise.
        surprise: PathBuf,
        /// The signals.
        signals: String,
    },
    /// One of them cannot be read.
    #[error(transparent)]
    File(#[from] ModelDirError),
    /// One of them is malformed.
    #[error("cannot load the calibration table `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: ReadCalibrationError,
    },
    /// One of them is of something else.
    #[error("`{}` is a table of `{table}`, not of `{expected}`", path.display())]
    Kind {
        /// The file.
        path: PathBuf,
        /// What it says it is of.
        table: String,
        /// What was looked for.
        expected: TableOf,
    },
    /// One of them was built of signals computed in another way.
    #[error("`{}` was built of `{table}`, but the run computes `{run}`", path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// What it was built of.
        table: String,
        /// What is computed.
        run: String,
    },
    /// One of them belongs to another table of the surprise.
    #[error(
        "`{}` was not built together with `{}` and the tables beside it",
        path.display(), surprise.display()
    )]
    Other {
        /// The file.
        path: PathBuf,
        /// The table of the surprise.
        surprise: PathBuf,
    },
}

impl Coded for SignalTableError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NoMembers => ErrorCode::InputGeneric,
            Self::NoTable { .. }
            | Self::Missing { .. }
            | Self::Kind { .. }
            | Self::Settings { .. }
            | Self::Other { .. } => ErrorCode::ConfigGeneric,
            Self::File(source) => source.code(),
            Self::Read { source, .. } => source.code(),
        }
    }
}
