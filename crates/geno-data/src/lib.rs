//! Genomes and variants, read into model inputs.
//!
//! [`Fasta`] reads regions of a reference genome, [`VcfReader`] streams the variants of a file, and
//! [`SiteGrouper`] brings the two together into [`Site`](geno_action::Site)s. A row that cannot be
//! scored never costs the others: it comes out as a [`RejectedRow`] with a typed reason.
//!
//! [`VcfWriter`] writes a VCF and its index, and [`AnnotateVcf`] writes one again with keys added to
//! the INFO column. [`ImportRawData`] makes a VCF of what a testing service lets people download.

mod compression;
mod corpus;
mod fasta;
mod lines;
mod raw_data;
mod reference;
mod site;
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
    raw_data::{
        Build, BuildEvidence, CallFault, ImportCounts, ImportError, ImportRawData, ImportReport,
        ParseBuildError, RawDataProvider, RejectedCall, StrandRule,
    },
    reference::{ReferenceError, check_reference},
    site::{CenteredWindows, MAX_SITE_EDITS, PlaceError, Placed, PlacedSite, SiteGrouper},
    vcf::{
        AnnotateVcf, AnnotateVcfError, InfoKey, InfoKind, MAX_COLUMNS_LEN, MAX_ROW_LEN, Progress,
        RawRow, RawVcfRow, RejectReason, RejectedRow, Variant, VcfError, VcfHeader, VcfIndex,
        VcfReader, VcfRow, VcfWriter, WriteVcfError,
    },
};
