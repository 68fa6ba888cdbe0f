//! The gated layer of a block.

use crate::{
    Kernel, PackedMatrix, RmsNorm,
    cpu::for_each_width,
    exp::exp,
    packed_rows::parts,
    product::LARGEST_BLOCK,
    rows::{MatrixMut, Rows, for_each_block},
    scratch::{at_least, with_scratch},
};

/// Columns of the inner width that are computed together: a block's part of them stays in the
/// second cache. It decides the order of the sums over the inner width.
const CHUNK: usize = 1_024;

/// `down(silu(gate(norm(x))) · up(norm(x)))`.
#[derive(Clone, Debug)]
pub struct GatedLayer {
    /// Over the rows that come in.
    pub norm: RmsNorm,
    /// `[width, inner]`.
    pub gate: PackedMatrix,
    /// `[width, inner]`.
    pub up: PackedMatrix,
    /// `[inner, width]`.
    pub down: PackedMatrix,
}

/// Adds a gated layer to its own input: `x += down(silu(gate(norm(x))) · up(norm(x)))`.
///
/// # Shapes
///
/// - `x`: `[rows, width]`
///
/// # Cost
///
/// `6 · rows · width · inner` operations. Weights are read once for every 140 rows, and a task needs
/// room for 140 rows of the width and of 1,024 inner values, whatever the inner width is.
///
/// # Panics
///
/// If a shape does not fit the others, or the matrices have different formats.
pub fn add_gated(kernel: Kernel, layer: &GatedLayer, x: &mut [f32]) {
    let GatedLayer {
        norm,
        gate,
        up,
        down,
    } = layer;
    let (width, inner) = (norm.weight.len(), gate.columns);
    assert_eq!([gate.inner, up.inner, down.columns], [width; 3]);
    assert_eq!([up.columns, down.inner], [inner; 2]);
    assert_eq!([up.format, down.format], [gate.format; 2]);
    assert_eq!(x.len() % width, 0, "a part of a row");
    let x = MatrixMut { values: x, width };
    for_each_block(x, LARGEST_BLOCK, &|x: MatrixMut<'_>| {
        with_scratch(|scratch| {
            let n_rows = x.n_rows();
            let normed = at_least(&mut scratch.values, x.values.len());
            norm.forward(kernel, x.values, normed);
            let rows = &mut scratch.rows;
            let mut is_packed = false;
            for start in (0..inner).step_by(CHUNK) {
                let columns = start..inner.min(start + CHUNK);
                let len = n_rows * columns.len();
                let both = at_least(&mut scratch.more_values, 2 * len);
                let (gated, raised) = both.split_at_mut(len);
                for part in parts(gate.format, width) {
                    // A width of one part is packed once for all columns.
                    if !is_packed || part.len() < width {
                        rows.pack(kernel, gate.format, normed, n_rows, part.clone(), width);
                        is_packed = true;
                    }
                    let add = part.start > 0;
                    gate.multiply(kernel, rows, columns.clone(), part.start, gated, add);
                    up.multiply(kernel, rows, columns.clone(), part.start, raised, add);
                }
                apply_gate(kernel, gated, raised);
                let (inner_rows, n_columns) = (&mut scratch.inner_rows, columns.len());
                inner_rows.pack(kernel, down.format, gated, n_rows, 0..n_columns, n_columns);
                down.multiply(kernel, inner_rows, 0..width, start, x.values, true);
            }
        });
    });
}

for_each_width! {
    /// `gate = gate / (1 + e^−gate) · up`.
    fn apply_gate(gate: &mut [f32], up: &[f32]) {
        for (gate, up) in gate.iter_mut().zip(up) {
            *gate = *gate / (1.0 + exp(-*gate)) * up;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gate_is_the_same_on_every_kernel_and_close_to_the_real_one() {
        let gate: Vec<f32> = (0..401).map(|i| (i - 200) as f32 / 7.0).collect();
        let up: Vec<f32> = (0..401).map(|i| (i % 13) as f32 - 6.0).collect();
        let mut canonical = gate.clone();
        apply_gate(Kernel::PORTABLE, &mut canonical, &up);
        for ((gate, up), y) in gate.iter().zip(&up).zip(&canonical) {
            let gate = f64::from(*gate);
            let exact = gate / (1.0 + (-gate).exp()) * f64::from(*up);
            assert!(
                (f64::from(*y) - exact).abs() <= 4e-7 * exact.abs(),
                "{y} {exact}"
            );
        }
        for kernel in Kernel::available() {
            let mut values = gate.clone();
            apply_gate(kernel, &mut values, &up);
            assert_eq!(values, canonical, "{kernel}");
        }
    }
}
