//! Rows of a left operand, packed for every product.

use crate::{
    cpu::{Kernel, for_each_width},
    format::{Format, bf16_pair, int8_scale},
};

/// Rows of one tile.
pub(crate) const TILE_HEIGHT: usize = 14;

/// A left operand `[rows, inner]`, packed in tiles of 14 rows, the last of what is left.
#[derive(Debug)]
pub(crate) struct PackedRows {
    pub(crate) format: Format,
    pub(crate) rows: usize,
    pub(crate) steps: usize,
    /// `[tiles][steps][rows of the tile]`.
    slots: Vec<u32>,
    /// Of [`Format::Int8`]: what a whole number stands for in each row.
    pub(crate) scales: Vec<f32>,
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

    /// Packs `rows` rows of `inner` values each; row `i` begins at `values[i · stride]`.
    pub(crate) fn pack(
        &mut self,
        kernel: Kernel,
        format: Format,
        values: &[f32],
        rows: usize,
        inner: usize,
        stride: usize,
    ) {
        self.begin(format, rows, inner);
        for first in (0..rows).step_by(TILE_HEIGHT) {
            let height = TILE_HEIGHT.min(rows - first);
            let tile = &mut self.slots[first * self.steps..(first + height) * self.steps];
            for i in 0..height {
                let row = &values[(first + i) * stride..][..inner];
                match format {
                    Format::F32 => pack_f32(kernel, tile, height, i, row),
                    Format::Bf16 => pack_bf16(kernel, tile, height, i, row),
                    Format::Int8 => {
                        self.scales[first + i] = int8_scale(row);
                        pack_int8(kernel, tile, height, i, row, self.scales[first + i]);
                    }
                }
            }
        }
    }

    fn begin(&mut self, format: Format, rows: usize, inner: usize) {
        self.format = format;
        self.rows = rows;
        self.steps = format.slots(inner);
        let len = rows * self.steps;
        if self.slots.len() < len {
            self.slots.resize(len, 0);
        }
        if format == Format::Int8 && self.scales.len() < rows {
            self.scales.resize(rows, 0.0);
        }
    }

    /// The slots of the tile that begins at row `first`, and its height.
    pub(crate) fn tile(&self, first: usize) -> (&[u32], usize) {
        let height = TILE_HEIGHT.min(self.rows - first);
        let tile = &self.slots[first * self.steps..(first + height) * self.steps];
        (tile, height)
    }
}

for_each_width! {
    fn pack_f32(tile: &mut [u32], height: usize, i: usize, row: &[f32]) {
        for (slot, value) in tile[i..].iter_mut().step_by(height).zip(row) {
            *slot = value.to_bits();
        }
    }
}

for_each_width! {
    fn pack_bf16(tile: &mut [u32], height: usize, i: usize, row: &[f32]) {
        let (pairs, rest) = row.as_chunks::<2>();
        let mut slots = tile[i..].iter_mut().step_by(height);
        for (&[low, high], slot) in pairs.iter().zip(slots.by_ref()) {
            *slot = bf16_pair(low, high);
        }
        if let ([low], Some(slot)) = (rest, slots.next()) {
            *slot = bf16_pair(*low, 0.0);
        }
    }
}

for_each_width! {
    /// Whole numbers are stored as 128 more than they are, as `u8`.
    fn pack_int8(tile: &mut [u32], height: usize, i: usize, row: &[f32], scale: f32) {
        let factor = 1.0 / scale;
        for (slot, four) in tile[i..].iter_mut().step_by(height).zip(row.chunks(4)) {
            let mut bytes = [0x80; 4];
            for (byte, value) in bytes.iter_mut().zip(four) {
                let whole = (value * factor).round_ties_even().clamp(-127.0, 127.0);
                *byte = (whole + 128.0) as u8;
            }
            *slot = u32::from_le_bytes(bytes);
        }
    }
}
