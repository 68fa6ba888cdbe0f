//! The states of haplotypes.

use std::{collections::HashMap, sync::Arc};

use geno_action::Haplotype;
use geno_core::Window;

use crate::runtime::{Runtime, RuntimeError, Unedited};

/// The states of a haplotype, all pooled at its first edit.
#[derive(Clone, Debug, PartialEq)]
pub struct RolledStates {
    /// The reference window.
    pub source: Vec<f32>,
    /// What is predicted after the last edit.
    pub predicted: Vec<f32>,
    /// The window with every edit applied, if it was encoded.
    pub encoded: Option<Vec<f32>>,
}

impl Runtime {
    /// Predicts the states of haplotypes from their reference windows, and encodes the edited windows
    /// too where that is asked for.
    ///
    /// All states of a haplotype are pooled at its first edit, which is where a variant is scored.
    /// Reference windows that haplotypes share are encoded once.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Missing`], [`RuntimeError::Encode`] and [`RuntimeError::EncodeEdits`].
    ///
    /// # Panics
    ///
    /// If a haplotype has no edit.
    pub fn roll(
        &self,
        haplotypes: &[Haplotype],
        encodes: bool,
    ) -> Result<Vec<RolledStates>, RuntimeError> {
        if haplotypes.is_empty() {
            return Ok(Vec::new());
        }
        let mut windows: Vec<(&Window, Option<usize>)> = Vec::new();
        let mut known = HashMap::new();
        let mut sources = Vec::with_capacity(haplotypes.len());
        for haplotype in haplotypes {
            let (window, locus) = (haplotype.window(), locus(haplotype));
            let source = *known
                .entry((Arc::as_ptr(window), locus))
                .or_insert_with(|| {
                    windows.push((window, Some(locus)));
                    windows.len() - 1
                });
            sources.push(source);
        }
        let states = self.encode_windows(&windows)?;

        let unedited = haplotypes.iter().zip(&sources);
        let unedited = unedited.map(|(haplotype, &source)| Unedited {
            state: &states[source],
            haplotype,
            locus: locus(haplotype),
        });
        let predicted = self.predict_haplotypes(&unedited.collect::<Vec<_>>())?;
        let mut encoded = None;
        if encodes {
            let edited = haplotypes.iter();
            let edited: Vec<_> = edited.map(|own| (own, Some(locus(own)))).collect();
            encoded = Some(self.encode_haplotypes(&edited)?.into_iter());
        }
        let rolled = sources.iter().zip(predicted);
        let rolled = rolled.map(|(&source, predicted)| RolledStates {
            source: states[source].clone(),
            predicted,
            encoded: encoded.as_mut().and_then(Iterator::next),
        });
        Ok(rolled.collect())
    }
}

fn locus(haplotype: &Haplotype) -> usize {
    haplotype.edits()[0].rel_pos()
}
