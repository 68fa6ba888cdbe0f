//! Rows of a left operand, converted for every product.

#[cfg(target_arch = "x86_64")]
mod avx512;

use std::ops::Range;

use crate::{
    cpu::{Isa, Kernel, for_each_width},
    format::{Format, bf16_pair, int8_scale},
};

/// Rows of one tile.
pub(crate) const TILE_HEIGHT: usize = 14;

/// Slots that a row may have: longer sums are made in parts.
pub(crate) const ROW_SLOTS: usize = 1_024;

/// Slots from one row to the next. It is known when tiles are compiled, and an odd number of cache
/// lines, so that the rows of a tile do not fall on the same places of a cache.
pub(crate) const ROW_STRIDE: usize = ROW_SLOTS + 16;

/// A left operand `[rows, inner]`, or a part of one.
#[derive(Debug)]
pub(crate) struct PackedRows {
    pub(crate) format: Format,
    pub(crate) rows: usize,
    pub(crate) steps: usize,
    /// `[rows][ROW_STRIDE]`, of which the first `steps` of each are set.
    slots: Vec<u32>,
    /// Of [`Format::Int8`]: what a whole number stands for in each row.
    pub(crate) scales: Vec<f32>,
}

/// The parts of `inner` values that are multiplied one after the other.
pub(crate) fn parts(format: Format, inner: usize) -> impl Iterator<Item = Range<usize>> {
    let most = ROW_SLOTS * format.per_slot();
    (0..inner)
        .step_by(most)
        .map(move |start| start..inner.min(start + most))
}

impl PackedRows {
    pub(crate) const fn new() -> Self {
        Self {
            format: Format::F32,
            rows: 0,
            steps: 0,
            slots: Vec::new(),
            scales: Vec::new(),
        }
    }

    /// Converts the columns `inner` of `rows` rows; row `i` begins at `values[i · stride]`.
    ///
    /// There are at most as many columns as one of the [`parts`] has.
    pub(crate) fn pack(
        &mut self,
        kernel: Kernel,
        format: Format,
        values: &[f32],
        rows: usize,
        inner: Range<usize>,
        stride: usize,
    ) {
        self.format = format;
        self.rows = rows;
        self.steps = format.slots(inner.len());
        assert!(self.steps <= ROW_SLOTS, "a sum of {} slots", self.steps);
        if self.slots.len() < rows * ROW_STRIDE {
            self.slots.resize(rows * ROW_STRIDE, 0);
        }
        if format == Format::Int8 && self.scales.len() < rows {
            self.scales.resize(rows, 0.0);
        }
        for (i, slots) in self
            .slots
            .chunks_exact_mut(ROW_STRIDE)
            .enumerate()
            .take(rows)
        {
            let row = &values[i * stride..][inner.clone()];
            match format {
                Format::F32 => convert_f32(kernel, row, slots),
                Format::Bf16 => convert_bf16(kernel, row, slots),
                Format::Int8 => {
                    self.scales[i] = int8_scale(row);
                    convert_int8(kernel, row, self.scales[i], slots);
                }
            }
        }
    }

    /// The slots of the tile that begins at row `first`, and its height.
    pub(crate) fn tile(&self, first: usize) -> (&[u32], usize) {
        let height = TILE_HEIGHT.min(self.rows - first);
        let tile = &self.slots[first * ROW_STRIDE..(first + height) * ROW_STRIDE];
        (tile, height)
    }
}

for_each_width! {
    fn convert_f32(row: &[f32], slots: &mut [u32]) {
        for (slot, value) in slots.iter_mut().zip(row) {
            *slot = value.to_bits();
        }
    }
}

/// Rounds pairs of values into slots.
fn convert_bf16(kernel: Kernel, row: &[f32], slots: &mut [u32]) {
    assert!(
        slots.len() >= Format::Bf16.slots(row.len()),
        "too few slots"
    );
    match kernel.isa() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: a kernel exists only where its instructions do, and there is room.
        Isa::Avx512Bf16 => unsafe { avx512::convert_bf16(row, slots) },
        _ => round_to_bf16(kernel, row, slots),
    }
}

for_each_width! {
    fn round_to_bf16(row: &[f32], slots: &mut [u32]) {
        let (pairs, rest) = row.as_chunks::<2>();
        let (slots, last) = slots.split_at_mut(pairs.len());
        for (slot, &[low, high]) in slots.iter_mut().zip(pairs) {
            *slot = bf16_pair(low, high);
        }
        if let [low] = rest {
            last[0] = bf16_pair(*low, 0.0);
        }
    }
}

for_each_width! {
    /// Whole numbers are stored as 128 more than they are, as `u8`.
    fn convert_int8(row: &[f32], scale: f32, slots: &mut [u32]) {
        let factor = 1.0 / scale;
        let byte = |value: f32| {
            let whole = (value * factor).round_ties_even().clamp(-127.0, 127.0);
            (whole + 128.0) as u8
        };
        let (fours, rest) = row.as_chunks::<4>();
        let (slots, last) = slots.split_at_mut(fours.len());
        for (slot, four) in slots.iter_mut().zip(fours) {
            *slot = u32::from_le_bytes(four.map(byte));
        }
        if !rest.is_empty() {
            let mut bytes = [0x80; 4];
            for (byte_of, value) in bytes.iter_mut().zip(rest) {
                *byte_of = byte(*value);
            }
            last[0] = u32::from_le_bytes(bytes);
        }
    }
}
