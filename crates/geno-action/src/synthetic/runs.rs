//! Where in a window reference alleles may lie.

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
    /// The runs of a window, in which every base but `N` is called.
    pub(super) fn of(window: &[u8], margin: usize) -> Self {
        let mut runs = Vec::new();
        let mut start = margin;
        let interior = &window[margin..window.len() - margin];
        for stretch in interior.split(|base| *base == b'N') {
            let len = stretch.len();
            if len > 0 {
                runs.push(Run { start, len });
            }
            start += len + 1;
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

    /// The places in runs of neighbours: the first, and how many.
    pub(super) fn spans(&self) -> impl Iterator<Item = (usize, usize)> {
        let ends = self.runs.iter().skip(1).map(|(_, before)| *before);
        let ends = ends.chain([self.total]);
        let span = |((start, before), end): (&(usize, u64), u64)| (*start, (end - before) as usize);
        self.runs.iter().zip(ends).map(span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_between_margins_and_unknown_bases() {
        let runs = Runs::of(b"ACGNACGTNNACGT", 1);
        let places = |len| {
            let starts = runs.starts(len);
            let places: Vec<usize> = (0..starts.total()).map(|i| starts.place(i)).collect();
            let spans = starts.spans().flat_map(|(first, n)| first..first + n);
            assert_eq!(spans.collect::<Vec<_>>(), places);
            places
        };
        assert_eq!(places(1), [1, 2, 4, 5, 6, 7, 10, 11, 12]);
        assert_eq!(places(3), [4, 5, 10]);
        assert!(places(5).is_empty());
    }
}
