//! Why a folder of targets cannot be used.

use std::{io, path::PathBuf};

use geno_core::{Coded, ErrorCode};

use super::example_line::ExampleLineError;
use crate::IdentityDifference;

/// Why a folder of targets cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenTargetsError {
    /// No folder was given.
    #[error("no folder of targets was given")]
    NoFolder,
    /// A file could not be opened or read.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The list of parts is another JSON value or none.
    #[error("`{}` is no list of targets", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// Written for another version of the schema.
    #[error("`{}` has schema version `{found}`, not 1.x", path.display())]
    Schema {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: String,
    },
    /// A part is named otherwise than by its number.
    #[error("`{}` names part {index} otherwise than by its number", path.display())]
    PartName {
        /// The list of parts.
        path: PathBuf,
        /// Which part.
        index: usize,
    },
    /// States have no numbers.
    #[error("`{}` holds states of width 0", path.display())]
    NoWidth {
        /// The list of parts.
        path: PathBuf,
    },
    /// The run that wrote it was interrupted.
    #[error("`{}` was interrupted: build it again with `--resume`", path.display())]
    Incomplete {
        /// The folder.
        path: PathBuf,
    },
    /// A file is not as long as the list says.
    #[error("`{}` has {found} bytes, not {expected}", path.display())]
    Size {
        /// The file.
        path: PathBuf,
        /// The length that the list says.
        expected: u64,
        /// Its length.
        found: u64,
    },
    /// A file holds other bytes than the list says.
    #[error("`{}` has another digest than is listed", path.display())]
    Digest {
        /// The file.
        path: PathBuf,
    },
    /// A line is no example.
    #[error("`{}`, line {line}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, 1-based.
        line: u64,
        /// What is wrong with it.
        source: ExampleLineError,
    },
    /// There are other numbers of examples or rows than the list says.
    #[error("`{}` has other {what} than are listed", path.display())]
    Counts {
        /// The file.
        path: PathBuf,
        /// `examples`, `rows` or `counts`.
        what: &'static str,
    },
    /// A state holds a number that is not finite.
    #[error("`{}` holds a number that is not finite", path.display())]
    NotFinite {
        /// The file.
        path: PathBuf,
    },
    /// This machine reads numbers in another order of bytes.
    #[error("`{}` is little-endian, and this machine is not", path.display())]
    ByteOrder {
        /// The file.
        path: PathBuf,
    },
    /// Folders hold states of different kinds.
    #[error("states of `{}` differ from those of the first folder: {difference}", path.display())]
    OtherStates {
        /// The folder.
        path: PathBuf,
        /// Where they differ.
        difference: IdentityDifference,
    },
}

impl Coded for OpenTargetsError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NoFolder => ErrorCode::InputEmpty,
            Self::Io { source, .. } => ErrorCode::of_io(source),
            Self::OtherStates { .. } => ErrorCode::InputGeneric,
            Self::Schema { .. } => ErrorCode::ConfigSchemaIncompat,
            Self::Incomplete { .. } => ErrorCode::InputTruncated,
            Self::ByteOrder { .. } => ErrorCode::ResourceGeneric,
            _ => ErrorCode::ResourceCacheCorrupt,
        }
    }
}
