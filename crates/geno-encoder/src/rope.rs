//! Rotary positions in the half-split layout.

use std::{ops::Range, sync::Mutex};

use burn::tensor::{Device, Tensor, TensorData};

use crate::CarbonConfig;

/// Rotates the pairs `(i, i + d/2)` of every head by `position · θ^(−2i/d)`.
///
/// Angles are computed in `f64` and rounded once. Tables grow with the longest sequence seen.
#[derive(Debug)]
pub(crate) struct Rope {
    theta: f64,
    head_dim: usize,
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
        let (theta, head_dim) = (config.rope_theta, config.head_dim);
        Self {
            theta,
            head_dim,
            device: device.clone(),
            tables: Mutex::new(tables(theta, head_dim, 0, device)),
        }
    }

    /// The rotation of the tokens at these positions.
    pub(crate) fn at(&self, positions: Range<usize>) -> Rotation {
        let mut tables = self.tables.lock().unwrap_or_else(|e| e.into_inner());
        if tables.cos.dims()[1] < positions.end {
            let len = positions.end.next_power_of_two();
            *tables = self::tables(self.theta, self.head_dim, len, &self.device);
        }
        let (start, len) = (positions.start, positions.len());
        Rotation {
            cos: tables.cos.clone().narrow(1, start, len),
            sin: tables.sin.clone().narrow(1, start, len),
        }
    }
}

fn tables(theta: f64, head_dim: usize, len: usize, device: &Device) -> Rotation {
    let half = head_dim / 2;
    let frequency = |i| theta.powf(-2.0 * i as f64 / head_dim as f64);
    let frequencies: Vec<f64> = (0..half).map(frequency).collect();
    let angles = (0..len).flat_map(|p| frequencies.iter().map(move |f| p as f64 * f));
    let (cos, sin): (Vec<f32>, Vec<f32>) = angles
        .map(|angle| (angle.cos() as f32, angle.sin() as f32))
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
