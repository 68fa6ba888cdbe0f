//! What a language model is trained to do.

use std::ops::Range;

use burn::tensor::{
    Int, Tensor,
    activation::{log_softmax, softmax},
};
use geno_encoder::DnaTokenizer;

#[cfg(feature = "cpu")]
use super::fused;

/// Bases of a token.
const TOKEN_BP: usize = 6;
/// Number of 6-mers.
const N_KMERS: usize = 1 << (2 * TOKEN_BP);
/// Rows of the 6-mers.
pub(super) const KMERS: Range<usize> = DnaTokenizer::N_TAGS..DnaTokenizer::N_ROWS;

/// What a language model is trained to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Objective {
    /// To give the next token a high probability: `−ln p(y)`, the softmax being over all rows of
    /// DNA.
    CrossEntropy,
    /// To give each base of the next token one: `−1/6 · Σ_j ln Σ_v p(v)` over the 6-mers `v` whose
    /// `j`-th base is that of `y`, the softmax being over 6-mers alone.
    ///
    /// # Source
    ///
    /// Factorised nucleotide supervision of the Carbon report, equations 7 and 8.
    FactorisedNucleotides,
}

impl Objective {
    /// The mean loss of tokens, each after a row that predicts it.
    ///
    /// # Shapes
    ///
    /// - `hidden`: `[n, d]`
    /// - `head`: `[rows, d]`
    /// - `targets`: `[n]`
    /// - output: `[1]`
    pub(super) fn loss(
        self,
        hidden: Tensor<2>,
        head: Tensor<2>,
        targets: Tensor<1, Int>,
    ) -> Tensor<1> {
        #[cfg(feature = "cpu")]
        if let Some(loss) = fused::loss(self, &hidden, &head, &targets) {
            return loss;
        }
        self.composed(hidden, head, targets)
    }

    /// [`loss`](Self::loss) in the operations of any device.
    pub(super) fn composed(
        self,
        hidden: Tensor<2>,
        head: Tensor<2>,
        targets: Tensor<1, Int>,
    ) -> Tensor<1> {
        let logits = hidden.matmul(head.transpose());
        match self {
            Self::CrossEntropy => cross_entropy(logits, targets),
            Self::FactorisedNucleotides => factorised_nucleotides(logits, targets),
        }
    }
}

fn cross_entropy(logits: Tensor<2>, targets: Tensor<1, Int>) -> Tensor<1> {
    let ln_p = log_softmax(logits, 1).gather(1, targets.unsqueeze_dim(1));
    ln_p.mean().neg()
}

fn factorised_nucleotides(logits: Tensor<2>, targets: Tensor<1, Int>) -> Tensor<1> {
    let n = targets.dims()[0];
    let kmers = targets.sub_scalar(KMERS.start as i32);
    // One axis after the other is summed over and goes.
    let mut rest = softmax(logits.narrow(1, KMERS.start, N_KMERS), 1);
    let mut places = Vec::with_capacity(TOKEN_BP);
    for place in 0..TOKEN_BP {
        let quarter = N_KMERS >> (2 * (place + 1));
        let by_base = rest.reshape([n, 4, quarter]);
        let marginals = by_base.clone().sum_dim(2).reshape([n, 4]);
        let digit = kmers.clone().div_scalar(quarter as i32).remainder_scalar(4);
        places.push(marginals.gather(1, digit.unsqueeze_dim(1)));
        rest = by_base.sum_dim(1).reshape([n, quarter]);
    }
    Tensor::cat(places, 1).log().mean().neg()
}
