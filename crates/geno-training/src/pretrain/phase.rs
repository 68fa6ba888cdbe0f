//! The two phases of a run, by what they train for.

use std::f64::consts::LN_2;

use serde::{Deserialize, Serialize};

use super::held_out::BitsPerBase;
use crate::Objective;

/// A phase of a run.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Whole tokens.
    CrossEntropy,
    /// The bases of tokens.
    FactorisedNucleotides,
}

impl Phase {
    /// The phase that trains for something.
    pub(super) fn of(objective: Objective) -> Self {
        match objective {
            Objective::CrossEntropy => Self::CrossEntropy,
            Objective::FactorisedNucleotides => Self::FactorisedNucleotides,
        }
    }

    /// A loss in nats as bits a base.
    pub(super) fn bits(self, loss: f64) -> f64 {
        match self {
            // A token of six.
            Self::CrossEntropy => loss / (6.0 * LN_2),
            Self::FactorisedNucleotides => loss / LN_2,
        }
    }

    /// What the phase makes small.
    pub(super) fn held_out(self, bits: BitsPerBase) -> f64 {
        match self {
            Self::CrossEntropy => bits.chain,
            Self::FactorisedNucleotides => bits.marginal,
        }
    }
}
