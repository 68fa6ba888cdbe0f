//! Gradients of a step, from parts that are computed one after another or side by side.

use burn::{
    module::Module,
    optim::{GradientsAccumulator, GradientsParams},
    tensor::{Device, Tensor},
};

use super::{
    batch::{Batch, Sequences, n_predictions, read},
    error::TrainError,
    objective::EditObjective,
    task::{Learner, Task},
};
use crate::targets::{Example, TargetSet};

/// How a step is cut into parts. Each part's gradient is scaled to its share of the predictions, so
/// that their sum is the gradient of the whole to rounding.
#[derive(Clone, Copy)]
pub(super) struct Parts {
    /// Parts that one replica computes one after another.
    pub(super) accumulate: usize,
    /// Replicas of the model that compute side by side.
    pub(super) replicas: usize,
}

/// Loss and gradients of a step.
pub(super) struct StepGradients {
    pub(super) gradients: GradientsParams,
    /// Prediction loss, the mean over predictions.
    pub(super) prediction: f64,
    /// What the regulariser adds.
    pub(super) regularizer: f64,
    pub(super) n_predictions: usize,
    /// Predictions and what was encoded, `[n, d]` each, of the first part.
    pub(super) rows: [Vec<f32>; 2],
}

/// The same of a part, summed rather than averaged.
struct PartGradients {
    gradients: GradientsParams,
    prediction: f64,
    regularizer: f64,
    rows: [Vec<f32>; 2],
}

/// What a step is computed from.
pub(super) struct Step<'a, T> {
    pub(super) task: &'a T,
    pub(super) set: &'a TargetSet,
    pub(super) objective: &'a EditObjective,
    /// That of the learner, and of the first replica.
    pub(super) device: &'a Device,
    /// Those of the replicas after it, which take turns.
    pub(super) more_devices: &'a [Device],
    pub(super) seed: u64,
    pub(super) number: u64,
}

impl<T: Task> Step<'_, T> {
    /// The gradients of the examples' loss, summed in the order of the parts.
    pub(super) fn gradients(
        &self,
        learner: &T::Learner,
        examples: &[usize],
        parts: Parts,
    ) -> Result<StepGradients, TrainError> {
        let examples = read(self.set, examples)?;
        let n_parts = (parts.accumulate * parts.replicas).min(examples.len());
        let cuts = (0..n_parts).map(|part| {
            let at = |part| part * examples.len() / n_parts;
            &examples[at(part)..at(part + 1)]
        });
        let cuts: Vec<_> = cuts.collect();
        let n_predictions = n_predictions(&examples);
        let mut accumulator = GradientsAccumulator::new();
        let mut step = StepGradients {
            gradients: GradientsParams::new(),
            prediction: 0.,
            regularizer: 0.,
            n_predictions,
            rows: Default::default(),
        };
        for (round, together) in cuts.chunks(parts.replicas).enumerate() {
            let first = round * parts.replicas;
            // Two threads that record operations on the same leaves can wait for each other for ever.
            let replicas = together.iter().enumerate().map(|(i, _)| match i {
                0 => learner.clone(),
                _ => learner.clone().fork(self.device_of(i)),
            });
            let replicas: Vec<T::Learner> = replicas.collect();
            let of_part = |i: usize, examples: &[(usize, Example)]| {
                let device = self.device_of(i);
                self.part(&replicas[i], examples, first + i, n_predictions, device)
            };
            for (i, part) in side_by_side(together, of_part).into_iter().enumerate() {
                let part = part?;
                let gradients = part.gradients.to_device(self.device, learner);
                accumulator.accumulate(learner, gradients);
                step.prediction += part.prediction;
                step.regularizer += part.regularizer;
                if first + i == 0 {
                    step.rows = part.rows;
                }
            }
        }
        step.gradients = accumulator.grads();
        Ok(step)
    }

    /// Where a replica computes.
    fn device_of(&self, replica: usize) -> &Device {
        match replica % (1 + self.more_devices.len()) {
            0 => self.device,
            i => &self.more_devices[i - 1],
        }
    }

    fn part(
        &self,
        learner: &T::Learner,
        examples: &[(usize, Example)],
        part: usize,
        n_total: usize,
        device: &Device,
    ) -> Result<PartGradients, TrainError> {
        let states = self.task.states(learner, self.set, examples, device)?;
        let all = Batch::new(examples, states).predict(learner.networks())?;
        let share = |n: usize| n as f64 / n_total as f64;
        let losses = all.iter().map(|sequences| {
            let [predicted, target] = [&sequences.predicted, &sequences.target].map(Clone::clone);
            let (source, mask) = (sequences.source.clone(), sequences.mask());
            let loss = self.objective.prediction(predicted, target, source, mask);
            loss.mul_scalar(share(sequences.members.len() * sequences.n_edits))
        });
        let prediction = losses.reduce(Tensor::add).expect("a part has an example");
        let regularizer = self
            .regularizer(&all, part, n_predictions(examples), device)
            .map(|loss| loss.mul_scalar(share(n_predictions(examples))));
        let rows = [0, 1].map(|which| {
            let rows = all.iter().flat_map(|sequences| {
                let rows = match which {
                    0 => &sequences.predicted,
                    _ => &sequences.target,
                };
                rows.to_data().iter::<f32>().collect::<Vec<_>>()
            });
            rows.collect()
        });
        let number = |loss: &Tensor<1>| f64::from(loss.clone().into_scalar::<f32>());
        let (value, added) = (number(&prediction), regularizer.as_ref().map_or(0., number));
        let loss = match regularizer {
            Some(regularizer) => prediction + regularizer,
            None => prediction,
        };
        Ok(PartGradients {
            gradients: GradientsParams::from_grads(loss.backward(), learner),
            prediction: value,
            regularizer: added,
            rows,
        })
    }

    /// What keeps the changes of a part's predictions, and of its states where they are trained, from
    /// becoming alike.
    fn regularizer(
        &self,
        all: &[Sequences],
        part: usize,
        n: usize,
        device: &Device,
    ) -> Option<Tensor<1>> {
        let regularizer = self.objective.regularizer.filter(|_| n > 1)?;
        let joined = |changes: fn(&Sequences) -> Tensor<2>| {
            Tensor::cat(all.iter().map(changes).collect(), 0)
        };
        let name = format!("train/directions/{}/{part}", self.number);
        let of =
            |changes, length, name: &str| regularizer.of(changes, length, self.seed, name, device);
        let predicted = of(joined(Sequences::changes), None, &name);
        Some(match self.task.change_length() {
            None => predicted,
            Some(length) => {
                let name = format!("{name}/encoded");
                predicted + of(joined(Sequences::encoded_changes), Some(length), &name)
            }
        })
    }
}

/// Calls a function for each item on a thread of its own; results in order.
fn side_by_side<R: Send>(
    items: &[&[(usize, Example)]],
    of_item: impl Fn(usize, &[(usize, Example)]) -> R + Sync,
) -> Vec<R> {
    if let [only] = items {
        return vec![of_item(0, only)];
    }
    std::thread::scope(|scope| {
        let threads = items.iter().enumerate().map(|(i, item)| {
            let of_item = &of_item;
            scope.spawn(move || of_item(i, item))
        });
        let threads: Vec<_> = threads.collect();
        let join = |thread: std::thread::ScopedJoinHandle<'_, R>| match thread.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        threads.into_iter().map(join).collect()
    })
}
