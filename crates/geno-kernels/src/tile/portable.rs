//! Tiles on every processor: the canonical order of every sum.

use super::{Int8Sums, Target};
use crate::{
    cpu::for_each_width,
    format::{Format, from_bf16_pair},
    packed_rows::ROW_STRIDE,
    panel::{PANEL_WIDTH, Step},
};

/// See [`super::multiply_tile`]. Each product is rounded before it is added.
pub(super) fn multiply_tile(
    format: Format,
    tile: &[u32],
    height: usize,
    panel: &[Step],
    target: Target<'_>,
) {
    for (i, slots) in tile.chunks_exact(ROW_STRIDE).enumerate().take(height) {
        let sums = match format {
            Format::Bf16 => bf16_row(slots, panel),
            _ => f32_row(slots, panel),
        };
        let row = &mut target.out[i * target.stride..][..target.columns];
        for (out, sum) in row.iter_mut().zip(sums) {
            *out = if target.add { *out + sum } else { sum };
        }
    }
}

fn f32_row(slots: &[u32], panel: &[Step]) -> [f32; PANEL_WIDTH] {
    let mut sums = [0.0; PANEL_WIDTH];
    for (&slot, step) in slots.iter().zip(panel) {
        let left = f32::from_bits(slot);
        for (sum, &right) in sums.iter_mut().zip(&step.0) {
            *sum += left * f32::from_bits(right);
        }
    }
    sums
}

/// The second value of a pair comes first, as in the processor's own instruction.
fn bf16_row(slots: &[u32], panel: &[Step]) -> [f32; PANEL_WIDTH] {
    let mut sums = [0.0; PANEL_WIDTH];
    for (&slot, step) in slots.iter().zip(panel) {
        let (low, high) = from_bf16_pair(slot);
        for (sum, &right) in sums.iter_mut().zip(&step.0) {
            let (right_low, right_high) = from_bf16_pair(right);
            *sum += high * right_high;
            *sum += low * right_low;
        }
    }
    sums
}

for_each_width! {
    /// See [`super::int8_sums`].
    pub(super) fn int8_sums(tile: &[u32], height: usize, panel: &[Step], sums: &mut Int8Sums) {
        for (slots, sums) in tile.chunks_exact(ROW_STRIDE).zip(sums).take(height) {
            *sums = [0; PANEL_WIDTH];
            for (slot, step) in slots.iter().zip(panel) {
                let left = slot.to_le_bytes().map(i32::from);
                for (sum, right) in sums.iter_mut().zip(&step.0) {
                    let right = right.to_le_bytes().map(|byte| i32::from(byte.cast_signed()));
                    *sum += left[0] * right[0]
                        + left[1] * right[1]
                        + left[2] * right[2]
                        + left[3] * right[3];
                }
            }
        }
    }
}
