//! How far the examples of two sets lie apart on the genome.

use std::{collections::HashMap, ops::Range};

use geno_core::{Coded, ErrorCode};
use geno_data::canonical_contig;

use super::{Example, OpenTargetsError, TargetSet};

/// How far two sets lie apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Separation {
    /// Least number of bases between what an example of one set and one of the other change; none
    /// if they share no contig.
    pub edits: Option<u64>,
    /// The same between the windows of examples, 0 if any touch or overlap.
    pub windows: Option<u64>,
}

/// Why two sets are not disjoint, or cannot be shown to be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Overlap {
    /// A set cannot be read any more.
    #[error(transparent)]
    Read(#[from] OpenTargetsError),
    /// An example has no place.
    #[error("an example has no place on a genome, so it cannot be compared")]
    NoPlace,
    /// Examples of both sets change the same bases.
    #[error("{examples} of the examples to validate on change bases that training examples change")]
    Shared {
        /// Validation examples that overlap with a training example.
        examples: u64,
    },
}

impl Coded for Overlap {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Read(source) => source.code(),
            Self::NoPlace | Self::Shared { .. } => ErrorCode::InputGeneric,
        }
    }
}

/// Shows that no example of one set changes a base that an example of the other changes too, and how
/// far they lie apart. A contig is one under all its spellings.
///
/// # Errors
///
/// [`Overlap`].
///
/// # Cost
///
/// Reads every line of both sets; 32 bytes of memory for each example to train on.
pub fn disjoint(training: &TargetSet, validation: &TargetSet) -> Result<Separation, Overlap> {
    let (mut edits, mut windows) = (Stretches::default(), Stretches::default());
    for i in 0..training.len() {
        let [of_edits, of_window] = Stretch::of(&training.example(i)?).ok_or(Overlap::NoPlace)?;
        edits.add(of_edits);
        windows.add(of_window);
    }
    edits.join();
    windows.join();
    let mut separation = Separation {
        edits: None,
        windows: None,
    };
    let mut shared = 0;
    let nearer = |least: Option<u64>, gap: Option<u64>| least.into_iter().chain(gap).min();
    for i in 0..validation.len() {
        let [of_edits, of_window] = Stretch::of(&validation.example(i)?).ok_or(Overlap::NoPlace)?;
        match edits.nearest(&of_edits) {
            Some(Nearest::Overlap) => shared += 1,
            Some(Nearest::Gap(gap)) => separation.edits = nearer(separation.edits, Some(gap)),
            None => {}
        }
        let gap = windows.nearest(&of_window).map(|nearest| match nearest {
            Nearest::Overlap => 0,
            Nearest::Gap(gap) => gap,
        });
        separation.windows = nearer(separation.windows, gap);
    }
    match shared {
        0 => Ok(separation),
        examples => Err(Overlap::Shared { examples }),
    }
}

/// A stretch of a contig, by its canonical name.
struct Stretch {
    contig: String,
    range: Range<u64>,
}

impl Stretch {
    /// What the edits of an example change, and its window.
    fn of(example: &Example) -> Option<[Self; 2]> {
        let place = example.place()?;
        let contig = canonical_contig(&place.contig);
        let edits = || example.edits().iter().map(|of_example| of_example.edit());
        let first = edits().map(|edit| edit.rel_pos() as u64).min()?;
        let end = edits().map(|edit| edit.end() as u64).max()?;
        let range = |from: u64, to: u64| {
            let start = place.window_start;
            start.saturating_add(from)..start.saturating_add(to)
        };
        Some(
            [range(first, end), range(0, place.window_bp)].map(|range| Self {
                contig: contig.clone(),
                range,
            }),
        )
    }
}

/// Stretches of a genome, by contig; those that touch are one once they were joined.
#[derive(Default)]
struct Stretches(HashMap<String, Vec<Range<u64>>>);

/// How near the nearest stretch is.
enum Nearest {
    Overlap,
    /// So many bases lie between.
    Gap(u64),
}

impl Stretches {
    fn add(&mut self, Stretch { contig, range }: Stretch) {
        self.0.entry(contig).or_default().push(range);
    }

    fn join(&mut self) {
        for ranges in self.0.values_mut() {
            ranges.sort_unstable_by_key(|range| range.start);
            ranges.dedup_by(|next, range| {
                let touches = next.start <= range.end;
                if touches {
                    range.end = range.end.max(next.end);
                }
                touches
            });
        }
    }

    fn nearest(&self, Stretch { contig, range }: &Stretch) -> Option<Nearest> {
        let ranges = self.0.get(contig)?;
        let after = ranges.partition_point(|other| other.start < range.end);
        let left = after.checked_sub(1).map(|i| &ranges[i]);
        if left.is_some_and(|left| left.end > range.start) {
            return Some(Nearest::Overlap);
        }
        let left = left.map(|left| range.start - left.end);
        let right = ranges.get(after).map(|right| right.start - range.end);
        left.into_iter().chain(right).min().map(Nearest::Gap)
    }
}
