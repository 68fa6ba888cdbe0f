//! The sampler of the Python package's planner.

use geno_core::{PythonRandom, is_acgt};

use super::{
    LegacySampleError,
    lengths::{draw_by_weight, halving},
    samplers::{check_interior, edit, other_base, random_bases, text},
};
use crate::{EditType, MAX_ALLELE_LEN, RelEdit};

/// `ActionSampler`: edits drawn by type, then position and bases.
///
/// Edits of one sequence may overlap or be equal, and their lengths are drawn whatever fits.
#[derive(Clone)]
pub struct ActionSampler {
    /// The window, in upper case.
    pub window: Vec<u8>,
    /// Where the draws come from.
    pub random: PythonRandom,
    /// Bases left out at either end of the window.
    pub margin: usize,
    /// Weight of each type.
    pub type_weights: Vec<(EditType, f64)>,
    /// Lengths by weight, in increasing order; none means `0.5^k`.
    pub lengths: Option<Vec<(usize, f64)>>,
    /// Bases of one bin of positions.
    pub position_bin_bp: usize,
    /// Weight of each bin, from the left margin; none means that all positions are alike.
    pub position_weights: Option<Vec<(usize, f64)>>,
    /// Attempts at an edit, at a bin that fits and at a second length that differs.
    pub max_attempts: usize,
}

/// Longest event behind an anchor base.
const MAX_EVENT: usize = MAX_ALLELE_LEN - 1;

impl ActionSampler {
    /// The sampler with the package's defaults.
    ///
    /// # Errors
    ///
    /// [`LegacySampleError::NoInterior`] for a window of 128 bases or fewer.
    pub fn new(window: &[u8], random: PythonRandom) -> Result<Self, LegacySampleError> {
        let margin = crate::DEFAULT_EDGE_MARGIN;
        check_interior(window, margin)?;
        Ok(Self {
            window: window.to_vec(),
            random,
            margin,
            type_weights: vec![
                (EditType::Snv, 0.40),
                (EditType::Ins, 0.20),
                (EditType::Del, 0.20),
                (EditType::Mnv, 0.10),
                (EditType::Indel, 0.10),
            ],
            lengths: None,
            position_bin_bp: 8,
            position_weights: None,
            max_attempts: 256,
        })
    }

    /// One edit, of a type drawn by weight.
    ///
    /// # Errors
    ///
    /// [`LegacySampleError`] when the attempts run out.
    pub fn sample_edit(&mut self) -> Result<RelEdit, LegacySampleError> {
        let edit_type = draw_by_weight(&mut self.random, &self.type_weights)?;
        for _ in 0..self.max_attempts {
            if let Some(edit) = self.attempt(edit_type)? {
                return Ok(edit);
            }
        }
        Err(ran_out())
    }

    /// `n` edits, each drawn without regard to the others.
    ///
    /// # Errors
    ///
    /// As [`ActionSampler::sample_edit`].
    pub fn sample_sequence(&mut self, n: usize) -> Result<Vec<RelEdit>, LegacySampleError> {
        (0..n).map(|_| self.sample_edit()).collect()
    }

    /// One attempt: none where it fits no position or meets a base that is not called.
    fn attempt(&mut self, edit_type: EditType) -> Result<Option<RelEdit>, LegacySampleError> {
        // Lengths of the reference allele and of what stands behind the anchor in the alternate.
        let (reference_len, inserted) = match edit_type {
            EditType::Snv | EditType::Ins => (1, 0),
            EditType::Del => (1 + self.length(1, MAX_EVENT)?, 0),
            EditType::Mnv => (self.length(2, MAX_ALLELE_LEN)?, 0),
            EditType::Indel => {
                let deleted = self.length(1, MAX_EVENT)?;
                (1 + deleted, self.length_other_than(deleted)?)
            }
        };
        let Some(pos) = self.position(reference_len)? else {
            return Ok(None);
        };
        let reference = self.window[pos..pos + reference_len].to_vec();
        if !is_acgt(&reference) {
            return Ok(None);
        }
        let anchor = text(&reference[..1]);
        let alternate = match edit_type {
            EditType::Snv | EditType::Mnv => {
                let other = |&base| other_base(&mut self.random, base);
                reference.iter().map(other).collect()
            }
            EditType::Del => anchor.to_owned(),
            EditType::Ins => {
                let inserted = self.length(1, MAX_EVENT)?;
                format!("{anchor}{}", random_bases(&mut self.random, inserted))
            }
            EditType::Indel => format!("{anchor}{}", random_bases(&mut self.random, inserted)),
        };
        Ok(Some(edit(pos, &reference, &alternate)))
    }

    /// A position for a reference allele of this length; none if no attempt finds one.
    fn position(&mut self, reference_len: usize) -> Result<Option<usize>, LegacySampleError> {
        let low = self.margin;
        let high = match self.window.len().checked_sub(self.margin + reference_len) {
            Some(high) if low <= high => high,
            _ => return Ok(None),
        };
        let (mut bin_low, mut bin_high) = (low, high);
        if let Some(weights) = &self.position_weights {
            bin_low = usize::MAX;
            for _ in 0..self.max_attempts {
                let bin = draw_by_weight(&mut self.random, weights)?;
                let start = low + bin * self.position_bin_bp;
                if start <= high {
                    bin_low = start;
                    bin_high = high.min((start + self.position_bin_bp).saturating_sub(1));
                    break;
                }
            }
        }
        let fits = bin_low <= bin_high;
        Ok(fits.then(|| self.random.in_range(bin_low as u64, bin_high as u64) as usize))
    }

    fn length(&mut self, min: usize, max: usize) -> Result<usize, LegacySampleError> {
        let fits = |&&(length, _): &&(usize, f64)| (min..=max).contains(&length);
        let weights = match &self.lengths {
            None => halving(min, max),
            Some(weights) => weights.iter().filter(fits).copied().collect(),
        };
        draw_by_weight(&mut self.random, &weights)
    }

    fn length_other_than(&mut self, other: usize) -> Result<usize, LegacySampleError> {
        for _ in 0..self.max_attempts {
            let length = self.length(1, MAX_EVENT)?;
            if length != other {
                return Ok(length);
            }
        }
        Err(ran_out())
    }
}

fn ran_out() -> LegacySampleError {
    LegacySampleError::AttemptsRanOut {
        requested: 1,
        produced: 0,
    }
}
