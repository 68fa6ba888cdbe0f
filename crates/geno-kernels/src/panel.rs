//! Columns of a right operand, in the order in which tiles read them.

use crate::format::{Format, bf16_pair};

/// Columns of one panel.
pub(crate) const PANEL_WIDTH: usize = 32;

/// One step of a panel: a slot of every column.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C, align(64))]
pub(crate) struct Step(pub(crate) [u32; PANEL_WIDTH]);

/// Writes column `lane` of a panel.
///
/// `values` are those of one column along the summed axis; `format` is not [`Format::Int8`].
pub(crate) fn set_column(panel: &mut [Step], lane: usize, values: &[f32], format: Format) {
    match format {
        Format::F32 => {
            for (step, value) in panel.iter_mut().zip(values) {
                step.0[lane] = value.to_bits();
            }
        }
        Format::Bf16 => {
            for (step, pair) in panel.iter_mut().zip(values.chunks(2)) {
                step.0[lane] = bf16_pair(pair[0], pair.get(1).copied().unwrap_or(0.0));
            }
        }
        Format::Int8 => unreachable!("whole numbers are packed with their scale"),
    }
}

/// Writes column `lane` of a panel of whole numbers and returns their sum.
pub(crate) fn set_int8_column(panel: &mut [Step], lane: usize, values: &[i8]) -> i32 {
    let mut sum = 0;
    for (step, four) in panel.iter_mut().zip(values.chunks(4)) {
        let mut bytes = [0u8; 4];
        for (byte, value) in bytes.iter_mut().zip(four) {
            sum += i32::from(*value);
            *byte = value.cast_unsigned();
        }
        step.0[lane] = u32::from_le_bytes(bytes);
    }
    sum
}
