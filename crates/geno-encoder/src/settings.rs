//! Which rows of which layer become a state.

use geno_core::{PoolType, StateContract};

/// What turns hidden rows into a state. A state means nothing without it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct StateSettings {
    /// Index into the hidden states: 0 the embeddings, `i` the output of block `i − 1`, the last
    /// one after the final norm; negative ones count from the end, −1 being the last.
    pub state_layer: i32,
    /// Which rows are averaged.
    pub pool_type: PoolType,
    /// Reach of [`PoolType::CenteredMean`] and [`PoolType::DownstreamMean`], in tokens.
    pub pool_radius: usize,
    /// The rules of centring, clipping and normalising.
    pub contract: StateContract,
}

impl StateSettings {
    /// The state layer counted from 0, or `None` where a model of `n_layers` has no such layer.
    pub fn layer(&self, n_layers: usize) -> Option<usize> {
        let index = usize::try_from(self.state_layer.unsigned_abs()).ok()?;
        let layer = match self.state_layer {
            0.. => index,
            _ => (n_layers + 1).checked_sub(index)?,
        };
        (layer <= n_layers).then_some(layer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negative_layers_count_from_the_last() {
        let layer = |state_layer| {
            let settings = StateSettings {
                state_layer,
                pool_type: PoolType::CenteredMean,
                pool_radius: 8,
                contract: StateContract::L2NormalizedV2,
            };
            settings.layer(4)
        };
        assert_eq!([0, 4, -1, -5].map(layer), [0, 4, 4, 0].map(Some));
        assert_eq!([5, -6, i32::MIN].map(layer), [None; 3]);
    }
}
