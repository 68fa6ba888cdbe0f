//! The DNA half of Carbon's tokenizer.

use geno_core::{Coded, ErrorCode};
use serde::Deserialize;
use serde_json::json;

use crate::pool::TOKEN_BP;

/// Number of 6-mers.
const N_KMERS: u32 = 4096;
/// The tags `<dna>`, `</dna>` and `<oov>`, which stand before the 6-mers.
const TAGS: [&str; 3] = ["<dna>", "</dna>", "<oov>"];

/// Turns bases into token ids.
///
/// `id = first + 3 + Σ_j d(b_j) · 4^(5−j)` over the six bases of a token, with `d(A, T, C, G) =
/// 0, 1, 2, 3`; `first` is the id of `<dna>`. A token with any other letter is `<oov>`, and a last
/// token of fewer than six bases is filled with `A` on the right.
///
/// # Examples
///
/// ```
/// use geno_encoder::DnaTokenizer;
///
/// let tokenizer = DnaTokenizer::carbon();
/// assert_eq!(tokenizer.encode(b"ATCGATCGN"), [151_669, 152_105, 151_671, 151_670]);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DnaTokenizer {
    dna_start_id: u32,
    embedding_row_offset: u32,
}

/// Why a `dna_config.json` does not describe this tokenizer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenizerError {
    /// The file is not the JSON it must be.
    #[error("DNA tokenizer configuration is malformed")]
    Json(#[source] serde_json::Error),
    /// Another token length than the one that exists.
    #[error("DNA tokens of {k} bases, expected 6")]
    TokenLength {
        /// `k` of the file.
        k: u64,
    },
    /// Other tags, or in another order.
    #[error("DNA tags {tags:?}, expected {TAGS:?}")]
    Tags {
        /// `dna_special_tokens` of the file.
        tags: Vec<String>,
    },
    /// A vocabulary too small for the tags and all 6-mers.
    #[error("DNA vocabulary of {size} tokens, expected at least 4099")]
    Vocabulary {
        /// `dna_vocab_size` of the file.
        size: u32,
    },
    /// Ids that do not fit, or embedding rows that begin after the first DNA token.
    #[error("DNA tokens begin at {dna_start_id}, embedding rows at {embedding_row_offset}")]
    Start {
        /// Id of `<dna>`.
        dna_start_id: u32,
        /// Id of the first row of the embedding.
        embedding_row_offset: u32,
    },
}

impl Coded for TokenizerError {
    fn code(&self) -> ErrorCode {
        ErrorCode::ConfigGeneric
    }
}

#[derive(Deserialize)]
struct DnaConfig {
    k: u64,
    dna_start_id: u32,
    dna_vocab_size: u32,
    dna_special_tokens: Vec<String>,
    #[serde(default)]
    embedding_row_offset: u32,
}

impl DnaTokenizer {
    /// Rows of an embedding that DNA needs: the tags and the 6-mers.
    pub const N_ROWS: usize = TAGS.len() + N_KMERS as usize;
    /// Rows of them that are tags, before the 6-mers.
    pub const N_TAGS: usize = TAGS.len();

    /// The tokenizer of the published Carbon models, over their whole vocabulary.
    pub fn carbon() -> Self {
        Self {
            dna_start_id: 151_669,
            embedding_row_offset: 0,
        }
    }

    /// The same tokens for an embedding cut to them: its first row is that of `<dna>`.
    pub fn cut_to_dna(self) -> Self {
        Self {
            embedding_row_offset: self.dna_start_id,
            ..self
        }
    }

    /// The `dna_config.json` of this tokenizer, for a vocabulary of so many tokens from `<dna>` on.
    pub fn to_json(&self, dna_vocab_size: usize) -> Vec<u8> {
        let mut config = json!({
            "auto_dna_tags": false,
            "dna_special_tokens": TAGS,
            "dna_start_id": self.dna_start_id,
            "dna_vocab_size": dna_vocab_size,
            "k": TOKEN_BP,
        });
        if self.embedding_row_offset > 0 {
            config["embedding_row_offset"] = json!(self.embedding_row_offset);
        }
        format!("{config:#}\n").into_bytes()
    }

    /// Reads `dna_config.json`. Keys that say nothing about DNA ids are not looked at.
    ///
    /// # Errors
    ///
    /// [`TokenizerError`] for a file that is malformed or describes another tokenizer.
    pub fn from_json(json: &[u8]) -> Result<Self, TokenizerError> {
        let config: DnaConfig = serde_json::from_slice(json).map_err(TokenizerError::Json)?;
        if config.k != TOKEN_BP as u64 {
            return Err(TokenizerError::TokenLength { k: config.k });
        }
        if config.dna_special_tokens != TAGS {
            let tags = config.dna_special_tokens;
            return Err(TokenizerError::Tags { tags });
        }
        let size = config.dna_vocab_size;
        if size < Self::N_ROWS as u32 {
            return Err(TokenizerError::Vocabulary { size });
        }
        let (dna_start_id, embedding_row_offset) =
            (config.dna_start_id, config.embedding_row_offset);
        if dna_start_id < embedding_row_offset || dna_start_id.checked_add(size).is_none() {
            return Err(TokenizerError::Start {
                dna_start_id,
                embedding_row_offset,
            });
        }
        Ok(Self {
            dna_start_id,
            embedding_row_offset,
        })
    }

    /// The ids of `<dna>`, the 6-mers and `</dna>`.
    pub fn encode(&self, bases: &[u8]) -> Vec<u32> {
        self.rows(bases)
            .map(|row| row + self.dna_start_id)
            .collect()
    }

    /// Number of ids that `n_bases` give, tags included.
    pub fn len_of(&self, n_bases: usize) -> usize {
        n_bases.div_ceil(TOKEN_BP) + 2
    }

    /// Id of `<dna>`, the first of the DNA ids.
    pub fn dna_start_id(&self) -> u32 {
        self.dna_start_id
    }

    /// Id of the first row that the embedding holds: 0 for a whole vocabulary.
    pub fn embedding_row_offset(&self) -> u32 {
        self.embedding_row_offset
    }

    /// A base as a digit of a 6-mer's number, the first being the highest; `None` for other letters.
    pub(crate) fn digit(base: u8) -> Option<u8> {
        let digit = DIGITS[usize::from(base)];
        (digit != UNKNOWN).then_some(digit)
    }

    /// The ids counted from `<dna>`: rows of an embedding cut to the DNA tokens.
    pub(crate) fn rows(&self, bases: &[u8]) -> impl Iterator<Item = u32> {
        let tokens = bases.chunks(TOKEN_BP).map(kmer_row);
        [0].into_iter().chain(tokens).chain([1])
    }
}

/// The digit of every base, and [`UNKNOWN`] of all else.
const DIGITS: [u8; 256] = {
    let mut digits = [UNKNOWN; 256];
    let mut digit = 0;
    while digit < 4 {
        let base = b"ATCG"[digit];
        digits[base as usize] = digit as u8;
        digits[base.to_ascii_lowercase() as usize] = digit as u8;
        digit += 1;
    }
    digits
};

const UNKNOWN: u8 = 1 << 7;

/// The row of a chunk, filled up with `A` if it is short. Each edit of a site has a window of these.
fn kmer_row(chunk: &[u8]) -> u32 {
    let (mut kmer, mut seen) = (0, 0);
    for i in 0..TOKEN_BP {
        let digit = DIGITS[usize::from(chunk.get(i).copied().unwrap_or(b'A'))];
        kmer = kmer * 4 + u32::from(digit);
        seen |= digit;
    }
    match seen & UNKNOWN {
        0 => TAGS.len() as u32 + kmer,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Vectors of the published tokenizer, without text around the DNA.
    #[test]
    fn ids_equal_the_published_ones() {
        let cases: [(&str, &[u32]); 11] = [
            ("ATCGAT", &[152_105]),
            ("atcgat", &[152_105]),
            ("ATCGATCGTACG", &[152_105, 154_563]),
            ("ATCGAN", &[151_671]),
            ("ATCGA", &[152_104]),
            ("ATCGATCG", &[152_105, 154_488]),
            ("", &[]),
            ("CCCCCC", &[154_402]),
            (
                "ATGCGCTAGCTACGATCGATCGTAGCTAGCTAG",
                &[152_166, 152_924, 154_515, 152_108, 155_334, 152_888],
            ),
            (
                "GGGCTATAAAGGCCATCGATCGATCGATCGATCGATCGATCG",
                &[
                    155_740, 152_711, 154_259, 152_105, 154_515, 152_105, 154_515,
                ],
            ),
            ("AAAAAATTTTTTGGGGGG", &[151_672, 153_037, 155_767]),
        ];
        for (bases, kmers) in cases {
            let expected = [&[151_669], kmers, &[151_670]].concat();
            let tokenizer = DnaTokenizer::carbon();
            assert_eq!(tokenizer.encode(bases.as_bytes()), expected, "{bases}");
            assert_eq!(tokenizer.len_of(bases.len()), expected.len(), "{bases}");
        }
    }

    fn parse(from: &str, to: &str) -> Result<DnaTokenizer, TokenizerError> {
        let json = r#"{"k": 6, "dna_start_id": 151669, "dna_vocab_size": 4107,
            "dna_special_tokens": ["<dna>", "</dna>", "<oov>"], "auto_dna_tags": false}"#;
        assert!(json.contains(from), "{from}");
        DnaTokenizer::from_json(json.replace(from, to).as_bytes())
    }

    #[test]
    fn the_published_configuration_is_the_known_tokenizer() {
        assert_eq!(parse("", "").unwrap(), DnaTokenizer::carbon());
        let cut = parse("{", r#"{"embedding_row_offset": 151669,"#).unwrap();
        assert_eq!(cut.embedding_row_offset(), cut.dna_start_id());
    }

    #[test]
    fn other_tokenizers_are_refused() {
        use TokenizerError::*;
        let error = |from, to| parse(from, to).unwrap_err();
        assert!(matches!(error("6,", "5,"), TokenLength { k: 5 }));
        assert!(matches!(error("<oov>", "<unk>"), Tags { .. }));
        assert!(matches!(error("4107", "4098"), Vocabulary { size: 4098 }));
        assert!(matches!(error("151669", "-1"), Json(_)));
        assert!(matches!(error("151669", "4294967295"), Start { .. }));
        let late = error("{", r#"{"embedding_row_offset": 151670,"#);
        assert!(matches!(late, Start { .. }));
    }

    proptest! {
        #[test]
        fn a_base_changes_only_its_own_token(bases in "[ACGTN]{1,60}", at in any::<prop::sample::Index>()) {
            let at = at.index(bases.len());
            let mut changed = bases.clone().into_bytes();
            changed[at] = b'N';
            let tokenizer = DnaTokenizer::carbon();
            let (a, b) = (tokenizer.encode(bases.as_bytes()), tokenizer.encode(&changed));
            let differ = (0..a.len()).filter(|&i| a[i] != b[i]);
            prop_assert!(differ.into_iter().all(|i| i == 1 + at / 6));
        }
    }
}
