//! How a run went.

use geno_plot::{LinePlot, Series};
use serde::{Deserialize, Serialize};

use super::{held_out::BitsPerBase, phase::Phase};

/// The losses of a run, and what it has on the way to the next point.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// Means over the steps since the point before.
    pub training: Vec<TrainingPoint>,
    /// Every validation.
    pub validation: Vec<ValidationPoint>,
    /// The best validation of the phase that the last one was in.
    pub best: Option<Best>,
    /// Bits of the steps after the last point, added up, and how many they are.
    pending: (f64, u64),
}

/// Bits a base of some steps, by what they trained for.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingPoint {
    /// The last of them.
    pub step: u64,
    /// What they trained for.
    pub phase: Phase,
    /// Bits a base, on average.
    pub bits_per_base: f64,
}

/// What a validation found.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ValidationPoint {
    /// The step after which it was.
    pub step: u64,
    /// What the step trained for.
    pub phase: Phase,
    /// Bits a base of held-out windows.
    pub bits_per_base: BitsPerBase,
}

/// The best validation of a phase.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Best {
    /// Its step.
    pub step: u64,
    /// The phase.
    pub phase: Phase,
    /// Bits a base, of what the phase trains for.
    pub bits_per_base: f64,
}

impl History {
    /// Adds the bits of a step; the point that ends with it, if one does.
    pub(super) fn add_step(
        &mut self,
        step: u64,
        phase: Phase,
        bits: f64,
        is_last_of_point: bool,
    ) -> Option<TrainingPoint> {
        self.pending.0 += bits;
        self.pending.1 += 1;
        if !is_last_of_point {
            return None;
        }
        let (sum, n) = std::mem::take(&mut self.pending);
        let point = TrainingPoint {
            step,
            phase,
            bits_per_base: sum / n as f64,
        };
        self.training.push(point);
        Some(point)
    }

    /// Adds a validation; whether it is the best of its phase. A new phase begins anew, since what
    /// it trains for is measured by another number.
    pub(super) fn add_validation(&mut self, point: ValidationPoint) -> bool {
        self.validation.push(point);
        let (step, phase) = (point.step, point.phase);
        let bits_per_base = phase.held_out(point.bits_per_base);
        let is_best = self
            .best_of(phase)
            .is_none_or(|best| bits_per_base < best.bits_per_base);
        if is_best {
            self.best = Some(Best {
                step,
                phase,
                bits_per_base,
            });
        }
        is_best
    }

    /// The best validation, if it was in this phase.
    pub(super) fn best_of(&self, phase: Phase) -> Option<Best> {
        self.best.filter(|best| best.phase == phase)
    }

    /// The run as a plot, in bits a base.
    pub fn plot(&self) -> LinePlot<'static> {
        let training = |phase| -> Vec<(f64, f64)> {
            let points = self
                .training
                .iter()
                .filter(move |point| point.phase == phase);
            points
                .map(|point| (point.step as f64, point.bits_per_base))
                .collect()
        };
        let validation = |of: fn(&BitsPerBase) -> f64| -> Vec<(f64, f64)> {
            let points = self.validation.iter();
            points
                .map(|point| (point.step as f64, of(&point.bits_per_base)))
                .collect()
        };
        let series = [
            ("training, tokens", training(Phase::CrossEntropy)),
            ("training, bases", training(Phase::FactorisedNucleotides)),
            ("held out, tokens", validation(|bits| bits.chain)),
            ("held out, bases", validation(|bits| bits.marginal)),
        ];
        let series = series.into_iter().filter(|(_, points)| !points.is_empty());
        LinePlot {
            title: "Pretraining",
            description: "Bits per base of training and of held-out windows, by step.",
            x_label: "step",
            y_label: "bits per base",
            series: series
                .map(|(name, points)| Series {
                    name,
                    points,
                    ..Series::default()
                })
                .collect(),
            ..LinePlot::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn validate(history: &mut History, step: u64, phase: Phase, chain: f64, marginal: f64) -> bool {
        let bits_per_base = BitsPerBase { chain, marginal };
        history.add_validation(ValidationPoint {
            step,
            phase,
            bits_per_base,
        })
    }

    #[test]
    fn the_best_is_that_of_the_phase_and_begins_anew_with_the_next() {
        use Phase::{CrossEntropy, FactorisedNucleotides};
        let mut history = History::default();
        assert!(validate(&mut history, 1, CrossEntropy, 1.9, 2.0));
        assert!(!validate(&mut history, 2, CrossEntropy, 1.9, 1.0));
        assert!(validate(&mut history, 3, CrossEntropy, 1.8, 2.0));
        assert!(validate(&mut history, 4, FactorisedNucleotides, 1.85, 1.95));
        assert!(!validate(&mut history, 5, FactorisedNucleotides, 1.7, 1.96));
        let best = history.best.unwrap();
        assert_eq!((best.step, best.bits_per_base), (4, 1.95));
        assert_eq!(history.best_of(CrossEntropy), None);
        assert_eq!(history.plot().series.len(), 2);
    }

    #[test]
    fn points_are_means_of_the_steps_before() {
        let mut history = History::default();
        assert_eq!(history.add_step(1, Phase::CrossEntropy, 2.0, false), None);
        let point = history.add_step(2, Phase::CrossEntropy, 1.0, true).unwrap();
        assert_eq!((point.step, point.bits_per_base), (2, 1.5));
        let point = history.add_step(3, Phase::CrossEntropy, 1.0, true).unwrap();
        assert_eq!(point.bits_per_base, 1.0);
    }
}
