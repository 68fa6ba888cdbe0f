//! Rows of matrices, split among threads.

use crate::packed_rows::TILE_HEIGHT;

/// Rows of one or more matrices that belong together.
pub(crate) trait Rows: Send + Sized {
    fn n_rows(&self) -> usize;

    /// The first `n` rows and the others.
    fn split_at(self, n: usize) -> (Self, Self);
}

/// Rows of a matrix that is read.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a> {
    pub(crate) values: &'a [f32],
    pub(crate) width: usize,
}

/// Rows of a matrix that is written.
pub(crate) struct MatrixMut<'a> {
    pub(crate) values: &'a mut [f32],
    pub(crate) width: usize,
}

impl Rows for Matrix<'_> {
    fn n_rows(&self) -> usize {
        self.values.len() / self.width
    }

    fn split_at(self, n: usize) -> (Self, Self) {
        let width = self.width;
        let (first, rest) = self.values.split_at(n * width);
        (
            Self {
                values: first,
                width,
            },
            Self {
                values: rest,
                width,
            },
        )
    }
}

impl Rows for MatrixMut<'_> {
    fn n_rows(&self) -> usize {
        self.values.len() / self.width
    }

    fn split_at(self, n: usize) -> (Self, Self) {
        let width = self.width;
        let (first, rest) = self.values.split_at_mut(n * width);
        (
            Self {
                values: first,
                width,
            },
            Self {
                values: rest,
                width,
            },
        )
    }
}

impl<A: Rows, B: Rows> Rows for (A, B) {
    fn n_rows(&self) -> usize {
        let n = self.0.n_rows();
        assert_eq!(n, self.1.n_rows(), "matrices of different rows");
        n
    }

    fn split_at(self, n: usize) -> (Self, Self) {
        let (first, second) = (self.0.split_at(n), self.1.split_at(n));
        ((first.0, second.0), (first.1, second.1))
    }
}

impl<A: Rows, const N: usize> Rows for [A; N] {
    fn n_rows(&self) -> usize {
        let n = self[0].n_rows();
        assert!(
            self.iter().all(|rows| rows.n_rows() == n),
            "matrices of different rows"
        );
        n
    }

    fn split_at(self, n: usize) -> (Self, Self) {
        let mut halves = self.map(|rows| {
            let (first, rest) = rows.split_at(n);
            (Some(first), Some(rest))
        });
        let first = halves.each_mut().map(|half| half.0.take());
        let rest = halves.each_mut().map(|half| half.1.take());
        let whole = |half: Option<A>| half.expect("each half is taken once");
        (first.map(whole), rest.map(whole))
    }
}

/// Runs `work` on all rows, at most `largest` tiles at a time, side by side.
///
/// Rows are split in halves at tiles, so that threads get equal shares; few rows are split further
/// than `largest`, so that every thread gets some. Nothing is allocated.
pub(crate) fn for_each_block<R: Rows>(rows: R, largest: usize, work: &(impl Fn(R) + Sync)) {
    let tiles = rows.n_rows().div_ceil(TILE_HEIGHT);
    let share = tiles.div_ceil(rayon::current_num_threads()).max(1);
    split(rows, largest.min(share), work);
}

fn split<R: Rows>(rows: R, largest: usize, work: &(impl Fn(R) + Sync)) {
    let tiles = rows.n_rows().div_ceil(TILE_HEIGHT);
    match tiles {
        0 => {}
        _ if tiles <= largest => work(rows),
        _ => {
            let (first, rest) = rows.split_at(tiles.div_ceil(2) * TILE_HEIGHT);
            rayon::join(
                || split(first, largest, work),
                || split(rest, largest, work),
            );
        }
    }
}

/// Runs `work` on every item and its own part of `out`, side by side. Nothing is allocated.
pub(crate) fn for_each_part<T: Sync>(
    items: &[T],
    out: &mut [f32],
    len: &(impl Fn(&T) -> usize + Sync),
    work: &(impl Fn(&T, &mut [f32]) + Sync),
) {
    match items {
        [] => {}
        [item] => work(item, out),
        _ => {
            let (first, rest) = items.split_at(items.len() / 2);
            let (first_out, rest_out) = out.split_at_mut(first.iter().map(len).sum());
            rayon::join(
                || for_each_part(first, first_out, len, work),
                || for_each_part(rest, rest_out, len, work),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn every_row_is_worked_on_once_in_blocks_of_whole_tiles() {
        for n in [0, 1, 13, 14, 15, 29, 140, 1_043] {
            let mut values = vec![0.0; n * 3];
            let seen = AtomicUsize::new(0);
            let rows = MatrixMut {
                values: &mut values,
                width: 3,
            };
            for_each_block(rows, 4, &|rows: MatrixMut<'_>| {
                assert!(rows.n_rows() <= 4 * TILE_HEIGHT);
                seen.fetch_add(rows.n_rows(), Ordering::Relaxed);
                rows.values.iter_mut().for_each(|value| *value += 1.0);
            });
            assert_eq!(seen.into_inner(), n);
            assert!(values.iter().all(|value| *value == 1.0));
        }
    }

    #[test]
    fn every_item_gets_its_own_part() {
        let items = [2, 0, 5, 1, 3];
        let mut out = vec![0.0; 11];
        for_each_part(&items, &mut out, &|n| *n, &|n, out| {
            assert_eq!(out.len(), *n);
            out.fill(*n as f32);
        });
        assert_eq!(out, [2., 2., 5., 5., 5., 5., 5., 1., 3., 3., 3.]);
    }
}
