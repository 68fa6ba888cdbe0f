//! What is drawn for each window.

use geno_action::DEFAULT_EDGE_MARGIN;
use geno_core::{Coded, ErrorCode, StateContract};

use super::EditSource;
use crate::phased::DEFAULT_MAX_GAP;

/// What is drawn for each window, and in which order windows come.
///
/// The defaults are the mix and the fall-backs of the Python package.
#[derive(Clone, Debug, PartialEq)]
pub struct TupleSettings {
    /// Decides everything that is drawn.
    pub seed: u64,
    /// How many tuples of each source a window gives, in the order in which they are drawn.
    pub mix: Vec<(EditSource, u32)>,
    /// The source that makes up for what another one lacks.
    pub fallbacks: Vec<(EditSource, EditSource)>,
    /// Weights of 1, 2, 3, … edits in a tuple of made-up edits. Population variants come one by one,
    /// phased ones as a chromosome copy carries them.
    pub edit_count_weights: Vec<f64>,
    /// Most edits of a tuple.
    pub max_edits: usize,
    /// Most bases between the starts of two neighbouring edits of a tuple.
    pub max_gap: u64,
    /// Weights of SNV, INS, DEL, MNV and INDEL, by which a type is drawn before an edit of it, from
    /// `synthetic` and from sets of variants. `None` takes variants as they come.
    pub type_weights: Option<[f64; 5]>,
    /// Bases at either end of a window that no edit touches.
    pub margin: usize,
    /// How edited windows are brought to their length.
    pub contract: StateContract,
    /// Windows whose tuples are shuffled together, and are in memory at a time for each thread.
    pub block_windows: u32,
    /// Leaves out windows that hold the place of a held-out variant, and not only the variant.
    pub exclude_windows_of_variants: bool,
    /// Makes it an error if a window gives fewer tuples than the mix asks for.
    pub strict: bool,
}

/// Weights of SNV, INS, DEL, MNV and INDEL in the Python package's balanced batches.
pub(crate) const BALANCED_TYPES: [f64; 5] = [0.4, 0.2, 0.2, 0.1, 0.1];

impl Default for TupleSettings {
    fn default() -> Self {
        use EditSource::{Clinvar, GnomadCommon, SyntheticIndel, SyntheticSnv};
        Self {
            seed: 0,
            mix: vec![
                (GnomadCommon, 3),
                (SyntheticSnv, 3),
                (SyntheticIndel, 1),
                (Clinvar, 1),
            ],
            fallbacks: vec![(Clinvar, SyntheticSnv), (GnomadCommon, SyntheticSnv)],
            edit_count_weights: vec![1.0],
            max_edits: 16,
            max_gap: DEFAULT_MAX_GAP,
            type_weights: None,
            margin: DEFAULT_EDGE_MARGIN,
            contract: StateContract::L2NormalizedV2,
            block_windows: 64,
            exclude_windows_of_variants: false,
            strict: false,
        }
    }
}

/// Why settings make no tuples.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The mix asks for nothing.
    #[error("mix asks for no tuple")]
    EmptyMix,
    /// A source comes twice in the mix, or has two fall-backs.
    #[error("`{source_name}` is given twice")]
    Duplicate {
        /// The source.
        source_name: EditSource,
    },
    /// A source falls back to itself.
    #[error("`{source_name}` falls back to itself")]
    OwnFallback {
        /// The source.
        source_name: EditSource,
    },
    /// Weights are negative, not finite, or all 0.
    #[error("{what} weights are not finite numbers of at least 0, one above it")]
    BadWeights {
        /// `edit count` or `type`.
        what: &'static str,
    },
    /// A number that must be at least 1 is 0.
    #[error("{what} is 0")]
    Zero {
        /// Which number.
        what: &'static str,
    },
    /// A source is in the mix, or is a fall-back, and there is no file for it.
    #[error("`{source_name}` is asked for and has no variants")]
    NoVariants {
        /// The source.
        source_name: EditSource,
    },
    /// There is a file for a source that is neither in the mix nor a fall-back.
    #[error("`{source_name}` has variants, and neither mix nor fall-backs ask for it")]
    Unasked {
        /// The source.
        source_name: EditSource,
    },
}

impl Coded for SettingsError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl TupleSettings {
    /// Whether the mix or a fall-back may draw from a source.
    pub(crate) fn asks_for(&self, source: EditSource) -> bool {
        self.mix.iter().any(|&(asked, n)| asked == source && n > 0)
            || self.fallbacks.iter().any(|&(_, to)| to == source)
    }

    /// Checks what can be checked without windows.
    ///
    /// # Errors
    ///
    /// [`SettingsError`].
    pub fn check(&self) -> Result<(), SettingsError> {
        if self.mix.iter().all(|&(_, count)| count == 0) {
            return Err(SettingsError::EmptyMix);
        }
        let mix = self.mix.iter().map(|&(source, _)| source);
        let fallbacks = self.fallbacks.iter().map(|&(source, _)| source);
        check_distinct(mix)?;
        check_distinct(fallbacks)?;
        if let Some(&(source_name, _)) = self.fallbacks.iter().find(|(a, b)| a == b) {
            return Err(SettingsError::OwnFallback { source_name });
        }
        check_weights("edit count", &self.edit_count_weights)?;
        if let Some(weights) = &self.type_weights {
            check_weights("type", weights)?;
        }
        for (what, number) in [
            ("largest number of edits", self.max_edits as u64),
            ("largest gap", self.max_gap),
            (
                "number of windows in a block",
                u64::from(self.block_windows),
            ),
        ] {
            if number == 0 {
                return Err(SettingsError::Zero { what });
            }
        }
        Ok(())
    }

    pub(crate) fn fallback(&self, source: EditSource) -> Option<EditSource> {
        let of_source = self.fallbacks.iter().find(|(from, _)| *from == source);
        of_source.map(|&(_, to)| to)
    }
}

fn check_distinct(sources: impl Iterator<Item = EditSource>) -> Result<(), SettingsError> {
    let mut seen = Vec::new();
    for source_name in sources {
        if seen.contains(&source_name) {
            return Err(SettingsError::Duplicate { source_name });
        }
        seen.push(source_name);
    }
    Ok(())
}

fn check_weights(what: &'static str, weights: &[f64]) -> Result<(), SettingsError> {
    let is_weight = |weight: &f64| weight.is_finite() && *weight >= 0.0;
    let is_good = weights.iter().all(is_weight) && weights.iter().any(|weight| *weight > 0.0);
    is_good
        .then_some(())
        .ok_or(SettingsError::BadWeights { what })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_give_nothing_are_refused() {
        let good = TupleSettings::default();
        assert_eq!(good.check(), Ok(()));
        let with = |change: fn(&mut TupleSettings)| {
            let mut settings = good.clone();
            change(&mut settings);
            settings.check().unwrap_err()
        };
        assert_eq!(with(|s| s.mix.clear()), SettingsError::EmptyMix);
        let source_name = EditSource::GnomadCommon;
        assert_eq!(
            with(|s| s.mix[1].0 = s.mix[0].0),
            SettingsError::Duplicate { source_name }
        );
        let own = with(|s| s.fallbacks[1].1 = EditSource::GnomadCommon);
        assert_eq!(own, SettingsError::OwnFallback { source_name });
        let weights = with(|s| s.type_weights = Some([0.0; 5]));
        assert_eq!(weights, SettingsError::BadWeights { what: "type" });
        let zero = with(|s| s.block_windows = 0);
        assert!(matches!(zero, SettingsError::Zero { .. }));
    }
}
