//! The edits of one shape, numbered.

use super::runs::{Runs, Starts};
use crate::{EditShape, RelEdit};

/// All edits of one shape in a window, of which each has a number.
#[derive(Clone, Debug)]
pub(super) struct Class {
    shape: EditShape,
    starts: Starts,
    /// Alternates at every place.
    alternates: u64,
    /// How many places have one alternate more: a single inserted base has three choices where the
    /// deleted bases begin and end alike, and two elsewhere.
    n_richer: u64,
}

impl Class {
    pub(super) fn new(shape: EditShape, window: &[u8], runs: &Runs) -> Self {
        let starts = runs.starts(shape.reference_len());
        let mut class = Self {
            shape,
            starts,
            alternates: shape.least_alternates(),
            n_richer: 0,
        };
        class.n_richer = class.ends(window).map(|(_, pairs)| n_alike(pairs)).sum();
        class
    }

    /// First and last deleted bases, for each span of places: of single inserted bases alone.
    fn ends<'w>(&self, window: &'w [u8]) -> impl Iterator<Item = (usize, Ends<'w>)> + use<'_, 'w> {
        let deleted = self.shape.reference_len() - 1;
        let spans = self.shape.inserts_one_base().then(|| self.starts.spans());
        spans.into_iter().flatten().map(move |(start, n)| {
            let first = &window[start + 1..][..n];
            let last = &window[start + deleted..][..n];
            (start, (first, last))
        })
    }

    /// The place with one alternate more that has so many of them before it.
    fn richer(&self, window: &[u8], mut number: u64) -> usize {
        for (start, (first, last)) in self.ends(window) {
            let n = n_alike((first, last));
            if number < n {
                let mut alike = (0..first.len()).filter(|&i| first[i] == last[i]);
                return start + alike.nth(number as usize).expect("as many as were counted");
            }
            number -= n;
        }
        unreachable!("a number below the count of such places")
    }

    pub(super) fn shape(&self) -> EditShape {
        self.shape
    }

    /// How many edits there are.
    pub(super) fn len(&self) -> u64 {
        self.starts.total() * self.alternates + self.n_richer
    }

    /// The edit of this number, which is below [`Class::len`].
    pub(super) fn edit(&self, window: &[u8], number: u64) -> RelEdit {
        let (place, choice) = (number / self.alternates, number % self.alternates);
        let (start, choice) = match place.checked_sub(self.starts.total()) {
            None => (self.starts.place(place), choice),
            Some(_) => {
                let extra = number - self.starts.total() * self.alternates;
                (self.richer(window, extra), self.alternates)
            }
        };
        let reference = &window[start..start + self.shape.reference_len()];
        self.shape.edit(start, reference, choice)
    }
}

/// The first deleted bases of neighbouring places, and the last ones.
type Ends<'w> = (&'w [u8], &'w [u8]);

fn n_alike((first, last): Ends<'_>) -> u64 {
    let alike = first.iter().zip(last).filter(|(a, b)| a == b);
    alike.count() as u64
}
