//! What a word of YAML means without quotes.
//!
//! Files written for YAML 1.1, which the Python package reads, and for YAML 1.2 mean the same
//! here, or are refused: `no` and `off` are booleans, never text; `1e-4` is a number where a number
//! is asked for; a number with a leading zero, which is octal for one reader and decimal for
//! another, is none.

/// What both versions of YAML agree, or might disagree, to read in a plain word.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Typed {
    Null,
    Bool,
    Number,
    Text,
}

impl Typed {
    /// The type with its article.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool => "a boolean",
            Self::Number => "a number",
            Self::Text => "text",
        }
    }
}

/// What a plain word is to a reader of YAML 1.1.
///
/// `5e10` is text, since that reader wants a point in a number with an exponent, and revisions of
/// repositories look like that.
pub(super) fn typed(word: &str) -> Typed {
    if is_null(word) {
        Typed::Null
    } else if boolean(word).is_some() {
        Typed::Bool
    } else if looks_like_number(word) && !is_bare_exponent(word) {
        Typed::Number
    } else {
        Typed::Text
    }
}

fn is_bare_exponent(word: &str) -> bool {
    word.contains(['e', 'E']) && !word.contains('.') && float(word).is_some()
}

pub(super) fn is_null(word: &str) -> bool {
    matches!(word, "~" | "null" | "Null" | "NULL")
}

pub(super) fn boolean(word: &str) -> Option<bool> {
    let is_one_case = word.chars().all(|c| c.is_ascii_lowercase())
        || word.chars().all(|c| c.is_ascii_uppercase())
        || word.chars().skip(1).all(|c| c.is_ascii_lowercase());
    match word.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" if is_one_case => Some(true),
        "false" | "no" | "off" if is_one_case => Some(false),
        _ => None,
    }
}

/// A decimal integer. `10_000` is one; `010` and `0x10` are not.
pub(super) fn integer(word: &str) -> Option<i128> {
    let digits = word.strip_prefix(['-', '+']).unwrap_or(word);
    let is_decimal = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '_')
        && (digits == "0" || !digits.starts_with('0'));
    let word = word.replace('_', "");
    is_decimal.then(|| word.parse().ok()).flatten()
}

/// A number of bytes: an integer, or one of units of 1,024, 1,024² and so on.
pub(super) fn bytes(word: &str) -> Option<i128> {
    let units = [('K', 10), ('M', 20), ('G', 30), ('T', 40)];
    let unit = word.chars().last()?.to_ascii_uppercase();
    match units.into_iter().find(|(name, _)| *name == unit) {
        Some((_, shift)) => integer(&word[..word.len() - 1])?.checked_mul(1 << shift),
        None => integer(word),
    }
}

/// A finite number, with or without a point.
pub(super) fn float(word: &str) -> Option<f64> {
    let is_number = word
        .chars()
        .all(|c| c.is_ascii_digit() || "+-._eE".contains(c));
    let value: f64 = word.replace('_', "").parse().ok()?;
    (is_number && value.is_finite()).then_some(value)
}

/// Whether some reader of YAML might take the word for a number.
pub(super) fn looks_like_number(word: &str) -> bool {
    let digits = word.strip_prefix(['-', '+']).unwrap_or(word);
    let is_named = matches!(
        digits.to_ascii_lowercase().as_str(),
        ".inf" | ".nan" | "inf" | "nan"
    );
    // `1:30` is 90 to a reader of YAML 1.1.
    let is_prefixed = ["0x", "0o", "0b"].iter().any(|prefix| {
        digits
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.chars().all(|c| c.is_ascii_hexdigit() || c == '_'))
    });
    let is_sexagesimal = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.contains(':')
        && digits
            .chars()
            .all(|c| c.is_ascii_digit() || ":_.".contains(c));
    is_named || is_prefixed || is_sexagesimal || float(word).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_typed_as_the_python_package_types_them() {
        for (word, expected) in [
            ("yes", Typed::Bool),
            ("Off", Typed::Bool),
            ("yEs", Typed::Text),
            ("~", Typed::Null),
            ("1.0", Typed::Number),
            ("1_000", Typed::Number),
            ("0x1f", Typed::Number),
            ("1:30", Typed::Number),
            (".inf", Typed::Number),
            ("1.0.0", Typed::Text),
            ("5e10", Typed::Text),
            ("5d31d59", Typed::Text),
            ("y", Typed::Text),
        ] {
            assert_eq!(typed(word), expected, "{word}");
        }
    }

    #[test]
    fn numbers_that_two_readers_read_differently_are_none() {
        assert_eq!(["010", "0x10", "1:30", "1.0", ""].map(integer), [None; 5]);
        assert_eq!(integer("-10_000"), Some(-10_000));
        assert_eq!([".nan", "inf", "1e999", "e"].map(float), [None; 4]);
        assert_eq!(float("1e-4"), Some(1e-4));
        assert_eq!(float("7"), Some(7.0));
    }

    #[test]
    fn bytes_are_counted_in_powers_of_1024() {
        assert_eq!(bytes("512M"), Some(512 << 20));
        assert_eq!(bytes("2g"), Some(2 << 30));
        assert_eq!(bytes("4_096"), Some(4_096));
        assert_eq!(["", "M", "1.5G", "2GB", "2µ", "0x2K"].map(bytes), [None; 6]);
    }
}
