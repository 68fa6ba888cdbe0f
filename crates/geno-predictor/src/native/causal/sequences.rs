//! Sequences of tokens under way.

use geno_kernels::RotaryTable;

use crate::{
    causal::rotation::frequencies,
    causal_config::{CausalConfig, StepPositions},
    native::workspace::Workspace,
};

/// A sequence of each row, a state's token and then those of its edits: the new tokens in
/// `work.tokens`, `[n, rows, d]`, and what is kept of those before them.
#[derive(Clone, Debug)]
pub(super) struct Sequences {
    pub(super) n_rows: usize,
    /// Tokens of a row that have run through all blocks.
    pub(super) n_kept: usize,
    /// Of each block, `[tokens, rows, 2 · d]`: of every token its key, then its value.
    pub(super) kept: Vec<Vec<f32>>,
    /// The place in its row of each new token.
    pub(super) positions: Vec<u32>,
    /// Where queries and keys are rotated.
    pub(super) rotary: Option<RotaryTable>,
    pub(super) work: Workspace,
    width: usize,
}

impl Sequences {
    /// Memory for sequences of a network, of no rows yet.
    pub(super) fn new(config: &CausalConfig) -> Self {
        let rotary = match config.positions {
            StepPositions::Rope => {
                let frequencies = frequencies(config.d_hidden / config.n_heads);
                Some(RotaryTable::new(frequencies, 1.0))
            }
            StepPositions::Learned => None,
        };
        Self {
            n_rows: 0,
            n_kept: 0,
            kept: vec![Vec::new(); config.n_layers],
            positions: Vec::new(),
            rotary,
            work: Workspace::default(),
            width: config.d_hidden,
        }
    }

    /// Forgets all tokens, and begins so many rows in the same memory.
    pub(super) fn begin(&mut self, n_rows: usize) {
        self.n_rows = n_rows;
        self.n_kept = 0;
        self.kept.iter_mut().for_each(Vec::clear);
    }

    /// New tokens of a row.
    pub(super) fn n_new(&self) -> usize {
        self.work.tokens.len() / (self.n_rows * self.width)
    }

    /// Puts the new tokens after those that are kept.
    pub(super) fn place_new_tokens(&mut self) {
        let places = self.n_kept..self.n_kept + self.n_new();
        if let Some(rotary) = &mut self.rotary {
            rotary.grow(places.end);
        }
        self.positions.clear();
        let n_rows = self.n_rows;
        let of_rows = places.flat_map(|place| std::iter::repeat_n(place as u32, n_rows));
        self.positions.extend(of_rows);
    }
}
