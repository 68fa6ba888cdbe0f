//! Rotary positions in the half-split layout.

use rayon::prelude::*;

use crate::{Kernel, cpu::for_each_width};

/// Rows of one task.
const BLOCK: usize = 64;

/// Cosines and sines of the first positions, as many as were asked for.
#[derive(Clone, Debug)]
pub struct RotaryTable {
    frequencies: Vec<f64>,
    factor: f64,
    /// `[positions][2][half]`: cosines, then sines.
    values: Vec<f32>,
}

impl RotaryTable {
    /// A table of no positions yet. Angles are `position · frequencies[i]`, in `f64` and rounded once;
    /// cosines and sines are multiplied by `factor`, which is 1 but for YaRN.
    pub fn new(frequencies: Vec<f64>, factor: f64) -> Self {
        Self {
            frequencies,
            factor,
            values: Vec::new(),
        }
    }

    /// Adds positions until there are as many.
    pub fn grow(&mut self, positions: usize) {
        for position in self.positions()..positions {
            let angles = || self.frequencies.iter().map(|f| position as f64 * f);
            let cosines = angles().map(|angle| (angle.cos() * self.factor) as f32);
            self.values.extend(cosines);
            let sines = angles().map(|angle| (angle.sin() * self.factor) as f32);
            self.values.extend(sines);
        }
    }

    /// The width of the heads that it rotates.
    pub fn head_dim(&self) -> usize {
        2 * self.frequencies.len()
    }

    /// The table that turns back: its product with this one is `factor²`.
    pub(crate) fn opposite(&self) -> Self {
        let mut opposite = self.clone();
        let half = self.frequencies.len();
        for angles in opposite.values.chunks_exact_mut(2 * half) {
            angles[half..].iter_mut().for_each(|sine| *sine = -*sine);
        }
        opposite
            .frequencies
            .iter_mut()
            .for_each(|frequency| *frequency = -*frequency);
        opposite
    }

    /// Cosines of a position, then its sines.
    ///
    /// # Panics
    ///
    /// If the position is past the table.
    pub fn angles(&self, position: usize) -> &[f32] {
        &self.values[position * self.head_dim()..][..self.head_dim()]
    }

    /// How many positions it has.
    pub fn positions(&self) -> usize {
        self.values.len() / (2 * self.frequencies.len())
    }
}

/// Rotates the pairs `(i, i + d/2)` of the first `n_heads` heads of every row by the angles of the
/// row's position.
///
/// # Shapes
///
/// - `x`: `[rows, width]`, of which the first `n_heads · d` columns are rotated
/// - `positions`: `[rows]`
///
/// # Panics
///
/// If a shape does not fit the others, or a position is past the table.
pub fn rotate(
    kernel: Kernel,
    table: &RotaryTable,
    positions: &[u32],
    x: &mut [f32],
    width: usize,
    n_heads: usize,
) {
    let head_dim = table.head_dim();
    assert!(n_heads * head_dim <= width, "heads of another width");
    assert_eq!(x.len(), positions.len() * width, "rows without a position");
    let blocks = x.par_chunks_mut(BLOCK * width);
    blocks
        .zip(positions.par_chunks(BLOCK))
        .for_each(|(x, positions)| {
            for (row, position) in x.chunks_exact_mut(width).zip(positions) {
                let angles = table.angles(*position as usize);
                rotate_row(kernel, &mut row[..n_heads * head_dim], angles);
            }
        });
}

for_each_width! {
    pub(crate) fn rotate_row(heads: &mut [f32], angles: &[f32]) {
        let half = angles.len() / 2;
        let (cos, sin) = angles.split_at(half);
        for head in heads.chunks_exact_mut(2 * half) {
            let (low, high) = head.split_at_mut(half);
            for (((low, high), cos), sin) in low.iter_mut().zip(high).zip(cos).zip(sin) {
                let (x, y) = (*low, *high);
                *low = x * cos - y * sin;
                *high = y * cos + x * sin;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_turned_by_its_positions_angle_and_other_columns_stay() {
        let mut table = RotaryTable::new(vec![1.0, 0.25], 1.0);
        table.grow(2);
        table.grow(4);
        table.grow(3);
        assert_eq!(table.positions(), 4);
        // Two rows of one head of four and a column that is none of it.
        let x = [1.0, 2.0, 3.0, 4.0, 9.0];
        for kernel in Kernel::available() {
            let mut rows = [x, x].concat();
            rotate(kernel, &table, &[0, 3], &mut rows, 5, 1);
            assert_eq!(rows[..5], x);
            for (i, frequency) in [(0, 1.0), (1, 0.25)] {
                let (sin, cos) = (3.0 * frequency as f32).sin_cos();
                let (low, high) = (x[i], x[i + 2]);
                assert!((rows[5 + i] - (low * cos - high * sin)).abs() < 1e-6);
                assert!((rows[7 + i] - (high * cos + low * sin)).abs() < 1e-6);
            }
            assert_eq!(rows[9], 9.0);
        }
    }
}
