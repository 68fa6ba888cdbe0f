//! Genomes and variants, read into model inputs.
//!
//! [`Fasta`] reads regions of a reference genome, [`VcfReader`] streams the variants of a file, and
//! [`SiteChunks`] brings the two together into [`Site`](geno_action::Site)s. A row that cannot be
//! scored never costs the others: it comes out as a [`RejectedRow`] with a typed reason.
//!
//! [`Annotator`] says what an edit does to the genes of a GTF, GFF3 or BED file and which repeats it
//! lies in; [`IntervalIndex`] finds what overlaps a region.
//!
//! [`VcfWriter`] writes a VCF and its index, and [`AnnotateVcf`] writes one again with keys added to
//! the INFO column. [`ImportRawData`] makes a VCF of what a testing service lets people download. With
//! the feature `parquet`, `ScoreTable` writes scores as a table, and `TableRows` reads any table.

mod annotation;
mod bed;
#[cfg(feature = "cache")]
mod cache;
mod compression;
mod contig_table;
mod corpus;
mod fasta;
mod holdout;
mod input;
mod intervals;
mod lines;
mod named_rows;
mod normal_edit;
mod notation;
mod packed_edit;
mod phased;
mod raw_data;
mod reference;
mod reference_windows;
mod region;
mod region_set;
mod review_stars;
#[cfg(feature = "parquet")]
mod score_table;
#[cfg(feature = "parquet")]
mod shard;
mod site;
mod split;
#[cfg(feature = "parquet")]
mod table;
mod text_lines;
mod tuples;
mod variant_key;
mod variant_reader;
mod vcf;

#[cfg(feature = "cache")]
pub use self::cache::{
    CacheError, CacheStat, CacheWriter, DamagedShard, IndexError, InstallError, Installed,
    NewState, RecipeStat, Reindexed, Repaired, ShardFault, StateCache, StateFault, StateKey,
    StateKeys, StatePlace, StateRecipe, StoredAs, Verified, cache_stat, reindex_cache,
    repair_cache, verify_cache,
};
#[cfg(all(feature = "cache", feature = "parquet"))]
pub use self::cache::{
    ExportPeerError, Exported, ImportFault, ImportPeerError, Imported, export_peer, import_peer,
};
#[cfg(feature = "parquet")]
pub use self::score_table::{
    ScoreRecord, ScoreTable, TableColumns, WindowsRecord, WriteScoreTableError,
};
pub use self::{
    annotation::{
        AnnotateGenesError, Annotation, AnnotationFiles, AnnotationReport, AnnotationSources,
        Annotator, BadRow, BadRows, CodingRegion, Consequence, Consequences, DEFAULT_UPSTREAM,
        Genes, Labelled, LabelledFile, OpenAnnotationError, ReadAnnotationError, RowFault, Strand,
        Transcript, Translation, annotate_vcf, region_class, repeat_class,
    },
    contig_table::canonical_contig,
    corpus::{
        CorpusError, CorpusFields, CorpusReader, CorpusRecord, CorpusRow, CorpusSource,
        CorpusWindow, CutCounts, CutOptions, CutProgress, CutReport, CutWindows, CutWindowsError,
        FractionError, MAX_CORPUS_LINE_LEN, RecordFault, RejectedRecord, SourceMix, SourceMixError,
        StableSubset, UnknownSource, WindowCutter, WindowFormat, WindowFormatError, WindowInput,
        WindowLayout, WindowLayoutError, WindowPhase, WindowReader, WindowRow, WindowWriter,
        cut_windows, write_window_line,
    },
    fasta::{Contig, Fasta, FetchError, OpenFastaError, ScanFastaError},
    holdout::{
        EntryFault, Exclusion, HoldoutCounts, HoldoutError, Holdouts, HoldoutsBuilder,
        ReadEntriesError,
    },
    intervals::{IntervalIndex, Intervals},
    named_rows::{NamedRow, NamedRows, NamedRowsError, WantedColumn},
    notation::{
        ParseNotationError, PlaceNotationError, ReadListError, VariantList, WrittenVariant,
    },
    phased::{
        CarriedHaplotype, CarriedHaplotypes, CarriedRow, ChromosomeCopy, CopyError,
        DEFAULT_MAX_GAP, HaplotypeOptions, PhasedCounts, PhasedError, PhasedHaplotypes, read_copy,
    },
    raw_data::{
        Build, BuildEvidence, CallFault, ImportCounts, ImportError, ImportRawData, ImportReport,
        ParseBuildError, RawDataProvider, RejectedCall, StrandRule,
    },
    reference::{ReferenceError, check_reference},
    reference_windows::{ReferenceLoci, ReferenceWindow, ReferenceWindows, ReferenceWindowsError},
    region::{Region, RegionError},
    region_set::{ReadRegionsError, RegionSet},
    review_stars::review_stars,
    site::{
        ChunkRow, EditPlace, GridWindowError, PlaceError, ShiftWindowError, SiteChunk, SiteChunks,
        SiteWindows, Skip,
    },
    split::{
        CheckReport, CheckStatus, HeldOut, SideReport, SplitCheck, SplitLeak, SplitProof,
        SplitReport, UnknownCheck,
    },
    text_lines::{ReadLinesError, TextLines},
    tuples::{
        DrawProgress, DrawReport, DrawTuples, DrawTuplesError, EditProviders, EditSource,
        GenomeWindows, LegacyTupleError, ReadCursorError, RegionsError, SettingsError,
        TrainingTuple, TupleBuilder, TupleCursor, TupleError, TupleFile, TupleFileError,
        TupleReport, TupleRow, TupleSettings, TupleStream, UnknownEditSource, VariantSet,
        VariantSetCounts, VariantSetError, WindowFile, WindowFileError, WindowSource, Worker,
        legacy_edits,
    },
    variant_key::{VariantKey, VariantKeys},
    variant_reader::{VariantFormat, VariantReader},
    vcf::{
        AnnotateVcf, AnnotateVcfError, InfoKey, InfoKind, MAX_COLUMNS_LEN, MAX_ROW_LEN, Progress,
        RawRow, RawVcfRow, RejectReason, RejectedRow, StatedContext, Variant, VcfError, VcfHeader,
        VcfIndex, VcfReader, VcfRow, VcfWriter, WriteVcfError,
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
    table::{ReadTableError, TableRows, WriteTableError},
};
