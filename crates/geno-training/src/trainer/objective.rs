//! What a step makes small.

use burn::tensor::{Bool, Device, Tensor};
use geno_core::RandomStream;
use geno_predictor::{
    PredictionWeights, prediction_loss, random_directions, residual_loss, sliced_gaussian,
};
use serde::{Deserialize, Serialize};

/// How far predictions are from the encoded states.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum PredictionLoss {
    /// [`residual_loss`]: each edit by the part of its own change that is missed.
    Residual {
        /// The squared change below which an edit counts less.
        #[serde(default = "smallest_change")]
        smallest_change: f64,
    },
    /// [`prediction_loss`]: `α(1 − cos) + β‖ŝ − s′‖²/d`, the Python package's.
    Cosine {
        /// Weight of the angle.
        alpha: f64,
        /// Weight of the squared distance.
        beta: f64,
    },
}

/// The squared change below which an edit counts less, unless another number is given.
pub const SMALLEST_CHANGE: f64 = 1e-6;

fn smallest_change() -> f64 {
    SMALLEST_CHANGE
}

impl Default for PredictionLoss {
    fn default() -> Self {
        Self::Residual {
            smallest_change: SMALLEST_CHANGE,
        }
    }
}

/// What keeps predictions from becoming alike.
///
/// [`sliced_gaussian`] of the predicted changes `ŝ − s`, scaled to a mean squared length of 1, since
/// those are what the networks make: states themselves are the encoder's. Where the encoder is trained,
/// the same of its own changes `s′ − s` is added, scaled to a mean squared length of 1 *before* training,
/// since an encoder that no edit moves would be easy to predict.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Regularizer {
    /// Its weight beside the prediction loss.
    pub gamma: f64,
    /// Random directions a step.
    pub directions: usize,
}

/// The loss of a step: prediction loss, and `γ` times the regulariser.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct EditObjective {
    /// How far predictions are from the encoded states.
    pub prediction: PredictionLoss,
    /// What keeps predictions from becoming alike, if anything.
    pub regularizer: Option<Regularizer>,
}

impl EditObjective {
    /// The prediction loss, the mean over predictions. Shapes are those of [`residual_loss`].
    pub(super) fn prediction(
        &self,
        predicted: Tensor<3>,
        target: Tensor<3>,
        source: Tensor<2>,
        mask: Tensor<2, Bool>,
    ) -> Tensor<1> {
        match self.prediction {
            PredictionLoss::Residual { smallest_change } => {
                residual_loss(predicted, target, source, mask, smallest_change)
            }
            PredictionLoss::Cosine { alpha, beta } => {
                let weights = PredictionWeights {
                    cosine: alpha,
                    squared: beta,
                };
                prediction_loss(predicted, target, mask, weights)
            }
        }
    }
}

impl Regularizer {
    /// `γ` times the regulariser of predicted changes `[n, d]`, of which there are two at least.
    ///
    /// They are divided by `length`, or else by the root mean square of their own lengths. `name` tells
    /// the directions of one part of a step from those of others.
    pub(super) fn of(
        &self,
        changes: Tensor<2>,
        length: Option<f64>,
        seed: u64,
        name: &str,
        device: &Device,
    ) -> Tensor<1> {
        let [_, d] = changes.dims();
        let stream = &mut RandomStream::new(seed, name);
        let directions = random_directions(d, self.directions, stream, device);
        let scaled = match length {
            Some(length) => changes.div_scalar(length),
            None => {
                let mean_square = changes.clone().square().sum_dim(1).mean();
                changes / mean_square.clamp_min(1e-12).sqrt().unsqueeze()
            }
        };
        sliced_gaussian(scaled, directions).mul_scalar(self.gamma)
    }
}

#[cfg(test)]
mod tests {
    use rand_distr::{Distribution, StandardNormal};

    use super::*;

    /// Of changes spread over all directions, `[512, 8]`, of a mean squared length of 1, times a factor.
    fn cost(factor: f64, length: Option<f64>) -> f32 {
        let (device, d) = (Device::flex(), 8);
        let stream = &mut RandomStream::new(4, "changes");
        let values = (0..512 * d).map(|_| StandardNormal.sample(stream));
        let values: Vec<f32> = values.collect();
        let changes = burn::tensor::TensorData::new(values, [512, d]);
        let changes = Tensor::<2>::from_data(changes, &device);
        let changes = changes.mul_scalar(factor / (d as f64).sqrt());
        let regularizer = Regularizer {
            gamma: 1.,
            directions: 32,
        };
        let loss = regularizer.of(changes, length, 0, "test", &device);
        loss.into_scalar()
    }

    #[test]
    fn changes_that_shrink_cost_only_beside_the_length_that_they_had() {
        assert!(cost(1., Some(1.)).abs() < 0.01, "{}", cost(1., Some(1.)));
        assert!(cost(0.1, Some(1.)) > 0.3, "{}", cost(0.1, Some(1.)));
        assert!(cost(0.1, Some(0.1)).abs() < 0.01);
        assert!((cost(0.1, None) - cost(1., None)).abs() < 1e-4);
        assert!(cost(1., None).abs() < 0.01);
    }
}
