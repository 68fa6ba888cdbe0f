//! Products of one tile of rows and one panel of columns.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod portable;

use crate::{
    cpu::{Isa, Kernel},
    format::Format,
    packed_rows::{ROW_STRIDE, TILE_HEIGHT},
    panel::{PANEL_WIDTH, Step},
};

/// Whole sums of a tile.
pub(crate) type Int8Sums = [[i32; PANEL_WIDTH]; TILE_HEIGHT];

/// Where the product of a tile goes.
pub(crate) struct Target<'a> {
    /// From the tile's first value on.
    pub(crate) out: &'a mut [f32],
    /// Values from one row to the next.
    pub(crate) stride: usize,
    /// Columns that are written, up to 32.
    pub(crate) columns: usize,
    /// Whether the product is added to what is there.
    pub(crate) add: bool,
}

/// Multiplies `height` rows with a panel.
///
/// # Shapes
///
/// - `tile`: `[height, ROW_STRIDE]`, of which the first `steps` of a row are multiplied
/// - `panel`: `[steps]`
pub(crate) fn multiply_tile(
    kernel: Kernel,
    format: Format,
    tile: &[u32],
    height: usize,
    panel: &[Step],
    target: Target<'_>,
) {
    check_tile(tile, height, panel);
    assert!((1..=PANEL_WIDTH).contains(&target.columns));
    let reach = (height - 1) * target.stride + target.columns;
    assert!(target.out.len() >= reach, "a tile past the end");
    match (kernel.isa(), format) {
        (_, Format::Int8) => unreachable!("whole sums are scaled before they are stored"),
        (Isa::Portable, _) => portable::multiply_tile(format, tile, height, panel, target),
        #[cfg(target_arch = "x86_64")]
        // SAFETY: a kernel exists only where its instructions do, and the lengths were checked.
        (Isa::Avx2, _) => unsafe { avx2::multiply_tile(format, tile, height, panel, target) },
        #[cfg(target_arch = "x86_64")]
        (Isa::Avx512 | Isa::Avx512Bf16, Format::F32) => {
            // SAFETY: as above.
            unsafe { avx512::multiply_tile_f32(tile, height, panel, target) }
        }
        #[cfg(target_arch = "x86_64")]
        (Isa::Avx512, Format::Bf16) => {
            // SAFETY: as above.
            unsafe { avx512::multiply_tile_widened(tile, height, panel, target) }
        }
        #[cfg(target_arch = "x86_64")]
        (Isa::Avx512Bf16, Format::Bf16) => {
            // SAFETY: as above.
            unsafe { avx512::multiply_tile_bf16(tile, height, panel, target) }
        }
    }
}

/// The exact sums of `height` rows of [`Format::Int8`] and a panel.
///
/// Rows hold 128 more than they mean, see [`PackedRows`](crate::packed_rows::PackedRows).
pub(crate) fn int8_sums(
    kernel: Kernel,
    tile: &[u32],
    height: usize,
    panel: &[Step],
    sums: &mut Int8Sums,
) {
    check_tile(tile, height, panel);
    match kernel.isa() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: a kernel exists only where its instructions do, and the lengths were checked.
        Isa::Avx512Bf16 => unsafe { avx512::int8_sums(tile, height, panel, sums) },
        _ => portable::int8_sums(kernel, tile, height, panel, sums),
    }
}

fn check_tile(tile: &[u32], height: usize, panel: &[Step]) {
    assert!(
        (1..=TILE_HEIGHT).contains(&height),
        "a tile of {height} rows"
    );
    assert_eq!(tile.len(), height * ROW_STRIDE, "a tile of other rows");
    assert!(
        panel.len() <= ROW_STRIDE,
        "a panel of {} steps",
        panel.len()
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{packed_matrix::PackedMatrix, packed_rows::PackedRows};

    /// Numbers in −1..1 without a pattern.
    fn values(len: usize, seed: u32) -> Vec<f32> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        };
        (0..len).map(|_| next()).collect()
    }

    #[test]
    fn whole_sums_are_the_same_on_every_kernel_and_exact() {
        for inner in [1, 4, 7, 129] {
            let (left, right) = (values(14 * inner, 1), values(32 * inner, 2));
            let matrix = PackedMatrix::pack(Format::Int8, inner, 32, |j, column| {
                column.copy_from_slice(&right[j * inner..][..inner]);
            });
            let scales = matrix.panels[0].whole.as_ref().unwrap().scales;
            for kernel in Kernel::available() {
                let mut rows = PackedRows::new();
                rows.pack(kernel, Format::Int8, &left, 14, 0..inner, inner);
                let mut sums = [[0; PANEL_WIDTH]; TILE_HEIGHT];
                let (tile, height) = rows.tile(0);
                int8_sums(kernel, tile, height, &matrix.panels[0].steps, &mut sums);
                for (i, sums) in sums.iter().enumerate() {
                    for (j, sum) in sums.iter().enumerate() {
                        let whole = |x: f32, scale: f32| (x / scale).round_ties_even() as i32;
                        let products = (0..inner).map(|p| {
                            let left = whole(left[i * inner + p], rows.scales[i]) + 128;
                            left * whole(right[j * inner + p], scales[j])
                        });
                        assert_eq!(*sum, products.sum::<i32>(), "{kernel}, {inner}, {i}, {j}");
                    }
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "a tile past the end")]
    fn a_tile_does_not_write_past_its_output() {
        let (mut out, panel) = (vec![0.0; 63], vec![Step::default()]);
        let tile = vec![0; 2 * ROW_STRIDE];
        let target = Target {
            out: &mut out,
            stride: 32,
            columns: 32,
            add: false,
        };
        multiply_tile(Kernel::detect(), Format::F32, &tile, 2, &panel, target);
    }
}
