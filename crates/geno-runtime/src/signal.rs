//! Numbers that a row may carry beside its surprise.

use std::{fmt, str::FromStr};

use geno_core::UnknownName;

/// A number of an edit that is no percentile.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Signal {
    /// `‖s′ − s‖`: how far the encoded state moves, whatever was predicted.
    Displacement,
}

impl Signal {
    /// Every signal, in the order of their columns.
    pub const ALL: [Self; 1] = [Self::Displacement];

    /// The name of its column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Displacement => "displacement",
        }
    }

    /// The key of a VCF's INFO column, and what it says there.
    pub(crate) fn info(self) -> (&'static str, &'static str) {
        match self {
            Self::Displacement => (
                "GENO_LEWM_DISPLACEMENT",
                "Distance between the encoded states before and after the edit, at least 0",
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
            expected: &["displacement"],
        })
    }
}

/// Signals without repetition, in the order of their columns.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Signals(Vec<Signal>);

impl Signals {
    /// Each of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = Signal> + '_ {
        self.0.iter().copied()
    }

    /// Whether one of them is wanted.
    pub fn contains(&self, signal: Signal) -> bool {
        self.0.contains(&signal)
    }
}

impl FromIterator<Signal> for Signals {
    fn from_iter<I: IntoIterator<Item = Signal>>(signals: I) -> Self {
        let mut signals: Vec<_> = signals.into_iter().collect();
        signals.sort_unstable();
        signals.dedup();
        Self(signals)
    }
}

impl fmt::Display for Signals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.iter().map(Signal::as_str).collect();
        f.write_str(&names.join(","))
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
