//! Review status of ClinVar, as stars.

/// The gold stars of a review status, 0 to 4; `None` for one that ClinVar's table does not have.
///
/// # Source
///
/// <https://www.ncbi.nlm.nih.gov/clinvar/docs/review_status/>, with the spellings of VCF files
/// before and after 2024, when "interpretation" became "classification".
pub fn review_stars(status: &str) -> Option<i32> {
    let status = status.to_ascii_lowercase().replace(' ', "_");
    Some(match status.as_str() {
        "practice_guideline" => 4,
        "reviewed_by_expert_panel" => 3,
        "criteria_provided,_multiple_submitters,_no_conflicts"
        | "criteria_provided,_multiple_submitters" => 2,
        "criteria_provided,_single_submitter"
        | "criteria_provided,_conflicting_classifications"
        | "criteria_provided,_conflicting_interpretations" => 1,
        "no_assertion_criteria_provided"
        | "no_assertion_provided"
        | "no_assertion_for_the_individual_variant"
        | "no_interpretation_for_the_single_variant"
        | "no_interpretation_for_the_individual_variant"
        | "no_classification_provided"
        | "no_classification_for_the_single_variant"
        | "no_classification_for_the_individual_variant"
        | "no_classifications_from_unflagged_records"
        | "flagged_submission" => 0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_are_those_of_clinvars_table() {
        for (status, expected) in [
            ("practice_guideline", Some(4)),
            ("Reviewed by expert panel", Some(3)),
            (
                "criteria_provided,_multiple_submitters,_no_conflicts",
                Some(2),
            ),
            ("criteria_provided,_conflicting_classifications", Some(1)),
            ("criteria_provided,_conflicting_interpretations", Some(1)),
            ("criteria_provided,_single_submitter", Some(1)),
            ("no_assertion_criteria_provided", Some(0)),
            ("no_classifications_from_unflagged_records", Some(0)),
            ("unknown", None),
            ("", None),
        ] {
            assert_eq!(review_stars(status), expected, "{status}");
        }
    }
}
