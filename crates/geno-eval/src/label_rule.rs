//! What a row says of its variant: a class or a measured value.

use std::collections::BTreeSet;

use crate::variant_rows::{Number, RowFault, VariantRow};

/// How a file of labels is read.
#[derive(Clone, Debug, PartialEq)]
pub enum LabelRule {
    /// Positive or negative variants. Rows that are neither, or both, are passed over.
    Class(ClassRule),
    /// The numbers of a field, to which scores are compared by rank.
    Value {
        /// The field, column or INFO key.
        field: String,
    },
}

/// Which words make a variant positive, and which negative.
///
/// A field may hold several words, separated by `/`, `|` or `,`; words on neither list do not matter.
/// Case does not either, nor whether words are joined by blanks, `-`, `_` or `%20`.
///
/// Without lists of their own, `P`, `LP`, `Pathogenic`, `Likely_pathogenic` and `P_LP` are positive and
/// `B`, `LB`, `Benign`, `Likely_benign` and `B_LB` negative, as are the numbers 1 and 0, and `true` and `false`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassRule {
    field: Option<String>,
    positive: BTreeSet<String>,
    negative: BTreeSet<String>,
}

/// Fields of a class where none is named, the first that a row has being read.
const FIELDS: [&str; 2] = ["clinical_significance", "label"];
/// The same of a VCF.
const INFO_KEYS: [&str; 2] = ["CLNSIG", "CLASS"];

const POSITIVE: [&str; 7] = [
    "P",
    "LP",
    "PATHOGENIC",
    "LIKELY_PATHOGENIC",
    "P_LP",
    "1",
    "TRUE",
];
const NEGATIVE: [&str; 7] = ["B", "LB", "BENIGN", "LIKELY_BENIGN", "B_LB", "0", "FALSE"];

impl Default for ClassRule {
    fn default() -> Self {
        Self::new(None, &[], &[])
    }
}

impl ClassRule {
    /// Of a field, or of those usual in a file's form; empty lists stand for the words above.
    pub fn new(field: Option<String>, positive: &[String], negative: &[String]) -> Self {
        let words = |given: &[String], usual: &[&str]| match given {
            [] => usual.iter().map(|word| (*word).to_owned()).collect(),
            _ => given.iter().map(|word| plain(word)).collect(),
        };
        Self {
            field,
            positive: words(positive, &POSITIVE),
            negative: words(negative, &NEGATIVE),
        }
    }

    /// The rule in words, for the notes of a metric.
    pub fn describe(&self) -> String {
        let usual = Self::default();
        match (
            self.positive == usual.positive,
            self.negative == usual.negative,
        ) {
            (true, true) => "positive=P/LP and negative=B/LB labels".to_owned(),
            _ => {
                let words = |words: &BTreeSet<String>| {
                    let words: Vec<&str> = words.iter().map(String::as_str).collect();
                    words.join("/")
                };
                let (positive, negative) = (words(&self.positive), words(&self.negative));
                format!("positive={positive} and negative={negative} labels")
            }
        }
    }

    /// Whether a variant is positive, if it has a label.
    pub(crate) fn class(
        &self,
        row: &VariantRow,
        allele: usize,
        is_vcf: bool,
    ) -> Result<Option<bool>, RowFault> {
        let usual = if is_vcf { &INFO_KEYS } else { &FIELDS };
        let text = match &self.field {
            Some(field) => row.text(field, allele),
            None => usual.iter().find_map(|field| row.text(field, allele)),
        };
        match text {
            Some(text) => Ok(self.of_text(&text)),
            // Rows of a VCF and cells of a table may be without a label, JSON lines of labels not.
            None if row.is_json() => Err(RowFault::Missing {
                field: self.field.as_deref().unwrap_or(usual[0]).to_owned(),
            }),
            None => Ok(None),
        }
    }

    fn of_text(&self, text: &str) -> Option<bool> {
        let text = text.replace("%2F", "/").replace("%2f", "/");
        let words: Vec<String> = text.split(['/', '|', ',']).map(plain).collect();
        let any = |list: &BTreeSet<String>| words.iter().any(|word| list.contains(word));
        match (any(&self.positive), any(&self.negative)) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            _ => None,
        }
    }
}

/// A word in the one spelling that is compared.
fn plain(word: &str) -> String {
    let word = word.trim().to_ascii_uppercase().replace("%20", "_");
    word.replace([' ', '-'], "_")
}

/// A measured value, if the variant has one.
pub(crate) fn value(field: &str, row: &VariantRow, allele: usize) -> Result<Option<f64>, RowFault> {
    let field_name = || field.to_owned();
    match row.number(field, allele) {
        Number::Given(value) => Ok(Some(value)),
        Number::Unusable => Err(RowFault::NotANumber {
            field: field_name(),
        }),
        Number::Missing if row.is_json() => Err(RowFault::Missing {
            field: field_name(),
        }),
        Number::Missing => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_clinvar_have_their_class() {
        let rule = ClassRule::default();
        for (text, expected) in [
            ("Pathogenic", Some(true)),
            ("Pathogenic/Likely_pathogenic", Some(true)),
            ("likely pathogenic", Some(true)),
            ("Likely%20benign", Some(false)),
            ("Benign|risk_factor", Some(false)),
            ("Benign%2FLikely-benign", Some(false)),
            ("P_LP", Some(true)),
            ("1", Some(true)),
            ("0", Some(false)),
            ("Pathogenic,Benign", None),
            ("Uncertain_significance", None),
            ("Conflicting_interpretations_of_pathogenicity", None),
            ("", None),
        ] {
            assert_eq!(rule.of_text(text), expected, "{text}");
        }
    }

    #[test]
    fn lists_of_words_replace_the_usual_ones() {
        let rule = ClassRule::new(None, &["Causal".to_owned()], &["control".to_owned()]);
        assert_eq!(rule.of_text("causal"), Some(true));
        assert_eq!(rule.of_text("CONTROL"), Some(false));
        assert_eq!(rule.of_text("Pathogenic"), None);
        assert_eq!(
            rule.describe(),
            "positive=CAUSAL and negative=CONTROL labels"
        );
    }
}
