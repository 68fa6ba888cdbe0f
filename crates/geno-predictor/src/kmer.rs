//! Alleles as four 6-mers.

use std::collections::HashMap;

use geno_action::MAX_ALLELE_LEN;

/// Bases of one token.
const K: usize = 6;

/// Tokens of one allele: enough for its longest, and one that is never filled.
pub(crate) const N_TOKENS: usize = MAX_ALLELE_LEN.div_ceil(K) + 1;

/// The token of a chunk without bases.
const EMPTY: u16 = 1 << (2 * K);

/// Number of tokens: every 6-mer, and the empty one.
pub(crate) const VOCABULARY: usize = EMPTY as usize + 1;

/// Cuts an allele of upper-case `ACGT` into 6-mers, numbered in base 4 with A, C, G, T = 0 to 3.
///
/// A short chunk is filled up with `A`, so `C` and `CAAAAA` have one token: alleles that differ
/// only in the As at the end of a chunk are the same to this encoder. This is the reference's
/// rule, and not the encoder's DNA vocabulary.
pub(crate) fn tokens(allele: &str) -> [u16; N_TOKENS] {
    let mut tokens = [EMPTY; N_TOKENS];
    for (token, chunk) in tokens.iter_mut().zip(allele.as_bytes().chunks(K)) {
        let digits = chunk.iter().copied().chain([b'A'].into_iter().cycle());
        *token = digits.take(K).fold(0, |sum, base| 4 * sum + digit(base));
    }
    tokens
}

fn digit(base: u8) -> u16 {
    match base {
        b'C' => 1,
        b'G' => 2,
        b'T' => 3,
        _ => 0,
    }
}

/// The alleles of a batch, each once, in the order they first occur.
#[derive(Debug, Default)]
pub(crate) struct DistinctAlleles {
    tokens: Vec<[u16; N_TOKENS]>,
    indices: HashMap<[u16; N_TOKENS], i32>,
}

impl DistinctAlleles {
    /// Where the allele's tokens stand, added if they are new.
    pub(crate) fn index(&mut self, allele: &str) -> i32 {
        let tokens = tokens(allele);
        *self.indices.entry(tokens).or_insert_with(|| {
            self.tokens.push(tokens);
            self.tokens.len() as i32 - 1
        })
    }

    /// The tokens of every allele.
    pub(crate) fn tokens(&self) -> &[[u16; N_TOKENS]] {
        &self.tokens
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_allele_has_four_tokens_of_which_the_last_is_empty() {
        assert_eq!((N_TOKENS, VOCABULARY), (4, 4_097));
        assert_eq!(
            tokens(&"T".repeat(MAX_ALLELE_LEN)),
            [4_095, 4_095, 4_080, 4_096]
        );
    }

    #[test]
    fn alleles_have_the_tokens_of_the_reference() {
        let json = include_str!("../../../fixtures/parity/nets_golden.json");
        let golden: serde_json::Value = serde_json::from_str(json).unwrap();
        let expected = golden["action_tokens"].as_object().unwrap();
        assert_eq!(expected.len(), 10);
        for (allele, expected) in expected {
            assert_eq!(serde_json::json!(tokens(allele)), *expected, "{allele}");
        }
    }

    #[test]
    fn an_allele_that_occurs_again_keeps_its_place() {
        let mut alleles = DistinctAlleles::default();
        let indices = ["C", "G", "C", "CA", "T"].map(|allele| alleles.index(allele));
        assert_eq!(indices, [0, 1, 0, 0, 2]);
        assert_eq!(alleles.tokens(), ["C", "G", "T"].map(tokens));
    }

    proptest! {
        #[test]
        fn whole_6_mers_keep_their_bases(allele in "[ACGT]{12}") {
            let back: String = tokens(&allele)[..2]
                .iter()
                .flat_map(|token| (0..6).rev().map(move |i| (token >> (2 * i)) & 3))
                .map(|digit| b"ACGT"[usize::from(digit)] as char)
                .collect();
            prop_assert_eq!(back, allele);
        }

        #[test]
        fn as_at_the_end_of_a_chunk_change_nothing(allele in "[ACGT]{1,6}", n in 0usize..6) {
            let longer = allele.clone() + &"A".repeat(n.min(6 - allele.len()));
            prop_assert_eq!(tokens(&allele), tokens(&longer));
        }
    }
}
