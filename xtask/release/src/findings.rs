//! What follows from values of a report and speaks against a result.

use geno_provenance::{
    Label,
    release::{NegativeFinding, Statement},
};

/// What is said where a finding cannot be told by its names. It stays a finding all the same.
const UNTOLD: &str =
    "A finding of this rule names something that stands for what is still to come.";

/// A finding that follows by a rule.
pub(crate) fn derived(rule: &str, text: impl AsRef<str>) -> NegativeFinding {
    let untold = |_| Statement::new(UNTOLD).expect("it is one");
    NegativeFinding::Derived {
        rule: Label::new(rule).expect("a rule of this program is a word"),
        text: Statement::new(text).unwrap_or_else(untold),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_not_lost_for_the_sake_of_a_name() {
        let finding = derived("regressed", "worse than `dummy`");
        assert_eq!(&**finding.text(), UNTOLD);
        assert_eq!(
            &**derived("regressed", "worse than chance").text(),
            "worse than chance"
        );
    }
}
