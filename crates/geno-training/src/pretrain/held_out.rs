//! What a language model knows of regions that it was not trained on.

use std::{f64::consts::LN_2, ops::Range, sync::Arc};

use geno_action::Site;
use geno_core::{Base, Dtype, StateContract, Window};
use geno_encoder::{
    EncodeError, EncoderFiles, LoadError, NativeLikelihood, TokenDomain, WindowLikelihood,
};
use geno_kernels::Kernel;
use serde::{Deserialize, Serialize};

use super::corpus::{DnaCorpus, DnaCorpusError};

/// Windows of regions that are kept out of training, one after the other.
#[derive(Clone, Debug)]
pub struct HeldOut<'c> {
    corpus: &'c DnaCorpus,
    windows: Vec<Range<u64>>,
}

/// Bits that a language model takes for a base, on average over a window.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct BitsPerBase {
    /// Token after token: `−Σ ln p(token | tokens before) / (ln 2 · bases)`.
    pub chain: f64,
    /// By the probability of each base, given the tokens before its own:
    /// `−Σ ln p(base | tokens before) / (ln 2 · bases)`. Bases of the same token are not seen, which
    /// costs it something against the chain.
    pub marginal: f64,
}

impl<'c> HeldOut<'c> {
    /// The windows of a corpus.
    ///
    /// # Errors
    ///
    /// [`DnaCorpusError::NoWindow`].
    pub fn new(corpus: &'c DnaCorpus, window_bp: u64) -> Result<Self, DnaCorpusError> {
        let windows: Vec<_> = corpus.tiles(window_bp).collect();
        match windows.is_empty() {
            true => Err(DnaCorpusError::NoWindow {
                what: "the regions to validate on",
                window_bp,
            }),
            false => Ok(Self { corpus, windows }),
        }
    }

    /// At most so many of the windows, evenly spread.
    ///
    /// # Panics
    ///
    /// If `n` is 0.
    pub fn spread(&self, n: usize) -> Self {
        assert!(n > 0, "a window");
        let (all, n) = (self.windows.len(), n.min(self.windows.len()));
        let chosen = (0..n).map(|i| self.windows[i * all / n].clone());
        Self {
            corpus: self.corpus,
            windows: chosen.collect(),
        }
    }

    /// How many windows there are.
    pub fn n_windows(&self) -> usize {
        self.windows.len()
    }

    /// The bases of each window.
    pub fn windows(&self) -> impl Iterator<Item = impl Iterator<Item = Base> + use<'c>> {
        let corpus = self.corpus;
        let windows = self.windows.iter().cloned();
        windows.map(move |window| corpus.bases(window))
    }

    /// Some of the windows, as sites without edits.
    pub(super) fn sites(&self, range: Range<usize>) -> Vec<Site> {
        let site = |window: &Range<u64>| {
            let letters: Vec<u8> = self
                .corpus
                .bases(window.clone())
                .map(Base::letter)
                .collect();
            let window = Window::new(0, letters).expect("known bases, at least one");
            Site::new(Arc::new(window), Vec::new()).expect("no edit that could not fit")
        };
        self.windows[range].iter().map(site).collect()
    }
}

/// A checkpoint that is asked about windows.
pub(super) struct HeldOutModel(NativeLikelihood);

impl HeldOutModel {
    /// Loads a checkpoint as models of this dtype have it.
    pub(super) fn load(files: EncoderFiles<'_>, dtype: Dtype) -> Result<Self, LoadError> {
        let kernel = Kernel::detect();
        NativeLikelihood::load(files, TokenDomain::Dna, dtype, kernel).map(Self)
    }

    /// The bits of windows, in their order.
    pub(super) fn bits(&self, sites: &[Site]) -> Result<Vec<BitsPerBase>, EncodeError> {
        // Nothing is edited, so that the contract changes nothing.
        let found = self.0.sites(sites, StateContract::L2NormalizedV2)?;
        Ok(found.iter().map(|site| bits(&site.reference)).collect())
    }
}

fn bits(window: &WindowLikelihood) -> BitsPerBase {
    let per_base = |ln_p: &[f64]| -ln_p.iter().sum::<f64>() / (LN_2 * window.bases.len() as f64);
    BitsPerBase {
        chain: per_base(&window.tokens),
        marginal: per_base(&window.bases),
    }
}

impl BitsPerBase {
    /// The mean of windows, each as long as the others.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub fn mean(windows: &[Self]) -> Self {
        let mean =
            |of: fn(&Self) -> f64| windows.iter().map(of).sum::<f64>() / windows.len() as f64;
        assert!(!windows.is_empty(), "windows to average");
        Self {
            chain: mean(|bits| bits.chain),
            marginal: mean(|bits| bits.marginal),
        }
    }
}

#[cfg(test)]
mod tests {
    use geno_core::RandomStream;
    use geno_encoder::{CarbonConfig, EmbeddingRows, random_checkpoint};

    use super::*;

    fn corpus() -> DnaCorpus {
        DnaCorpus::of_text(&format!(">1\n{}NACGT\n", "ACGTTGCAACTTGA".repeat(10)))
    }

    #[test]
    fn windows_are_spread_over_all_there_are() {
        let corpus = corpus();
        let held_out = HeldOut::new(&corpus, 12).unwrap();
        assert_eq!(held_out.n_windows(), 11);
        let starts = |held_out: &HeldOut<'_>| -> Vec<u64> {
            held_out.windows.iter().map(|window| window.start).collect()
        };
        assert_eq!(starts(&held_out.spread(3)), [0, 36, 84]);
        assert_eq!(held_out.spread(99).n_windows(), 11);
        assert!(HeldOut::new(&corpus, 141).is_err());
    }

    #[test]
    fn random_weights_take_about_two_bits_a_base() {
        let config = CarbonConfig {
            hidden_size: 32,
            n_layers: 1,
            n_heads: 2,
            n_kv_heads: 1,
            head_dim: 16,
            ffn_dim: 32,
            vocab_size: 155_776,
            max_positions: 64,
            rope_theta: 10_000.0,
            rms_norm_eps: 1e-6,
            tied: false,
            yarn: None,
        };
        let mut stream = RandomStream::new(0, "held out");
        let files = random_checkpoint(&config, EmbeddingRows::Dna, &mut stream).unwrap();
        let model = HeldOutModel::load(files, Dtype::F32).unwrap();
        let corpus = corpus();
        let held_out = HeldOut::new(&corpus, 24).unwrap();
        let bits = model
            .bits(&held_out.sites(0..held_out.n_windows()))
            .unwrap();
        assert_eq!(bits.len(), 5);
        let mean = BitsPerBase::mean(&bits);
        // A token of 4,107 is as likely as the others, nearly.
        assert!(
            (mean.chain - 4_107f64.log2() / 6.0).abs() < 0.02,
            "{mean:?}"
        );
        assert!((mean.marginal - 2.0).abs() < 0.02, "{mean:?}");
        // A window's bits are its own.
        assert_eq!(model.bits(&held_out.sites(2..3)).unwrap(), bits[2..3]);
    }
}
