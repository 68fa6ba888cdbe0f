//! Drawing from the edits of a window.

use std::{collections::HashMap, fmt};

use geno_core::{Coded, ErrorCode, RandomStream};

use super::{SyntheticEdits, class::Class};
use crate::RelEdit;

/// Why edits could not be drawn.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{requested} edits asked for of {available} that the window allows")]
pub struct SampleError {
    /// How many were asked for.
    pub requested: u64,
    /// How many different ones there are.
    pub available: u64,
}

impl Coded for SampleError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

/// The numbers of a class that were not drawn yet, as a pack of cards of which only the moved ones
/// are written down.
#[derive(Default)]
struct Drawn {
    moved: HashMap<u64, u64>,
    n: u64,
}

impl SyntheticEdits<'_> {
    /// Draws `n` edits with replacement: each independently of the others, so one may come twice.
    ///
    /// Lengths are drawn by weight, then all edits of a length are equally likely.
    ///
    /// # Errors
    ///
    /// [`SampleError`] if the window allows no such edit and `n` is not 0.
    pub fn sample(&self, n: usize, random: &mut RandomStream) -> Result<Vec<RelEdit>, SampleError> {
        if self.is_empty() && n > 0 {
            return Err(self.too_many(n));
        }
        let weights: Vec<f64> = self.classes.iter().map(|(_, p)| *p).collect();
        let mut draw = || {
            let class = &self.classes[by_weight(&weights, random)].0;
            class.edit(self.window, random.below(class.len()))
        };
        Ok((0..n).map(|_| draw()).collect())
    }

    /// Draws `n` different edits, in the order drawn: each as [`SyntheticEdits::sample`] draws it,
    /// among those that are left.
    ///
    /// Edits of one length are any set of them with the same probability. A length of which no edit
    /// is left is not drawn any more.
    ///
    /// # Errors
    ///
    /// [`SampleError`] if there are fewer than `n`.
    pub fn sample_distinct(
        &self,
        n: usize,
        random: &mut RandomStream,
    ) -> Result<Vec<RelEdit>, SampleError> {
        if n as u64 > self.len() {
            return Err(self.too_many(n));
        }
        let mut weights: Vec<f64> = self.classes.iter().map(|(_, p)| *p).collect();
        let mut drawn: Vec<Drawn> = weights.iter().map(|_| Drawn::default()).collect();
        let mut draw = || {
            let i = by_weight(&weights, random);
            let class = &self.classes[i].0;
            let number = drawn[i].next(class, random);
            if drawn[i].n == class.len() {
                weights[i] = 0.0;
            }
            class.edit(self.window, number)
        };
        Ok((0..n).map(|_| draw()).collect())
    }

    fn too_many(&self, n: usize) -> SampleError {
        SampleError {
            requested: n as u64,
            available: self.len(),
        }
    }
}

impl Drawn {
    /// One step of a Fisher–Yates shuffle of all numbers of a class.
    fn next(&mut self, class: &Class, random: &mut RandomStream) -> u64 {
        let last = class.len() - 1 - self.n;
        self.n += 1;
        let place = random.below(last + 1);
        let card = |place| self.moved.get(&place).copied().unwrap_or(place);
        let (number, last_number) = (card(place), card(last));
        self.moved.remove(&last);
        if place != last {
            self.moved.insert(place, last_number);
        }
        number
    }
}

/// The place of one of the weights; of a single one nothing is drawn.
fn by_weight(weights: &[f64], random: &mut RandomStream) -> usize {
    match weights {
        [_] => 0,
        _ => random.weighted(weights),
    }
}

impl fmt::Debug for SyntheticEdits<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyntheticEdits")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}
