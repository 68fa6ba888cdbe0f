//! Where in a window reference alleles may lie.

use geno_core::is_acgt;

/// The stretches of called bases between the margins of a window.
#[derive(Clone, Debug)]
pub(super) struct Runs(Vec<Run>);

#[derive(Clone, Copy, Debug)]
struct Run {
    start: usize,
    len: usize,
}

/// The places for reference alleles of one length.
#[derive(Clone, Debug)]
pub(super) struct Starts {
    /// First place of each run that has one, and the number of places before it.
    runs: Vec<(usize, u64)>,
    total: u64,
}

impl Runs {
    pub(super) fn of(window: &[u8], margin: usize) -> Self {
        let mut runs = Vec::new();
        let mut at = margin;
        let interior = &window[margin..window.len() - margin];
        for stretch in interior.chunk_by(|a, b| is_acgt(&[*a]) == is_acgt(&[*b])) {
            if is_acgt(stretch) {
                let len = stretch.len();
                runs.push(Run { start: at, len });
            }
            at += stretch.len();
        }
        Self(runs)
    }

    /// Every place at which `len` called bases follow each other between the margins.
    pub(super) fn starts(&self, len: usize) -> Starts {
        let mut runs = Vec::new();
        let mut total = 0;
        for run in self.0.iter().filter(|run| run.len >= len) {
            runs.push((run.start, total));
            total += (run.len - len + 1) as u64;
        }
        Starts { runs, total }
    }
}

impl Starts {
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// The place of this number, which is below the total.
    pub(super) fn place(&self, number: u64) -> usize {
        let run = self.runs.partition_point(|&(_, before)| before <= number) - 1;
        let (start, before) = self.runs[run];
        start + (number - before) as usize
    }

    pub(super) fn places(&self) -> impl Iterator<Item = usize> {
        (0..self.total).map(|number| self.place(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_between_margins_and_unknown_bases() {
        let runs = Runs::of(b"ACGNACGTNNACGT", 1);
        let places = |len| runs.starts(len).places().collect::<Vec<_>>();
        assert_eq!(places(1), [1, 2, 4, 5, 6, 7, 10, 11, 12]);
        assert_eq!(places(3), [4, 5, 10]);
        assert!(places(5).is_empty());
    }
}
