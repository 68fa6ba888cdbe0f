//! Edits made up for a window.

mod class;
mod draw;
mod lengths;
mod runs;

use geno_core::{Coded, ErrorCode, Window};

use self::{class::Class, runs::Runs};
pub use self::{
    draw::SampleError,
    lengths::{LengthWeights, LengthWeightsError},
};
use crate::{EditShape, MAX_ALLELE_LEN, RelEdit};

/// Bases left alone at either end of a window, so that a state has context on both sides.
pub const DEFAULT_EDGE_MARGIN: usize = 64;

/// Longest event behind an anchor base, in bases.
const MAX_EVENT_LEN: usize = MAX_ALLELE_LEN - 1;

/// All edits of some kinds that a window allows, from which edits can be drawn.
///
/// A reference allele lies whole between the margins and holds no `N`; it is the window's own. An
/// edit is a position, a reference and an alternate allele: two insertions into one repeat that make
/// the same sequence are two edits, unless they are brought to [one
/// spelling](RelEdit::left_aligned).
///
/// | made by | edits | given its lengths, uniform over |
/// |---|---|---|
/// | [`snvs`](Self::snvs) | one base becomes another | position, other base |
/// | [`insertions`](Self::insertions) | bases behind an anchor | anchor, inserted bases |
/// | [`deletions`](Self::deletions) | bases behind an anchor go | anchor |
/// | [`mnvs`](Self::mnvs) | neighbours change, every one | position, other bases |
/// | [`delins`](Self::delins) | bases behind an anchor become another number of bases | anchor, bases |
///
/// # Examples
///
/// ```
/// use geno_action::SyntheticEdits;
/// use geno_core::{RandomStream, Window};
///
/// let window = Window::new(0, b"ACGTNNGT".as_slice())?;
/// let snvs = SyntheticEdits::snvs(&window, 1)?;
/// assert_eq!(snvs.len(), 12); // 4 called bases between the margins, 3 others for each
///
/// let edits = snvs.sample_distinct(12, &mut RandomStream::new(7, "snvs"))?;
/// assert_eq!(edits.len(), 12);
/// assert!(snvs.sample_distinct(13, &mut RandomStream::new(7, "snvs")).is_err());
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SyntheticEdits<'w> {
    window: &'w [u8],
    /// Classes that hold an edit, each with its probability up to a factor.
    classes: Vec<(Class, f64)>,
}

/// Why a window has no such edits.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SyntheticError {
    /// The margins leave nothing of the window.
    #[error("margins of {margin} bases leave nothing of a window of {len}")]
    NoInterior {
        /// Bases left alone at either end.
        margin: usize,
        /// Length of the window.
        len: usize,
    },
    /// A length makes no edit of this kind, or one with too long an allele.
    #[error("length {length} is outside {min} to {max}")]
    BadLength {
        /// The length.
        length: usize,
        /// Shortest of this kind.
        min: usize,
        /// Longest of this kind.
        max: usize,
    },
}

impl Coded for SyntheticError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NoInterior { .. } => ErrorCode::InputOutOfWindow,
            Self::BadLength { .. } => ErrorCode::InputUnsupportedEdit,
        }
    }
}

impl<'w> SyntheticEdits<'w> {
    /// Substitutions of one base: `3` for each called base between the margins.
    ///
    /// # Errors
    ///
    /// [`SyntheticError::NoInterior`] where `2 · margin` is not less than the window.
    pub fn snvs(window: &'w Window, margin: usize) -> Result<Self, SyntheticError> {
        Self::new(window, margin, [((1, 1), 1.0)])
    }

    /// Insertions of 1 to 15 bases: `4^k` of length `k` behind each called base between the margins.
    ///
    /// # Errors
    ///
    /// [`SyntheticError`] for margins or lengths that leave nothing.
    pub fn insertions(
        window: &'w Window,
        margin: usize,
        lengths: &LengthWeights,
    ) -> Result<Self, SyntheticError> {
        let lengths = checked(lengths, 1, MAX_EVENT_LEN)?;
        let shapes = lengths.iter().map(|&(len, p)| ((1, 1 + len), p));
        Self::new(window, margin, shapes)
    }

    /// Deletions of 1 to 15 bases behind an anchor, which lies between the margins too.
    ///
    /// # Errors
    ///
    /// [`SyntheticError`] for margins or lengths that leave nothing.
    pub fn deletions(
        window: &'w Window,
        margin: usize,
        lengths: &LengthWeights,
    ) -> Result<Self, SyntheticError> {
        let lengths = checked(lengths, 1, MAX_EVENT_LEN)?;
        let shapes = lengths.iter().map(|&(len, p)| ((1 + len, 1), p));
        Self::new(window, margin, shapes)
    }

    /// Substitutions of 2 to 16 neighbours, every one of which changes: `3^k` at a place.
    ///
    /// # Errors
    ///
    /// [`SyntheticError`] for margins or lengths that leave nothing.
    pub fn mnvs(
        window: &'w Window,
        margin: usize,
        lengths: &LengthWeights,
    ) -> Result<Self, SyntheticError> {
        let lengths = checked(lengths, 2, MAX_ALLELE_LEN)?;
        let shapes = lengths.iter().map(|&(len, p)| ((len, len), p));
        Self::new(window, margin, shapes)
    }

    /// Replacements of 1 to 15 bases behind an anchor by another number of bases, 1 to 15.
    ///
    /// None could be written with fewer bases: the first inserted base differs from the first
    /// deleted one, and the last from the last. The two lengths are drawn independently, given that
    /// they differ.
    ///
    /// # Errors
    ///
    /// [`SyntheticError`] for margins or lengths that leave nothing.
    pub fn delins(
        window: &'w Window,
        margin: usize,
        deleted: &LengthWeights,
        inserted: &LengthWeights,
    ) -> Result<Self, SyntheticError> {
        let deleted = checked(deleted, 1, MAX_EVENT_LEN)?;
        let inserted = checked(inserted, 1, MAX_EVENT_LEN)?;
        let pairs = deleted.iter().flat_map(|&(deleted, p)| {
            let others = inserted.iter().filter(move |(len, _)| *len != deleted);
            others.map(move |&(inserted, q)| ((1 + deleted, 1 + inserted), p * q))
        });
        Self::new(window, margin, pairs)
    }

    /// Edits of several kinds: a kind is drawn by its weight among those that have edits, then an
    /// edit of it.
    ///
    /// # Panics
    ///
    /// If a weight is negative or not finite, the parts are of different windows, or two parts hold
    /// the same kind and length.
    pub fn mix(parts: impl IntoIterator<Item = (f64, Self)>) -> Self {
        let mut mixed: Option<Self> = None;
        for (weight, part) in parts {
            assert!(weight.is_finite() && weight >= 0.0, "weight {weight}");
            let total: f64 = part.classes.iter().map(|(_, p)| p).sum();
            let mixed = mixed.get_or_insert_with(|| Self {
                window: part.window,
                classes: Vec::new(),
            });
            assert!(mixed.window == part.window, "edits of another window");
            for (class, p) in part.classes.into_iter().filter(|_| weight > 0.0) {
                let is_there = |(other, _): &(Class, f64)| other.shape() == class.shape();
                assert!(!mixed.classes.iter().any(is_there), "a kind twice");
                mixed.classes.push((class, weight * p / total));
            }
        }
        mixed.unwrap_or(Self {
            window: &[],
            classes: Vec::new(),
        })
    }

    /// How many different edits there are.
    pub fn len(&self) -> u64 {
        self.classes.iter().map(|(class, _)| class.len()).sum()
    }

    /// Whether the window allows none of these edits.
    pub fn is_empty(&self) -> bool {
        self.classes.is_empty()
    }

    /// Every edit once, by kind, then length, then place.
    pub fn iter(&self) -> impl Iterator<Item = RelEdit> {
        self.classes.iter().flat_map(|(class, _)| {
            let edit = |number| class.edit(self.window, number);
            (0..class.len()).map(edit)
        })
    }

    fn new(
        window: &'w Window,
        margin: usize,
        lengths: impl IntoIterator<Item = ((usize, usize), f64)>,
    ) -> Result<Self, SyntheticError> {
        let len = window.len();
        if margin.saturating_mul(2) >= len {
            return Err(SyntheticError::NoInterior { margin, len });
        }
        let window = window.bases();
        let runs = Runs::of(window, margin);
        let class = |(reference, alternate)| {
            let shape = EditShape::new(reference, alternate).expect("checked lengths");
            Class::new(shape, window, &runs)
        };
        let classes = lengths
            .into_iter()
            .map(|(lengths, p)| (class(lengths), p))
            .filter(|(class, _)| class.len() > 0)
            .collect();
        Ok(Self { window, classes })
    }
}

fn checked(
    lengths: &LengthWeights,
    min: usize,
    max: usize,
) -> Result<&[(usize, f64)], SyntheticError> {
    let weights = lengths.weights();
    match weights
        .iter()
        .find(|(length, _)| !(min..=max).contains(length))
    {
        Some(&(length, _)) => Err(SyntheticError::BadLength { length, min, max }),
        None => Ok(weights),
    }
}
