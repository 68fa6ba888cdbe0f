//! From variants to sites: a window for each position, and the edits in it.

use std::{collections::VecDeque, sync::Arc};

use geno_action::{ApplyError, MAX_ALLELE_LEN, RelEdit, Site};
use geno_core::{Coded, ErrorCode, StateContract, Window, WindowSpan};

use crate::{
    fasta::{Contig, Fasta, FetchError},
    reference::check_reference,
    vcf::{RejectedRow, Variant, VcfError, VcfRow},
};

/// Most edits that one site holds. More at one position make several sites.
pub const MAX_SITE_EDITS: usize = 256;

/// The `centered` layout: each position has a window of its own, with itself at the centre.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CenteredWindows {
    window_bp: u64,
    contract: StateContract,
}

impl CenteredWindows {
    /// Windows of `window_bp` bases.
    ///
    /// # Panics
    ///
    /// If a window could not hold the longest reference allele right of its centre:
    /// `window_bp < 2 · MAX_ALLELE_LEN`.
    pub fn new(window_bp: u64, contract: StateContract) -> Self {
        let shortest = 2 * MAX_ALLELE_LEN as u64;
        assert!(window_bp >= shortest, "windows need {shortest} bases");
        Self {
            window_bp,
            contract,
        }
    }

    /// The window around the 0-based `locus` of a contig.
    ///
    /// A contig shorter than the window gives a shorter window, with
    /// [`StateContract::LegacyRawV1`] padded by `A` at the right. Under
    /// [`StateContract::L2NormalizedV2`] it has a right flank of the bases that the longest
    /// deletion can ask for, as far as the contig has them.
    ///
    /// # Errors
    ///
    /// As [`Fasta::fetch`].
    ///
    /// # Panics
    ///
    /// If `locus` is not on the contig.
    pub fn window(&self, fasta: &Fasta, contig: &Contig, locus: u64) -> Result<Window, FetchError> {
        let span = WindowSpan::centered(contig.len(), locus, self.window_bp);
        match self.contract {
            StateContract::L2NormalizedV2 => fasta.window(contig, span, MAX_ALLELE_LEN as u64 - 1),
            StateContract::LegacyRawV1 if span.missing == 0 => fasta.window(contig, span, 0),
            StateContract::LegacyRawV1 => {
                let mut bases = fasta.fetch(contig, span.start, span.end)?;
                bases.resize(bases.len() + span.missing as usize, b'A');
                Ok(Window::new(span.start, bases).expect("decoded bases and padding"))
            }
        }
    }
}

/// A site and the variants it came from.
#[derive(Clone, Debug)]
pub struct PlacedSite {
    contig: String,
    variants: Vec<Variant>,
    site: Site,
}

impl PlacedSite {
    /// The contig as the reference names it.
    pub fn contig(&self) -> &str {
        &self.contig
    }

    /// The variants, in file order; variant `i` is edit `i` of the site.
    pub fn variants(&self) -> &[Variant] {
        &self.variants
    }

    /// The window and the edits in it.
    pub fn site(&self) -> &Site {
        &self.site
    }
}

/// What variants become once they have a place on the reference.
#[derive(Clone, Debug)]
pub enum Placed {
    /// Variants of one position.
    Site(PlacedSite),
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
            Self::Fasta(error) => error.code(),
            Self::Changed(_) => ErrorCode::InputFasta,
        }
    }
}

/// Groups the variants of a stream into sites: neighbours in the stream with one contig and one
/// position share a site.
///
/// Memory is that of one site. Rejected rows pass through and may overtake the site of the rows
/// before them. An error comes last, after the site of every row before it.
pub struct SiteGrouper<'a, I> {
    rows: I,
    fasta: &'a Fasta,
    windows: CenteredWindows,
    open: Option<Group<'a>>,
    ready: VecDeque<Result<Placed, PlaceError>>,
    is_done: bool,
    /// How much of what comes first is left out.
    skip: Skip,
}

/// How much of a stream an earlier run has taken.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Skip {
    /// Variants in sites.
    pub variants: u64,
    /// Rejected rows.
    pub rejected: u64,
}

struct Group<'a> {
    contig: &'a Contig,
    pos: u64,
    variants: Vec<Variant>,
}

impl<'a, I> SiteGrouper<'a, I>
where
    I: Iterator<Item = Result<VcfRow, VcfError>>,
{
    /// Places rows on a reference.
    pub fn new(rows: I, fasta: &'a Fasta, windows: CenteredWindows) -> Self {
        Self {
            rows,
            fasta,
            windows,
            open: None,
            ready: VecDeque::new(),
            is_done: false,
            skip: Skip::default(),
        }
    }

    /// Leaves out what comes first, as much as an earlier grouper of the same rows has given. No
    /// window is cut for it.
    pub fn skipping(self, skip: Skip) -> Self {
        Self { skip, ..self }
    }

    /// The rows, for example to ask a [`VcfReader`](crate::VcfReader) for its progress.
    pub fn rows(&self) -> &I {
        &self.rows
    }

    /// Takes one row, or the end of them.
    fn step(&mut self) -> Result<(), PlaceError> {
        match self.rows.next() {
            None => {
                self.is_done = true;
                self.close()
            }
            Some(Err(error)) => {
                self.close()?;
                Err(error.into())
            }
            Some(Ok(VcfRow::Rejected(row))) => {
                self.reject(row);
                Ok(())
            }
            Some(Ok(VcfRow::Variant(variant))) => match check_reference(self.fasta, variant.edit())
            {
                Ok(Ok(contig)) => self.add(contig, variant),
                Ok(Err(fault)) => {
                    self.reject(RejectedRow::of(&variant, fault.into()));
                    Ok(())
                }
                Err(error) => {
                    self.close()?;
                    Err(error.into())
                }
            },
        }
    }

    /// Adds a variant to the open group, or closes that and opens another.
    fn add(&mut self, contig: &'a Contig, variant: Variant) -> Result<(), PlaceError> {
        let pos = variant.edit().pos();
        if let Some(group) = &mut self.open
            && std::ptr::eq(group.contig, contig)
            && group.pos == pos
            && group.variants.len() < MAX_SITE_EDITS
        {
            group.variants.push(variant);
            return Ok(());
        }
        let closed = self.close();
        let variants = vec![variant];
        self.open = Some(Group {
            contig,
            pos,
            variants,
        });
        closed
    }

    fn reject(&mut self, row: RejectedRow) {
        match self.skip.rejected {
            0 => self.ready.push_back(Ok(Placed::Rejected(row))),
            _ => self.skip.rejected -= 1,
        }
    }

    /// Makes a site of the open group, if there is one.
    fn close(&mut self) -> Result<(), PlaceError> {
        let Some(group) = self.open.take() else {
            return Ok(());
        };
        if self.skip.variants > 0 {
            let n_variants = group.variants.len() as u64;
            self.skip.variants = self.skip.variants.saturating_sub(n_variants);
            return Ok(());
        }
        let window = self
            .windows
            .window(self.fasta, group.contig, group.pos - 1)?;
        let edits: Result<Vec<RelEdit>, _> = group
            .variants
            .iter()
            .map(|variant| variant.edit().relative_to(window.start()))
            .collect();
        let edits = edits.expect("a window that holds its centre");
        let site = Site::new(Arc::new(window), edits).map_err(PlaceError::Changed)?;
        self.ready.push_back(Ok(Placed::Site(PlacedSite {
            contig: group.contig.name().to_owned(),
            variants: group.variants,
            site,
        })));
        Ok(())
    }
}

impl<I> Iterator for SiteGrouper<'_, I>
where
    I: Iterator<Item = Result<VcfRow, VcfError>>,
{
    type Item = Result<Placed, PlaceError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() && !self.is_done {
            if let Err(error) = self.step() {
                self.is_done = true;
                self.ready.push_back(Err(error));
            }
        }
        self.ready.pop_front()
    }
}
