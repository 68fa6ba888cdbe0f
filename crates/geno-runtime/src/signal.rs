//! Numbers that a row may carry beside its surprise.

use std::{fmt, str::FromStr};

use geno_core::UnknownName;
use geno_encoder::NativeLikelihood;

use crate::likelihood::LikelihoodDelta;

/// A number of an edit that is no percentile.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Signal {
    /// `‖s′ − s‖`: how far the encoded state moves, whatever was predicted.
    Displacement,
    /// What the edit adds to the mean log-likelihood that Carbon gives a base of the window: below 0 where it makes
    /// the window less likely. See [`LikelihoodDelta`].
    LikelihoodDelta,
}

impl Signal {
    /// Every signal, in the order of their columns.
    pub const ALL: [Self; 2] = [Self::Displacement, Self::LikelihoodDelta];

    /// The name of its column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Displacement => "displacement",
            Self::LikelihoodDelta => "likelihood_delta",
        }
    }

    /// The key of a VCF's INFO column, and what it says there.
    pub(crate) fn info(self) -> (&'static str, &'static str) {
        match self {
            Self::Displacement => (
                "GENO_LEWM_DISPLACEMENT",
                "Distance between the encoded states before and after the edit, at least 0",
            ),
            Self::LikelihoodDelta => (
                "GENO_LEWM_LIKELIHOOD_DELTA",
                "What the edit adds to the mean log-likelihood of a base of its window",
            ),
        }
    }
}

/// Its value for one edit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SignalValue {
    /// Which.
    pub signal: Signal,
    /// Finite.
    pub value: f64,
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Signal {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        let found = Self::ALL.into_iter().find(|one| one.as_str() == name);
        found.ok_or_else(|| UnknownName {
            what: "signal",
            name: name.to_owned(),
            expected: &["displacement", "likelihood_delta"],
        })
    }
}

/// The signals of a run, in the order of their columns.
#[derive(Clone, Copy, Debug, Default)]
pub struct Signals<'a> {
    /// Whether [`Signal::Displacement`] is one.
    pub displacement: bool,
    /// What computes [`Signal::LikelihoodDelta`], if that is one.
    pub likelihood: Option<&'a SignalLikelihood>,
}

/// Carbon's likelihood as a signal: the network with its output layer, and what is read of it.
#[derive(Debug)]
pub struct SignalLikelihood {
    /// The network.
    pub carbon: NativeLikelihood,
    /// What is read.
    pub delta: LikelihoodDelta,
}

impl Signals<'_> {
    /// Each of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = Signal> + use<> {
        let displacement = self.displacement.then_some(Signal::Displacement);
        let likelihood = self.likelihood.map(|_| Signal::LikelihoodDelta);
        displacement.into_iter().chain(likelihood)
    }

    /// What tells their values from others.
    pub(crate) fn key(&self) -> String {
        let names = self.iter().map(|signal| match (signal, self.likelihood) {
            (Signal::LikelihoodDelta, Some(likelihood)) => {
                let LikelihoodDelta {
                    level,
                    strands,
                    phases,
                } = likelihood.delta;
                let (level, strands) = (level.as_str(), strands.as_str());
                format!("{signal} {level} {strands} {}", phases.get())
            }
            _ => signal.to_string(),
        });
        names.collect::<Vec<_>>().join(",")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for signal in Signal::ALL {
            assert_eq!(signal.as_str().parse(), Ok(signal));
        }
        let error = "surprise".parse::<Signal>().unwrap_err();
        assert_eq!(error.expected, Signal::ALL.map(Signal::as_str));
    }
}
