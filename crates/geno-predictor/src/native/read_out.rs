//! States from the tokens of actions.

use geno_kernels::{Affine, Kernel, LayerNorm, gelu};
use geno_weights::WeightError;
use rayon::prelude::*;

use super::{layers::Layers, workspace::sized};
use crate::predictor::MIN_NORM;

/// `Δ = W·LN(GELU(V·x))`.
#[derive(Debug)]
pub(super) struct ReadOut {
    inner: Affine,
    norm: LayerNorm,
    outer: Affine,
}

impl ReadOut {
    /// Layers under three names, of width `d` inside.
    pub(super) fn load(
        layers: &mut Layers<'_, '_>,
        [inner, norm, outer]: [&str; 3],
        [d, d_state]: [usize; 2],
    ) -> Result<Self, WeightError> {
        Ok(Self {
            inner: layers.affine(inner, [d, d])?,
            norm: layers.norm(norm, d)?,
            outer: layers.affine(outer, [d, d_state])?,
        })
    }

    /// The change that each row of `x` says.
    pub(super) fn forward(
        &self,
        kernel: Kernel,
        x: &[f32],
        inner: &mut Vec<f32>,
        normed: &mut Vec<f32>,
        changes: &mut [f32],
    ) {
        let inner = sized(inner, x.len());
        self.inner.forward(kernel, x, inner);
        gelu(kernel, inner, self.norm.weight.len());
        let normed = sized(normed, x.len());
        self.norm.forward(kernel, inner, normed);
        self.outer.forward(kernel, normed, changes);
    }
}

/// Turns changes `[states, n, d_state]` into `(s + Δ) / ‖s + Δ‖`.
pub(super) fn move_states(changes: &mut [f32], states: &[f32], d_state: usize) {
    let n = changes.len() / states.len();
    let rows = changes.par_chunks_exact_mut(d_state).enumerate();
    rows.for_each(|(i, change)| {
        let state = &states[i / n * d_state..][..d_state];
        change.iter_mut().zip(state).for_each(|(x, s)| *x += s);
        let square: f64 = change.iter().map(|x| f64::from(*x).powi(2)).sum();
        let norm = (square.sqrt() as f32).max(MIN_NORM);
        change.iter_mut().for_each(|x| *x /= norm);
    });
}

/// Fills rows with zeros where none is present.
pub(super) fn hide(rows: &mut [f32], present: &[bool]) {
    let width = rows.len() / present.len();
    for (row, present) in rows.chunks_exact_mut(width).zip(present) {
        if !present {
            row.fill(0.0);
        }
    }
}
