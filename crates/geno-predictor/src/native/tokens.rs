//! What both predictors begin with: the state and the edits as tokens.

use geno_kernels::{Affine, Kernel};
use geno_weights::WeightError;

use super::{layers::Layers, rows::add_rows};
use crate::tokens::{ACTION, STATE, STEP_POSITION, TOKEN_TYPE};

/// A projection, plus a vector of the token's kind and, where steps are learned, of its step.
#[derive(Debug)]
pub(super) struct Tokens {
    /// `d_state → d`, absent where states are tokens as they are.
    state_projection: Option<Affine>,
    /// `d_action → d`.
    pub(super) action_projection: Affine,
    /// What is added to a state's token.
    state_token: Vec<f32>,
    /// What is added to the token of each edit: `[n_steps − 1, d]` where steps are learned, else
    /// `[1, d]` for all.
    pub(super) edit_tokens: Vec<f32>,
}

impl Tokens {
    /// For states of width `d_state` where they are projected, and so many learned steps.
    pub(super) fn load(
        layers: &mut Layers<'_, '_>,
        d_state: Option<usize>,
        [d_action, d]: [usize; 2],
        n_steps: Option<usize>,
    ) -> Result<Self, WeightError> {
        let state_projection = d_state.map(|from| layers.affine(STATE, [from, d]));
        let state_projection = state_projection.transpose()?;
        let action_projection = layers.affine(ACTION, [d_action, d])?;
        let mut state_token = layers.values(TOKEN_TYPE, &[2, d])?;
        let mut edit_tokens = state_token.split_off(d);
        if let Some(n_steps) = n_steps {
            let mut steps = layers.values(STEP_POSITION, &[n_steps, d])?;
            let mut edits = steps.split_off(d);
            add_rows(&mut state_token, &steps);
            add_rows(&mut edits, &edit_tokens);
            edit_tokens = edits;
        }
        Ok(Self {
            state_projection,
            action_projection,
            state_token,
            edit_tokens,
        })
    }

    /// The tokens of states.
    pub(super) fn states(&self, kernel: Kernel, states: &[f32], tokens: &mut [f32]) {
        match &self.state_projection {
            Some(projection) => projection.forward(kernel, states, tokens),
            None => tokens.copy_from_slice(states),
        }
        add_rows(tokens, &self.state_token);
    }
}
