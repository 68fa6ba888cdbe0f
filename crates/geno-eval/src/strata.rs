//! Classes of variants within which metrics are computed apart.

use std::{borrow::Cow, fmt};

use geno_action::EditType;
use geno_data::review_stars;
use geno_provenance::float_repr;

use crate::variant_rows::{Number, VariantRow};

/// What sets variants apart.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum StratumKind {
    /// Molecular consequence.
    Consequence,
    /// Class of the region.
    RegionClass,
    /// Kind of the edit, from its alleles.
    EditType,
    /// Frequency of the allele, in bins.
    AlleleFrequency,
    /// Review stars of ClinVar.
    ReviewStars,
}

impl StratumKind {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Consequence,
        Self::RegionClass,
        Self::EditType,
        Self::AlleleFrequency,
        Self::ReviewStars,
    ];

    /// The name used in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Consequence => "consequence",
            Self::RegionClass => "region_class",
            Self::EditType => "edit_type",
            Self::AlleleFrequency => "allele_frequency",
            Self::ReviewStars => "review_stars",
        }
    }
}

impl fmt::Display for StratumKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The classes of a variant, as far as its row of labels tells them.
#[derive(Clone, Debug, PartialEq)]
pub struct Strata {
    /// Molecular consequence.
    pub consequence: Option<String>,
    /// Class of the region.
    pub region_class: Option<String>,
    /// Kind of the edit.
    pub edit_type: EditType,
    /// Frequency of the allele, between 0 and 1.
    pub allele_frequency: Option<f64>,
    /// Review stars, 0 to 4.
    pub review_stars: Option<u8>,
}

/// Upper ends of the bins of frequencies, but for the last bin.
const FREQUENCIES: [f64; 3] = [1e-4, 1e-3, 1e-2];

impl Strata {
    /// Reads the fields of a row, under the names they have in JSON lines, tables and VCF files.
    pub(crate) fn of(row: &VariantRow, allele: usize) -> Self {
        let text = |names: &[&str]| {
            let text = names.iter().find_map(|name| row.text(name, allele));
            text.map(|text| text.trim().to_owned())
        };
        let consequence = text(&["consequence", "GENO_LEWM_CONSEQUENCE", "MC"]);
        let frequency = ["AF", "af", "allele_frequency"].into_iter();
        let mut frequency = frequency.map(|name| row.number(name, allele));
        let frequency = frequency.find_map(|number| match number {
            Number::Given(value) if (0.0..=1.0).contains(&value) => Some(value),
            _ => None,
        });
        let stars = text(&["review_stars", "stars"]).and_then(|text| text.parse().ok());
        let status = || text(&["CLNREVSTAT", "review_status"]);
        Self {
            // ClinVar writes `SO:0001583|missense_variant`, several separated by commas.
            consequence: consequence.map(|text| match text.split_once('|') {
                Some((_, term)) => term.split(',').next().unwrap_or(term).to_owned(),
                None => text,
            }),
            region_class: text(&["region_class", "region", "GENO_LEWM_REGION"]),
            edit_type: EditType::of_lengths(row.reference.len(), row.alternates[allele].len()),
            allele_frequency: frequency,
            review_stars: stars
                .filter(|stars| *stars <= 4)
                .or_else(|| u8::try_from(review_stars(&status()?)?).ok()),
        }
    }

    /// The class of a kind, if it is known.
    pub fn class(&self, kind: StratumKind) -> Option<Cow<'_, str>> {
        match kind {
            StratumKind::Consequence => self.consequence.as_deref().map(Cow::from),
            StratumKind::RegionClass => self.region_class.as_deref().map(Cow::from),
            StratumKind::EditType => Some(self.edit_type.as_str().into()),
            StratumKind::AlleleFrequency => self.allele_frequency.map(bin).map(Cow::from),
            StratumKind::ReviewStars => self.review_stars.map(|n| n.to_string().into()),
        }
    }
}

/// The bin of a frequency, its low end belonging to it.
fn bin(frequency: f64) -> String {
    let place = FREQUENCIES.partition_point(|end| *end <= frequency);
    match (place.checked_sub(1), FREQUENCIES.get(place)) {
        (None, Some(high)) => format!("<{}", float_repr(*high)),
        (Some(low), Some(high)) => {
            format!("{}-{}", float_repr(FREQUENCIES[low]), float_repr(*high))
        }
        (low, None) => format!(">={}", float_repr(FREQUENCIES[low.unwrap_or(0)])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequencies_have_their_bins() {
        for (frequency, expected) in [
            (0.0, "<0.0001"),
            (1e-4, "0.0001-0.001"),
            (0.005, "0.001-0.01"),
            (0.01, ">=0.01"),
            (1.0, ">=0.01"),
        ] {
            assert_eq!(bin(frequency), expected);
        }
    }
}
