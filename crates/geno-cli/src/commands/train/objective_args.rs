//! Arguments of what a step makes small.

use clap::ValueEnum;
use geno_training::{EditObjective, PredictionLoss, Regularizer, SMALLEST_CHANGE};

use crate::failure::UsageError;

#[derive(clap::Args)]
pub(super) struct ObjectiveArgs {
    /// How far a prediction is from the encoded state
    #[arg(long, value_name = "LOSS", default_value = "residual")]
    loss: LossArg,

    /// Squared change of a state below which an edit counts less in the loss `residual`
    #[arg(long, value_name = "X", default_value_t = SMALLEST_CHANGE, value_parser = positive)]
    smallest_change: f64,

    /// Weight of the angle in the loss `cosine`
    #[arg(long, value_name = "W", default_value_t = 1.0)]
    alpha: f64,

    /// Weight of the squared distance in the loss `cosine`
    #[arg(long, value_name = "W", default_value_t = 0.1)]
    beta: f64,

    /// Weight of the regulariser that keeps predicted changes from becoming alike
    #[arg(long, value_name = "W", default_value_t = 0.0)]
    gamma: f64,

    /// Random directions of the regulariser
    #[arg(long, value_name = "N", default_value_t = 64)]
    directions: usize,
}

#[derive(Clone, Copy, ValueEnum)]
enum LossArg {
    /// Each edit by the part of its own change that is missed
    Residual,
    /// Angle and squared distance, as the Python package
    Cosine,
}

impl ObjectiveArgs {
    pub(super) fn objective(&self) -> Result<EditObjective, UsageError> {
        if !(self.alpha.is_finite() && self.beta.is_finite()) {
            return Err(UsageError(
                "`--alpha` and `--beta` are finite numbers".to_owned(),
            ));
        }
        Ok(EditObjective {
            prediction: match self.loss {
                LossArg::Residual => PredictionLoss::Residual {
                    smallest_change: self.smallest_change,
                },
                LossArg::Cosine => PredictionLoss::Cosine {
                    alpha: self.alpha,
                    beta: self.beta,
                },
            },
            regularizer: (self.gamma != 0.0).then_some(Regularizer {
                gamma: self.gamma,
                directions: self.directions,
            }),
        })
    }
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if f64::is_normal(number) && number > 0.0 => Ok(number),
        _ => Err("not a finite number above 0".to_owned()),
    }
}
