//! Causal attention with rotary positions.

use std::sync::Arc;

use burn::tensor::Tensor;
use burn_autodiff::{
    checkpoint::base::Checkpointer,
    grads::Gradients,
    ops::{Backward, Ops},
};
use burn_flex::{Flex, FlexTensor};
use geno_encoder::CarbonConfig;
use geno_kernels::{
    Attended, AttentionInputs, AttentionShape, CausalAttention, Kernel, RotaryTable,
};

use super::{gradient_of, hand_on, operand, record, tensor, values};
use crate::language_model::rotation::Rotation;

#[derive(Debug)]
struct Attention;

/// What the way back needs.
#[derive(Clone, Debug)]
struct State {
    inputs: [FlexTensor; 3],
    out: FlexTensor,
    log_sums: Arc<Vec<f32>>,
    shape: AttentionShape,
    rotary: Arc<RotaryTable>,
}

impl State {
    fn attention(&self) -> CausalAttention<'_> {
        CausalAttention {
            kernel: Kernel::detect(),
            shape: self.shape,
            rotary: &self.rotary,
            len: self.rotary.positions(),
        }
    }
}

fn borrowed([queries, keys, given]: &[FlexTensor; 3]) -> AttentionInputs<&[f32]> {
    AttentionInputs {
        queries: values(queries),
        keys: values(keys),
        values: values(given),
    }
}

pub(in super::super) fn attention(
    [queries, keys, values]: &[Tensor<2>; 3],
    config: &CarbonConfig,
    rotation: &Rotation,
) -> Option<Tensor<2>> {
    let operands = [operand(queries)?, operand(keys)?, operand(values)?];
    let dims = queries.dims();
    Some(record(Attention, operands, |inputs, _| {
        let mut state = State {
            out: inputs[0].clone(),
            inputs,
            log_sums: Arc::default(),
            shape: AttentionShape {
                n_heads: config.n_heads,
                n_kv_heads: config.n_kv_heads,
                head_dim: config.head_dim,
            },
            rotary: rotation.table.clone(),
        };
        let attended = state.attention().forward(&borrowed(&state.inputs));
        state.out = tensor(attended.out, dims);
        state.log_sums = Arc::new(attended.log_sums);
        (state.out.clone(), state)
    }))
}

impl Backward<Flex, 3> for Attention {
    type State = State;

    fn backward(self, ops: Ops<State, 3>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradient_of(&ops, gradients);
        let state = &ops.state;
        let attended = Attended {
            out: values(&state.out),
            log_sums: &state.log_sums,
        };
        let inputs = borrowed(&state.inputs);
        let found = state
            .attention()
            .backward(&inputs, &attended, values(&gradient));
        let AttentionShape {
            n_heads,
            n_kv_heads,
            head_dim,
        } = state.shape;
        let of = |values: Vec<f32>, n: usize| {
            let width = n * head_dim;
            let rows = values.len() / width;
            tensor(values, [rows, width])
        };
        let found = [
            of(found.queries, n_heads),
            of(found.keys, n_kv_heads),
            of(found.values, n_kv_heads),
        ];
        hand_on(ops, gradients, found);
    }
}
