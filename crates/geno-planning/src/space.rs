//! All edits that a search may make.

mod error;
mod options;
mod places;

use std::{fmt, ops::Range, sync::Arc};

use geno_action::{EditShape, EditType, LengthWeights, MAX_ALLELE_LEN, RelEdit};
use geno_core::Window;

use self::error::{check_lengths, check_weights};
pub(crate) use self::places::Places;
pub use self::{
    error::SpaceError,
    options::{EditPrior, Restrictions},
};

/// The edits of a window that a prior gives a chance and restrictions allow.
///
/// A reference allele is the window's own, holds no `N` and lies whole where the restrictions say;
/// the alternates of a place are those of its [`EditShape`]. A space may be empty, as that of a
/// window of `N` or without a PAM is. The only plan is then the empty one.
///
/// # Examples
///
/// ```
/// use geno_action::EditType;
/// use geno_core::Window;
/// use geno_planning::{EditPrior, EditSpace, Restrictions};
///
/// let window = Window::new(0, b"ACGTNNGT".as_slice())?;
/// let prior = EditPrior::of_types(&[EditType::Snv]);
/// let restrictions = Restrictions { margin: 1, ..Restrictions::default() };
/// let space = EditSpace::new(window.into(), &prior, &restrictions)?;
/// assert_eq!(space.len(), 12); // 4 called bases between the margins, 3 others for each
/// assert_eq!(space.n_haplotypes(2), 1 + 12 + 6 * 9);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct EditSpace {
    window: Arc<Window>,
    /// What lies between the margins.
    interior: Range<usize>,
    bin_bp: usize,
    /// Where reference alleles of each length may begin; the first of one base.
    places: Vec<Places>,
    /// Shapes that have a place and a type with a weight, by type; each with its weight in its type.
    shapes: Vec<(EditShape, f64)>,
    type_weights: [f64; EditType::ALL.len()],
    /// Weight of each bin of positions.
    bins: Vec<f64>,
}

impl EditSpace {
    /// The edits of a window.
    ///
    /// # Errors
    ///
    /// [`SpaceError`] for margins, intervals, weights or lengths that cannot be. That they leave no
    /// edit is no error.
    pub fn new(
        window: Arc<Window>,
        prior: &EditPrior,
        restrictions: &Restrictions,
    ) -> Result<Self, SpaceError> {
        let (len, margin) = (window.len(), restrictions.margin);
        if margin.saturating_mul(2) >= len {
            return Err(SpaceError::NoInterior { margin, len });
        }
        let interior = margin..len - margin;
        check_weights("type", &prior.type_weights)?;
        let bins = bins(&interior, prior)?;
        let places = places(&window, &interior, restrictions)?;
        let places = match &bins {
            Some(weights) => {
                let with_weight = (0..weights.len()).filter(|&bin| weights[bin] > 0.0);
                let range = |bin| bin_range(&interior, prior.position_bin_bp, bin);
                let editable = Places::new(with_weight.map(range));
                places
                    .iter()
                    .map(|places| places.intersection(&editable))
                    .collect()
            }
            None => places,
        };
        let has_place = |(shape, _): &(EditShape, f64)| places[shape.reference_len() - 1].len() > 0;
        let has_weight = |t: &EditType| prior.type_weights[usize::from(t.id())] > 0.0;
        check_lengths(&prior.lengths)?;
        let shapes = EditType::ALL.into_iter().filter(has_weight);
        let shapes = shapes.flat_map(|edit_type| shapes_of(edit_type, &prior.lengths));
        let mut space = Self {
            shapes: shapes.filter(has_place).collect(),
            interior,
            bin_bp: prior.position_bin_bp,
            type_weights: prior.type_weights,
            bins: Vec::new(),
            window,
            places,
        };
        space.bins = bins.unwrap_or_else(|| {
            let n_places = |bin| space.places[0].count(space.bin(bin)) as f64;
            (0..space.n_bins()).map(n_places).collect()
        });
        Ok(space)
    }

    /// The window that is edited.
    pub fn window(&self) -> &Arc<Window> {
        &self.window
    }

    /// Whether nothing may be edited.
    pub fn is_empty(&self) -> bool {
        self.shapes.is_empty()
    }

    /// How many different edits there are.
    pub fn len(&self) -> u128 {
        self.shapes
            .iter()
            .map(|(shape, _)| self.n_edits(*shape))
            .sum()
    }

    /// Every edit once, by type, then lengths, then place.
    pub fn iter(&self) -> impl Iterator<Item = RelEdit> {
        self.edits_from(0)
    }

    /// How many haplotypes of at most `horizon` edits there are, the empty one included; the largest
    /// number where there are more.
    ///
    /// `N(k, i) = N(k, i + 1) + Σ_r n(i, r) · N(k − 1, i + r)`, with `n(i, r)` edits that replace `r`
    /// bases from base `i` on.
    pub fn n_haplotypes(&self, horizon: usize) -> u128 {
        let len = self.window.len();
        // At each base the edits by the length of what they replace.
        let mut n_edits = vec![[0u128; MAX_ALLELE_LEN]; len];
        for (shape, _) in &self.shapes {
            let r = shape.reference_len();
            for start in self.places[r - 1].from(0) {
                n_edits[start][r - 1] += u128::from(self.n_alternates(*shape, start));
            }
        }
        let mut fewer = vec![1u128; len + MAX_ALLELE_LEN];
        for _ in 0..horizon.min(len) {
            let mut n = vec![1u128; len + MAX_ALLELE_LEN];
            for start in (0..len).rev() {
                let ways = (1..=MAX_ALLELE_LEN).map(|r| {
                    let (here, behind) = (n_edits[start][r - 1], fewer[start + r]);
                    here.saturating_mul(behind)
                });
                n[start] = ways.fold(n[start + 1], u128::saturating_add);
            }
            let is_final = n[0] == fewer[0] || n[0] == u128::MAX;
            fewer = n;
            if is_final {
                break;
            }
        }
        fewer[0]
    }

    /// The edits that begin at an offset or behind it, by type, then lengths, then place.
    pub(crate) fn edits_from(&self, offset: usize) -> impl Iterator<Item = RelEdit> {
        self.shapes.iter().flat_map(move |&(shape, _)| {
            let places = self.places[shape.reference_len() - 1].from(offset);
            places.flat_map(move |start| {
                let numbers = 0..self.n_alternates(shape, start);
                numbers.map(move |number| self.edit(shape, start, number))
            })
        })
    }

    /// The edit of a shape at one of its places.
    pub(crate) fn edit(&self, shape: EditShape, start: usize, number: u64) -> RelEdit {
        shape.edit(start, self.reference(shape, start), number)
    }

    pub(crate) fn n_alternates(&self, shape: EditShape, start: usize) -> u64 {
        shape.n_alternates(self.reference(shape, start))
    }

    pub(crate) fn shapes(&self) -> &[(EditShape, f64)] {
        &self.shapes
    }

    pub(crate) fn type_weights(&self) -> &[f64; EditType::ALL.len()] {
        &self.type_weights
    }

    /// Where reference alleles of this many bases may begin.
    pub(crate) fn places(&self, reference_len: usize) -> &Places {
        &self.places[reference_len - 1]
    }

    pub(crate) fn bin_weights(&self) -> &[f64] {
        &self.bins
    }

    pub(crate) fn n_bins(&self) -> usize {
        self.interior.len().div_ceil(self.bin_bp)
    }

    /// The offsets of a bin.
    pub(crate) fn bin(&self, bin: usize) -> Range<usize> {
        bin_range(&self.interior, self.bin_bp, bin)
    }

    /// The bin of an offset, of the first one where it lies left of it.
    pub(crate) fn bin_of(&self, offset: usize) -> usize {
        offset.saturating_sub(self.interior.start) / self.bin_bp
    }

    fn reference(&self, shape: EditShape, start: usize) -> &[u8] {
        &self.window.bases()[start..start + shape.reference_len()]
    }

    fn n_edits(&self, shape: EditShape) -> u128 {
        let starts = self.places[shape.reference_len() - 1].from(0);
        starts
            .map(|start| u128::from(self.n_alternates(shape, start)))
            .sum()
    }
}

impl fmt::Debug for EditSpace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EditSpace")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

/// The shapes of a type with the weights of their lengths.
fn shapes_of(edit_type: EditType, lengths: &LengthWeights) -> Vec<(EditShape, f64)> {
    let weight = |length: usize| {
        let of_length = lengths.weights().iter().find(|(other, _)| *other == length);
        of_length.map_or(0.0, |(_, weight)| *weight)
    };
    let of_shape = |shape: &EditShape| {
        let (reference, alternate) = (shape.reference_len(), shape.alternate_len());
        match edit_type {
            EditType::Snv => 1.0,
            EditType::Mnv => weight(reference),
            EditType::Ins => weight(alternate - 1),
            EditType::Del => weight(reference - 1),
            EditType::Indel => weight(reference - 1) * weight(alternate - 1),
        }
    };
    let shapes = EditShape::of_type(edit_type).map(|shape| (shape, of_shape(&shape)));
    shapes.filter(|(_, weight)| *weight > 0.0).collect()
}

/// Where reference alleles of each length may begin.
fn places(
    window: &Window,
    interior: &Range<usize>,
    restrictions: &Restrictions,
) -> Result<Vec<Places>, SpaceError> {
    let (bases, len) = (window.bases(), window.len());
    let mut allowed = Places::new([interior.clone()]);
    if let Some(intervals) = &restrictions.intervals {
        for &Range { start, end } in intervals {
            if start >= end || end > len {
                return Err(SpaceError::BadInterval { start, end, len });
            }
        }
        allowed = allowed.intersection(&Places::new(intervals.iter().cloned()));
    }
    let called = (0..len).filter(|&i| bases[i] != b'N').map(|i| i..i + 1);
    let allowed = allowed.intersection(&Places::new(called));
    let near_cuts = restrictions
        .guides
        .as_ref()
        .map(|guides| guides.stretches(bases));
    let of_length = |len| {
        let places = Places::starts(allowed.ranges(), len);
        match &near_cuts {
            Some(stretches) => places.intersection(&Places::starts(stretches, len)),
            None => places,
        }
    };
    Ok((1..=MAX_ALLELE_LEN).map(of_length).collect())
}

fn bin_range(interior: &Range<usize>, bin_bp: usize, bin: usize) -> Range<usize> {
    let start = interior.start + bin * bin_bp;
    start..interior.end.min(start.saturating_add(bin_bp))
}

/// The weights of bins that a prior gives, if it gives any.
fn bins(interior: &Range<usize>, prior: &EditPrior) -> Result<Option<Vec<f64>>, SpaceError> {
    if prior.position_bin_bp == 0 {
        return Err(SpaceError::EmptyBin);
    }
    if let Some(weights) = &prior.position_weights {
        let expected = interior.len().div_ceil(prior.position_bin_bp);
        if weights.len() != expected {
            let actual = weights.len();
            return Err(SpaceError::WrongBins { expected, actual });
        }
        check_weights("position bin", weights)?;
    }
    Ok(prior.position_weights.clone())
}
