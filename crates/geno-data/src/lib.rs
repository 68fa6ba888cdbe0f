//! Genomes and variants, read into model inputs.
//!
//! [`Fasta`] reads regions of a reference genome, [`VcfReader`] streams the variants of a file, and
//! [`SiteGrouper`] brings the two together into [`Site`](geno_action::Site)s. A row that cannot be
//! scored never costs the others: it comes out as a [`RejectedRow`] with a typed reason.

mod compression;
mod corpus;
mod fasta;
mod lines;
mod reference;
#[cfg(feature = "parquet")]
mod shard;
mod site;
#[cfg(feature = "parquet")]
mod table;
mod vcf;

pub use self::{
    corpus::{
        CorpusError, CorpusFields, CorpusReader, CorpusRecord, CorpusRow, CorpusSource,
        CorpusWindow, CutCounts, CutOptions, CutProgress, CutReport, CutWindows, CutWindowsError,
        FractionError, MAX_CORPUS_LINE_LEN, RecordFault, RejectedRecord, SourceMix, SourceMixError,
        StableSubset, UnknownSource, WindowCutter, WindowFormat, WindowFormatError, WindowInput,
        WindowLayout, WindowLayoutError, WindowPhase, WindowReader, WindowRow, WindowWriter,
        cut_windows, write_window_line,
    },
    fasta::{Contig, Fasta, FetchError, OpenFastaError, ScanFastaError},
    reference::{ReferenceError, check_reference},
    site::{CenteredWindows, MAX_SITE_EDITS, PlaceError, Placed, PlacedSite, SiteGrouper},
    vcf::{
        MAX_COLUMNS_LEN, MAX_LINE_LEN, Progress, RejectReason, RejectedRow, Variant, VcfError,
        VcfReader, VcfRow,
    },
};
#[cfg(feature = "parquet")]
pub use self::{
    shard::{
        AlleleCounts, ClinicalSignificance, ClinvarCounts, ClinvarShard, ClinvarVariant,
        ClinvarVariants, GnomadCounts, GnomadShard, GnomadVariant, GnomadVariants, Population,
        PrepareClinvar, PrepareGnomad, PrepareShard, PrepareShardError, ReadShardError, RowCounts,
        ShardProgress, ShardReport,
    },
    table::{ReadTableError, WriteTableError},
};
