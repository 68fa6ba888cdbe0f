//! Encoded states of haplotypes.

use geno_action::Haplotype;
use geno_core::Window;

use super::{Runtime, RuntimeError};

impl Runtime {
    /// Encodes windows with every edit of a haplotype applied, each pooled around a 0-based locus of
    /// its reference window, or over the whole window without one.
    ///
    /// A state does not depend on which others are in the call.
    ///
    /// # Shapes
    ///
    /// - output: `[n_haplotypes][d_state]`
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Missing`] and [`RuntimeError::Encode`].
    pub fn encode_haplotypes(
        &self,
        haplotypes: &[(&Haplotype, Option<usize>)],
    ) -> Result<Vec<Vec<f32>>, RuntimeError> {
        let contract = self.contract();
        let edited = |&(haplotype, locus): &(&Haplotype, Option<usize>)| {
            let bases = haplotype.edited_window(contract);
            let window = Window::new(haplotype.window().start(), bases);
            (window.expect("edited bases are bases"), locus)
        };
        let edited: Vec<_> = haplotypes.iter().map(edited).collect();
        let windows: Vec<_> = edited
            .iter()
            .map(|(window, locus)| (window, *locus))
            .collect();
        self.encode_windows(&windows)
    }
}
