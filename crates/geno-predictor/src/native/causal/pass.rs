//! A pass of new tokens through the causal predictor.

use super::{NativeCausalPredictor, sequences::Sequences};
use crate::native::{
    read_out::move_states,
    rows::{add_rows, swap_axes},
    workspace::{Workspace, sized},
};

impl NativeCausalPredictor {
    /// Makes the tokens of states, where the sequences begin, and of edits `[rows, n, d_action]`.
    pub(super) fn read_in(&self, states: &[f32], actions: &[f32], sequences: &mut Sequences) {
        let (kernel, d, n_rows) = (self.kernel, self.config.d_hidden, sequences.n_rows);
        let n_edits = actions.len() / (n_rows * self.config.d_action);
        let before = sequences.n_kept.saturating_sub(1);
        let all = before + n_edits;
        if let Some(limit) = self.config.limit() {
            assert!(all <= limit, "{all} edits, at most {limit}");
        }

        let Workspace { tokens, normed, .. } = &mut sequences.work;
        let first_edit = states.len() / self.config.d_state * d;
        tokens.resize(first_edit + n_edits * n_rows * d, 0.0);
        let (state_tokens, edit_tokens) = tokens.split_at_mut(first_edit);
        self.tokens.states(kernel, states, state_tokens);

        let projected = sized(normed, edit_tokens.len());
        let projection = &self.tokens.action_projection;
        projection.forward(kernel, actions, projected);
        swap_axes(projected, [n_rows, n_edits], edit_tokens);
        for (i, tokens) in edit_tokens.chunks_exact_mut(n_rows * d).enumerate() {
            let own = (before + i) * d;
            // One for all edits, or one for each.
            let all = &self.tokens.edit_tokens;
            add_rows(tokens, all.get(own..own + d).unwrap_or(all));
        }
    }

    /// Runs the new tokens through all blocks, and keeps their keys and values.
    pub(super) fn through_blocks(&self, sequences: &mut Sequences) {
        let n_states = match sequences.n_kept {
            0 => sequences.n_rows * self.config.d_hidden,
            _ => 0,
        };
        sequences.place_new_tokens();
        for (i, block) in self.blocks.iter().enumerate() {
            // Nothing reads the states' tokens after the last one.
            let is_last = i + 1 == self.blocks.len();
            let unread = if is_last { n_states } else { 0 };
            block.forward(self.kernel, sequences, i, unread);
        }
        sequences.n_kept += sequences.n_new();
    }

    /// Makes predictions `[rows, n, d_state]` of the edits' tokens, which are the last.
    pub(super) fn read_out(&self, states: &[f32], sequences: &mut Sequences, out: &mut [f32]) {
        let (kernel, d, d_state) = (self.kernel, self.config.d_hidden, self.config.d_state);
        let n_rows = sequences.n_rows;
        let n_values = out.len() / d_state * d;
        let Workspace {
            tokens,
            normed,
            inner,
            ..
        } = &mut sequences.work;
        let first_edit = tokens.len() - n_values;
        let by_step = sized(normed, n_values);
        self.final_norm
            .forward(kernel, &tokens[first_edit..], by_step);
        let by_row = &mut tokens[..n_values];
        swap_axes(by_step, [n_values / (n_rows * d), n_rows], by_row);
        self.read_out.forward(kernel, by_row, inner, normed, out);
        move_states(out, states, d_state);
    }
}
