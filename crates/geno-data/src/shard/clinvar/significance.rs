//! Clinical significance, in the five classes of ACMG and AMP.

use serde::{Deserialize, Serialize};

/// What a variant means for health, in germline classification.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub enum ClinicalSignificance {
    /// Pathogenic, of whatever penetrance.
    #[serde(rename = "P")]
    Pathogenic,
    /// Likely pathogenic, or pathogenic to some submitters and likely so to others.
    #[serde(rename = "LP")]
    LikelyPathogenic,
    /// Uncertain.
    #[serde(rename = "VUS")]
    Uncertain,
    /// Likely benign, or benign to some submitters and likely so to others.
    #[serde(rename = "LB")]
    LikelyBenign,
    /// Benign.
    #[serde(rename = "B")]
    Benign,
    /// Conflicting, or none of these: a response to a drug, a risk, an association, nothing.
    #[serde(rename = "OTHER")]
    Other,
}

impl ClinicalSignificance {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Pathogenic,
        Self::LikelyPathogenic,
        Self::Uncertain,
        Self::LikelyBenign,
        Self::Benign,
        Self::Other,
    ];

    /// As the shard's column has it: `P`, `LP`, `VUS`, `LB`, `B` or `OTHER`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pathogenic => "P",
            Self::LikelyPathogenic => "LP",
            Self::Uncertain => "VUS",
            Self::LikelyBenign => "LB",
            Self::Benign => "B",
            Self::Other => "OTHER",
        }
    }

    /// Reads what [`ClinicalSignificance::as_str`] gives.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == text)
    }

    /// Whether it can serve as a label: pathogenic or benign, likely or not.
    pub fn is_label(self) -> bool {
        !matches!(self, Self::Uncertain | Self::Other)
    }

    /// Reads a value of `CLNSIG` or `CLNSIGCONF`.
    ///
    /// Terms are separated by `|`, `/` and by commas that begin no qualifier; qualifiers
    /// (`,_low_penetrance`), counts (`(2)`) and terms outside the five classes do not matter. Terms
    /// of opposite directions, or uncertain beside certain ones, are a conflict.
    pub(super) fn of_terms(text: &str) -> Self {
        let text = text.to_ascii_lowercase().replace(' ', "_");
        let (mut found, mut is_conflict) = ([false; 5], false);
        for term in text.split(['|', '/']).flat_map(values) {
            let term = term.split([',', '(']).next().unwrap_or_default();
            match term.trim_matches('_') {
                "pathogenic" => found[0] = true,
                "likely_pathogenic" => found[1] = true,
                "uncertain_significance" | "vus" => found[2] = true,
                "likely_benign" => found[3] = true,
                "benign" => found[4] = true,
                term => is_conflict |= term.starts_with("conflicting"),
            }
        }
        match found {
            _ if is_conflict => Self::Other,
            [_, true, false, false, false] => Self::LikelyPathogenic,
            [true, false, false, false, false] => Self::Pathogenic,
            [false, false, true, false, false] => Self::Uncertain,
            [false, false, false, true, _] => Self::LikelyBenign,
            [false, false, false, false, true] => Self::Benign,
            _ => Self::Other,
        }
    }
}

/// Splits a text at its commas, but for those that begin a qualifier: they are followed by `_`, or
/// in some files by a space.
fn values(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let is_between = |&(i, _): &(usize, &str)| !text[i + 1..].starts_with(['_', ' ']);
        let comma = text.match_indices(',').find(is_between);
        let (value, after) = match comma {
            Some((i, _)) => (&text[..i], Some(&text[i + 1..])),
            None => (text, None),
        };
        rest = after;
        Some(value)
    })
}

/// The part of a text that is about an allele: where there are as many values as alleles, its own,
/// and else the whole, which is about the record.
pub(super) fn of_allele(text: &str, allele: usize, n_alleles: usize) -> &str {
    if n_alleles > 1 && values(text).count() == n_alleles {
        return values(text).nth(allele).unwrap_or(text);
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{ClinicalSignificance as Class, *};

    #[test]
    fn terms_of_clinvar_files_have_their_classes() {
        for (text, expected) in [
            ("Pathogenic", Class::Pathogenic),
            ("Pathogenic/Likely_pathogenic", Class::LikelyPathogenic),
            (
                "Pathogenic/Likely_pathogenic/Pathogenic,_low_penetrance|other",
                Class::LikelyPathogenic,
            ),
            ("Pathogenic,_low_penetrance", Class::Pathogenic),
            ("Likely_pathogenic,_low_penetrance", Class::LikelyPathogenic),
            (
                "Pathogenic/Pathogenic,_low_penetrance|risk_factor",
                Class::Pathogenic,
            ),
            ("Likely_pathogenic|other", Class::LikelyPathogenic),
            ("Likely pathogenic, low penetrance", Class::LikelyPathogenic),
            ("Pathogenic|drug_response", Class::Pathogenic),
            ("Pathogenic/Established_risk_allele", Class::Pathogenic),
            (
                "Uncertain_significance/Uncertain_risk_allele",
                Class::Uncertain,
            ),
            ("Uncertain_significance|drug_response", Class::Uncertain),
            ("Benign/Likely_benign|_other", Class::LikelyBenign),
            ("likely_benign", Class::LikelyBenign),
            ("Benign|confers_sensitivity", Class::Benign),
            ("Conflicting_classifications_of_pathogenicity", Class::Other),
            (
                "Conflicting_interpretations_of_pathogenicity|Pathogenic",
                Class::Other,
            ),
            ("Pathogenic(2)|Uncertain_significance(1)", Class::Other),
            (
                "Pathogenic(2)|Likely_pathogenic(1)",
                Class::LikelyPathogenic,
            ),
            ("Benign(3)", Class::Benign),
            ("Pathogenic/Benign", Class::Other),
            ("Established_risk_allele", Class::Other),
            ("Pathogenicity_unknown", Class::Other),
            ("not_provided", Class::Other),
            ("255", Class::Other),
            ("", Class::Other),
        ] {
            assert_eq!(Class::of_terms(text), expected, "{text}");
        }
    }

    #[test]
    fn a_qualifier_belongs_to_the_record_and_a_list_to_the_alleles() {
        let qualified = "Pathogenic,_low_penetrance";
        for allele in 0..2 {
            assert_eq!(of_allele(qualified, allele, 2), qualified);
        }
        assert_eq!(
            of_allele("Pathogenic,_low_penetrance,Benign", 0, 2),
            qualified
        );
        assert_eq!(
            of_allele("Pathogenic,_low_penetrance,Benign", 1, 2),
            "Benign"
        );
        assert_eq!(of_allele("Pathogenic,Benign", 0, 3), "Pathogenic,Benign");
        assert_eq!(of_allele("Pathogenic,Benign", 0, 1), "Pathogenic,Benign");
    }

    proptest! {
        #[test]
        fn values_and_the_commas_between_make_up_the_text(text in "[a_, |é]{0,12}") {
            let joined = values(&text).collect::<Vec<_>>().join(",");
            prop_assert_eq!(joined, text);
        }
    }
}
