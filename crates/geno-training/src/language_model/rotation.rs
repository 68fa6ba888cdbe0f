//! Rotary positions in the half-split layout.

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};
use geno_encoder::{CarbonConfig, rotary_frequencies};
use geno_kernels::RotaryTable;

/// Rotates the pairs `(i, i + d/2)` of every head by the angle of its token's position, and scales
/// them with YaRN.
#[derive(Clone, Debug)]
pub(super) struct Rotation {
    /// Of as many positions as a window has tokens.
    pub(super) table: Arc<RotaryTable>,
}

impl Rotation {
    /// That of the first `len` tokens of a window.
    pub(super) fn new(config: &CarbonConfig, len: usize) -> Self {
        let (frequencies, factor) = rotary_frequencies(config);
        let mut table = RotaryTable::new(frequencies, factor);
        table.grow(len);
        Self {
            table: Arc::new(table),
        }
    }

    /// Number of tokens of a window.
    pub(super) fn len(&self) -> usize {
        self.table.positions()
    }

    /// # Shapes
    ///
    /// - `x`, output: `[batch, len, heads, head_dim]`
    pub(super) fn rotate(&self, x: Tensor<4>) -> Tensor<4> {
        let half = self.table.head_dim() / 2;
        let [cos, sin] = self.angles(&x.device());
        let (low, high) = (x.clone().narrow(3, 0, half), x.narrow(3, half, half));
        let turned_low = low.clone() * cos.clone() - high.clone() * sin.clone();
        let turned_high = high * cos + low * sin;
        Tensor::cat(vec![turned_low, turned_high], 3)
    }

    /// Cosines and sines, each `[1, len, 1, head_dim / 2]`.
    fn angles(&self, device: &Device) -> [Tensor<4>; 2] {
        let half = self.table.head_dim() / 2;
        [0..half, half..2 * half].map(|part| {
            let rows = (0..self.len()).map(|position| &self.table.angles(position)[part.clone()]);
            let values = rows.collect::<Vec<_>>().concat();
            Tensor::from_data(TensorData::new(values, [1, self.len(), 1, half]), device)
        })
    }
}
