//! Numbers that a row may carry beside its surprise.

use std::fmt;

use geno_encoder::NativeLikelihood;

use crate::{
    likelihood::LikelihoodDelta, number_column::NumberColumn, signal_tables::SignalTables,
};

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
    /// The name of its column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Displacement => "displacement",
            Self::LikelihoodDelta => "likelihood_delta",
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

/// The signals of a run, in the order of their columns.
#[derive(Clone, Copy, Debug, Default)]
pub struct Signals<'a> {
    /// Whether [`Signal::Displacement`] is one.
    pub displacement: bool,
    /// What computes [`Signal::LikelihoodDelta`], if that is one.
    pub likelihood: Option<&'a SignalLikelihood>,
    /// The tables that say what percentiles the signals have, and all together, if that is asked for.
    pub tables: Option<&'a SignalTables>,
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

    /// The columns that rows get for them.
    pub fn columns(&self) -> Vec<NumberColumn> {
        let values = self.iter().map(NumberColumn::Signal);
        let percentiles = self.iter().map(NumberColumn::Percentile);
        let percentiles = percentiles.chain([NumberColumn::Ensemble]);
        let percentiles = percentiles.filter(|_| self.tables.is_some());
        values.chain(percentiles).collect()
    }

    /// Their names, separated by commas.
    pub(crate) fn names(&self) -> String {
        let names = self.iter().map(Signal::as_str);
        names.collect::<Vec<_>>().join(",")
    }

    /// How a signal is computed.
    pub(crate) fn setting(&self, signal: Signal) -> String {
        match (signal, self.likelihood) {
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
        }
    }

    /// How all of them are computed.
    pub(crate) fn settings(&self) -> String {
        let settings = self.iter().map(|signal| self.setting(signal));
        settings.collect::<Vec<_>>().join(",")
    }

    /// What tells their values, and percentiles, from others.
    pub(crate) fn key(&self) -> String {
        match self.tables {
            None => self.settings(),
            Some(tables) => format!("{} in {}", self.settings(), tables.digest()),
        }
    }
}
