//! Genomes and variants, read into model inputs.
//!
//! [`Fasta`] reads regions of a reference genome, [`VcfReader`] streams the variants of a file, and
//! [`SiteGrouper`] brings the two together into [`Site`](geno_action::Site)s. A row that cannot be
//! scored never costs the others: it comes out as a [`RejectedRow`] with a typed reason.

#[cfg(feature = "cache")]
mod cache;
mod compression;
mod corpus;
mod fasta;
mod lines;
mod reference;
mod reference_windows;
mod site;
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
    ExportError, Exported, ImportError, ImportFault, Imported, export_peer, import_peer,
};
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
    reference_windows::{ReferenceLoci, ReferenceWindow, ReferenceWindows, ReferenceWindowsError},
    site::{CenteredWindows, MAX_SITE_EDITS, PlaceError, Placed, PlacedSite, SiteGrouper},
    vcf::{
        MAX_COLUMNS_LEN, Progress, RejectReason, RejectedRow, Variant, VcfError, VcfReader, VcfRow,
    },
};
