//! Order-k Markov models of bases, the baseline of a language model.

use geno_core::Base;

use super::corpus::DnaCorpus;

/// Added to every count.
const PSEUDOCOUNT: f64 = 0.5;

/// Counts of bases after the bases before them, for every order up to a highest.
///
/// `p_k(b | c) = (n_k(c, b) + ½) / (Σ_b′ n_k(c, b′) + 2)`, `c` being the `k` bases before `b`,
/// without falling back to a lower order. The first `k` bases of a window, which have fewer before
/// them, have the probabilities of the order that they have room for: nothing outside the window is
/// seen, as of a language model.
///
/// # Cost
///
/// `8 · 4^(k + 1) · 4/3` bytes for the highest order `k`: 180 MB for 11.
#[derive(Clone, Debug)]
pub struct MarkovModels {
    /// Of each order, how often each `k + 1` bases came, the first of them being the highest digit.
    tables: Vec<Vec<u64>>,
}

impl MarkovModels {
    /// The highest order that counts have room for: 3 GB.
    pub const MAX_ORDER: usize = 13;

    /// Counts a corpus on the strand that is given, or on both.
    ///
    /// # Panics
    ///
    /// If the order is above [`MAX_ORDER`](Self::MAX_ORDER).
    pub fn count(corpus: &DnaCorpus, max_order: usize, both_strands: bool) -> Self {
        assert!(max_order <= Self::MAX_ORDER, "an order that fits memory");
        let tables = (0..=max_order).map(|order| vec![0; 4 << (2 * order)]);
        let mut models = Self {
            tables: tables.collect(),
        };
        for run in corpus.runs() {
            models.add_run(corpus.bases(run.clone()));
            if both_strands {
                models.add_run(corpus.bases(run).rev().map(Base::complement));
            }
        }
        models.sum();
        models
    }

    /// Counts each base once, in the highest table that it has room for.
    fn add_run(&mut self, bases: impl Iterator<Item = Base>) {
        let max_order = self.tables.len() - 1;
        let mut word = 0;
        for (i, base) in bases.enumerate() {
            let order = i.min(max_order);
            word = next(word, base, order);
            self.tables[order][word] += 1;
        }
    }

    /// Adds to every table what the one above it holds.
    fn sum(&mut self) {
        for order in (1..self.tables.len()).rev() {
            let (below, above) = self.tables.split_at_mut(order);
            let below = &mut below[order - 1];
            for part in above[0].chunks_exact(below.len()) {
                for (below, count) in below.iter_mut().zip(part) {
                    *below += count;
                }
            }
        }
    }

    /// The share of G and C in the corpus; one half of an empty one.
    pub fn gc(&self) -> f64 {
        let counts = &self.tables[0];
        let gc = counts[Base::C as usize] + counts[Base::G as usize];
        let all: u64 = counts.iter().sum();
        if all == 0 {
            0.5
        } else {
            gc as f64 / all as f64
        }
    }

    /// Bits that the model of an order takes for the bases of a window, all together.
    ///
    /// # Panics
    ///
    /// If nothing of this order was counted.
    pub fn bits(&self, order: usize, window: impl Iterator<Item = Base>) -> f64 {
        let mut word = 0;
        let mut bits = 0.0;
        for (i, base) in window.enumerate() {
            let order = i.min(order);
            word = next(word, base, order);
            let table = &self.tables[order];
            let context = &table[word & !3..][..4];
            let all: u64 = context.iter().sum();
            let p = (table[word] as f64 + PSEUDOCOUNT) / (all as f64 + 4.0 * PSEUDOCOUNT);
            bits -= p.log2();
        }
        bits
    }
}

/// The last `order` bases and the one after them.
fn next(word: usize, base: Base, order: usize) -> usize {
    (word << 2 | base as usize) & ((4 << (2 * order)) - 1)
}

/// Bits that a window takes where G and C have one probability, and A and T the other.
pub(super) fn gc_bits(gc: f64, window: impl Iterator<Item = Base>) -> f64 {
    let bits = |share: f64| -(share / 2.0).log2();
    let (gc, at) = (bits(gc), bits(1.0 - gc));
    window
        .map(|base| match base {
            Base::C | Base::G => gc,
            Base::A | Base::T => at,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bases(text: &str) -> impl Iterator<Item = Base> {
        text.bytes()
            .map(|letter| Base::from_letter(letter).unwrap())
    }

    #[test]
    fn probabilities_are_those_of_counts_by_hand() {
        // A C A C A G, and after an unknown base C A.
        let models = MarkovModels::count(&DnaCorpus::of_text(">1\nACACAGNCA\n"), 2, false);
        // Order 0: A 4, C 3, G 1 of 8.
        assert_eq!(models.tables[0], [4, 3, 1, 0]);
        assert_eq!(models.gc(), 0.5);
        // Order 1, after A: C twice, G once; after C: A three times.
        assert_eq!(models.tables[1][..8], [0, 2, 1, 0, 3, 0, 0, 0]);
        // Order 2, after CA: C once, G once; the run CA has no room for it.
        let after_ca = 4 * (4 * Base::C as usize + Base::A as usize);
        assert_eq!(models.tables[2][after_ca..][..4], [0, 1, 1, 0]);

        // The window C A G: C of order 0, A of order 1, G of order 2.
        let expected = (3.5f64 / 10.0 * 3.5 / 5.0 * 1.5 / 4.0).log2();
        assert!((models.bits(2, bases("CAG")) + expected).abs() < 1e-12);
        let expected = (3.5f64 / 10.0 * 3.5 / 5.0 * 1.5 / 5.0).log2();
        assert!((models.bits(1, bases("CAG")) + expected).abs() < 1e-12);
        assert!((gc_bits(0.25, bases("CA")) - 3.0 - (8.0f64 / 3.0).log2()).abs() < 1e-12);
    }

    #[test]
    fn the_other_strand_is_counted_backwards() {
        let models = MarkovModels::count(&DnaCorpus::of_text(">1\nAAC\n"), 1, true);
        // Forward AA, AC; backward G T T: GT, TT.
        let pair = |a: Base, b: Base| models.tables[1][4 * a as usize + b as usize];
        use Base::{A, C, G, T};
        assert_eq!([pair(A, A), pair(A, C), pair(G, T), pair(T, T)], [1; 4]);
        assert_eq!(models.tables[1].iter().sum::<u64>(), 4);
        assert_eq!(models.tables[0], [2, 1, 1, 2]);
    }

    proptest! {
        #[test]
        fn lower_orders_are_those_counted_alone(text in "[ACGTN]{1,60}") {
            let corpus = DnaCorpus::of_text(&format!(">1\n{text}\n"));
            let all = MarkovModels::count(&corpus, 3, true);
            for order in 0..3 {
                let alone = MarkovModels::count(&corpus, order, true);
                prop_assert_eq!(&all.tables[order], &alone.tables[order]);
            }
        }

        #[test]
        fn probabilities_of_the_next_base_sum_to_one(text in "[ACGT]{1,40}", start in "[ACGT]{0,6}") {
            let models = MarkovModels::count(&DnaCorpus::of_text(&format!(">1\n{text}\n")), 3, false);
            let before = models.bits(3, bases(&start));
            let p = |base: &str| (before - models.bits(3, bases(&format!("{start}{base}")))).exp2();
            let total: f64 = ["A", "C", "G", "T"].map(p).iter().sum();
            prop_assert!((total - 1.0).abs() < 1e-9, "{}", total);
        }
    }
}
