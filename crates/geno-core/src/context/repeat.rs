//! What kind of repeated sequence an edit falls into.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::terms::{first_class, terms};
use crate::{
    code::{Coded, ErrorCode},
    contract::{UnknownName, named},
};

named! {
    /// The repeat class of a locus.
    "repeat class"
    enum RepeatClass {
        /// Not repeated, or not annotated.
        None = "none",
        /// A tandem repeat, from microsatellites to satellites.
        Simple = "simple",
        /// Sequence of little variety.
        LowComplexity = "low_complexity",
        /// A mobile element or what is left of one.
        Transposon = "transposon",
        /// A long stretch found elsewhere in the genome almost unchanged.
        SegmentalDup = "segmental_dup",
    }
}

/// The terms of each class, the class that wins first.
const CLASSES: &[(RepeatClass, &[&str])] = &[
    (
        RepeatClass::None,
        &["none", "no_repeat", "non_repeat", "not_repetitive"],
    ),
    (
        RepeatClass::Simple,
        &[
            "simple",
            "microsatellite",
            "satellite",
            "short_tandem_repeat",
            "simple_repeat",
            "str",
            "tandem_repeat",
        ],
    ),
    (
        RepeatClass::LowComplexity,
        &[
            "low_complexity",
            "dust",
            "low_complexity_region",
            "poly_a",
            "poly_c",
            "poly_g",
            "poly_t",
        ],
    ),
    (
        RepeatClass::Transposon,
        &[
            "transposon",
            "alu",
            "dna_transposon",
            "erv",
            "l1",
            "line",
            "line1",
            "line_l1",
            "ltr",
            "mobile_element",
            "retrotransposon",
            "sine",
            "sine_alu",
            "transposable_element",
        ],
    ),
    (
        RepeatClass::SegmentalDup,
        &[
            "segmental_dup",
            "genomic_superdup",
            "segdup",
            "segmental_duplication",
            "self_chain",
        ],
    ),
];

/// A repeat annotation of which no term is known.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("no term of the repeat annotation is known: {terms:?}")]
pub struct UnknownRepeat {
    /// The terms, as they were compared.
    pub terms: Vec<String>,
}

impl Coded for UnknownRepeat {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

/// Classifies annotation text, such as the class a repeat masker wrote.
///
/// Terms are read as by [`classify_region`](crate::classify_region). No annotation at all is
/// [`RepeatClass::None`].
///
/// # Errors
///
/// [`UnknownRepeat`] if there are terms and none is known.
///
/// # Examples
///
/// ```
/// use geno_core::{RepeatClass, classify_repeat};
///
/// assert_eq!(classify_repeat(["SINE/Alu"]), Ok(RepeatClass::Transposon));
/// assert_eq!(classify_repeat(None), Ok(RepeatClass::None));
/// assert!(classify_repeat(["tRNA"]).is_err());
/// ```
pub fn classify_repeat<'a>(
    annotations: impl IntoIterator<Item = &'a str>,
) -> Result<RepeatClass, UnknownRepeat> {
    let terms = terms(annotations);
    if terms.is_empty() {
        return Ok(RepeatClass::None);
    }
    first_class(&terms, CLASSES).ok_or(UnknownRepeat { terms })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_is_known_by_its_own_name() {
        for &class in RepeatClass::ALL {
            assert_eq!(classify_repeat([class.as_str()]), Ok(class));
            assert_eq!(class.as_str().parse(), Ok(class));
        }
    }

    #[test]
    fn one_known_term_is_enough() {
        assert_eq!(
            classify_repeat(["tRNA;segdup"]),
            Ok(RepeatClass::SegmentalDup)
        );
    }

    #[test]
    fn an_annotation_without_terms_is_no_repeat() {
        assert_eq!(classify_repeat([" ;, "]), Ok(RepeatClass::None));
    }
}
