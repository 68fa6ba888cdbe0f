//! The edits of one kind and length, numbered.

use super::runs::{Runs, Starts};
use crate::RelEdit;

/// What a synthetic edit does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Event {
    /// So many bases become others, every one of them.
    Substitution(usize),
    /// So many bases are put behind an anchor.
    Insertion(usize),
    /// So many bases are taken out behind an anchor.
    Deletion(usize),
    /// Bases behind an anchor are replaced by a different number of bases, of which the first and
    /// the last are none that either end could keep.
    Replacement { deleted: usize, inserted: usize },
}

/// All edits of one event in a window, of which each has a number.
#[derive(Clone, Debug)]
pub(super) struct Class {
    event: Event,
    starts: Starts,
    /// Alternates at every place.
    alternates: u64,
    /// How many places have one alternate more: a single inserted base has three choices where the
    /// deleted bases begin and end alike, and two elsewhere.
    n_richer: u64,
}

impl Event {
    fn reference_len(self) -> usize {
        match self {
            Self::Substitution(len) => len,
            Self::Insertion(_) => 1,
            Self::Deletion(deleted) | Self::Replacement { deleted, .. } => 1 + deleted,
        }
    }

    fn alternates(self) -> u64 {
        match self {
            Self::Substitution(len) => 3u64.pow(len as u32),
            Self::Insertion(len) => 4u64.pow(len as u32),
            Self::Deletion(_) => 1,
            Self::Replacement { inserted: 1, .. } => 2,
            Self::Replacement { inserted, .. } => 9 * 4u64.pow(inserted as u32 - 2),
        }
    }
}

impl Class {
    pub(super) fn new(event: Event, window: &[u8], runs: &Runs) -> Self {
        let starts = runs.starts(event.reference_len());
        let mut class = Self {
            event,
            starts,
            alternates: event.alternates(),
            n_richer: 0,
        };
        class.n_richer = class.ends(window).map(|(_, pairs)| n_alike(pairs)).sum();
        class
    }

    /// First and last deleted bases, for each span of places: of single inserted bases alone.
    fn ends<'w>(&self, window: &'w [u8]) -> impl Iterator<Item = (usize, Ends<'w>)> + use<'_, 'w> {
        let deleted = match self.event {
            Event::Replacement {
                deleted,
                inserted: 1,
            } => Some(deleted),
            _ => None,
        };
        deleted.into_iter().flat_map(move |deleted| {
            self.starts.spans().map(move |(start, n)| {
                let first = &window[start + 1..][..n];
                let last = &window[start + deleted..][..n];
                (start, (first, last))
            })
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

    pub(super) fn event(&self) -> Event {
        self.event
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
        let reference = &window[start..start + self.event.reference_len()];
        let alternate = self.alternate(reference, choice);
        let text = |bases| std::str::from_utf8(bases).expect("called bases are ASCII");
        RelEdit::new(start, text(reference), text(&alternate))
            .expect("different runs of called bases, short enough")
    }

    fn alternate(&self, reference: &[u8], choice: u64) -> Vec<u8> {
        let mut digits = Digits(choice);
        let mut alternate = match self.event {
            Event::Substitution(_) => Vec::new(),
            _ => vec![reference[0]],
        };
        match self.event {
            Event::Substitution(_) => {
                alternate.extend(reference.iter().map(|&base| digits.other(&[base])));
            }
            Event::Insertion(len) => alternate.extend((0..len).map(|_| digits.other(&[]))),
            Event::Deletion(_) => {}
            Event::Replacement { deleted, inserted } => {
                let (first, last) = (reference[1], reference[deleted]);
                if inserted == 1 {
                    alternate.push(digits.other(&[first, last]));
                } else {
                    alternate.push(digits.other(&[first]));
                    alternate.extend((2..inserted).map(|_| digits.other(&[])));
                    alternate.push(digits.other(&[last]));
                }
            }
        }
        alternate
    }
}

/// The first deleted bases of neighbouring places, and the last ones.
type Ends<'w> = (&'w [u8], &'w [u8]);

fn n_alike((first, last): Ends<'_>) -> u64 {
    let alike = first.iter().zip(last).filter(|(a, b)| a == b);
    alike.count() as u64
}

/// A number taken apart into choices, the last choice first.
struct Digits(u64);

impl Digits {
    /// The next choice among the bases that are not in `excluded`.
    fn other(&mut self, excluded: &[u8]) -> u8 {
        let is_free = |base: &&u8| !excluded.contains(base);
        let n = b"ACGT".iter().filter(is_free).count() as u64;
        let digit = (self.0 % n) as usize;
        self.0 /= n;
        *b"ACGT"
            .iter()
            .filter(is_free)
            .nth(digit)
            .expect("a digit below the number of bases")
    }
}
