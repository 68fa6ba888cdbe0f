//! How likely Carbon finds a window, and a base after it.

use geno_core::Base;

/// The tokens among which a probability is shared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TokenDomain {
    /// All tokens of the vocabulary, text included, as published token likelihoods have it. The
    /// checkpoint must hold them.
    Vocabulary,
    /// The tags, the 6-mers and the tokens after them: what a checkpoint without text can say.
    Dna,
}

/// Logarithms of the probabilities that Carbon gives the tokens and bases of a window, each from
/// what lies left of it.
#[derive(Clone, Debug, PartialEq)]
pub struct WindowLikelihood {
    /// `ln p` of each 6-mer; a last one of fewer bases is filled up with `A`.
    pub tokens: Vec<f64>,
    /// `ln p` of `</dna>` after the last of them, a token that Carbon was not trained on.
    pub close_tag: f64,
    /// `ln p` of each base of the window, from the sum over all 6-mers with that base in its place,
    /// the softmax being over 6-mers alone. An `N` has the likeliest base's.
    ///
    /// # Source
    ///
    /// Factorised nucleotide supervision of the Carbon report, equations 7 and 8, as its
    /// `score_sequence` computes it.
    pub bases: Vec<f64>,
}

/// The likelihoods of a site.
#[derive(Clone, Debug, PartialEq)]
pub struct SiteLikelihood {
    /// Of the reference window.
    pub reference: WindowLikelihood,
    /// Of the window after each edit.
    pub edited: Vec<WindowLikelihood>,
}

/// Logarithms of the probabilities of the base that follows a context: the sums over all 6-mers
/// that begin with it, the softmax being over 6-mers alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NextBase {
    /// In the order of [`Base::ALL`].
    pub(crate) ln_p: [f64; 4],
}

impl NextBase {
    /// `ln p` of a base.
    pub fn ln_p(&self, base: Base) -> f64 {
        self.ln_p[base as usize]
    }
}

impl WindowLikelihood {
    /// The mean over the tokens, the `</dna>` left out: the score of a window at token level.
    pub fn token_mean(&self) -> f64 {
        mean(&self.tokens)
    }

    /// The mean over the bases: the score of a window at base level.
    pub fn base_mean(&self) -> f64 {
        mean(&self.bases)
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
