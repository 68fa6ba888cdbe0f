//! A distribution over haplotypes that can be drawn from and learned.

use std::sync::Arc;

use geno_action::{EditShape, EditType, Haplotype, MAX_ALLELE_LEN, RelEdit};
use geno_core::RandomStream;

use crate::{EditSpace, space::Places};

/// Draws haplotypes of at most `horizon` edits, factor by factor.
///
/// The number of edits, then each edit among those that overlap none before it:
///
/// | factor | distribution |
/// |---|---|
/// | number | weights of 1 to `horizon`, all alike at first |
/// | type | weights of the types that have an edit left |
/// | lengths | weights of the type's shapes that have a place left |
/// | bin | weight of the bin `·` free places in it `/` places of single bases in it |
/// | place | the free places of the bin, all alike |
/// | bases | the alternates of the shape at the place, all alike |
///
/// So with the weights a space begins with every free place is alike. Nothing is drawn that has to be
/// thrown away; where no edit is left, a haplotype has fewer edits than its number said.
///
/// # Examples
///
/// ```
/// use geno_core::{RandomStream, Window};
/// use geno_planning::{EditPrior, EditSpace, Restrictions, Sampler};
///
/// let window = Window::new(0, b"ACGTACGTACGT".repeat(20))?;
/// let space = EditSpace::new(window.into(), &EditPrior::default(), &Restrictions::default())?;
/// let sampler = Sampler::new(&space, 5);
/// let haplotype = sampler.sample(&mut RandomStream::new(7, "example"));
/// assert!((1..=5).contains(&haplotype.edits().len()));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Sampler<'s> {
    space: &'s EditSpace,
    /// Weight of 1 edit, of 2, and so on.
    numbers: Vec<f64>,
    types: [f64; EditType::ALL.len()],
    /// Weight of each shape of the space in its type.
    shapes: Vec<f64>,
    bins: Vec<f64>,
    positions: Positions,
}

/// What follows from the weights of the bins, by the length of a reference allele less one.
#[derive(Clone)]
struct Positions {
    /// Weight of a place in each bin.
    density: Vec<f64>,
    /// Places in bins that have a weight.
    live: Vec<Places>,
    /// Density times live places of each bin.
    weights: Vec<Vec<f64>>,
}

impl<'s> Sampler<'s> {
    /// The distribution that a space begins with.
    pub fn new(space: &'s EditSpace, horizon: usize) -> Self {
        let bins = space.bin_weights().to_vec();
        Self {
            space,
            numbers: vec![1.0; horizon],
            types: *space.type_weights(),
            shapes: space.shapes().iter().map(|(_, weight)| *weight).collect(),
            positions: Positions::new(space, &bins),
            bins,
        }
    }

    /// Draws a haplotype.
    pub fn sample(&self, random: &mut RandomStream) -> Haplotype {
        let mut edits = Vec::new();
        if !self.numbers.is_empty() {
            let n = 1 + random.weighted(&self.numbers);
            while edits.len() < n
                && let Some(edit) = self.sample_edit(&edits, random)
            {
                edits.push(edit);
            }
        }
        Haplotype::new(Arc::clone(self.space.window()), edits)
            .expect("edits of the window that do not overlap")
    }

    /// Draws an edit that overlaps none of those there are; none if no edit is left.
    pub fn sample_edit(&self, taken: &[RelEdit], random: &mut RandomStream) -> Option<RelEdit> {
        let has_place: [bool; MAX_ALLELE_LEN] =
            std::array::from_fn(|i| self.positions.n_free(i, &blocked(taken, i + 1)) > 0);
        let shapes = self.space.shapes();
        let fits = |i: usize| self.shapes[i] > 0.0 && has_place[shapes[i].0.reference_len() - 1];

        let mut types = [0.0; EditType::ALL.len()];
        for i in (0..shapes.len()).filter(|&i| fits(i)) {
            let id = usize::from(shapes[i].0.edit_type().id());
            types[id] = self.types[id];
        }
        if types.iter().all(|weight| *weight == 0.0) {
            return None;
        }
        let edit_type = EditType::ALL[random.weighted(&types)];
        let weight = |i: usize| match fits(i) && shapes[i].0.edit_type() == edit_type {
            true => self.shapes[i],
            false => 0.0,
        };
        let weights: Vec<f64> = (0..shapes.len()).map(weight).collect();
        let shape = shapes[random.weighted(&weights)].0;

        let start = self.sample_place(shape, &blocked(taken, shape.reference_len()), random);
        let number = random.below(self.space.n_alternates(shape, start));
        Some(self.space.edit(shape, start, number))
    }

    /// Moves every factor towards what some haplotypes have in common.
    ///
    /// `weight = smoothing · weight + (1 − smoothing) · frequency`, both summing to 1: of numbers
    /// over the haplotypes, of types and bins over their edits, of shapes over the edits of a type.
    /// A factor of which nothing was seen stays as it is.
    ///
    /// # Panics
    ///
    /// If an elite holds an edit that is not of the space.
    ///
    /// # Source
    ///
    /// The cross-entropy method for categorical factors: de Boer, Kroese, Mannor and Rubinstein,
    /// *A tutorial on the cross-entropy method*, 2005, with its smoothed updating.
    pub fn refit<'h>(&mut self, elites: impl IntoIterator<Item = &'h Haplotype>, smoothing: f64) {
        let all_shapes = self.space.shapes();
        let mut numbers = vec![0.0; self.numbers.len()];
        let mut types = [0.0; EditType::ALL.len()];
        let mut shapes = vec![0.0; self.shapes.len()];
        let mut bins = vec![0.0; self.bins.len()];
        for elite in elites {
            if let Some(last) = elite.edits().len().checked_sub(1) {
                numbers[last] += 1.0;
            }
            for edit in elite.edits() {
                types[usize::from(edit.edit_type().id())] += 1.0;
                bins[self.space.bin_of(edit.rel_pos())] += 1.0;
                let shape = EditShape::of(edit);
                let is_shape = |(other, _): &(EditShape, f64)| *other == shape;
                let place = all_shapes.iter().position(is_shape);
                shapes[place.expect("a shape of the space")] += 1.0;
            }
        }
        mix(&mut self.numbers, &numbers, smoothing);
        mix(&mut self.types, &types, smoothing);
        mix(&mut self.bins, &bins, smoothing);
        let edit_type = |shape: &(EditShape, f64)| shape.0.edit_type();
        let mut first = 0;
        for group in all_shapes.chunk_by(|a, b| edit_type(a) == edit_type(b)) {
            let range = first..first + group.len();
            mix(
                &mut self.shapes[range.clone()],
                &shapes[range.clone()],
                smoothing,
            );
            first = range.end;
        }
        self.positions = Positions::new(self.space, &self.bins);
    }

    /// Draws a place for a shape that has one.
    fn sample_place(&self, shape: EditShape, blocked: &Places, random: &mut RandomStream) -> usize {
        let length = shape.reference_len() - 1;
        let mut weights = self.positions.weights[length].clone();
        for range in blocked.ranges() {
            let last = self.space.bin_of(range.end - 1).min(weights.len() - 1);
            for (bin, weight) in weights
                .iter_mut()
                .enumerate()
                .take(last + 1)
                .skip(self.space.bin_of(range.start))
            {
                let n_free = self.free_in(bin, length, blocked).count();
                *weight = self.positions.density[bin] * n_free as f64;
            }
        }
        let bin = random.weighted(&weights);
        let n_free = self.free_in(bin, length, blocked).count();
        let n = random.below(n_free as u64) as usize;
        self.free_in(bin, length, blocked)
            .nth(n)
            .expect("below the count")
    }

    fn free_in(&self, bin: usize, length: usize, blocked: &Places) -> impl Iterator<Item = usize> {
        let live = &self.positions.live[length];
        let is_free = move |place: &usize| live.contains(*place) && !blocked.contains(*place);
        self.space.bin(bin).filter(is_free)
    }
}

impl Positions {
    fn new(space: &EditSpace, bins: &[f64]) -> Self {
        let density = bins.iter().enumerate().map(|(bin, weight)| {
            match space.places(1).count(space.bin(bin)) {
                0 => 0.0,
                n => weight / n as f64,
            }
        });
        let density: Vec<f64> = density.collect();
        let with_weight = (0..bins.len()).filter(|&bin| density[bin] > 0.0);
        let with_weight = Places::new(with_weight.map(|bin| space.bin(bin)));
        let live = |length| space.places(length).intersection(&with_weight);
        let live: Vec<Places> = (1..=MAX_ALLELE_LEN).map(live).collect();
        let weights = |live: &Places| {
            let n_live = |bin| live.count(space.bin(bin)) as f64;
            let weight = |(bin, density): (usize, &f64)| density * n_live(bin);
            density.iter().enumerate().map(weight).collect()
        };
        Self {
            weights: live.iter().map(weights).collect(),
            live,
            density,
        }
    }

    fn n_free(&self, length: usize, blocked: &Places) -> usize {
        let live = &self.live[length];
        let taken = blocked
            .ranges()
            .iter()
            .map(|range| live.count(range.clone()));
        live.len() - taken.sum::<usize>()
    }
}

/// Where a reference allele of this many bases would overlap an edit.
fn blocked(taken: &[RelEdit], reference_len: usize) -> Places {
    let start = |edit: &RelEdit| (edit.rel_pos() + 1).saturating_sub(reference_len);
    Places::new(taken.iter().map(|edit| start(edit)..edit.end()))
}

fn mix(weights: &mut [f64], counts: &[f64], smoothing: f64) {
    let (total, n): (f64, f64) = (weights.iter().sum(), counts.iter().sum());
    if n > 0.0 {
        for (weight, count) in weights.iter_mut().zip(counts) {
            *weight = smoothing * *weight / total + (1.0 - smoothing) * count / n;
        }
    }
}
