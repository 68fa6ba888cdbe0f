//! Genomes and variants, read into model inputs.
//!
//! [`Fasta`] reads regions of a reference genome, [`VcfReader`] streams the variants of a file, and
//! [`SiteGrouper`] brings the two together into [`Site`](geno_action::Site)s. A row that cannot be
//! scored never costs the others: it comes out as a [`RejectedRow`] with a typed reason.
//!
//! [`VcfWriter`] writes a VCF and its index, and [`AnnotateVcf`] writes one again with keys added to
//! the INFO column. With the feature `parquet`, `ScoreTable` writes scores as a table.

mod compression;
mod fasta;
mod lines;
mod reference;
#[cfg(feature = "parquet")]
mod score_table;
mod site;
mod vcf;

#[cfg(feature = "parquet")]
pub use self::score_table::{ScoreRecord, ScoreTable, WriteScoreTableError};
pub use self::{
    fasta::{Contig, Fasta, FetchError, OpenFastaError, ScanFastaError},
    reference::{ReferenceError, check_reference},
    site::{CenteredWindows, MAX_SITE_EDITS, PlaceError, Placed, PlacedSite, SiteGrouper, Skip},
    vcf::{
        AnnotateVcf, AnnotateVcfError, InfoKey, InfoKind, MAX_COLUMNS_LEN, MAX_ROW_LEN, Progress,
        RawRow, RawVcfRow, RejectReason, RejectedRow, Variant, VcfError, VcfHeader, VcfIndex,
        VcfReader, VcfRow, VcfWriter, WriteVcfError,
    },
};
