//! Why a benchmark cannot be prepared.

use std::{io, path::PathBuf};

use geno_core::{Coded, ErrorCode};
use geno_data::{
    FetchError, NamedRowsError, OpenFastaError, PhasedError, ReadAnnotationError, ReadLinesError,
};
use geno_provenance::{AtomicFolderError, JsonError};

use crate::{benchmark::entry::Assembly, variant_rows::ReadVariantsError};

/// Why a benchmark cannot be prepared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PrepareBenchmarkError {
    /// A source is named that the benchmark does not have.
    #[error("`{id}` has no source `{name}`: {}", sources(known))]
    UnknownSource {
        /// The benchmark.
        id: String,
        /// The source.
        name: String,
        /// Those it has.
        known: Vec<String>,
    },
    /// A source is not given.
    #[error("`{id}` needs `--source {name}=FILE`: {title}")]
    MissingSource {
        /// The benchmark.
        id: String,
        /// The source.
        name: String,
        /// What is in it.
        title: String,
    },
    /// Transcripts are needed and not given.
    #[error("`{id}` is made of transcripts: give `--genes`, a GTF, GFF3 or BED file")]
    MissingGenes {
        /// The benchmark.
        id: String,
    },
    /// The benchmark is not published in the build.
    #[error("`{id}` is not published in {assembly}")]
    NoSuchAssembly {
        /// The benchmark.
        id: String,
        /// The build.
        assembly: Assembly,
    },
    /// A contig is named by the accession of another build.
    #[error("`{}`, line {line}: `{contig}` is no accession of {assembly}", path.display())]
    OtherAssembly {
        /// The file.
        path: PathBuf,
        /// The line, or the number of a record.
        line: u64,
        /// The accession.
        contig: String,
        /// The build that was declared.
        assembly: Assembly,
    },
    /// Most variants have other bases than the reference.
    #[error(
        "{mismatches} of {checked} variants have another base than the reference `{}`: are they \
         of one build?",
        fasta.display()
    )]
    OtherReference {
        /// The reference.
        fasta: PathBuf,
        /// Variants that differ.
        mismatches: u64,
        /// Variants that were compared.
        checked: u64,
    },
    /// No variant is left, or none of a class.
    #[error("no {what} is left: {}", reasons(skipped))]
    NothingLeft {
        /// What.
        what: &'static str,
        /// Why rows were left out.
        skipped: Vec<(&'static str, u64)>,
    },
    /// A value of a table cannot be used.
    #[error("`{}`, line {line}: `{column}` {fault}", path.display())]
    Value {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
        /// The column.
        column: String,
        /// What is wrong.
        fault: &'static str,
    },
    /// A document is not JSON.
    #[error("`{}` is not JSON", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: JsonError,
    },
    /// A document is no list of mapped variants.
    #[error("`{}` is no list of mapped variants", path.display())]
    NoList {
        /// The file.
        path: PathBuf,
    },
    /// The folder holds something else.
    #[error("`{}` holds another benchmark, or one prepared otherwise", path.display())]
    Occupied {
        /// The folder.
        path: PathBuf,
    },
    /// A file cannot be hashed.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The reference cannot be opened.
    #[error(transparent)]
    Fasta(#[from] OpenFastaError),
    /// The reference cannot be read.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// Transcripts cannot be read.
    #[error(transparent)]
    Genes(#[from] ReadAnnotationError),
    /// A table cannot be read.
    #[error(transparent)]
    Table(#[from] NamedRowsError),
    /// A text cannot be read.
    #[error(transparent)]
    Lines(#[from] ReadLinesError),
    /// A VCF cannot be read.
    #[error(transparent)]
    Variants(#[from] ReadVariantsError),
    /// A phased VCF cannot be read.
    #[error(transparent)]
    Phased(#[from] PhasedError),
    /// The folder cannot be written.
    #[error(transparent)]
    Write(#[from] AtomicFolderError),
}

fn sources(known: &[String]) -> String {
    match known {
        [] => "it is made without any".to_owned(),
        _ => format!("its sources are {}", known.join(", ")),
    }
}

fn reasons(skipped: &[(&str, u64)]) -> String {
    let skipped: Vec<String> = skipped
        .iter()
        .map(|(why, n)| format!("{n} {why}"))
        .collect();
    match skipped.is_empty() {
        true => "the sources hold none".to_owned(),
        false => format!("left out were {}", skipped.join(", ")),
    }
}

impl Coded for PrepareBenchmarkError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::UnknownSource { .. }
            | Self::MissingSource { .. }
            | Self::MissingGenes { .. }
            | Self::NoSuchAssembly { .. }
            | Self::OtherAssembly { .. }
            | Self::Value { .. }
            | Self::NoList { .. }
            | Self::Occupied { .. } => ErrorCode::InputGeneric,
            Self::OtherReference { .. } => ErrorCode::InputRefMismatch,
            Self::NothingLeft { .. } => ErrorCode::EvalDataset,
            Self::Json { source, .. } => source.code(),
            Self::Read { source, .. } => ErrorCode::of_io(source),
            Self::Fasta(error) => error.code(),
            Self::Fetch(error) => error.code(),
            Self::Genes(error) => error.code(),
            Self::Table(error) => error.code(),
            Self::Lines(error) => error.code(),
            Self::Variants(error) => error.code(),
            Self::Phased(error) => error.code(),
            Self::Write(error) => error.code(),
        }
    }
}
