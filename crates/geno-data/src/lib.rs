//! Genomes and variants, read into model inputs.
//!
//! [`Fasta`] reads regions of a reference genome, [`VcfReader`] streams the variants of a file, and
//! [`SiteGrouper`] brings the two together into [`Site`](geno_action::Site)s. A row that cannot be
//! scored never costs the others: it comes out as a [`RejectedRow`] with a typed reason.
//!
//! [`VcfWriter`] writes a VCF and its index, and [`AnnotateVcf`] writes one again with keys added to
//! the INFO column.

mod compression;
mod contig_table;
mod corpus;
mod fasta;
mod holdout;
mod intervals;
mod lines;
mod normal_edit;
mod packed_edit;
mod phased;
mod reference;
#[cfg(feature = "parquet")]
mod shard;
mod site;
mod split;
#[cfg(feature = "parquet")]
mod table;
mod tuples;
mod vcf;

pub use self::{
    corpus::{
        CorpusError, CorpusFields, CorpusRecord, CorpusRow, CorpusSource, CorpusWindow, CutCounts,
        CutOptions, CutProgress, CutReport, CutWindows, CutWindowsError, FractionError,
        JsonlCorpus, MAX_CORPUS_LINE_LEN, RecordFault, RejectedRecord, SourceMix, SourceMixError,
        StableSubset, UnknownSource, WindowCutter, WindowInput, WindowLayout, WindowLayoutError,
        WindowPhase, WindowReader, WindowRow, cut_windows, write_window_line,
    },
    fasta::{Contig, Fasta, FetchError, OpenFastaError, ScanFastaError},
    holdout::{
        EntryFault, Exclusion, HoldoutCounts, HoldoutError, Holdouts, HoldoutsBuilder,
        ReadEntriesError,
    },
    intervals::{IntervalIndex, Intervals},
    phased::{DEFAULT_MAX_GAP, PhasedCounts, PhasedError, PhasedHaplotypes},
    reference::{ReferenceError, check_reference},
    site::{CenteredWindows, MAX_SITE_EDITS, PlaceError, Placed, PlacedSite, SiteGrouper},
    split::{
        CheckReport, CheckStatus, HeldOut, SideReport, SplitCheck, SplitError, SplitLeak,
        SplitProof, SplitReport, UnknownCheck,
    },
    tuples::{
        DrawProgress, DrawReport, DrawTuples, DrawTuplesError, EditProviders, EditSource,
        GenomeWindows, LegacyTupleError, ReadCursorError, RegionsError, SettingsError,
        TrainingTuple, TupleBuilder, TupleCursor, TupleError, TupleFile, TupleFileError,
        TupleReport, TupleRow, TupleSettings, TupleStream, UnknownEditSource, VariantSet,
        VariantSetCounts, VariantSetError, WindowFile, WindowFileError, WindowSource, Worker,
        legacy_edits,
    },
    vcf::{
        AnnotateVcf, AnnotateVcfError, InfoKey, InfoKind, MAX_COLUMNS_LEN, MAX_LINE_LEN,
        MAX_ROW_LEN, Progress, RawRow, RawVcfRow, RejectReason, RejectedRow, Variant, VcfError,
        VcfHeader, VcfIndex, VcfReader, VcfRow, VcfWriter, WriteVcfError,
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
