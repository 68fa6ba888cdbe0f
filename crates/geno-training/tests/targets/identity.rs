//! What folders of made-up states say of themselves.

use std::collections::BTreeMap;

use geno_core::{Digest, Dtype, PoolType, StateContract};
use geno_training::{DrawnIdentity, EncoderDigests, StatesIdentity, TargetIdentity, TargetWindows};

/// States of a width, drawn with a seed.
pub(crate) fn identity(d_state: usize, seed: u64) -> TargetIdentity {
    TargetIdentity {
        states: StatesIdentity {
            encoder: EncoderDigests {
                weights: Digest::of(b"weights"),
                config: None,
                dna_config: None,
            },
            state_layer: 4,
            pool_type: PoolType::DownstreamMean,
            pool_radius: 8,
            state_contract: StateContract::L2NormalizedV2,
            dtype: Dtype::Bf16,
            products: Dtype::Bf16,
            kernel: "portable".to_owned(),
            d_state,
        },
        drawn: DrawnIdentity {
            seed,
            windows: TargetWindows::AsDrawn,
            n_windows: 2,
            windows_digest: Digest::of(b"windows"),
            part_windows: 1,
            max_unknown: 0.1,
            excludes_windows_of_variants: false,
            tokens: None,
            tuples: None,
            inputs: BTreeMap::new(),
        },
    }
}
