//! Genotypes that people download from testing services, turned into VCF.

mod allele_map;
mod build;
mod call;
mod chromosome;
mod contigs;
mod error;
mod genotype;
mod import;
mod place;
mod provider;
mod record;
mod report;
mod sequencing;
mod strand;
mod table;
mod text;
mod write;

pub use self::{
    build::{Build, BuildEvidence, ParseBuildError},
    call::{CallFault, RejectedCall},
    error::ImportError,
    import::ImportRawData,
    provider::RawDataProvider,
    report::{Counts as ImportCounts, ImportReport},
    strand::StrandRule,
};

/// Most bytes of text that an import reads, unpacked. An array has 30 MB, a genome in JSON 1 GB.
pub(crate) const MAX_TEXT_LEN: u64 = 4 << 30;

/// Most rows that an import keeps.
pub(crate) const MAX_ROWS: usize = 10_000_000;

/// Most bytes of one row of a table.
pub(crate) const MAX_ROW_BYTES: usize = 1 << 16;
