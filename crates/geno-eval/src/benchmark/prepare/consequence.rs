//! Consequences of variants in the words of ClinVar and of the Sequence Ontology.

use geno_data::Consequence;

/// Consequences for a protein or a splice site.
const CODING: [&str; 15] = [
    "coding_sequence_variant",
    "frameshift_variant",
    "inframe_deletion",
    "inframe_insertion",
    "initiator_codon_variant",
    "missense_variant",
    "nonsense",
    "protein_altering_variant",
    "splice_acceptor_variant",
    "splice_donor_variant",
    "start_lost",
    "stop_gained",
    "stop_lost",
    "stop_retained_variant",
    "synonymous_variant",
];

/// Terms of a value of `MC`: `SO:0001583|missense_variant`, separated by commas.
pub(super) fn terms_of(text: &str) -> Vec<String> {
    let text = text.replace("%2C", ",").replace("%7C", "|");
    let term = |entry: &str| {
        entry
            .rsplit('|')
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    let terms = text.split(',').map(term);
    terms.filter(|term| !term.is_empty()).collect()
}

/// Whether any term is of a protein or a splice site.
pub(super) fn is_coding(terms: &[String]) -> bool {
    terms.iter().any(|term| CODING.contains(&term.as_str()))
}

/// The term that is most severe, by Ensembl's table; those it does not have come last.
pub(super) fn worst(terms: &[String]) -> Option<&String> {
    let rank = |term: &&String| {
        let term = match term.as_str() {
            "nonsense" => "stop_gained",
            "initiator_codon_variant" => "start_lost",
            term => term,
        };
        let place = Consequence::ALL
            .iter()
            .position(|known| known.term() == term);
        (place.unwrap_or(usize::MAX), term.to_owned())
    };
    terms.iter().min_by_key(rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_of_clinvars_terms_is_kept() {
        let terms =
            terms_of("SO:0001627|intron_variant,SO:0001587|nonsense,SO:0001583|missense_variant");
        assert_eq!(terms, ["intron_variant", "nonsense", "missense_variant"]);
        assert_eq!(worst(&terms).unwrap(), "nonsense");
        assert!(is_coding(&terms));
        assert!(!is_coding(&terms_of(
            "SO:0001627|intron_variant,a|splice_region_variant"
        )));
        assert_eq!(terms_of(""), [""; 0]);
    }
}
