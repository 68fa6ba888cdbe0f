//! Batches of tokens, drawn from a corpus.

use geno_core::{Base, RandomStream};
use geno_encoder::DnaTokenizer;

use super::corpus::{DnaCorpus, DnaCorpusError};

/// Bases of a token.
pub(super) const TOKEN_BP: u64 = 6;

/// Batches of windows whose starts are drawn uniformly from all that a corpus has, so that bases
/// fall on every place of a token alike.
///
/// A batch follows from the seed and its number alone.
///
/// # Shapes
///
/// - a batch: `[batch_size, 1 + n_tokens]` rows of the embedding counted from `<dna>`, which is the
///   first of each window
#[derive(Clone, Debug)]
pub struct TokenBatches<'c> {
    corpus: &'c DnaCorpus,
    shape: BatchShape,
    seed: u64,
    /// Runs that have room for a window: where each begins, and how many windows start in it and
    /// in those before.
    places: Vec<(u64, u64)>,
}

/// How much a batch holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BatchShape {
    /// Windows.
    pub batch_size: usize,
    /// 6-mers of a window.
    pub n_tokens: usize,
    /// Whether windows are read from either strand, each as often as the other.
    pub both_strands: bool,
}

impl BatchShape {
    /// Bases of a window.
    pub fn window_bp(&self) -> u64 {
        self.n_tokens as u64 * TOKEN_BP
    }
}

impl<'c> TokenBatches<'c> {
    /// Batches of a corpus.
    ///
    /// # Errors
    ///
    /// [`DnaCorpusError::NoWindow`].
    pub fn new(
        corpus: &'c DnaCorpus,
        shape: BatchShape,
        seed: u64,
    ) -> Result<Self, DnaCorpusError> {
        let window_bp = shape.window_bp();
        let mut n_starts = 0;
        let mut places = Vec::new();
        for run in corpus.runs().filter(|run| run.end - run.start >= window_bp) {
            n_starts += run.end - run.start - window_bp + 1;
            places.push((run.start, n_starts));
        }
        match places.is_empty() {
            true => Err(DnaCorpusError::NoWindow {
                what: "the regions to train on",
                window_bp,
            }),
            false => Ok(Self {
                corpus,
                shape,
                seed,
                places,
            }),
        }
    }

    /// How many windows there are to draw from, on one strand.
    pub fn n_starts(&self) -> u64 {
        self.places.last().expect("a run").1
    }

    /// The shape of a batch, windows and rows of each.
    pub(super) fn dims(&self) -> [usize; 2] {
        [self.shape.batch_size, 1 + self.shape.n_tokens]
    }

    /// The tokens of a batch, window after window.
    pub fn batch(&self, number: u64) -> Vec<u32> {
        let mut stream = RandomStream::new(self.seed, &format!("pretrain/batch/{number}"));
        let mut tokens = Vec::with_capacity(self.dims().iter().product());
        for _ in 0..self.shape.batch_size {
            let start = self.start(stream.below(self.n_starts()));
            let bases = self.corpus.bases(start..start + self.shape.window_bp());
            let is_reverse = self.shape.both_strands && stream.below(2) == 1;
            let letters: Vec<u8> = match is_reverse {
                true => bases.rev().map(|base| base.complement().letter()).collect(),
                false => bases.map(Base::letter).collect(),
            };
            tokens.extend(window_tokens(&letters));
        }
        tokens
    }

    /// Where the `i`-th window of all begins.
    fn start(&self, i: u64) -> u64 {
        let run = self.places.partition_point(|(_, n_starts)| *n_starts <= i);
        let before = run.checked_sub(1).map_or(0, |before| self.places[before].1);
        self.places[run].0 + i - before
    }
}

/// `<dna>` and the 6-mers of a window, as rows of the embedding counted from `<dna>`.
fn window_tokens(letters: &[u8]) -> impl Iterator<Item = u32> {
    let tokenizer = DnaTokenizer::carbon();
    let mut ids = tokenizer.encode(letters);
    // The tag that ends a sequence: a window ends anywhere.
    ids.pop();
    let first = tokenizer.dna_start_id();
    ids.into_iter().map(move |id| id - first)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn shape(both_strands: bool) -> BatchShape {
        BatchShape {
            batch_size: 50,
            n_tokens: 1,
            both_strands,
        }
    }

    /// How often each window came in 200 batches of 50.
    fn counts(corpus: &DnaCorpus, both_strands: bool) -> BTreeMap<u32, u32> {
        let batches = TokenBatches::new(corpus, shape(both_strands), 3).unwrap();
        let mut counts = BTreeMap::new();
        for batch in 0..200 {
            for window in batches.batch(batch).chunks_exact(2) {
                assert_eq!(window[0], 0);
                *counts.entry(window[1]).or_default() += 1;
            }
        }
        counts
    }

    /// The row of a single 6-mer.
    fn row(letters: &str) -> u32 {
        window_tokens(letters.as_bytes()).nth(1).unwrap()
    }

    #[test]
    fn every_window_of_every_run_is_as_likely_as_the_others() {
        // Three windows in one run, one in another, none in the third.
        let corpus = DnaCorpus::of_text(">1\nACGTACGGNAAAAAAN\n>2\nACGTA\n");
        let counts = counts(&corpus, false);
        let windows = ["ACGTAC", "CGTACG", "GTACGG", "AAAAAA"].map(row);
        assert_eq!(counts.len(), 4);
        for window in windows {
            // Five standard deviations of 10,000 draws with chance 1/4.
            assert!(counts[&window].abs_diff(2_500) < 217, "{counts:?}");
        }
    }

    #[test]
    fn the_other_strand_is_read_backwards_and_as_often() {
        let corpus = DnaCorpus::of_text(">1\nAACGTG\n");
        let counts = counts(&corpus, true);
        assert_eq!(counts.len(), 2);
        assert!(counts[&row("AACGTG")].abs_diff(5_000) < 250, "{counts:?}");
        assert!(counts.contains_key(&row("CACGTT")));
    }

    #[test]
    fn a_batch_follows_from_the_seed_and_its_number() {
        let corpus = DnaCorpus::of_text(&format!(">1\n{}\n", "ACGTTGCAAC".repeat(40)));
        let shape = BatchShape {
            batch_size: 2,
            n_tokens: 5,
            both_strands: true,
        };
        let batches = |seed| TokenBatches::new(&corpus, shape, seed).unwrap();
        let seventh = batches(1).batch(7);
        assert_eq!(seventh.len(), 12);
        assert_eq!(batches(1).batch(7), seventh);
        assert_ne!(batches(1).batch(8), seventh);
        assert_ne!(batches(2).batch(7), seventh);
        let tokens: Vec<u32> = window_tokens(b"AAAAAAAAAAAT").collect();
        assert_eq!(tokens, [0, 3, 4]);
    }

    #[test]
    fn windows_longer_than_every_run_are_refused() {
        let corpus = DnaCorpus::of_text(">1\nACGTANACGTA\n");
        let error = TokenBatches::new(&corpus, shape(false), 0).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the regions to train on hold no 6 bases in a row without an unknown one"
        );
    }
}
