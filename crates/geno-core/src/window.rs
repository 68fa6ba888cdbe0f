//! A stretch of reference sequence, and where to cut it.

use std::fmt;

/// Bases of a token of Carbon.
pub const TOKEN_BP: usize = 6;

/// Window length of the published models, in bases.
pub const DEFAULT_WINDOW_BP: u64 = 12_288;

/// A stretch of a contig: upper-case `ACGTN`, and where it begins.
///
/// The bases just right of it may be kept as a flank, for edits that shorten the window. Its `Debug`
/// shows lengths alone, so that no log or panic can hold a sequence or its place.
#[derive(Clone, Eq, PartialEq)]
pub struct Window {
    start: u64,
    bases: Vec<u8>,
    right_flank: Vec<u8>,
}

/// Why bytes are no window.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum WindowError {
    /// The sequence is empty.
    #[error("window holds no bases")]
    Empty,
    /// A letter other than `ACGTN`.
    #[error("window holds a letter other than ACGTN at base {offset}")]
    NotDna {
        /// Where it stands, 0-based from the start of the window or its flank.
        offset: usize,
    },
}

impl crate::Coded for WindowError {
    fn code(&self) -> crate::ErrorCode {
        crate::ErrorCode::InputGeneric
    }
}

impl Window {
    /// Creates a window that begins at the 0-based `start` of its contig. Lower case is raised.
    ///
    /// # Errors
    ///
    /// [`WindowError`] for an empty sequence or a letter other than `ACGTN`.
    pub fn new(start: u64, bases: impl Into<Vec<u8>>) -> Result<Self, WindowError> {
        let bases = canonical(bases.into())?;
        if bases.is_empty() {
            return Err(WindowError::Empty);
        }
        Ok(Self {
            start,
            bases,
            right_flank: Vec::new(),
        })
    }

    /// Keeps the bases that follow the window on its contig.
    ///
    /// # Errors
    ///
    /// [`WindowError::NotDna`] for a letter other than `ACGTN`.
    pub fn with_right_flank(self, bases: impl Into<Vec<u8>>) -> Result<Self, WindowError> {
        Ok(Self {
            right_flank: canonical(bases.into())?,
            ..self
        })
    }

    /// First base, 0-based on the contig.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// The bases, upper-case `ACGTN`.
    pub fn bases(&self) -> &[u8] {
        &self.bases
    }

    /// The bases that follow the window, as far as they were kept.
    pub fn right_flank(&self) -> &[u8] {
        &self.right_flank
    }

    /// Length in bases, at least one.
    #[expect(clippy::len_without_is_empty, reason = "a window is never empty")]
    pub fn len(&self) -> usize {
        self.bases.len()
    }
}

impl fmt::Debug for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Window")
            .field("len", &self.bases.len())
            .field("right_flank", &self.right_flank.len())
            .finish_non_exhaustive()
    }
}

fn canonical(mut bases: Vec<u8>) -> Result<Vec<u8>, WindowError> {
    bases.make_ascii_uppercase();
    let is_dna = |base: &u8| matches!(base, b'A' | b'C' | b'G' | b'T' | b'N');
    // Without an early end this looks at many bases at once, and nearly all windows are good.
    if bases.iter().fold(true, |good, base| good & is_dna(base)) {
        return Ok(bases);
    }
    let offset = bases.iter().position(|base| !is_dna(base));
    Err(WindowError::NotDna {
        offset: offset.unwrap_or_default(),
    })
}

/// Where a window lies on its contig: `start..end`, 0-based, and how far it reaches past the end.
///
/// Its `Debug` shows lengths alone.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct WindowSpan {
    /// First base.
    pub start: u64,
    /// One past the last base that exists.
    pub end: u64,
    /// Bases that the contig is too short to supply.
    pub missing: u64,
}

impl fmt::Debug for WindowSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WindowSpan")
            .field("len", &self.end.saturating_sub(self.start))
            .field("missing", &self.missing)
            .finish_non_exhaustive()
    }
}

impl WindowSpan {
    /// The window of `window_bp` bases with `locus` at offset `window_bp / 2`, moved inward at the
    /// ends of the contig.
    ///
    /// `start = clamp(locus − window_bp / 2, 0, contig_len − window_bp)`, or 0 on a contig that is
    /// shorter than the window.
    ///
    /// # Panics
    ///
    /// If `locus` is not on the contig.
    pub fn centered(contig_len: u64, locus: u64, window_bp: u64) -> Self {
        Self::behind(contig_len, locus, window_bp / 2, window_bp)
    }

    /// The window of `window_bp` bases with `locus` at offset `left_bp`, moved inward at the ends of
    /// the contig.
    ///
    /// `start = clamp(locus − left_bp, 0, contig_len − window_bp)`, or 0 on a contig that is shorter
    /// than the window.
    ///
    /// # Panics
    ///
    /// If `locus` is not on the contig.
    pub fn behind(contig_len: u64, locus: u64, left_bp: u64, window_bp: u64) -> Self {
        assert!(locus < contig_len, "locus past the end of its contig");
        let last_start = contig_len.saturating_sub(window_bp);
        let start = locus.saturating_sub(left_bp).min(last_start);
        let end = contig_len.min(start + window_bp);
        Self {
            start,
            end,
            missing: start + window_bp - end,
        }
    }

    /// The window from `left_bp` bases left of `locus` to `right_bp` right of where it begins, as far
    /// as the contig goes: `[locus − left_bp, locus + right_bp)`. Nothing is ever missing.
    ///
    /// # Panics
    ///
    /// If `locus` is not on the contig, or `right_bp` is 0.
    pub fn around(contig_len: u64, locus: u64, left_bp: u64, right_bp: u64) -> Self {
        assert!(locus < contig_len, "locus past the end of its contig");
        assert!(right_bp > 0, "a window holds its locus");
        Self {
            start: locus.saturating_sub(left_bp),
            end: locus.saturating_add(right_bp).min(contig_len),
            missing: 0,
        }
    }

    /// The window of the cell that holds `locus`, cells being `cell_bp` bases from the start of the
    /// contig on: from one cell to the left of it to `reach_bp` bases right of it, as far as the
    /// contig goes.
    ///
    /// `[(k − 1) · cell_bp, (k + 1) · cell_bp + reach_bp)` for `k = locus / cell_bp`. Every locus of
    /// a cell has the same window, and nothing is ever missing.
    ///
    /// # Panics
    ///
    /// If `locus` is not on the contig, or `cell_bp` is 0.
    pub fn grid(contig_len: u64, locus: u64, cell_bp: u64, reach_bp: u64) -> Self {
        Self::shifted_grid(contig_len, locus, cell_bp, reach_bp, 0)
    }

    /// As [`WindowSpan::grid`], of cells that all begin `shift` bases further left.
    ///
    /// `[(k − 1) · cell_bp − shift, (k + 1) · cell_bp − shift + reach_bp)` for
    /// `k = (locus + shift) / cell_bp`, as far as the contig goes.
    ///
    /// # Panics
    ///
    /// If `locus` is not on the contig, or `cell_bp` is 0.
    pub fn shifted_grid(
        contig_len: u64,
        locus: u64,
        cell_bp: u64,
        reach_bp: u64,
        shift: u64,
    ) -> Self {
        assert!(locus < contig_len, "locus past the end of its contig");
        let cell = locus.saturating_add(shift) / cell_bp;
        let end = cell.saturating_add(1).saturating_mul(cell_bp);
        Self {
            start: (cell.saturating_sub(1) * cell_bp).saturating_sub(shift),
            end: (end.saturating_sub(shift))
                .saturating_add(reach_bp)
                .min(contig_len),
            missing: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_equal_the_published_ones() {
        let start = |locus| WindowSpan::centered(18_000, locus, 4_096).start;
        let starts = [0, 2_048, 2_049, 9_000, 17_999].map(start);
        assert_eq!(starts, [0, 0, 1, 6_952, 13_904]);
    }

    #[test]
    fn a_short_contig_leaves_bases_missing() {
        let span = WindowSpan::centered(5_003, 2_500, 12_288);
        assert_eq!(
            span,
            WindowSpan {
                start: 0,
                end: 5_003,
                missing: 7_285
            }
        );
    }

    #[test]
    fn all_loci_of_a_cell_have_one_window() {
        let grid = |locus| {
            let WindowSpan { start, end, .. } = WindowSpan::grid(100, locus, 12, 7);
            (start, end)
        };
        assert_eq!([grid(0), grid(11)], [(0, 19); 2]);
        assert_eq!([grid(12), grid(23)], [(0, 31); 2]);
        assert_eq!([grid(24), grid(35)], [(12, 43); 2]);
        assert_eq!([grid(84), grid(95)], [(72, 100); 2]);
        assert_eq!([grid(96), grid(99)], [(84, 100); 2]);
        assert_eq!(WindowSpan::grid(5, 4, 12, 7).end, 5);
        assert_eq!(WindowSpan::grid(u64::MAX, u64::MAX - 1, 12, 7).missing, 0);
    }

    #[test]
    fn a_shifted_grid_is_the_grid_of_a_contig_with_bases_before_it() {
        for shift in 0..6 {
            for locus in 0..100 {
                let shifted = WindowSpan::shifted_grid(100, locus, 12, 7, shift);
                let longer = WindowSpan::grid(100 + shift, locus + shift, 12, 7);
                assert_eq!(shifted.start, longer.start.saturating_sub(shift));
                assert_eq!(shifted.end, longer.end - shift);
                assert!((shifted.start..shifted.end).contains(&locus));
            }
        }
    }

    #[test]
    fn debug_shows_neither_bases_nor_place() {
        let window = Window::new(7_000_001, b"ACGTACGTAC".as_slice()).unwrap();
        let span = WindowSpan::centered(18_000_000, 7_000_001, 4_096);
        assert_eq!(
            format!("{window:?} {span:?}"),
            "Window { len: 10, right_flank: 0, .. } WindowSpan { len: 4096, missing: 0, .. }"
        );
    }

    #[test]
    fn letters_outside_the_alphabet_are_located() {
        let error = Window::new(0, b"ACRT".as_slice()).unwrap_err();
        assert_eq!(error, WindowError::NotDna { offset: 2 });
    }
}
