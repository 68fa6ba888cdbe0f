//! Annotation text, cut into terms that can be compared.

/// The terms of an annotation, in the order written.
///
/// A run of `,`, `;`, `|`, `&` or `+` separates terms. A term is lower-cased, and each run of
/// anything but ASCII letters and digits becomes one `_`, dropped at either end. Empty terms are
/// left out.
pub(crate) fn terms<'a>(annotations: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    annotations
        .into_iter()
        .flat_map(|annotation| annotation.split([',', ';', '|', '&', '+']))
        .map(term)
        .filter(|term| !term.is_empty())
        .collect()
}

fn term(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower.split(|letter: char| !letter.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join("_")
}

/// The first class, in order of precedence, to which any term belongs.
///
/// A class owns the terms beside it and its own name, which stands among them.
pub(crate) fn first_class<T: Copy>(terms: &[String], classes: &[(T, &[&str])]) -> Option<T> {
    let owns_a_term = |owned: &[&str]| terms.iter().any(|term| owned.contains(&term.as_str()));
    let (class, _) = classes.iter().find(|(_, owned)| owns_a_term(owned))?;
    Some(*class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_run_together_and_spelling_is_flattened() {
        assert_eq!(
            terms(["Stop-Gained &;| 3 prime UTR", " +", "_SINE/Alu_"]),
            ["stop_gained", "3_prime_utr", "sine_alu"]
        );
    }

    #[test]
    fn letters_outside_ascii_separate_words() {
        assert_eq!(terms(["5′UTR"]), ["5_utr"]);
    }
}
