//! Examples as tensors.

use std::{collections::BTreeMap, ops::Range};

use burn::tensor::{Bool, Int, Tensor, TensorData};
use geno_predictor::{EncodeEditsError, PlacedEdit};

use super::edit_model::EditModel;
use crate::targets::{Example, ExampleKind, OpenTargetsError, TargetSet};

/// Examples, each with its number in its set, and their states.
pub(crate) struct Batch<'a> {
    pub(crate) examples: &'a [(usize, Example)],
    /// `[rows, d_state]`, of each example its source state, then one for each of its edits.
    states: Tensor<2>,
    /// The row of each example's source state.
    sources: Vec<usize>,
}

/// Edit lists of one length, and the states along them.
pub(crate) struct Sequences {
    /// Each with its example and, of alternatives, which of them; of others 0.
    pub(crate) members: Vec<(usize, usize)>,
    /// Edits of each list.
    pub(crate) n_edits: usize,
    /// `[n, n_edits, d_state]`, what is predicted.
    pub(crate) predicted: Tensor<3>,
    /// `[n, n_edits, d_state]`, what was encoded.
    pub(crate) target: Tensor<3>,
    /// `[n, d_state]`, before any edit.
    pub(crate) source: Tensor<2>,
}

/// Reads examples of a set.
pub(crate) fn read(
    set: &TargetSet,
    indices: &[usize],
) -> Result<Vec<(usize, Example)>, OpenTargetsError> {
    let examples = indices
        .iter()
        .map(|&index| Ok((index, set.example(index)?)));
    examples.collect()
}

/// How many states are predicted of some examples.
pub(crate) fn n_predictions(examples: &[(usize, Example)]) -> usize {
    examples
        .iter()
        .map(|(_, example)| example.edits().len())
        .sum()
}

impl<'a> Batch<'a> {
    /// Joins examples and their states `[rows, d_state]`.
    pub(crate) fn new(examples: &'a [(usize, Example)], states: Tensor<2>) -> Self {
        let mut row = 0;
        let sources = examples.iter().map(|(_, example)| {
            let source = row;
            row += 1 + example.edits().len();
            source
        });
        let sources = sources.collect();
        assert_eq!(states.dims()[0], row, "states of all examples");
        Self {
            examples,
            states,
            sources,
        }
    }

    /// Predicts all states, the edit lists of each length together, so that none is filled up.
    pub(crate) fn predict(&self, model: &EditModel) -> Result<Vec<Sequences>, EncodeEditsError> {
        let d = self.states.dims()[1];
        let lists = self.lists();
        let sequences = lists.into_iter().map(|(n_edits, members)| {
            let edits = members
                .iter()
                .map(|&(example, which)| self.edits(example, which));
            let encoded = model.encode(&edits.collect::<Vec<_>>())?;
            let source = members.iter().map(|&(example, _)| self.sources[example]);
            let source = self.rows(source);
            let target = members
                .iter()
                .flat_map(|&(example, which)| self.targets(example, which));
            let target = self.rows(target);
            Ok(Sequences {
                n_edits,
                predicted: model.predict(source.clone(), encoded.actions, encoded.mask),
                target: target.reshape([members.len(), n_edits, d]),
                source,
                members,
            })
        });
        sequences.collect()
    }

    /// All states, row after row.
    pub(crate) fn values(&self) -> Vec<f32> {
        self.states.to_data().iter::<f32>().collect()
    }

    /// The rows of an example's edited states.
    pub(crate) fn edited(&self, example: usize) -> Range<usize> {
        let first = self.sources[example] + 1;
        first..first + self.examples[example].1.edits().len()
    }

    /// Edit lists by their length.
    fn lists(&self) -> BTreeMap<usize, Vec<(usize, usize)>> {
        let mut lists = BTreeMap::<usize, Vec<_>>::new();
        for (i, (_, example)) in self.examples.iter().enumerate() {
            let members = lists.entry(example.n_steps()).or_default();
            match example.kind() {
                ExampleKind::Alternatives => {
                    members.extend((0..example.edits().len()).map(|which| (i, which)));
                }
                ExampleKind::Trajectory => members.push((i, 0)),
            }
        }
        lists
    }

    fn edits(&self, example: usize, which: usize) -> Vec<PlacedEdit<'_>> {
        let (_, example) = &self.examples[example];
        match example.kind() {
            ExampleKind::Alternatives => example.placed().skip(which).take(1).collect(),
            ExampleKind::Trajectory => example.placed().collect(),
        }
    }

    /// The rows of the states along an edit list.
    fn targets(&self, example: usize, which: usize) -> Range<usize> {
        let edited = self.edited(example);
        match self.examples[example].1.kind() {
            ExampleKind::Alternatives => edited.start + which..edited.start + which + 1,
            ExampleKind::Trajectory => edited,
        }
    }

    fn rows(&self, rows: impl Iterator<Item = usize>) -> Tensor<2> {
        let rows: Vec<i32> = rows.map(|row| row as i32).collect();
        let shape = [rows.len()];
        let rows = TensorData::new(rows, shape);
        let rows = Tensor::<1, Int>::from_data(rows, &self.states.device());
        self.states.clone().select(0, rows)
    }
}

impl Sequences {
    /// A mask that counts every prediction.
    pub(crate) fn mask(&self) -> Tensor<2, Bool> {
        let shape = [self.members.len(), self.n_edits];
        Tensor::<2>::ones(shape, &self.source.device()).bool()
    }

    /// Predicted changes of the source, `[n · n_edits, d_state]`.
    pub(crate) fn changes(&self) -> Tensor<2> {
        self.changes_to(&self.predicted)
    }

    /// Encoded changes of the source, `[n · n_edits, d_state]`.
    pub(crate) fn encoded_changes(&self) -> Tensor<2> {
        self.changes_to(&self.target)
    }

    fn changes_to(&self, states: &Tensor<3>) -> Tensor<2> {
        let [n, n_edits, d] = states.dims();
        let changes = states.clone() - self.source.clone().unsqueeze_dim(1);
        changes.reshape([n * n_edits, d])
    }
}
