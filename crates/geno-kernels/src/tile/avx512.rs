//! Tiles with AVX-512: 14 rows by 32 columns keep 28 of the 32 registers full of sums.

use core::arch::x86_64::*;

use super::{Int8Sums, Target};
use crate::{
    packed_rows::{ROW_STRIDE, TILE_HEIGHT},
    panel::{PANEL_WIDTH, Step},
};

/// Calls the function for a height that is known when it is compiled.
macro_rules! of_height {
    ($height:expr, $rows:ident($($argument:expr),*)) => {
        match $height {
            1 => $rows::<1>($($argument),*),
            2 => $rows::<2>($($argument),*),
            3 => $rows::<3>($($argument),*),
            4 => $rows::<4>($($argument),*),
            5 => $rows::<5>($($argument),*),
            6 => $rows::<6>($($argument),*),
            7 => $rows::<7>($($argument),*),
            8 => $rows::<8>($($argument),*),
            9 => $rows::<9>($($argument),*),
            10 => $rows::<10>($($argument),*),
            11 => $rows::<11>($($argument),*),
            12 => $rows::<12>($($argument),*),
            13 => $rows::<13>($($argument),*),
            14 => $rows::<14>($($argument),*),
            _ => unreachable!("at most {TILE_HEIGHT} rows"),
        }
    };
}

/// Makes a tile's function for every height of one format.
macro_rules! tile {
    ($(#[$doc:meta])* $name:ident, $rows:ident, $features:literal, $add:ident) => {
        $(#[$doc])*
        ///
        /// # Safety
        ///
        /// The processor has the instructions; `tile` has `height` rows of `ROW_STRIDE` slots,
        /// `height` is from 1 to 14, `panel` has at most as many steps, and `target` has a row of `columns` values, at most 32, at every
        /// `stride` for each of `height` rows.
        #[target_feature(enable = $features)]
        pub(super) unsafe fn $name(
            tile: &[u32],
            height: usize,
            panel: &[Step],
            target: Target<'_>,
        ) {
            // SAFETY: as promised by the caller.
            unsafe { of_height!(height, $rows(tile, panel, target)) }
        }

        #[target_feature(enable = $features)]
        unsafe fn $rows<const N: usize>(tile: &[u32], panel: &[Step], target: Target<'_>) {
            let mut sums = [[_mm512_setzero_ps(); 2]; N];
            let left = tile.as_ptr();
            for (p, step) in panel.iter().enumerate() {
                let right = step.0.as_ptr().cast::<f32>();
                // SAFETY: a step is 32 slots, aligned to 64 bytes.
                let right = unsafe { [_mm512_load_ps(right), _mm512_load_ps(right.add(16))] };
                for (i, sums) in sums.iter_mut().enumerate() {
                    // SAFETY: a row has a slot for every step.
                    let slot = unsafe { *left.add(i * ROW_STRIDE + p) };
                    let slot = _mm512_set1_ps(f32::from_bits(slot));
                    sums[0] = $add(sums[0], slot, right[0]);
                    sums[1] = $add(sums[1], slot, right[1]);
                }
            }

            let mask = ((1u64 << target.columns) - 1) as u32;
            let (low, high) = (mask as __mmask16, (mask >> 16) as __mmask16);
            let mut out = target.out.as_mut_ptr();
            for sums in sums {
                // SAFETY: masked columns are not touched, and the others belong to the target.
                unsafe {
                    let second = out.wrapping_add(PANEL_WIDTH / 2);
                    let (mut first_sum, mut second_sum) = (sums[0], sums[1]);
                    if target.add {
                        first_sum = _mm512_add_ps(_mm512_maskz_loadu_ps(low, out), first_sum);
                        let there = _mm512_maskz_loadu_ps(high, second);
                        second_sum = _mm512_add_ps(there, second_sum);
                    }
                    _mm512_mask_storeu_ps(out, low, first_sum);
                    _mm512_mask_storeu_ps(second, high, second_sum);
                }
                // Past the last row, the pointer is not used again.
                out = out.wrapping_add(target.stride);
            }
        }
    };
}

tile!(
    /// Rows and columns of `f32`.
    multiply_tile_f32,
    f32_rows,
    "avx512f",
    add_f32
);
tile!(
    /// Rows and columns of `bf16`, on processors that multiply such pairs.
    multiply_tile_bf16,
    bf16_rows,
    "avx512f,avx512bf16",
    add_bf16
);
tile!(
    /// Rows and columns of `bf16`, widened to `f32` on the way.
    multiply_tile_widened,
    widened_rows,
    "avx512f,avx512dq",
    add_widened
);

#[inline]
#[target_feature(enable = "avx512f")]
fn add_f32(sum: __m512, left: __m512, right: __m512) -> __m512 {
    _mm512_fmadd_ps(left, right, sum)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bf16")]
fn add_bf16(sum: __m512, left: __m512, right: __m512) -> __m512 {
    // SAFETY: these types are 512 bits without a meaning of their own.
    let pairs = |x: __m512| unsafe { core::mem::transmute::<__m512, __m512bh>(x) };
    _mm512_dpbf16_ps(sum, pairs(left), pairs(right))
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn add_widened(sum: __m512, left: __m512, right: __m512) -> __m512 {
    let high = |pair: __m512| {
        let mask = _mm512_set1_epi32(0xFFFF_0000_u32.cast_signed());
        _mm512_and_ps(pair, _mm512_castsi512_ps(mask))
    };
    let low =
        |pair: __m512| _mm512_castsi512_ps(_mm512_slli_epi32::<16>(_mm512_castps_si512(pair)));
    let sum = _mm512_fmadd_ps(high(left), high(right), sum);
    _mm512_fmadd_ps(low(left), low(right), sum)
}

/// See [`super::int8_sums`].
///
/// # Safety
///
/// The processor has the instructions; `tile` has `height` rows of `ROW_STRIDE` slots, `height` is
/// from 1 to 14, and `panel` has at most as many steps.
#[target_feature(enable = "avx512f,avx512vnni")]
pub(super) unsafe fn int8_sums(tile: &[u32], height: usize, panel: &[Step], sums: &mut Int8Sums) {
    // SAFETY: as promised by the caller.
    unsafe { of_height!(height, int8_rows(tile, panel, sums)) }
}

#[target_feature(enable = "avx512f,avx512vnni")]
unsafe fn int8_rows<const N: usize>(tile: &[u32], panel: &[Step], out: &mut Int8Sums) {
    let mut sums = [[_mm512_setzero_si512(); 2]; N];
    let left = tile.as_ptr();
    for (p, step) in panel.iter().enumerate() {
        let right = step.0.as_ptr().cast::<__m512i>();
        // SAFETY: a step is two registers, aligned to 64 bytes.
        let right = unsafe { [_mm512_load_si512(right), _mm512_load_si512(right.add(1))] };
        for (i, sums) in sums.iter_mut().enumerate() {
            // SAFETY: a row has a slot for every step.
            let slot = unsafe { *left.add(i * ROW_STRIDE + p) };
            let slot = _mm512_set1_epi32(slot.cast_signed());
            sums[0] = _mm512_dpbusd_epi32(sums[0], slot, right[0]);
            sums[1] = _mm512_dpbusd_epi32(sums[1], slot, right[1]);
        }
    }
    for (out, sums) in out.iter_mut().zip(sums) {
        let out = out.as_mut_ptr().cast::<__m512i>();
        // SAFETY: a row of sums is two registers.
        unsafe {
            _mm512_storeu_si512(out, sums[0]);
            _mm512_storeu_si512(out.add(1), sums[1]);
        }
    }
}
