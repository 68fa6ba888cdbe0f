//! Why labels and scores cannot be brought together.

use std::path::PathBuf;

use geno_core::{Coded, ErrorCode};

use crate::variant_rows::ReadVariantsError;

/// Why labels and scores cannot be brought together.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// A file cannot be read.
    #[error(transparent)]
    Read(#[from] ReadVariantsError),
    /// No row has a label.
    #[error("no variant of `{}` has a label: which field or INFO key holds it?", path.display())]
    NoLabels {
        /// The file of labels.
        path: PathBuf,
    },
    /// No labelled variant has every score.
    #[error(
        "none of the {labelled} labelled variants of `{}` has a score in every file: are they of \
         one genome build?",
        path.display()
    )]
    NothingShared {
        /// The file of labels.
        path: PathBuf,
        /// How many there are.
        labelled: u64,
    },
    /// The calibration was built of the labelled variants themselves.
    #[error(
        "the model's calibration was built of `{}`, so the percentiles of its variants say nothing",
        path.display()
    )]
    IsBackground {
        /// The file of labels.
        path: PathBuf,
    },
    /// Labelled variants are in the background of a calibration.
    #[error(
        "labelled variants are in the calibration's background `{}`, so their percentiles say \
         nothing: {shared}, first on line {}",
        path.display(),
        first_lines(lines)
    )]
    InBackground {
        /// The background.
        path: PathBuf,
        /// How many.
        shared: u64,
        /// The first lines of the background that they are on.
        lines: Vec<u64>,
    },
}

fn first_lines(lines: &[u64]) -> String {
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    lines.join(", ")
}

impl Coded for JoinError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Read(error) => error.code(),
            Self::NoLabels { .. }
            | Self::NothingShared { .. }
            | Self::IsBackground { .. }
            | Self::InBackground { .. } => ErrorCode::EvalDataset,
        }
    }
}
