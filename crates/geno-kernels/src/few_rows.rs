//! Products of a few rows, whose columns are shared among threads: weights are read once, and shares
//! are equal where whole tiles of rows would not be. What a product of one row takes is the time to
//! read its weights.

use std::ops::Range;

use crate::{
    Kernel, PackedMatrix,
    packed_rows::TILE_HEIGHT,
    panel::PANEL_WIDTH,
    product::{Start, block},
    rows::{Matrix, MatrixMut, Rows},
    scratch::{Scratch, at_least, with_scratch},
};

/// Fewest weights of a task.
const TASK_WEIGHTS: usize = 1 << 16;

/// Most rows of such a product: of more, tiles can be shared evenly enough.
pub(crate) const MOST_ROWS: usize = 5 * TILE_HEIGHT;

/// The same columns of all rows, each a slice; those past the last row are empty.
type Columns<'a> = [&'a mut [f32]; MOST_ROWS];

/// `out = start + rows · W`, for up to [`MOST_ROWS`] rows.
///
/// Every value is the same as of [`product`](crate::product::product) of more rows: columns do not
/// know one another.
pub(crate) fn few_rows(
    kernel: Kernel,
    rows: Matrix<'_>,
    weight: &PackedMatrix,
    start: Start<'_>,
    out: MatrixMut<'_>,
) {
    if rows.n_rows() == 0 {
        return;
    }
    let mut out_rows = out.values.chunks_exact_mut(out.width);
    let out = std::array::from_fn(|_| out_rows.next().unwrap_or_default());
    let share = weight.columns.div_ceil(rayon::current_num_threads());
    let most = share
        .max(TASK_WEIGHTS / weight.inner)
        .next_multiple_of(PANEL_WIDTH);
    split(0..weight.columns, most, out, &|columns, out| {
        with_scratch(|scratch| {
            let Scratch {
                rows: packed,
                values,
                ..
            } = scratch;
            let width = columns.len();
            let values = at_least(values, rows.n_rows() * width);
            for (to, from) in values.chunks_exact_mut(width).zip(&out) {
                to.copy_from_slice(from);
            }
            block(kernel, rows, weight, columns, start, packed, values);
            for (from, to) in values.chunks_exact(width).zip(out) {
                to.copy_from_slice(from);
            }
        });
    });
}

/// Runs `work` on parts of the columns, side by side. Parts begin at whole panels.
fn split(
    columns: Range<usize>,
    most: usize,
    out: Columns<'_>,
    work: &(impl Fn(Range<usize>, Columns<'_>) + Sync),
) {
    if columns.len() <= most {
        return work(columns, out);
    }
    let half = (columns.len() / 2).next_multiple_of(PANEL_WIDTH);
    let middle = columns.start + half;
    let mut rest: Columns<'_> = std::array::from_fn(|_| <&mut [f32]>::default());
    let mut i = 0;
    let first = out.map(|row| {
        let (first, second) = row.split_at_mut(half.min(row.len()));
        rest[i] = second;
        i += 1;
        first
    });
    rayon::join(
        || split(columns.start..middle, most, first, work),
        || split(middle..columns.end, most, rest, work),
    );
}
