//! Which window a variant is scored in.

use geno_action::{EditSpec, EditType, MAX_ALLELE_LEN};
use geno_core::{Coded, ErrorCode, Layout, StateContract, Window, WindowSpan};

use crate::fasta::{Contig, Fasta, FetchError};

/// Bases of a token.
const TOKEN_BP: u64 = geno_core::TOKEN_BP as u64;

/// Bases that an edit at the end of a cell may take from the right.
const LONGEST_ALLELE: u64 = MAX_ALLELE_LEN as u64;

/// Gives every base of a contig the window that a variant there is scored in.
///
/// Equal spans mean one window. So variants are joined by their spans, whatever the layout.
///
/// # Examples
///
/// ```
/// use geno_core::StateContract;
/// use geno_data::SiteWindows;
///
/// let centered = SiteWindows::centered(12_288, StateContract::L2NormalizedV2);
/// let grid = SiteWindows::grid(12_288, 8)?;
///
/// // At the first base of a cell both begin at the same base.
/// let len = 1_000_000;
/// assert_eq!(centered.span(len, 61_440).start, grid.span(len, 61_440).start);
/// assert_eq!(grid.span(len, 61_440), grid.span(len, 67_583));
/// # Ok::<_, geno_data::GridWindowError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SiteWindows {
    window_bp: u64,
    contract: StateContract,
    shape: Shape,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Shape {
    Centered {
        shift: u64,
    },
    Clamped,
    LeftContext,
    Grid {
        cell_bp: u64,
        reach_bp: u64,
        shift: u64,
    },
}

/// A window too short to be shifted.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("windows of {window_bp} bases cannot be shifted by {shift} and still hold every allele")]
pub struct ShiftWindowError {
    /// Its length.
    pub window_bp: u64,
    /// Bases that it was to be shifted by.
    pub shift: u64,
}

impl Coded for ShiftWindowError {
    fn code(&self) -> ErrorCode {
        ErrorCode::ConfigGeneric
    }
}

/// A window length that no grid can be made of.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("windows of {window_bp} bases make no grid: a cell is half of one and a multiple of 6")]
pub struct GridWindowError {
    /// The length.
    pub window_bp: u64,
}

impl Coded for GridWindowError {
    fn code(&self) -> ErrorCode {
        ErrorCode::ConfigGeneric
    }
}

impl SiteWindows {
    /// The `centered` layout: each position has a window of `window_bp` bases of its own, with
    /// itself at the centre.
    ///
    /// # Panics
    ///
    /// If a window could not hold the longest reference allele right of its centre:
    /// `window_bp < 2 · MAX_ALLELE_LEN`.
    pub fn centered(window_bp: u64, contract: StateContract) -> Self {
        let shortest = 2 * LONGEST_ALLELE;
        assert!(window_bp >= shortest, "windows need {shortest} bases");
        Self {
            window_bp,
            contract,
            shape: Shape::Centered { shift: 0 },
        }
    }

    /// A window of `window_bp` bases around each position, cut where the contig ends: unlike under
    /// [`SiteWindows::centered`] the position stays at `window_bp / 2` there, or as near to the start
    /// of the contig as it lies, and the window is shorter.
    ///
    /// # Panics
    ///
    /// As [`SiteWindows::centered`].
    pub fn clamped(window_bp: u64) -> Self {
        Self {
            shape: Shape::Clamped,
            ..Self::centered(window_bp, StateContract::L2NormalizedV2)
        }
    }

    /// A position and the `context_bp` bases left of it, as far as the contig has them: for what
    /// follows from the left alone. It takes substitutions of one base, see [`SiteWindows::takes`].
    pub fn left_context(context_bp: u64) -> Self {
        Self {
            window_bp: context_bp.saturating_add(1),
            contract: StateContract::L2NormalizedV2,
            shape: Shape::LeftContext,
        }
    }

    /// The `grid` layout: the variants of a cell of `window_bp / 2` bases share a window. It begins
    /// one cell to the left, so that each has at least the context that `centered` gives it, and
    /// ends `6 · pool_radius + 16` bases right of the cell: what the pooled tokens of an edit of its
    /// last base can reach. A variant belongs to the cell of its first base.
    ///
    /// States are made under [`StateContract::L2NormalizedV2`].
    ///
    /// # Errors
    ///
    /// [`GridWindowError`] if half a window is no multiple of a token's 6 bases. Windows would then
    /// begin in different 6-mer phases.
    pub fn grid(window_bp: u64, pool_radius: usize) -> Result<Self, GridWindowError> {
        if window_bp == 0 || !window_bp.is_multiple_of(2 * TOKEN_BP) {
            return Err(GridWindowError { window_bp });
        }
        let pooled_bp = TOKEN_BP.saturating_mul(pool_radius as u64);
        Ok(Self {
            window_bp,
            contract: StateContract::L2NormalizedV2,
            shape: Shape::Grid {
                cell_bp: window_bp / 2,
                reach_bp: pooled_bp.saturating_add(LONGEST_ALLELE),
                shift: 0,
            },
        })
    }

    /// The same layout with every window, of `grid` every cell, beginning `shift` bases further left:
    /// an edit lies that much further right in its window, and so elsewhere in its 6-mer.
    ///
    /// At the ends of a contig windows are moved inward or cut as those of the layout are, so there
    /// some are what they were.
    ///
    /// # Errors
    ///
    /// [`ShiftWindowError`] if the longest allele would not fit right of the edit's place.
    ///
    /// # Panics
    ///
    /// For windows that are in no layout of a model.
    pub fn shifted(self, shift: u64) -> Result<Self, ShiftWindowError> {
        let window_bp = self.window_bp;
        let shape = match self.shape {
            Shape::Centered { .. } => {
                if (window_bp - window_bp / 2).saturating_sub(shift) < LONGEST_ALLELE {
                    return Err(ShiftWindowError { window_bp, shift });
                }
                Shape::Centered { shift }
            }
            Shape::Grid {
                cell_bp, reach_bp, ..
            } => Shape::Grid {
                cell_bp,
                reach_bp,
                shift,
            },
            Shape::Clamped | Shape::LeftContext => panic!("windows of no layout"),
        };
        Ok(Self { shape, ..self })
    }

    /// The name of the layout: [`Layout::Centered`] wherever a position has a window of its own.
    pub fn layout(&self) -> Layout {
        match self.shape {
            Shape::Centered { .. } | Shape::Clamped | Shape::LeftContext => Layout::Centered,
            Shape::Grid { .. } => Layout::Grid,
        }
    }

    /// The contract that the windows are for.
    pub fn contract(&self) -> StateContract {
        self.contract
    }

    /// Whether an edit can be looked at in its window, wherever it lies.
    pub fn takes(&self, edit: &EditSpec) -> bool {
        self.shape != Shape::LeftContext || edit.edit_type() == EditType::Snv
    }

    /// Bases of a window under `centered`; under `grid` twice those of a cell.
    pub fn window_bp(&self) -> u64 {
        self.window_bp
    }

    /// Bases of the longest window, right flank aside.
    pub fn longest(&self) -> u64 {
        match self.shape {
            Shape::Centered { .. } | Shape::Clamped | Shape::LeftContext => self.window_bp,
            Shape::Grid { reach_bp, .. } => self.window_bp.saturating_add(reach_bp),
        }
    }

    /// Where the window of the 0-based `locus` lies on a contig of this length.
    ///
    /// # Panics
    ///
    /// If `locus` is not on the contig.
    pub fn span(&self, contig_len: u64, locus: u64) -> WindowSpan {
        match self.shape {
            Shape::Centered { shift } => {
                let left = self.window_bp / 2 + shift;
                WindowSpan::behind(contig_len, locus, left, self.window_bp)
            }
            Shape::Clamped => {
                let left = self.window_bp / 2;
                WindowSpan::around(contig_len, locus, left, self.window_bp - left)
            }
            Shape::LeftContext => WindowSpan::around(contig_len, locus, self.window_bp - 1, 1),
            Shape::Grid {
                cell_bp,
                reach_bp,
                shift,
            } => WindowSpan::shifted_grid(contig_len, locus, cell_bp, reach_bp, shift),
        }
    }

    /// The window of the 0-based `locus` of a contig.
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
        self.cut(fasta, contig, self.span(contig.len(), locus))
    }

    /// The window over a span that [`SiteWindows::span`] gave.
    pub(crate) fn cut(
        &self,
        fasta: &Fasta,
        contig: &Contig,
        span: WindowSpan,
    ) -> Result<Window, FetchError> {
        match self.contract {
            StateContract::L2NormalizedV2 => fasta.window(contig, span, LONGEST_ALLELE - 1),
            StateContract::LegacyRawV1 if span.missing == 0 => fasta.window(contig, span, 0),
            StateContract::LegacyRawV1 => {
                let mut bases = fasta.fetch(contig, span.start, span.end)?;
                bases.resize(bases.len() + span.missing as usize, b'A');
                Ok(Window::new(span.start, bases).expect("decoded bases and padding"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_needs_cells_of_whole_tokens() {
        for window_bp in [12_288, 24_576, 12] {
            assert!(SiteWindows::grid(window_bp, 8).is_ok());
        }
        for window_bp in [0, 6, 4_096, 12_289, 12_282] {
            assert_eq!(
                SiteWindows::grid(window_bp, 8),
                Err(GridWindowError { window_bp })
            );
        }
    }

    #[test]
    fn a_shift_moves_windows_left_and_no_further_than_the_contig_goes() {
        let starts = |windows: SiteWindows, locus| {
            [0, 1, 5].map(|shift| windows.shifted(shift).unwrap().span(1_000, locus).start)
        };
        let centered = SiteWindows::centered(64, StateContract::L2NormalizedV2);
        assert_eq!(starts(centered, 500), [468, 467, 463]);
        assert_eq!(starts(centered, 33), [1, 0, 0]);
        assert_eq!(starts(centered, 970), [936, 936, 933]);
        let grid = SiteWindows::grid(48, 1).unwrap();
        assert_eq!(starts(grid, 500), [456, 455, 475]);
        assert_eq!(starts(grid, 30), [0, 0, 0]);
    }

    #[test]
    fn a_window_that_could_not_hold_an_allele_is_not_shifted() {
        let shifted = |window_bp, shift| {
            SiteWindows::centered(window_bp, StateContract::L2NormalizedV2).shifted(shift)
        };
        assert!(shifted(42, 5).is_ok() && shifted(32, 0).is_ok());
        let error = Err(ShiftWindowError {
            window_bp: 40,
            shift: 5,
        });
        assert_eq!(shifted(40, 5), error);
    }

    #[test]
    fn a_clamped_window_keeps_its_centre_at_the_ends() {
        let span = |locus| {
            let WindowSpan { start, end, .. } = SiteWindows::clamped(101).span(1_000, locus);
            (start, end)
        };
        assert_eq!(span(500), (450, 551));
        assert_eq!(span(20), (0, 71));
        assert_eq!(span(990), (940, 1_000));
    }

    #[test]
    fn a_left_context_ends_with_its_position_and_takes_single_bases() {
        let windows = SiteWindows::left_context(24_000);
        let span = |locus| {
            let WindowSpan { start, end, .. } = windows.span(100_000, locus);
            (start, end)
        };
        assert_eq!(span(0), (0, 1));
        assert_eq!(span(99_999), (75_999, 100_000));
        let takes = |r, a| windows.takes(&EditSpec::new("1", 7, r, a).unwrap());
        assert!(takes("A", "C"));
        assert!(!takes("AC", "GT") && !takes("A", "AC") && !takes("AC", "A"));
        assert!(SiteWindows::clamped(64).takes(&EditSpec::new("1", 7, "AC", "A").unwrap()));
    }

    #[test]
    fn a_huge_radius_reaches_to_the_end_of_the_contig() {
        let grid = SiteWindows::grid(12_288, usize::MAX).unwrap();
        assert_eq!(grid.span(1_000_000, 0).end, 1_000_000);
        assert_eq!(grid.longest(), u64::MAX);
    }
}
