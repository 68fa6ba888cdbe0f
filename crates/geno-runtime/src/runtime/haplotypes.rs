//! States of haplotypes: predicted, and really encoded.

use burn::tensor::{Bool, Int, Tensor, TensorData};
use geno_action::{Haplotype, RelEdit};
use geno_core::Window;

use super::{Runtime, RuntimeError, values};

/// Edit lists that the predictor takes at once: its activations are wider than a state.
const PREDICTED: usize = 1_024;

impl Runtime {
    /// Encodes windows with every edit of a haplotype applied, each pooled around a 0-based locus of
    /// its reference window, or over the whole window without one.
    ///
    /// A state does not depend on which others are in the call.
    ///
    /// # Shapes
    ///
    /// - output: `[n_haplotypes][d_state]`
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Missing`] and [`RuntimeError::Encode`].
    pub fn encode_haplotypes(
        &self,
        haplotypes: &[(&Haplotype, Option<usize>)],
    ) -> Result<Vec<Vec<f32>>, RuntimeError> {
        let contract = self.contract();
        let edited = |&(haplotype, locus): &(&Haplotype, Option<usize>)| {
            let bases = haplotype.edited_window(contract);
            let window = Window::new(haplotype.window().start(), bases);
            (window.expect("edited bases are bases"), locus)
        };
        let edited: Vec<_> = haplotypes.iter().map(edited).collect();
        let windows: Vec<_> = edited
            .iter()
            .map(|(window, locus)| (window, *locus))
            .collect();
        self.encode_windows(&windows)
    }

    /// Predicts the states after edit lists, each from its own state and edit by edit, with nothing
    /// encoded. Without edits a state comes back as it is.
    ///
    /// A prediction does not depend on which others are in the call. Edits are taken in the order
    /// given.
    ///
    /// # Shapes
    ///
    /// - `lists`: `[n_lists]` pairs of a state `[d_state]` and its edits
    /// - output: `[n_lists][d_state]`
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Missing`], [`RuntimeError::StateWidth`] and [`RuntimeError::EncodeEdits`].
    pub fn predict_haplotypes(
        &self,
        lists: &[(&[f32], &[RelEdit])],
    ) -> Result<Vec<Vec<f32>>, RuntimeError> {
        let expected = self.predictor()?.config().d_state;
        if let Some((state, _)) = lists.iter().find(|(state, _)| state.len() != expected) {
            let found = state.len();
            return Err(RuntimeError::StateWidth { found, expected });
        }
        let mut predicted = Vec::with_capacity(lists.len());
        for lists in lists.chunks(PREDICTED) {
            let states = values(self.predict_batch(lists, expected)?);
            predicted.extend(states.chunks(expected).map(<[f32]>::to_vec));
        }
        Ok(predicted)
    }

    fn predict_batch(
        &self,
        lists: &[(&[f32], &[RelEdit])],
        d_state: usize,
    ) -> Result<Tensor<2>, RuntimeError> {
        let batch = lists.len();
        let states: Vec<f32> = lists
            .iter()
            .flat_map(|(state, _)| *state)
            .copied()
            .collect();
        let states = Tensor::from_data(TensorData::new(states, [batch, d_state]), &self.device);
        let longest = lists.iter().map(|(_, edits)| edits.len()).max();
        let Some(longest @ 1..) = longest else {
            return Ok(states);
        };
        let edits: Vec<&RelEdit> = lists.iter().flat_map(|(_, edits)| *edits).collect();
        let actions = self.action_encoder()?.encode_each(&edits)?;

        // Where a list has ended any action stands, and the mask says so.
        let (mut rows, mut mask) = (Vec::new(), Vec::new());
        let mut first = 0;
        for (_, edits) in lists {
            for i in 0..longest {
                let is_edit = i < edits.len();
                rows.push(if is_edit { (first + i) as i32 } else { 0 });
                mask.push(is_edit);
            }
            first += edits.len();
        }
        let rows = TensorData::new(rows, [batch * longest]);
        let rows = Tensor::<1, Int>::from_data(rows, &self.device);
        let [_, d_action] = actions.dims();
        let actions = actions.select(0, rows).reshape([batch, longest, d_action]);
        let mask = TensorData::new(mask, [batch, longest]);
        let mask = Tensor::<2, Bool>::from_data(mask, &self.device);
        let predictor = self.predictor()?;
        Ok(predictor.predict_haplotype(states, actions, mask))
    }
}
