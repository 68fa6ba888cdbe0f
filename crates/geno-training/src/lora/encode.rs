//! States of examples, as tensors that gradients flow through.

use burn::tensor::Tensor;
use geno_encoder::CarbonEncoder;

use super::LoraError;
use crate::targets::{Planned, encode_passes, passes};

/// The states of examples `[rows, d_state]`: of each its source state, then one for each of its edits.
pub(super) fn encode(encoder: &CarbonEncoder, planned: &[Planned]) -> Result<Tensor<2>, LoraError> {
    let passes = passes(planned);
    let encoded = encode_passes(encoder, &passes)?;
    let mut states: Vec<Option<[Tensor<2>; 2]>> = vec![None; planned.len()];
    for (pass, encoded) in passes.iter().zip(encoded) {
        for (example, edits) in &pass.members {
            let of_edits = |rows: &Tensor<2>, n| rows.clone().narrow(0, edits.start, n);
            // The edits of an example share their source state.
            states[*example] = Some([
                of_edits(&encoded.reference, 1),
                of_edits(&encoded.edited, edits.len()),
            ]);
        }
    }
    let states = states.into_iter().flatten().flatten().collect();
    Ok(Tensor::cat(states, 0))
}
