//! AdamW with decayed and undecayed parameters.

mod clip;
mod stored;
mod update;

use std::collections::{BTreeMap, HashMap};

use burn::{
    module::{Module, ParamId},
    optim::{AdamWConfig, AdamWState, GradientsParams},
};
use serde::{Deserialize, Serialize};

pub use self::stored::LoadOptimizerError;
use self::{clip::SquaredNorm, update::Update};

/// What the optimiser is set to. The defaults are those of the Python package.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct AdamWSettings {
    /// How much of the mean gradient is kept a step.
    pub beta1: f32,
    /// How much of the mean squared gradient is kept a step.
    pub beta2: f32,
    /// Added to the root of the mean squared gradient.
    pub epsilon: f32,
    /// Part of a decayed parameter that is taken off a step, times the learning rate.
    pub weight_decay: f32,
    /// Largest norm of all gradients together, if it is limited.
    pub grad_clip: Option<f32>,
}

impl Default for AdamWSettings {
    fn default() -> Self {
        Self {
            beta1: 0.9,
            beta2: 0.95,
            epsilon: 1e-8,
            weight_decay: 0.1,
            grad_clip: Some(1.),
        }
    }
}

/// Decoupled weight decay after Adam, with one learning rate for all parameters:
///
/// ```text
/// g ← g · min(1, clip / (‖g‖ + 10⁻⁶))          ‖g‖ over all parameters
/// m ← β₁m + (1 − β₁)g,   v ← β₂v + (1 − β₂)g²
/// θ ← (1 − η·λ)θ − η · m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + ε)
/// ```
///
/// `λ` is 0 for the parameters that [`is_decayed`] names. State is kept under the parameters' names in
/// files, so that a run goes on where another stopped.
///
/// # Source
///
/// Loshchilov and Hutter, *Decoupled weight decay regularization*, 2019, as PyTorch computes it;
/// clipping as `clip_grad_norm_`.
pub struct AdamW {
    settings: AdamWSettings,
    /// Moments of each parameter, laid flat.
    states: BTreeMap<String, AdamWState<1>>,
}

impl AdamW {
    /// An optimiser that has seen no gradient.
    pub fn new(settings: AdamWSettings) -> Self {
        Self {
            settings,
            states: BTreeMap::new(),
        }
    }

    /// Moves the parameters of a module against their gradients, and returns the norm of all gradients
    /// before they were clipped.
    ///
    /// Parameters without a gradient stay as they are. `names` are the parameters' names.
    ///
    /// # Panics
    ///
    /// If a parameter that has a gradient has no name.
    pub fn step<M: Module>(
        &mut self,
        lr: f64,
        module: M,
        names: &[(String, ParamId)],
        gradients: GradientsParams,
    ) -> (M, f32) {
        let norm = SquaredNorm::of(&module, &gradients).sqrt();
        let scale = match self.settings.grad_clip {
            Some(limit) => (limit / (norm + 1e-6)).min(1.),
            None => 1.,
        };
        let module = module.map(&mut Update {
            lr,
            scale,
            names: names
                .iter()
                .map(|(name, id)| (*id, name))
                .collect::<HashMap<_, _>>(),
            gradients,
            groups: [0., self.settings.weight_decay].map(|decay| self.group(decay)),
            states: &mut self.states,
        });
        (module, norm)
    }

    fn group(&self, weight_decay: f32) -> burn::optim::AdamW {
        AdamWConfig::new()
            .with_beta_1(self.settings.beta1)
            .with_beta_2(self.settings.beta2)
            .with_epsilon(self.settings.epsilon)
            .with_weight_decay(weight_decay)
            .build()
    }
}

/// Whether the weight decay holds for a parameter: matrices that are neither norms nor embeddings.
///
/// # Source
///
/// `build_optimizer` of geno-lewm 0.2.1.
pub fn is_decayed(name: &str, rank: usize) -> bool {
    let name = name.to_lowercase();
    let is_exempt = name.ends_with(".bias") || name.contains("norm") || name.contains("embedding");
    rank >= 2 && !is_exempt
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matrices_decay_and_tables_do_not() {
        assert!(is_decayed("predictor.blocks.0.ffn.inner.weight", 2));
        assert!(is_decayed("model.layers.0.self_attn.q_proj.weight", 2));
        assert!(!is_decayed("predictor.blocks.0.ffn.inner.bias", 1));
        assert!(!is_decayed("predictor.Token_Type_Embedding", 2));
        assert!(!is_decayed("predictor.final_norm.weight", 1));
        assert!(!is_decayed("action_encoder.padding", 1));
    }
}
