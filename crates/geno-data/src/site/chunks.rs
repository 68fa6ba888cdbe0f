//! A stream of variants, a bounded chunk at a time, the variants of a window joined.

use std::{collections::BTreeMap, sync::Arc};

use geno_action::{ApplyError, RelEdit, Site};
use geno_core::{Coded, ErrorCode, WindowSpan};

use super::SiteWindows;
use crate::{
    fasta::{Contig, Fasta, FetchError},
    notation::ReadListError,
    reference::check_reference,
    vcf::{RejectReason, RejectedRow, Variant, VcfError, VcfRow},
};

/// Some consecutive rows of a stream, and the sites that their variants make.
#[derive(Clone, Debug, Default)]
pub struct SiteChunk {
    /// The rows, in file order.
    pub rows: Vec<ChunkRow>,
    /// A site for each window that variants of the chunk have, in the order of the reference. The
    /// edits of a site are in file order.
    pub sites: Vec<Site>,
    /// For each site, whether its window is of the first way of laying them.
    pub is_first: Vec<bool>,
}

/// Where an edit of a chunk stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct EditPlace {
    /// Which site of the chunk it belongs to.
    pub site: usize,
    /// Which edit of that site it is.
    pub edit: usize,
}

/// A row of a stream that has, or has not, found its place.
#[derive(Clone, Debug)]
pub enum ChunkRow {
    /// A variant to score: one alternate of a row.
    Variant {
        /// The variant.
        variant: Variant,
        /// Where it stands, once for each way of laying windows.
        places: Vec<EditPlace>,
    },
    /// A row that cannot be scored.
    Rejected(RejectedRow),
}

/// Why variants could not be placed any further.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceError {
    /// The VCF.
    #[error(transparent)]
    Vcf(#[from] VcfError),
    /// The list of variants.
    #[error(transparent)]
    List(#[from] ReadListError),
    /// The FASTA.
    #[error(transparent)]
    Fasta(#[from] FetchError),
    /// The FASTA gave other bases for a window than it gave before for an allele in it.
    #[error("FASTA file changed while it was read")]
    Changed(#[source] ApplyError),
}

impl Coded for PlaceError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Vcf(error) => error.code(),
            Self::List(error) => error.code(),
            Self::Fasta(error) => error.code(),
            Self::Changed(_) => ErrorCode::InputFasta,
        }
    }
}

/// How much of a stream an earlier run has taken.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Skip {
    /// Variants that could be scored.
    pub variants: u64,
    /// Rejected rows.
    pub rejected: u64,
}

/// Places the variants of a stream on a reference and joins those of one window, also where other
/// rows stand between them.
///
/// Memory is that of one chunk: its rows, and a window for each site. Which variants share a site
/// depends on where chunks end, and no score does.
///
/// As an iterator it gives chunks until the stream ends. An error comes last, after every row
/// before it; only a window that cannot be cut costs the rows of its chunk.
pub struct SiteChunks<'a, I> {
    rows: I,
    fasta: &'a Fasta,
    /// The ways of laying windows, at least one.
    windows: Vec<SiteWindows>,
    max_rows: usize,
    skip: Skip,
    /// What ends the stream, once that is known.
    end: Option<Result<(), PlaceError>>,
}

/// The variants of one window.
struct Group<'a> {
    contig: &'a Contig,
    span: WindowSpan,
    edits: Vec<RelEdit>,
    rows: Vec<usize>,
}

/// Contig, first base, one past the last, and which way of laying windows.
type Key = (usize, u64, u64, usize);

/// A chunk whose sites have no windows yet.
#[derive(Default)]
struct Draft<'a> {
    rows: Vec<ChunkRow>,
    groups: BTreeMap<Key, Group<'a>>,
}

impl<'a, I, E> SiteChunks<'a, I>
where
    I: Iterator<Item = Result<VcfRow, E>>,
    PlaceError: From<E>,
{
    /// Places rows on a reference, at most `max_rows` variants and rejected rows at a time.
    ///
    /// # Panics
    ///
    /// If `max_rows` is 0.
    pub fn new(rows: I, fasta: &'a Fasta, windows: SiteWindows, max_rows: usize) -> Self {
        assert!(max_rows > 0, "a chunk holds at least one row");
        Self {
            rows,
            fasta,
            windows: vec![windows],
            max_rows,
            skip: Skip::default(),
            end: None,
        }
    }

    /// Places each variant in windows laid in these ways too.
    pub fn and_in(mut self, more: &[SiteWindows]) -> Self {
        self.windows.extend(more);
        self
    }

    /// Leaves out what comes first, as much as an earlier run over the same rows has taken. No
    /// window is cut for it.
    pub fn skipping(self, skip: Skip) -> Self {
        Self { skip, ..self }
    }

    /// The rows, for example to ask a [`VcfReader`](crate::VcfReader) for its progress.
    pub fn rows(&self) -> &I {
        &self.rows
    }

    /// Takes rows until a chunk is full or the stream ends.
    fn draft(&mut self) -> Draft<'a> {
        let mut draft = Draft::default();
        while draft.rows.len() < self.max_rows && self.end.is_none() {
            if let Err(error) = self.step(&mut draft) {
                self.end = Some(Err(error));
            }
        }
        draft
    }

    fn step(&mut self, draft: &mut Draft<'a>) -> Result<(), PlaceError> {
        match self.rows.next().transpose().map_err(PlaceError::from)? {
            None => self.end = Some(Ok(())),
            Some(VcfRow::Rejected(row)) => self.reject(row, draft),
            Some(VcfRow::Variant(variant)) => match check_reference(self.fasta, variant.edit())? {
                Ok(_) if !self.windows[0].takes(variant.edit()) => {
                    self.reject(RejectedRow::of(&variant, RejectReason::NotSnv), draft);
                }
                Ok(contig) => self.add(contig, variant, draft),
                Err(fault) => self.reject(RejectedRow::of(&variant, fault.into()), draft),
            },
        }
        Ok(())
    }

    fn add(&mut self, contig: &'a Contig, variant: Variant, draft: &mut Draft<'a>) {
        if self.skip.variants > 0 {
            self.skip.variants -= 1;
            return;
        }
        let mut places = Vec::with_capacity(self.windows.len());
        for (way, windows) in self.windows.iter().enumerate() {
            let span = windows.span(contig.len(), variant.edit().pos() - 1);
            let key = (self.fasta.index_of(contig), span.start, span.end, way);
            let group = draft.groups.entry(key).or_insert_with(|| Group {
                contig,
                span,
                edits: Vec::new(),
                rows: Vec::new(),
            });
            let edit = variant.edit().relative_to(span.start);
            places.push(EditPlace {
                site: 0,
                edit: group.edits.len(),
            });
            group
                .edits
                .push(edit.expect("a window that holds its locus"));
            group.rows.push(draft.rows.len());
        }
        draft.rows.push(ChunkRow::Variant { variant, places });
    }

    fn reject(&mut self, row: RejectedRow, draft: &mut Draft<'a>) {
        match self.skip.rejected {
            0 => draft.rows.push(ChunkRow::Rejected(row)),
            _ => self.skip.rejected -= 1,
        }
    }

    /// Cuts the windows of a chunk, in the order of the reference.
    fn cut(&self, draft: Draft<'a>) -> Result<SiteChunk, PlaceError> {
        let Draft { mut rows, groups } = draft;
        let mut chunk = SiteChunk {
            sites: Vec::with_capacity(groups.len()),
            is_first: Vec::with_capacity(groups.len()),
            rows: Vec::new(),
        };
        for ((.., way), group) in groups {
            let window = self.windows[way].cut(self.fasta, group.contig, group.span)?;
            for row in group.rows {
                if let ChunkRow::Variant { places, .. } = &mut rows[row] {
                    places[way].site = chunk.sites.len();
                }
            }
            let site = Site::new(Arc::new(window), group.edits);
            chunk.sites.push(site.map_err(PlaceError::Changed)?);
            chunk.is_first.push(way == 0);
        }
        Ok(SiteChunk { rows, ..chunk })
    }
}

impl<I, E> Iterator for SiteChunks<'_, I>
where
    I: Iterator<Item = Result<VcfRow, E>>,
    PlaceError: From<E>,
{
    type Item = Result<SiteChunk, PlaceError>;

    fn next(&mut self) -> Option<Self::Item> {
        let draft = self.draft();
        if !draft.rows.is_empty() {
            let chunk = self.cut(draft);
            if chunk.is_err() {
                self.end = Some(Ok(()));
            }
            return Some(chunk);
        }
        // Whatever ends the stream ends it once.
        let end = self.end.replace(Ok(()))?;
        end.err().map(Err)
    }
}
