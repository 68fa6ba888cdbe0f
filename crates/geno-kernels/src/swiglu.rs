//! The gate of a gated layer, forwards and backwards.

use rayon::prelude::*;

use crate::{Kernel, cpu::for_each_width, exp::exp};

/// Values of one task.
const BLOCK: usize = 1 << 14;

/// `silu(gate) · up`, value by value, where `silu(x) = x / (1 + e^−x)`.
///
/// # Panics
///
/// If one is longer than the other.
pub fn swiglu(kernel: Kernel, gate: &[f32], up: &[f32]) -> Vec<f32> {
    assert_eq!(gate.len(), up.len(), "gates of other values");
    let mut out = vec![0.0; gate.len()];
    let blocks = out
        .par_chunks_mut(BLOCK)
        .zip(gate.par_chunks(BLOCK))
        .zip(up.par_chunks(BLOCK));
    blocks.for_each(|((out, gate), up)| forward(kernel, gate, up, out));
    out
}

/// The gradients of a gate and of what it lets through, given that of their [`swiglu`].
///
/// # Panics
///
/// If one is longer than another.
pub fn swiglu_backward(
    kernel: Kernel,
    gate: &[f32],
    up: &[f32],
    gradient: &[f32],
) -> [Vec<f32>; 2] {
    assert_eq!(gate.len(), up.len(), "gates of other values");
    assert_eq!(gate.len(), gradient.len(), "a gradient of other values");
    let [mut of_gate, mut of_up] = [(); 2].map(|()| vec![0.0; gate.len()]);
    let blocks = of_gate
        .par_chunks_mut(BLOCK)
        .zip(of_up.par_chunks_mut(BLOCK))
        .zip(gate.par_chunks(BLOCK))
        .zip(up.par_chunks(BLOCK))
        .zip(gradient.par_chunks(BLOCK));
    blocks.for_each(|((((of_gate, of_up), gate), up), gradient)| {
        backward(kernel, gate, up, gradient, of_gate, of_up);
    });
    [of_gate, of_up]
}

for_each_width! {
    fn forward(gate: &[f32], up: &[f32], out: &mut [f32]) {
        for ((out, gate), up) in out.iter_mut().zip(gate).zip(up) {
            *out = gate / (1.0 + exp(-gate)) * up;
        }
    }
}

for_each_width! {
    fn backward(
        gate: &[f32],
        up: &[f32],
        gradient: &[f32],
        of_gate: &mut [f32],
        of_up: &mut [f32],
    ) {
        let values = of_gate.iter_mut().zip(of_up).zip(gate).zip(up).zip(gradient);
        for ((((of_gate, of_up), gate), up), gradient) in values {
            let open = 1.0 / (1.0 + exp(-gate));
            *of_up = gradient * (gate * open);
            *of_gate = gradient * up * (open * (1.0 + gate * (1.0 - open)));
        }
    }
}
