//! What both predictors begin with: the state and the edits as tokens.

use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor},
};

use crate::{
    layer::{Linear, LinearInit},
    source::{Init, Sink, Source},
};

/// A projection, plus a vector of the token's kind, plus one of its step.
#[derive(Module, Debug)]
pub(crate) struct Tokens {
    /// `d_state → d`, absent where states are tokens as they are.
    state_projection: Option<Linear>,
    /// `d_action → d`.
    action_projection: Linear,
    /// `[2, d]`: the state's row, the edits' row.
    token_type: Param<Tensor<2>>,
    /// `[n_steps, d]`: the state's row, then one for each edit; absent where steps are told otherwise.
    step_position: Option<Param<Tensor<2>>>,
}

impl Tokens {
    /// For states of width `d_state` where they are projected, and so many learned steps.
    pub(crate) fn new<S: Source>(
        source: &mut S,
        d_state: Option<usize>,
        [d_action, d]: [usize; 2],
        n_steps: Option<usize>,
        device: &Device,
    ) -> Result<Self, S::Error> {
        let linear = |source: &mut S, name, from| {
            Linear::new(source, name, [from, d], LinearInit::truncated(from), device)
        };
        let embedding = |source: &mut S, name, rows| {
            source.parameter(name, [rows, d], Init::Normal(0.02), device)
        };
        Ok(Self {
            state_projection: d_state
                .map(|from| linear(source, STATE, from))
                .transpose()?,
            action_projection: linear(source, ACTION, d_action)?,
            token_type: embedding(source, TOKEN_TYPE, 2)?,
            step_position: n_steps
                .map(|n| embedding(source, STEP_POSITION, n))
                .transpose()?,
        })
    }

    /// The tokens `[batch, 1, d]` of states `[batch, d_state]`.
    pub(crate) fn state(&self, states: Tensor<2>) -> Tensor<3> {
        let tokens = match &self.state_projection {
            Some(projection) => projection.forward(states),
            None => states,
        };
        self.placed(tokens.unsqueeze_dim(1), 0, 0)
    }

    /// The tokens `[batch, n, d]` of edits `[batch, n, d_action]`, of which `before` came already.
    pub(crate) fn edits(&self, actions: Tensor<3>, before: usize) -> Tensor<3> {
        self.placed(self.action_projection.forward(actions), 1, before + 1)
    }

    fn placed(&self, tokens: Tensor<3>, kind: usize, first: usize) -> Tensor<3> {
        let n = tokens.dims()[1];
        let tokens = tokens + self.token_type.val().narrow(0, kind, 1).unsqueeze_dim(0);
        let Some(positions) = &self.step_position else {
            return tokens;
        };
        let (n_edits, limit) = (first + n - 1, positions.dims()[0] - 1);
        assert!(n_edits <= limit, "{n_edits} edits, at most {limit}");
        tokens + positions.val().narrow(0, first, n).unsqueeze_dim(0)
    }

    pub(crate) fn save(&self, sink: &mut Sink<'_>) {
        if let Some(projection) = &self.state_projection {
            projection.save(STATE, sink);
        }
        self.action_projection.save(ACTION, sink);
        sink.parameter(TOKEN_TYPE.to_owned(), &self.token_type);
        if let Some(positions) = &self.step_position {
            sink.parameter(STEP_POSITION.to_owned(), positions);
        }
    }
}

pub(crate) const STATE: &str = "state_projection";
pub(crate) const ACTION: &str = "action_projection";
pub(crate) const TOKEN_TYPE: &str = "token_type_embedding.weight";
pub(crate) const STEP_POSITION: &str = "step_position_embedding.weight";
