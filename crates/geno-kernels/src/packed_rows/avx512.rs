//! Rounding to `bf16` with AVX-512: one instruction for 32 values.

use core::arch::x86_64::*;

/// Values that are rounded together.
const STEP: usize = 32;

/// See [`super::convert_bf16`]. Values below the smallest normal one become zero, as they do in the
/// products of a processor with these instructions.
///
/// # Safety
///
/// The processor has the instructions, and `slots` has room for half as many as `row`, rounded up.
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
pub(super) unsafe fn convert_bf16(row: &[f32], slots: &mut [u32]) {
    let out = slots.as_mut_ptr().cast::<u16>();
    let (blocks, rest) = row.as_chunks::<STEP>();
    for (i, block) in blocks.iter().enumerate() {
        // SAFETY: a block is two registers, and its values' halves fit into its own slots.
        unsafe {
            let low = _mm512_loadu_ps(block.as_ptr());
            let high = _mm512_loadu_ps(block.as_ptr().add(STEP / 2));
            let pairs = _mm512_cvtne2ps_pbh(high, low);
            let pairs = core::mem::transmute::<__m512bh, __m512i>(pairs);
            _mm512_storeu_si512(out.add(i * STEP).cast(), pairs);
        }
    }
    if rest.is_empty() {
        return;
    }
    let mask = (1u32 << rest.len()) - 1;
    let (low, high) = (mask as __mmask16, (mask >> 16) as __mmask16);
    // The second half of a last slot is zero.
    let stored = ((1u64 << rest.len().next_multiple_of(2)) - 1) as u32;
    // SAFETY: masked values are not touched, and the others lie in the row and in its slots.
    unsafe {
        let second = rest.as_ptr().wrapping_add(STEP / 2);
        let pairs = _mm512_cvtne2ps_pbh(
            _mm512_maskz_loadu_ps(high, second),
            _mm512_maskz_loadu_ps(low, rest.as_ptr()),
        );
        let pairs = core::mem::transmute::<__m512bh, __m512i>(pairs);
        _mm512_mask_storeu_epi16(out.add(row.len() - rest.len()).cast(), stored, pairs);
    }
}
