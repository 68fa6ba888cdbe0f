//! Products of packed rows and packed columns.

use std::ops::Range;

use crate::{
    cpu::{Kernel, for_each_width},
    packed_matrix::PackedMatrix,
    packed_rows::{PackedRows, TILE_HEIGHT},
    panel::{PANEL_WIDTH, Step},
    tile::{Int8Sums, Target, int8_sums, multiply_tile},
};

/// Packed rows that stay in the processor's second cache while panels pass by.
const CACHED_ROWS_BYTES: usize = 600 << 10;

/// Columns of a right operand without a scale, as attention has them.
#[derive(Clone, Copy)]
pub(crate) struct Panels<'a> {
    /// `[panels][stride]`, of which some of each are multiplied.
    pub(crate) panels: &'a [Step],
    pub(crate) stride: usize,
    /// The first of those that are multiplied: as many as the rows have.
    pub(crate) first: usize,
    pub(crate) columns: usize,
}

/// Multiplies rows with columns: `out = rows · columns`, or `out += …`.
///
/// Row `i` of the output begins at `out[i · stride]`.
pub(crate) fn multiply(
    kernel: Kernel,
    rows: &PackedRows,
    right: Panels<'_>,
    out: &mut [f32],
    stride: usize,
    add: bool,
) {
    for (i, panel) in right.panels.chunks_exact(right.stride).enumerate() {
        let panel = &panel[right.first..][..rows.steps];
        let column = i * PANEL_WIDTH;
        let columns = PANEL_WIDTH.min(right.columns - column);
        for first in (0..rows.rows).step_by(TILE_HEIGHT) {
            let (tile, height) = rows.tile(first);
            let target = Target {
                out: &mut out[first * stride + column..],
                stride,
                columns,
                add,
            };
            multiply_tile(kernel, rows.format, tile, height, panel, target);
        }
    }
}

impl PackedMatrix {
    /// Multiplies rows with the columns `columns` and the inner values from `inner` on, as many as
    /// the rows have. Columns begin at a whole panel, inner values at a multiple of 1,024, and they
    /// end at one or at the last.
    pub(crate) fn multiply(
        &self,
        kernel: Kernel,
        rows: &PackedRows,
        columns: Range<usize>,
        inner: usize,
        out: &mut [f32],
        add: bool,
    ) {
        let stride = columns.len();
        let slot = inner / self.format.per_slot();
        let steps = slot..slot + rows.steps;
        let row_bytes = (4 * rows.steps).max(1);
        let block = (CACHED_ROWS_BYTES / row_bytes / TILE_HEIGHT).max(1) * TILE_HEIGHT;
        let mut sums = [[0; PANEL_WIDTH]; TILE_HEIGHT];
        for start in (0..rows.rows).step_by(block) {
            for column in columns.clone().step_by(PANEL_WIDTH) {
                let packed = &self.panels[column / PANEL_WIDTH];
                let panel = &packed.steps[steps.clone()];
                let width = PANEL_WIDTH.min(columns.end - column);
                for first in (start..rows.rows.min(start + block)).step_by(TILE_HEIGHT) {
                    let (tile, height) = rows.tile(first);
                    let target = Target {
                        out: &mut out[first * stride + column - columns.start..],
                        stride,
                        columns: width,
                        add,
                    };
                    let Some(whole) = &packed.whole else {
                        multiply_tile(kernel, self.format, tile, height, panel, target);
                        continue;
                    };
                    int8_sums(kernel, tile, height, panel, &mut sums);
                    let values = inner..self.inner.min(inner + rows.steps * 4);
                    let shifts = whole.shifts(values);
                    let row_scales = &rows.scales[first..first + height];
                    scale_sums(kernel, &sums, row_scales, &whole.scales, &shifts, target);
                }
            }
        }
    }
}

for_each_width! {
    fn scale_sums(
        sums: &Int8Sums,
        row_scales: &[f32],
        scales: &[f32],
        shifts: &[i32; PANEL_WIDTH],
        target: Target<'_>,
    ) {
        for (i, row_scale) in row_scales.iter().enumerate() {
            let out = &mut target.out[i * target.stride..][..target.columns];
            for (j, out) in out.iter_mut().enumerate() {
                let whole = sums[i][j] - 128 * shifts[j];
                let product = whole as f32 * (row_scale * scales[j]);
                *out = if target.add { *out + product } else { product };
            }
        }
    }
}
