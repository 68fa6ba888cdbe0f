//! How tuples were drawn.

use geno_data::TupleSettings;
use serde::{Deserialize, Serialize};

/// The settings by which tuples were drawn. The seed is that of the whole folder.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TuplesIdentity {
    /// How often every window was drawn from.
    pub epochs: u32,
    /// Tuples of each source that a window gives.
    pub mix: Vec<(String, u32)>,
    /// The source that makes up for what another one lacks.
    pub fallbacks: Vec<(String, String)>,
    /// Weights of 1, 2, 3, … edits in a tuple of made-up edits.
    pub edit_count_weights: Vec<f64>,
    /// Most edits of a tuple.
    pub max_edits: usize,
    /// Most bases between the starts of two neighbouring edits.
    pub max_gap: u64,
    /// Weights of SNV, INS, DEL, MNV and INDEL.
    pub type_weights: Option<[f64; 5]>,
    /// Bases at either end of a window that no edit touches.
    pub margin: usize,
    /// Whether a window had to give what the mix asks for.
    pub strict: bool,
}

impl TuplesIdentity {
    /// What settings say, beside what the whole folder shares.
    pub fn of(settings: &TupleSettings, epochs: u32) -> Self {
        let mix = settings.mix.iter();
        let fallbacks = settings.fallbacks.iter();
        Self {
            epochs,
            mix: mix
                .map(|(source, n)| (source.as_str().to_owned(), *n))
                .collect(),
            fallbacks: fallbacks
                .map(|(from, to)| (from.as_str().to_owned(), to.as_str().to_owned()))
                .collect(),
            edit_count_weights: settings.edit_count_weights.clone(),
            max_edits: settings.max_edits,
            max_gap: settings.max_gap,
            type_weights: settings.type_weights,
            margin: settings.margin,
            strict: settings.strict,
        }
    }
}
