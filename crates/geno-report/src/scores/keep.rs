//! Which rows of a large file are shown.

use std::cmp::Ordering;

use super::Scored;

/// Keeps the rows with the highest percentiles, in memory that does not grow with the file.
pub(super) struct Kept {
    rows: Vec<Scored>,
    max_rows: usize,
}

impl Kept {
    pub(super) fn new(max_rows: usize) -> Self {
        Self {
            rows: Vec::new(),
            max_rows,
        }
    }

    pub(super) fn push(&mut self, row: Scored) {
        self.rows.push(row);
        // Sorted once for every so many rows, not for each.
        if self.rows.len() >= self.max_rows.saturating_mul(2).max(1_024) {
            self.prune();
        }
    }

    /// The rows, in the order of their file.
    pub(super) fn finish(mut self) -> Vec<Scored> {
        self.prune();
        self.rows.sort_by_key(|row| row.number);
        self.rows
    }

    fn prune(&mut self) {
        if self.rows.len() > self.max_rows {
            self.rows.sort_by(order);
            self.rows.truncate(self.max_rows);
        }
    }
}

/// The highest percentile first, then the greatest surprise, then the first of the file.
pub(super) fn order(a: &Scored, b: &Scored) -> Ordering {
    let percentile = b.percentile.total_cmp(&a.percentile);
    let surprise = || b.sigma_raw.total_cmp(&a.sigma_raw);
    percentile.then_with(surprise).then(a.number.cmp(&b.number))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(number: u64, percentile: f64) -> Scored {
        Scored {
            number,
            contig: 0,
            pos: 1,
            reference: 0,
            alternate: 0,
            sigma_raw: 0.0,
            percentile,
            bucket: 0,
            confidence: 1.0,
            low_confidence: false,
            extras: Vec::new(),
        }
    }

    proptest! {
        #[test]
        fn those_kept_are_the_highest_in_the_order_of_the_file(
            values in prop::collection::vec(0u32..50, 0..3_000), max_rows in 0usize..600,
        ) {
            let mut kept = Kept::new(max_rows);
            let mut all: Vec<Scored> = (0..).zip(&values).map(|(i, p)| row(i, f64::from(*p))).collect();
            all.iter().for_each(|row| kept.push(row.clone()));
            all.sort_by(order);
            all.truncate(max_rows);
            let mut expected: Vec<u64> = all.iter().map(|row| row.number).collect();
            expected.sort_unstable();
            let found: Vec<u64> = kept.finish().iter().map(|row| row.number).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
