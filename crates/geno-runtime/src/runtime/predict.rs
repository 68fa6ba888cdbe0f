//! Predicted states of haplotypes.

use std::{collections::HashMap, sync::Arc};

use burn::tensor::{Bool, Int, Tensor, TensorData};
use geno_action::{Haplotype, RelEdit};
use geno_core::Window;
use geno_predictor::{PlacedEdit, StatePredictor};

use super::{Runtime, RuntimeError, values};

/// Rows that the predictor takes at once: its activations are wider than a state.
pub(super) const PREDICTED: usize = 1_024;

/// What a prediction starts from.
#[derive(Clone, Copy, Debug)]
pub struct Unedited<'a> {
    /// The state of the reference window: `[d_state]`.
    pub state: &'a [f32],
    /// The edits to come.
    pub haplotype: &'a Haplotype,
    /// The base around which the state was pooled, 0-based in the window.
    pub locus: usize,
}

impl Runtime {
    /// Predicts the states after the edits of haplotypes, each with all its edits given at once.
    /// Without edits a state comes back as it is.
    ///
    /// A prediction does not depend on which others are in the call.
    ///
    /// # Shapes
    ///
    /// - output: `[n_haplotypes][d_state]`
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Missing`], [`RuntimeError::StateWidth`], [`RuntimeError::TooManyEdits`] and
    /// [`RuntimeError::EncodeEdits`].
    pub fn predict(&self, haplotypes: &[Unedited<'_>]) -> Result<Vec<Vec<f32>>, RuntimeError> {
        let limit = self.predictor()?.max_edits();
        self.predict_by_length(haplotypes, limit, |predictor, states, actions| {
            predictor.predict_together(states, actions)
        })
    }

    /// Predicts the states after the edits of haplotypes, each edit by edit, with nothing encoded.
    /// Without edits a state comes back as it is.
    ///
    /// With `cross_attention_v1` this is another number than [`predict`](Self::predict): there a
    /// state is predicted from the one before it. With `causal_v2` it is the same.
    ///
    /// # Shapes
    ///
    /// - output: `[n_haplotypes][d_state]`
    ///
    /// # Errors
    ///
    /// As [`predict`](Self::predict).
    pub fn predict_haplotypes(
        &self,
        haplotypes: &[Unedited<'_>],
    ) -> Result<Vec<Vec<f32>>, RuntimeError> {
        let limit = self.predictor()?.max_steps();
        self.predict_by_length(haplotypes, limit, |predictor, states, actions| {
            let [batch, n_edits, _] = actions.dims();
            let mask = Tensor::<2, Bool>::full([batch, n_edits], true, &states.device());
            predictor.predict_haplotype(states, actions, mask)
        })
    }

    /// Runs a prediction over haplotypes of equal numbers of edits, so that none is filled up and
    /// none depends on the others.
    fn predict_by_length(
        &self,
        haplotypes: &[Unedited<'_>],
        limit: Option<usize>,
        predict: impl Fn(&dyn StatePredictor, Tensor<2>, Tensor<3>) -> Tensor<2>,
    ) -> Result<Vec<Vec<f32>>, RuntimeError> {
        let predictor = self.predictor()?;
        let expected = predictor.d_state();
        for Unedited {
            state, haplotype, ..
        } in haplotypes
        {
            let (found, n_edits) = (state.len(), haplotype.edits().len());
            if found != expected {
                return Err(RuntimeError::StateWidth { found, expected });
            }
            if let Some(limit) = limit.filter(|limit| n_edits > *limit) {
                return Err(RuntimeError::TooManyEdits {
                    found: n_edits,
                    limit,
                });
            }
        }
        let n_edits = |row: usize| haplotypes[row].haplotype.edits().len();
        let mut rows: Vec<usize> = (0..haplotypes.len())
            .filter(|row| n_edits(*row) > 0)
            .collect();
        rows.sort_by_key(|row| n_edits(*row));

        let unedited = haplotypes.iter().map(|one| one.state.to_vec());
        let mut predicted: Vec<Vec<f32>> = unedited.collect();
        for rows in rows.chunk_by(|a, b| n_edits(*a) == n_edits(*b)) {
            for rows in rows.chunks(PREDICTED) {
                let batch: Vec<_> = rows.iter().map(|row| haplotypes[*row]).collect();
                let states: Vec<f32> = batch.iter().flat_map(|one| one.state).copied().collect();
                let states = TensorData::new(states, [batch.len(), expected]);
                let states = Tensor::from_data(states, &self.device);
                let states = values(predict(predictor, states, self.actions(&batch)?));
                for (row, state) in rows.iter().zip(states.chunks(expected)) {
                    predicted[*row] = state.to_vec();
                }
            }
        }
        Ok(predicted)
    }

    /// The actions `[batch, n_edits, d_action]` of haplotypes of equal numbers of edits. Those that
    /// several have are encoded once.
    fn actions(&self, haplotypes: &[Unedited<'_>]) -> Result<Tensor<3>, RuntimeError> {
        let mut numbers: HashMap<(&RelEdit, *const Window, usize), i32> = HashMap::new();
        let (mut different, mut rows) = (Vec::new(), Vec::new());
        for Unedited {
            haplotype, locus, ..
        } in haplotypes
        {
            let window = haplotype.window();
            for edit in haplotype.edits() {
                let number = numbers.entry((edit, Arc::as_ptr(window), *locus));
                rows.push(*number.or_insert_with(|| {
                    different.push(PlacedEdit::in_window(edit, window.bases(), *locus));
                    different.len() as i32 - 1
                }));
            }
        }
        let [batch, n_edits] = [haplotypes.len(), rows.len() / haplotypes.len()];
        let encoded = self.action_encoder()?.encode_each(&different)?;
        let [_, d_action] = encoded.dims();
        let rows = TensorData::new(rows, [batch * n_edits]);
        let rows = Tensor::<1, Int>::from_data(rows, &self.device);
        Ok(encoded.select(0, rows).reshape([batch, n_edits, d_action]))
    }
}
