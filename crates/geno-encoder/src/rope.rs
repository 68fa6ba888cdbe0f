//! Rotary positions in the half-split layout.

use std::{ops::Range, sync::Mutex};

use burn::tensor::{Device, Tensor, TensorData};

use crate::{CarbonConfig, rotary_frequencies::rotary_frequencies};

/// Rotates the pairs `(i, i + d/2)` of every head by `position · f_i`, and scales them with YaRN.
///
/// Angles are computed in `f64` and rounded once. Tables grow with the longest sequence seen.
#[derive(Debug)]
pub(crate) struct Rope {
    frequencies: Vec<f64>,
    scale: f64,
    device: Device,
    tables: Mutex<Rotation>,
}

/// Cosines and sines of some positions, each `[1, positions, 1, head_dim / 2]`.
#[derive(Clone, Debug)]
pub(crate) struct Rotation {
    cos: Tensor<4>,
    sin: Tensor<4>,
}

impl Rope {
    pub(crate) fn new(config: &CarbonConfig, device: &Device) -> Self {
        let (frequencies, scale) = rotary_frequencies(config);
        Self {
            tables: Mutex::new(tables(&frequencies, scale, 0, device)),
            frequencies,
            scale,
            device: device.clone(),
        }
    }

    /// The rotation of the tokens at these positions.
    pub(crate) fn at(&self, positions: Range<usize>) -> Rotation {
        let mut tables = self.tables.lock().unwrap_or_else(|e| e.into_inner());
        if tables.cos.dims()[1] < positions.end {
            let len = positions.end.next_power_of_two();
            *tables = self::tables(&self.frequencies, self.scale, len, &self.device);
        }
        let (start, len) = (positions.start, positions.len());
        Rotation {
            cos: tables.cos.clone().narrow(1, start, len),
            sin: tables.sin.clone().narrow(1, start, len),
        }
    }
}

fn tables(frequencies: &[f64], scale: f64, len: usize, device: &Device) -> Rotation {
    let half = frequencies.len();
    let angles = (0..len).flat_map(|p| frequencies.iter().map(move |f| p as f64 * f));
    let (cos, sin): (Vec<f32>, Vec<f32>) = angles
        .map(|angle| ((scale * angle.cos()) as f32, (scale * angle.sin()) as f32))
        .unzip();
    let table = |values| Tensor::from_data(TensorData::new(values, [1, len, 1, half]), device);
    Rotation {
        cos: table(cos),
        sin: table(sin),
    }
}

impl Rotation {
    /// Positions `range`, counted from the first of this rotation.
    pub(crate) fn slice(self, range: Range<usize>) -> Self {
        Self {
            cos: self.cos.narrow(1, range.start, range.len()),
            sin: self.sin.narrow(1, range.start, range.len()),
        }
    }

    /// # Shapes
    ///
    /// - `x`, output: `[n, positions, heads, head_dim]`
    pub(crate) fn rotate(&self, x: Tensor<4>) -> Tensor<4> {
        let half = x.dims()[3] / 2;
        let (low, high) = (x.clone().narrow(3, 0, half), x.narrow(3, half, half));
        let (cos, sin) = (&self.cos, &self.sin);
        let turned_low = low.clone() * cos.clone() - high.clone() * sin.clone();
        let turned_high = high * cos.clone() + low * sin.clone();
        Tensor::cat(vec![turned_low, turned_high], 3)
    }
}
