//! What part of a gene, or of the space between genes, an edit falls into.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::terms::{first_class, terms};
use crate::contract::{UnknownName, named};

named! {
    /// The functional class of a locus.
    "region class"
    enum RegionClass {
        /// Coding sequence, the protein unchanged.
        CodingSynonymous = "coding_synonymous",
        /// Coding sequence, an amino acid changed, added or lost.
        CodingMissense = "coding_missense",
        /// Coding sequence, the protein cut short, run on or shifted.
        CodingNonsense = "coding_nonsense",
        /// A splice site or the bases around it.
        Splice = "splice",
        /// The untranslated start of a transcript.
        Utr5 = "utr5",
        /// The untranslated end of a transcript.
        Utr3 = "utr3",
        /// Inside an intron.
        Intron = "intron",
        /// A promoter, or upstream of a gene.
        Promoter = "promoter",
        /// An enhancer or another regulatory region.
        Enhancer = "enhancer",
        /// Between genes.
        Intergenic = "intergenic",
        /// None of these, or not annotated.
        Other = "other",
    }
}

/// The terms of each class, the class that wins first.
///
/// `stop_retained_variant` counts as nonsense and `stop_retained` as synonymous: published
/// calibration tables were built so.
const CLASSES: &[(RegionClass, &[&str])] = &[
    (
        RegionClass::Splice,
        &[
            "splice",
            "splice_acceptor_variant",
            "splice_donor_variant",
            "splice_region_variant",
            "splice_site",
        ],
    ),
    (
        RegionClass::CodingNonsense,
        &[
            "coding_nonsense",
            "frameshift_variant",
            "nonsense",
            "start_lost",
            "stop_gained",
            "stop_lost",
            "stop_retained_variant",
        ],
    ),
    (
        RegionClass::CodingMissense,
        &[
            "coding_missense",
            "inframe_deletion",
            "inframe_insertion",
            "missense",
            "missense_variant",
            "protein_altering_variant",
        ],
    ),
    (
        RegionClass::CodingSynonymous,
        &[
            "coding_synonymous",
            "silent",
            "stop_retained",
            "synonymous",
            "synonymous_variant",
        ],
    ),
    (
        RegionClass::Utr5,
        &[
            "utr5",
            "5_prime_utr_variant",
            "5_utr",
            "five_prime_utr_variant",
            "utr_5",
        ],
    ),
    (
        RegionClass::Utr3,
        &[
            "utr3",
            "3_prime_utr_variant",
            "3_utr",
            "three_prime_utr_variant",
            "utr_3",
        ],
    ),
    (
        RegionClass::Promoter,
        &[
            "promoter",
            "promoter_region",
            "promoter_variant",
            "tf_binding_site_variant",
            "upstream_gene_variant",
        ],
    ),
    (
        RegionClass::Enhancer,
        &[
            "enhancer",
            "enhancer_region",
            "enhancer_variant",
            "regulatory_region_variant",
        ],
    ),
    (
        RegionClass::Intron,
        &["intron", "intron_variant", "non_coding_transcript_variant"],
    ),
    (
        RegionClass::Intergenic,
        &[
            "intergenic",
            "downstream_gene_variant",
            "intergenic_variant",
        ],
    ),
];

/// Classifies annotation text, such as the consequences VEP or SnpEff wrote.
///
/// Terms may be joined by `,`, `;`, `|`, `&` or `+`; case and punctuation do not count. Of several
/// classes the one that hits a protein hardest wins: splice, nonsense, missense, synonymous, UTR,
/// promoter, enhancer, intron, intergenic. Without a known term the class is
/// [`RegionClass::Other`].
///
/// # Examples
///
/// ```
/// use geno_core::{RegionClass, classify_region};
///
/// let class = classify_region(["splice_region_variant&intron_variant"]);
/// assert_eq!(class, RegionClass::Splice);
/// assert_eq!(classify_region(None), RegionClass::Other);
/// ```
pub fn classify_region<'a>(annotations: impl IntoIterator<Item = &'a str>) -> RegionClass {
    first_class(&terms(annotations), CLASSES).unwrap_or(RegionClass::Other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_is_known_by_its_own_name() {
        for &class in RegionClass::ALL {
            assert_eq!(classify_region([class.as_str()]), class);
            assert_eq!(class.as_str().parse(), Ok(class));
        }
    }

    #[test]
    fn precedence_holds_across_annotations() {
        let class = classify_region(["intron_variant", "MISSENSE", "utr_3"]);
        assert_eq!(class, RegionClass::CodingMissense);
    }
}
