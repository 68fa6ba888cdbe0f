//! What can go wrong with an import as a whole.

use std::{
    io,
    path::{Path, PathBuf},
};

use geno_core::{Coded, ErrorCode};

use super::{Build, CallFault, RawDataProvider};
use crate::{FetchError, VcfError, WriteVcfError};

/// Why raw data could not be turned into a VCF.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The file could not be opened or read.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A compressed file ends in the middle.
    #[error("compressed file `{}` ends before its end", path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
    },
    /// A compressed file that cannot be decompressed, or not without a password.
    #[error("compressed file `{}` cannot be unpacked", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What the decompressor said.
        source: io::Error,
    },
    /// A zip archive that holds no file, or several.
    #[error(
        "zip archive `{}` holds {files} files: unpack it and name the one with the genotypes",
        path.display()
    )]
    ZipMembers {
        /// The archive.
        path: PathBuf,
        /// Files in it.
        files: usize,
    },
    /// A zip archive on the standard input, where it cannot be read from its end.
    #[error("a zip archive cannot be read from the standard input: name the file, or unpack it")]
    ZipStream,
    /// There is more text in the file than in any file of raw data.
    #[error("`{}` holds more than {limit} bytes of text", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most that is read.
        limit: u64,
    },
    /// There are more rows in the file than in any file of raw data.
    #[error("`{}` holds more than {limit} rows", path.display())]
    TooManyRows {
        /// The file.
        path: PathBuf,
        /// The most that is read.
        limit: usize,
    },
    /// The text is UTF-16, as some spreadsheets save it.
    #[error("`{}` is UTF-16: save it as UTF-8, or import the file as it was downloaded", path.display())]
    Utf16 {
        /// The file.
        path: PathBuf,
    },
    /// There is no row in the file.
    #[error("`{}` holds no genotypes", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file is a VCF already.
    #[error("`{}` is a VCF already, which needs no import", path.display())]
    IsVcf {
        /// The file.
        path: PathBuf,
    },
    /// So many rows cannot be read that it is a file of another format.
    #[error(
        "`{}` is no file of {provider}: {malformed} of {rows} rows cannot be read{}",
        path.display(),
        looks_like.map_or(String::new(), |other| format!(", and its comments name {other}"))
    )]
    OtherFormat {
        /// The file.
        path: PathBuf,
        /// Whose file it was said to be.
        provider: RawDataProvider,
        /// Rows that cannot be read.
        malformed: u64,
        /// Rows read so far.
        rows: u64,
        /// Whose file it says it is.
        looks_like: Option<RawDataProvider>,
    },
    /// The file is no JSON, or its rows are not where they should be.
    #[error("`{}`, line {line}, column {column}: not the JSON of a raw-data file", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// The line, 1-based.
        line: usize,
        /// The column, 1-based.
        column: usize,
    },
    /// A row of JSON that is longer than any row of sense.
    #[error("`{}`, line {line}: row of more than {limit} bytes", path.display())]
    LongRow {
        /// The file.
        path: PathBuf,
        /// The line on which it ends to be read, 1-based.
        line: usize,
        /// The most that is read.
        limit: u64,
    },
    /// A row is set aside, and the caller wanted none to be.
    #[error("`{}`, line {line}", path.display())]
    Strict {
        /// The file.
        path: PathBuf,
        /// The line, 1-based; in JSON the row among the rows.
        line: u64,
        /// Why.
        source: CallFault,
    },
    /// Neither a FASTA nor an allele map was given for a file that names no REF.
    #[error("files of {provider} name no reference allele: a FASTA or an allele map is needed")]
    NoReference {
        /// Whose file it is.
        provider: RawDataProvider,
    },
    /// An allele map was given for a file that names its alleles.
    #[error("files of {provider} name their alleles: an allele map is of no use")]
    UselessMap {
        /// Whose file it is.
        provider: RawDataProvider,
    },
    /// No chromosome of the file is in the reference.
    #[error(
        "no chromosome of `{}` is in the reference: its contigs must be named 1, chr1 or NC_000001.11",
        path.display()
    )]
    NoContig {
        /// The file of raw data.
        path: PathBuf,
    },
    /// The file's comments and the places of its markers speak for two builds.
    #[error(
        "`{}` says that it is {comment}, and {markers_n} of its markers lie where {markers} has them: \
         name the build if you know it",
        path.display()
    )]
    BuildContradiction {
        /// The file of raw data.
        path: PathBuf,
        /// What its comments say.
        comment: Build,
        /// What its markers say.
        markers: Build,
        /// How many markers.
        markers_n: u64,
    },
    /// The file is of another build than the caller said.
    #[error("`{}` is {found}, not {declared}", path.display())]
    OtherBuild {
        /// The file of raw data.
        path: PathBuf,
        /// Its build.
        found: Build,
        /// What the caller said.
        declared: Build,
    },
    /// The file and the FASTA are of two builds.
    #[error(
        "`{}` is {found} and the reference is {fasta}: use a reference of {found}, or lift the \
         positions over first",
        path.display()
    )]
    ReferenceBuild {
        /// The file of raw data.
        path: PathBuf,
        /// Its build.
        found: Build,
        /// The build of the FASTA.
        fasta: Build,
    },
    /// The reference has other bases at the positions than the calls name.
    #[error(
        "only {agree} of {checked} calls of `{}` name the base of the reference: it is of another \
         build",
        path.display()
    )]
    ReferenceDiffers {
        /// The file of raw data.
        path: PathBuf,
        /// Calls that name the reference's base.
        agree: u64,
        /// Calls at positions that the reference has.
        checked: u64,
    },
    /// An output has the name of an input or of another output.
    #[error("output `{}` is named for another file too", path.display())]
    SameFile {
        /// The name.
        path: PathBuf,
    },
    /// The name of the sample cannot stand in a VCF.
    #[error("sample name is empty or holds white space")]
    SampleName,
    /// A row of the allele map is not `CHROM POS REF [ALT]`.
    #[error("`{}`, line {line}: expected a chromosome, a position, REF and perhaps ALT", path.display())]
    AlleleMap {
        /// The allele map.
        path: PathBuf,
        /// The line, 1-based.
        line: u64,
    },
    /// The allele map is a VCF that cannot be read.
    #[error(transparent)]
    Sites(#[from] VcfError),
    /// The reference cannot be read.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The VCF cannot be written.
    #[error(transparent)]
    Write(#[from] WriteVcfError),
    /// The file of rows that were set aside cannot be written.
    #[error(transparent)]
    WriteRejected(#[from] geno_provenance::AtomicWriteError),
}

impl Coded for ImportError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Io { source, .. } => ErrorCode::of_io(source),
            Self::Truncated { .. } => ErrorCode::InputTruncated,
            Self::Empty { .. } => ErrorCode::InputEmpty,
            Self::Strict { source, .. } => source.code(),
            Self::NoContig { .. } => ErrorCode::InputUnknownContig,
            Self::BuildContradiction { .. }
            | Self::OtherBuild { .. }
            | Self::ReferenceBuild { .. }
            | Self::ReferenceDiffers { .. } => ErrorCode::InputRefMismatch,
            Self::Sites(source) => source.code(),
            Self::Fetch(source) => source.code(),
            Self::Write(source) => source.code(),
            Self::WriteRejected(source) => source.code(),
            Self::Corrupt { .. }
            | Self::ZipMembers { .. }
            | Self::TooLarge { .. }
            | Self::TooManyRows { .. }
            | Self::Utf16 { .. }
            | Self::IsVcf { .. }
            | Self::OtherFormat { .. }
            | Self::Json { .. }
            | Self::LongRow { .. }
            | Self::AlleleMap { .. } => ErrorCode::InputVcfParse,
            Self::ZipStream
            | Self::NoReference { .. }
            | Self::UselessMap { .. }
            | Self::SameFile { .. }
            | Self::SampleName => ErrorCode::InputGeneric,
        }
    }
}

impl ImportError {
    /// An error of reading a file, by what it means.
    pub(crate) fn of_read(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::FileTooLarge => Self::TooLarge {
                path,
                limit: super::MAX_TEXT_LEN,
            },
            io::ErrorKind::UnexpectedEof => Self::Truncated { path },
            io::ErrorKind::InvalidData
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::Unsupported => Self::Corrupt { path, source },
            _ => Self::Io { path, source },
        }
    }
}

/// Why an import stopped: because it was asked to, or because it had to.
pub(crate) enum Stop {
    Interrupted,
    Failed(ImportError),
}

impl<E: Into<ImportError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}
