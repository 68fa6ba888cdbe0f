//! Keys and values of one head, packed.

use std::ops::Range;

use crate::{
    format::{Format, bf16_pair},
    multiply::Panels,
    panel::{PANEL_WIDTH, Step, set_column},
};

/// Keys that are gone through together.
pub(super) const BLOCK: usize = 256;

/// Rows of a wider matrix.
#[derive(Clone, Copy)]
pub(super) struct Strided<'a> {
    pub(super) values: &'a [f32],
    pub(super) stride: usize,
    pub(super) width: usize,
    pub(super) len: usize,
}

impl<'a> Strided<'a> {
    pub(super) fn row(&self, i: usize) -> &'a [f32] {
        &self.values[i * self.stride..][..self.width]
    }
}

/// Keys and values of one head of one sequence.
#[derive(Debug, Default)]
pub(super) struct PackedKeys {
    keys: Vec<Step>,
    values: Vec<Step>,
    view: Sizes,
}

#[derive(Clone, Copy, Debug, Default)]
struct Sizes {
    len: usize,
    width: usize,
    format: Option<Format>,
}

/// The same, wherever they are held.
#[derive(Clone, Copy)]
pub(super) struct Keys<'a> {
    /// `[panels of keys][steps over the width]`.
    keys: &'a [Step],
    /// `[blocks][panels of the width][steps over the block's keys]`.
    values: &'a [Step],
    len: usize,
    width: usize,
    format: Format,
}

impl PackedKeys {
    pub(super) fn len(&self) -> usize {
        self.view.len
    }

    pub(super) fn pack(&mut self, format: Format, keys: Strided<'_>, values: Strided<'_>) {
        let packed = pack(&mut self.keys, &mut self.values, format, keys, values);
        self.view = Sizes {
            len: packed.len,
            width: packed.width,
            format: Some(format),
        };
    }

    pub(super) fn keys(&self) -> Keys<'_> {
        let Sizes { len, width, format } = self.view;
        Keys {
            keys: &self.keys,
            values: &self.values,
            len,
            width,
            format: format.expect("packed before"),
        }
    }
}

/// Packs keys and values into buffers that grow as they need.
pub(super) fn pack<'a>(
    key_steps: &'a mut Vec<Step>,
    value_steps: &'a mut Vec<Step>,
    format: Format,
    keys: Strided<'_>,
    values: Strided<'_>,
) -> Keys<'a> {
    let (len, width) = (keys.len, keys.width);
    let steps = format.slots(width);
    // Slots past the last key are multiplied with zero, so they must be finite.
    key_steps.clear();
    key_steps.resize(len.div_ceil(PANEL_WIDTH) * steps, Step::default());
    for (i, panel) in key_steps.chunks_exact_mut(steps).enumerate() {
        let first = i * PANEL_WIDTH;
        for key in first..len.min(first + PANEL_WIDTH) {
            set_column(panel, key - first, keys.row(key), format);
        }
    }

    let panels = width.div_ceil(PANEL_WIDTH);
    let per_slot = format.per_slot();
    value_steps.clear();
    for start in (0..len).step_by(BLOCK) {
        let block = BLOCK.min(len - start);
        for panel in 0..panels {
            let columns = panel * PANEL_WIDTH..width.min((panel + 1) * PANEL_WIDTH);
            value_steps.extend((0..format.slots(block)).map(|step| {
                let key = start + step * per_slot;
                let row = |key: usize| &values.row(key)[columns.clone()];
                value_step(format, row(key), (key + 1 < len).then(|| row(key + 1)))
            }));
        }
    }
    Keys {
        keys: key_steps,
        values: value_steps,
        len,
        width,
        format,
    }
}

/// One step of a panel of values: those of one key, or of two in pairs.
fn value_step(format: Format, first: &[f32], second: Option<&[f32]>) -> Step {
    let mut step = Step::default();
    match (format, second) {
        (Format::F32, _) => {
            for (slot, value) in step.0.iter_mut().zip(first) {
                *slot = value.to_bits();
            }
        }
        (_, Some(second)) => {
            for ((slot, low), high) in step.0.iter_mut().zip(first).zip(second) {
                *slot = bf16_pair(*low, *high);
            }
        }
        (_, None) => {
            for (slot, low) in step.0.iter_mut().zip(first) {
                *slot = bf16_pair(*low, 0.0);
            }
        }
    }
    step
}

impl<'a> Keys<'a> {
    /// The keys `keys`, as columns. The first is that of a panel.
    pub(super) fn columns(&self, keys: Range<usize>) -> Panels<'a> {
        debug_assert!(keys.start.is_multiple_of(PANEL_WIDTH));
        let steps = self.format.slots(self.width);
        let panels = keys.start / PANEL_WIDTH..keys.end.div_ceil(PANEL_WIDTH);
        Panels {
            panels: &self.keys[panels.start * steps..panels.end * steps],
            stride: steps,
            first: 0,
            columns: keys.len(),
        }
    }

    /// The values of the keys from `first` on within a block, a column for each of the width.
    pub(super) fn values(&self, block: usize, first: usize) -> Panels<'a> {
        let panels = self.width.div_ceil(PANEL_WIDTH);
        let stride = self.format.slots(BLOCK.min(self.len - block * BLOCK));
        let start = block * self.format.slots(BLOCK) * panels;
        Panels {
            panels: &self.values[start..start + panels * stride],
            stride,
            first: self.format.slots(first),
            columns: self.width,
        }
    }
}
