//! Predicting a whole set.

use std::borrow::Cow;

use burn::{
    module::Module,
    tensor::{Device, TensorData},
};

use super::{MeanChange, record::Record};
use crate::{
    targets::{Example, ExampleKind, TargetSet},
    trainer::{Batch, Learner, Sequences, Task, TrainError, read},
};

/// Predictions that are made together.
const PREDICTIONS_TOGETHER: usize = 4_096;

/// A learner as it is, without gradients, and the mean changes that it is compared with.
pub(crate) struct Measuring<'a, T: Task> {
    task: &'a T,
    learner: T::Learner,
    baseline: Cow<'a, MeanChange>,
    device: &'a Device,
}

impl<'a, T: Task> Measuring<'a, T> {
    pub(crate) fn new(
        task: &'a T,
        learner: &T::Learner,
        device: &'a Device,
    ) -> Result<Self, TrainError> {
        let learner = learner.valid();
        Ok(Self {
            baseline: task.baseline(&learner, device)?,
            task,
            learner,
            device,
        })
    }

    /// Predicts all states of a set.
    pub(crate) fn records(&self, set: &TargetSet) -> Result<Vec<Record>, TrainError> {
        let limit = self.learner.networks().max_edits();
        let (mut records, mut together, mut n) = (Vec::new(), Vec::new(), 0);
        for index in 0..set.len() {
            let is_too_long = limit.is_some_and(|limit| set.n_edits_of(index) > limit);
            if is_too_long && set.example(index)?.kind() == ExampleKind::Trajectory {
                continue;
            }
            together.push(index);
            n += set.n_edits_of(index);
            if n >= PREDICTIONS_TOGETHER {
                self.add(set, &together, &mut records)?;
                (together, n) = (Vec::new(), 0);
            }
        }
        if !together.is_empty() {
            self.add(set, &together, &mut records)?;
        }
        Ok(records)
    }

    fn add(
        &self,
        set: &TargetSet,
        together: &[usize],
        records: &mut Vec<Record>,
    ) -> Result<(), TrainError> {
        let examples = read(set, together)?;
        let (task, learner) = (self.task, &self.learner);
        let states = task.states(learner, set, &examples, self.device)?;
        let batch = Batch::new(&examples, states);
        let values = batch.values();
        for sequences in batch.predict(learner.networks())? {
            extend(records, &batch, &values, &sequences, &self.baseline);
        }
        Ok(())
    }
}

fn extend(
    records: &mut Vec<Record>,
    batch: &Batch<'_>,
    states: &[f32],
    sequences: &Sequences,
    baseline: &MeanChange,
) {
    let rows = |data: TensorData| data.iter::<f32>().map(f64::from).collect::<Vec<_>>();
    let predicted = rows(sequences.predicted.to_data());
    let target = rows(sequences.target.to_data());
    let source = rows(sequences.source.to_data());
    let (n_edits, d) = (sequences.n_edits, baseline.d_state());
    for (i, &(of_batch, which)) in sequences.members.iter().enumerate() {
        let (index, example) = &batch.examples[of_batch];
        let edited = batch.edited(of_batch);
        let edited = &states[edited.start * d..edited.end * d];
        let source = &source[i * d..][..d];
        let mut by_mean = source.to_vec();
        for step in 0..n_edits {
            let row = (i * n_edits + step) * d;
            let [predicted, target] = [&predicted[row..][..d], &target[row..][..d]];
            let edit = &example.edits()[which + step];
            if let Some(change) = baseline.change(edit) {
                by_mean
                    .iter_mut()
                    .zip(change)
                    .for_each(|(state, change)| *state += change);
            }
            records.push(Record {
                example: *index,
                step: step + 1,
                edit_type: edit.edit().edit_type(),
                offset: edit.offset(),
                missed: distance(predicted, target),
                change: distance(source, target),
                by_mean_change: distance(&by_mean, target),
                cosine: cosine(predicted, target),
                rank: rank(example, edited, which, predicted),
            });
        }
    }
}

/// Alternatives of an example whose states are nearer to a prediction than the one it is of.
fn rank(example: &Example, edited: &[f32], which: usize, predicted: &[f64]) -> Option<usize> {
    let is_alone = example.kind() != ExampleKind::Alternatives || example.edits().len() < 2;
    if is_alone {
        return None;
    }
    let distances = edited.chunks(predicted.len()).map(|state| {
        let pairs = state.iter().zip(predicted);
        pairs.map(|(&a, b)| (f64::from(a) - b).powi(2)).sum::<f64>()
    });
    let distances: Vec<f64> = distances.collect();
    let nearer = distances
        .iter()
        .filter(|&&distance| distance < distances[which]);
    Some(nearer.count())
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum()
}

fn cosine(a: &[f64], b: &[f64]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let norms = (dot(a, a) * dot(b, b)).sqrt();
    if norms > 0. { dot(a, b) / norms } else { 0. }
}
