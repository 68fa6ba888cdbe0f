//! The steps of blocks, over the tokens of many rows.

use std::ops::Range;

use geno_kernels::{Affine, Kernel, LayerNorm, TokenGroups, multiply_rows};

use super::{
    attention::Projections,
    feed_forward::NormedFeedForward,
    sight::Sight,
    workspace::{Workspace, sized},
};

/// Tokens on their way through the blocks: the states of all rows, then the actions of all rows.
pub(super) struct Pass<'p> {
    pub(super) kernel: Kernel,
    pub(super) width: usize,
    pub(super) n_heads: usize,
    pub(super) sight: &'p Sight,
    pub(super) workspace: &'p mut Workspace,
}

/// The steps whose predictions are read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wanted {
    Every,
    Last,
}

/// Which tokens.
#[derive(Clone, Copy, Debug)]
pub(super) enum Tokens {
    States,
    Actions,
    All,
}

impl Pass<'_> {
    /// `s += map(LN(a))`, for a single action a row.
    pub(super) fn state_looks_at_one(&mut self, norm: &LayerNorm, map: &Affine) {
        let n_states = self.n_states();
        let Workspace { tokens, normed, .. } = &mut *self.workspace;
        let (states, actions) = tokens.split_at_mut(n_states);
        let memory = sized(normed, actions.len());
        norm.forward(self.kernel, actions, memory);
        map.add(self.kernel, memory, states);
    }

    /// `s += attention(LN(s), LN(a))`.
    pub(super) fn state_looks(&mut self, norm: &LayerNorm, attention: &Projections) {
        let (kernel, n_states) = (self.kernel, self.n_states());
        let work = &mut *self.workspace;
        let normed = sized(&mut work.normed, work.tokens.len());
        norm.forward(kernel, &work.tokens, normed);
        let (states, memory) = normed.split_at(n_states);
        let queries = sized(&mut work.queries, n_states);
        attention.query.forward(kernel, states, queries);
        let keys = sized(&mut work.keys, memory.len());
        attention.key.forward(kernel, memory, keys);
        let values = sized(&mut work.values, memory.len());
        attention.value.forward(kernel, memory, values);
        let groups = TokenGroups {
            first: None,
            keys,
            values,
            visible: self.sight.by_states(),
            n_keys: self.sight.n_actions(),
            n_heads: self.n_heads,
        };
        let mixed = sized(&mut work.mixed, n_states);
        groups.attend(kernel, self.width, queries, mixed);
        attention
            .output
            .add(kernel, mixed, &mut work.tokens[..n_states]);
    }

    /// `a += attention(LN(a), LN([s ‖ a]))`, an action seeing the state and what is `visible`.
    pub(super) fn actions_look(
        &mut self,
        query_norm: &LayerNorm,
        memory_norm: &LayerNorm,
        attention: &Projections,
        visible: &[bool],
    ) {
        self.ask(Tokens::Actions, query_norm, attention);
        self.remember(memory_norm, attention);
        let range = self.range(Tokens::Actions);
        let n_values = range.len();
        self.mix(0..n_values, visible);
        let work = &mut *self.workspace;
        let mixed = &work.mixed[..n_values];
        attention
            .output
            .add(self.kernel, mixed, &mut work.tokens[range]);
    }

    /// `a += attention(LN(a), LN([s ‖ a]))` for the last action of each row, which sees all that are
    /// there. The other actions' tokens are dropped.
    pub(super) fn last_actions_look(&mut self, norm: &LayerNorm, attention: &Projections) {
        self.remember(norm, attention);
        self.keep_last_actions();
        self.ask(Tokens::Actions, norm, attention);
        let sight = self.sight;
        let range = self.range(Tokens::Actions);
        let n_values = range.len();
        self.mix(0..n_values, sight.by_states());
        let work = &mut *self.workspace;
        let mixed = &work.mixed[..n_values];
        attention
            .output
            .add(self.kernel, mixed, &mut work.tokens[range]);
    }

    fn keep_last_actions(&mut self) {
        let (n_states, d, n) = (self.n_states(), self.width, self.sight.n_actions());
        let tokens = &mut self.workspace.tokens;
        for row in 0..self.sight.n_rows() {
            let last = n_states + (row * n + n - 1) * d;
            tokens.copy_within(last..last + d, n_states + row * d);
        }
        tokens.truncate(2 * n_states);
    }

    /// `x += attention(LN(x))`, every token seeing every other that is there.
    pub(super) fn all_look(&mut self, norm: &LayerNorm, attention: &Projections) {
        self.ask(Tokens::All, norm, attention);
        self.remember(norm, attention);
        let sight = self.sight;
        self.mix(self.range(Tokens::States), sight.by_states());
        self.mix(self.range(Tokens::Actions), sight.by_actions());
        let work = &mut *self.workspace;
        let mixed = &work.mixed[..work.tokens.len()];
        attention.output.add(self.kernel, mixed, &mut work.tokens);
    }

    /// `x += ffn(LN(x))`.
    pub(super) fn feed_forward(&mut self, tokens: Tokens, ffn: &NormedFeedForward) {
        let range = self.range(tokens);
        let Workspace {
            tokens,
            normed,
            inner,
            ..
        } = &mut *self.workspace;
        ffn.add(self.kernel, &mut tokens[range], normed, inner);
    }

    /// The queries of some tokens.
    fn ask(&mut self, tokens: Tokens, norm: &LayerNorm, attention: &Projections) {
        let range = self.range(tokens);
        let work = &mut *self.workspace;
        let normed = sized(&mut work.normed, range.len());
        let queries = sized(&mut work.queries, range.len());
        norm.forward(self.kernel, &work.tokens[range], normed);
        attention.query.forward(self.kernel, normed, queries);
    }

    /// The values of all tokens, and the actions' keys relative to the state's: the key's bias is in
    /// both, and a softmax does not change when all scores are shifted.
    fn remember(&mut self, norm: &LayerNorm, attention: &Projections) {
        let n_states = self.n_states();
        let (kernel, work) = (self.kernel, &mut *self.workspace);
        let normed = sized(&mut work.normed, work.tokens.len());
        norm.forward(kernel, &work.tokens, normed);
        let values = sized(&mut work.values, normed.len());
        attention.value.forward(kernel, normed, values);

        let (states, actions) = normed.split_at_mut(n_states);
        let rows = actions.chunks_exact_mut(self.sight.n_actions() * self.width);
        for (actions, state) in rows.zip(states.chunks_exact(self.width)) {
            for action in actions.chunks_exact_mut(self.width) {
                action.iter_mut().zip(state).for_each(|(a, s)| *a -= s);
            }
        }
        let keys = sized(&mut work.keys, actions.len());
        multiply_rows(kernel, actions, attention.key.weight(), keys);
    }

    /// Attention of some of the queries to the state and to what is `visible` of the actions.
    fn mix(&mut self, queries: Range<usize>, visible: &[bool]) {
        let n_states = self.n_states();
        let work = &mut *self.workspace;
        let n_actions = n_states * self.sight.n_actions();
        let (first, values) = work.values[..n_states + n_actions].split_at(n_states);
        let groups = TokenGroups {
            first: Some(first),
            keys: &work.keys[..n_actions],
            values,
            visible,
            n_keys: self.sight.n_actions(),
            n_heads: self.n_heads,
        };
        let mixed = &mut sized(&mut work.mixed, n_states + n_actions)[queries.clone()];
        groups.attend(self.kernel, self.width, &work.queries[queries], mixed);
    }

    fn n_states(&self) -> usize {
        self.sight.n_rows() * self.width
    }

    fn range(&self, tokens: Tokens) -> Range<usize> {
        let (n_states, n) = (self.n_states(), self.workspace.tokens.len());
        match tokens {
            Tokens::States => 0..n_states,
            Tokens::Actions => n_states..n,
            Tokens::All => 0..n,
        }
    }
}
