//! Tiles with AVX2 and FMA: six rows by half a panel at a time, which fills the 16 registers.

use core::arch::x86_64::*;

use super::Target;
use crate::{
    format::Format,
    packed_rows::ROW_STRIDE,
    panel::{PANEL_WIDTH, Step},
};

/// Rows that are computed together.
const ROWS: usize = 6;
/// Columns that are computed together: two registers.
const COLUMNS: usize = 16;

/// See [`super::multiply_tile`].
///
/// # Safety
///
/// The processor has AVX2 and FMA; `tile` has `height` rows of `ROW_STRIDE` slots, `panel` at
/// most as many steps, and `target` a row of
/// `columns` values at every `stride` for each of `height` rows.
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn multiply_tile(
    format: Format,
    tile: &[u32],
    height: usize,
    panel: &[Step],
    mut target: Target<'_>,
) {
    for column in (0..target.columns).step_by(COLUMNS) {
        for row in (0..height).step_by(ROWS) {
            let part = Part {
                tile,
                panel,
                row,
                column,
            };
            let rows = ROWS.min(height - row);
            macro_rules! of_rows {
                ($($n:literal)*) => {
                    match rows {
                        // SAFETY: rows and columns lie in the tile, as the caller has checked.
                        $($n => unsafe { part.multiply::<$n>(format, &mut target) },)*
                        _ => unreachable!("at most {ROWS} rows"),
                    }
                };
            }
            of_rows!(1 2 3 4 5 6);
        }
    }
}

/// Some rows and columns of a tile.
struct Part<'a> {
    tile: &'a [u32],
    panel: &'a [Step],
    row: usize,
    column: usize,
}

impl Part<'_> {
    /// # Safety
    ///
    /// As of [`multiply_tile`]; `row + N ≤ height` and `column + 16 ≤ 32`.
    #[target_feature(enable = "avx2,fma")]
    unsafe fn multiply<const N: usize>(&self, format: Format, target: &mut Target<'_>) {
        let mut sums = [[_mm256_setzero_ps(); 2]; N];
        // SAFETY: the row is one of the tile's.
        let left = unsafe { self.tile.as_ptr().add(self.row * ROW_STRIDE) };
        for (p, step) in self.panel.iter().enumerate() {
            // SAFETY: the columns are within a step's 32 slots.
            let right = unsafe {
                let right = step.0.as_ptr().add(self.column).cast::<f32>();
                [_mm256_load_ps(right), _mm256_load_ps(right.add(8))]
            };
            for (i, sums) in sums.iter_mut().enumerate() {
                // SAFETY: a row has a slot for every step.
                let slot = unsafe { *left.add(i * ROW_STRIDE + p) };
                let slot = _mm256_set1_ps(f32::from_bits(slot));
                for (sum, right) in sums.iter_mut().zip(right) {
                    *sum = match format {
                        Format::Bf16 => add_pair(*sum, slot, right),
                        _ => _mm256_fmadd_ps(slot, right, *sum),
                    };
                }
            }
        }

        let columns = COLUMNS.min(target.columns - self.column);
        for (i, sums) in sums.iter().enumerate() {
            let mut row = [0.0; COLUMNS];
            // SAFETY: a row has room for two registers.
            unsafe {
                _mm256_storeu_ps(row.as_mut_ptr(), sums[0]);
                _mm256_storeu_ps(row.as_mut_ptr().add(8), sums[1]);
            }
            let start = (self.row + i) * target.stride + self.column;
            let out = &mut target.out[start..start + columns];
            for (out, sum) in out.iter_mut().zip(row) {
                *out = if target.add { *out + sum } else { sum };
            }
        }
    }
}

/// `sum + high·high + low·low` of pairs of `bf16`.
#[target_feature(enable = "avx2,fma")]
fn add_pair(sum: __m256, left: __m256, right: __m256) -> __m256 {
    let high = |pair: __m256| {
        let mask = _mm256_set1_epi32(0xFFFF_0000_u32.cast_signed());
        _mm256_and_ps(pair, _mm256_castsi256_ps(mask))
    };
    let low =
        |pair: __m256| _mm256_castsi256_ps(_mm256_slli_epi32::<16>(_mm256_castps_si256(pair)));
    let sum = _mm256_fmadd_ps(high(left), high(right), sum);
    _mm256_fmadd_ps(low(left), low(right), sum)
}

const _: () = assert!(PANEL_WIDTH.is_multiple_of(COLUMNS));
