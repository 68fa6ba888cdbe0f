//! What can go wrong with a VCF file as a whole.

use std::{
    io,
    path::{Path, PathBuf},
};

use geno_core::{Coded, ErrorCode};

/// Why a VCF file could not be read, or not to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VcfError {
    /// The file could not be opened or read.
    #[error("cannot read VCF file `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is nothing in the file.
    #[error("VCF file `{}` is empty", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file does not begin with a VCF header that ends in a `#CHROM` line.
    #[error("`{}` is no VCF file: it has no `#CHROM` header line", path.display())]
    NotVcf {
        /// The file.
        path: PathBuf,
    },
    /// The file is BCF, the binary form.
    #[error(
        "`{}` is a BCF file: convert it to VCF with `bcftools view`",
        path.display()
    )]
    Bcf {
        /// The file.
        path: PathBuf,
    },
    /// The file has a header and no row.
    #[error("VCF file `{}` has a header and no records", path.display())]
    NoRecords {
        /// The file.
        path: PathBuf,
    },
    /// Rows were to state what surrounds their variants, and the header declares no key for it.
    #[error(
        "VCF file `{}` declares none of {} in its header: annotate it with `geno-lewm annotate`",
        path.display(),
        super::stated_context::KEYS.join(", ")
    )]
    NoContext {
        /// The file.
        path: PathBuf,
    },
    /// A compressed file that ends in the middle.
    #[error("compressed VCF file `{}` ends before its end", path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
    },
    /// A compressed file that cannot be decompressed.
    #[error("compressed VCF file `{}` is corrupt", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What the decompressor said.
        source: io::Error,
    },
}

impl Coded for VcfError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Io { source, .. } => ErrorCode::of_io(source),
            Self::Empty { .. } | Self::NoRecords { .. } => ErrorCode::InputEmpty,
            Self::Truncated { .. } => ErrorCode::InputTruncated,
            Self::NotVcf { .. }
            | Self::Bcf { .. }
            | Self::NoContext { .. }
            | Self::Corrupt { .. } => ErrorCode::InputVcfParse,
        }
    }
}

/// The file that an error is about.
pub(crate) struct Context<'a>(pub(crate) &'a Path);

impl Context<'_> {
    pub(crate) fn of(&self, source: io::Error) -> VcfError {
        let path = self.0.to_owned();
        match source.kind() {
            io::ErrorKind::UnexpectedEof => VcfError::Truncated { path },
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
                VcfError::Corrupt { path, source }
            }
            _ => VcfError::Io { path, source },
        }
    }
}
