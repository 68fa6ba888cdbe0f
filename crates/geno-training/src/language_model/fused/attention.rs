//! Causal attention with rotary positions.

use std::sync::Arc;

use burn::tensor::Tensor;
use geno_encoder::CarbonConfig;
use geno_fused::{Operation, Values, apply, operand};
use geno_kernels::{
    Attended, AttentionInputs, AttentionShape, CausalAttention, Kernel, RotaryTable,
};

use crate::language_model::rotation::Rotation;

#[derive(Clone, Debug)]
struct Attention {
    shape: AttentionShape,
    rotary: Arc<RotaryTable>,
}

/// What the way back needs.
#[derive(Clone, Debug)]
struct State {
    inputs: [Values; 3],
    out: Values,
    log_sums: Arc<Vec<f32>>,
}

impl Attention {
    fn kernel(&self) -> CausalAttention<'_> {
        CausalAttention {
            kernel: Kernel::detect(),
            shape: self.shape,
            rotary: &self.rotary,
            len: self.rotary.positions(),
        }
    }
}

fn borrowed([queries, keys, values]: &[Values; 3]) -> AttentionInputs<&[f32]> {
    AttentionInputs {
        queries,
        keys,
        values,
    }
}

impl Operation<3> for Attention {
    type State = State;

    fn forward(&self, inputs: [Values; 3], _is_tracked: bool) -> (Values, State) {
        let attended = self.kernel().forward(&borrowed(&inputs));
        let out = Values::new(attended.out, inputs[0].dims());
        let state = State {
            inputs,
            out: out.clone(),
            log_sums: Arc::new(attended.log_sums),
        };
        (out, state)
    }

    fn backward(&self, state: State, gradient: &Values) -> [Values; 3] {
        let attended = Attended {
            out: &*state.out,
            log_sums: &state.log_sums,
        };
        let inputs = borrowed(&state.inputs);
        let found = self.kernel().backward(&inputs, &attended, gradient);
        let [queries, keys, values] = state.inputs.each_ref().map(Values::dims);
        [
            Values::new(found.queries, queries),
            Values::new(found.keys, keys),
            Values::new(found.values, values),
        ]
    }
}

pub(in super::super) fn attention(
    [queries, keys, values]: &[Tensor<2>; 3],
    config: &CarbonConfig,
    rotation: &Rotation,
) -> Option<Tensor<2>> {
    let operation = Attention {
        shape: AttentionShape {
            n_heads: config.n_heads,
            n_kv_heads: config.n_kv_heads,
            head_dim: config.head_dim,
        },
        rotary: rotation.table.clone(),
    };
    let operands = [operand(queries)?, operand(keys)?, operand(values)?];
    Some(apply(operation, operands))
}
