//! Keys of the INFO column.

/// A key of the INFO column with one value for each alternate allele (`Number=A`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InfoKey<'a> {
    /// Its name: letters, digits, `_` and `.`, not beginning with a digit.
    pub id: &'a str,
    /// What its values are.
    pub kind: InfoKind,
    /// What they mean, for the header.
    pub description: &'a str,
}

/// What the values of an [`InfoKey`] are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum InfoKind {
    /// Whole numbers of 32 bits.
    Integer,
    /// Numbers.
    Float,
    /// Texts.
    String,
}

impl InfoKind {
    /// The type as headers name it.
    fn as_str(self) -> &'static str {
        match self {
            Self::Integer => "Integer",
            Self::Float => "Float",
            Self::String => "String",
        }
    }
}

impl InfoKey<'_> {
    /// The `##INFO` line that declares the key.
    pub(crate) fn declaration(&self) -> String {
        let description = self.description.replace('\\', r"\\").replace('"', r#"\""#);
        format!(
            "##INFO=<ID={},Number=A,Type={},Description=\"{description}\">",
            self.id,
            self.kind.as_str(),
        )
    }

    /// Whether a `##INFO` line declares a key of this name.
    pub(crate) fn is_declared_by(&self, line: &[u8]) -> bool {
        let Some(fields) = line.strip_prefix(b"##INFO=<") else {
            return false;
        };
        // What is quoted may look like a field.
        let quote = fields.iter().position(|&byte| byte == b'"');
        fields[..quote.unwrap_or(fields.len())]
            .split(|&byte| matches!(byte, b',' | b'>'))
            .any(|field| field.strip_prefix(b"ID=") == Some(self.id.as_bytes()))
    }

    /// Whether a field of an INFO column is of this key, with a value or as a flag.
    fn has_field(&self, field: &[u8]) -> bool {
        field
            .strip_prefix(self.id.as_bytes())
            .is_some_and(|rest| rest.is_empty() || rest[0] == b'=')
    }
}

/// Appends an INFO column: the fields of `info` that have none of the keys, then the keys that have
/// a value for any allele, `.` standing for the alleles without.
pub(crate) fn write_info(
    out: &mut Vec<u8>,
    info: &[u8],
    keys: &[InfoKey<'_>],
    values: &[Vec<Option<String>>],
) {
    let start = out.len();
    let is_kept = |field: &&[u8]| {
        !field.is_empty() && *field != b"." && !keys.iter().any(|key| key.has_field(field))
    };
    let separate = |out: &mut Vec<u8>| {
        if out.len() > start {
            out.push(b';');
        }
    };
    for field in info.split(|&byte| byte == b';').filter(is_kept) {
        separate(out);
        out.extend_from_slice(field);
    }
    for (key, values) in keys.iter().zip(values) {
        if values.iter().all(Option::is_none) {
            continue;
        }
        separate(out);
        out.extend_from_slice(key.id.as_bytes());
        for (i, value) in values.iter().enumerate() {
            out.push(if i == 0 { b'=' } else { b',' });
            match value {
                Some(value) => escape(out, value),
                None => out.push(b'.'),
            }
        }
    }
    if out.len() == start {
        out.push(b'.');
    }
}

/// Appends a text with what has a meaning in INFO as `%` and two digits (VCF 4.3, section 1.2).
fn escape(out: &mut Vec<u8>, text: &str) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";

    for &byte in text.as_bytes() {
        match byte {
            b';' | b'=' | b',' | b'%' | b' ' | 0..0x20 | 0x7f => {
                let digits = [
                    DIGITS[usize::from(byte >> 4)],
                    DIGITS[usize::from(byte & 15)],
                ];
                out.push(b'%');
                out.extend(digits);
            }
            _ => out.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEYS: [InfoKey<'_>; 2] = [
        InfoKey {
            id: "AB",
            kind: InfoKind::Float,
            description: "a \"b\"",
        },
        InfoKey {
            id: "C",
            kind: InfoKind::String,
            description: "c",
        },
    ];

    fn written(info: &str, values: [&[Option<&str>]; 2]) -> String {
        let values = values.map(|values| {
            let owned = values.iter().map(|value| value.map(str::to_owned));
            owned.collect::<Vec<_>>()
        });
        let mut out = Vec::new();
        write_info(&mut out, info.as_bytes(), &KEYS, &values);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_key_is_declared_with_one_value_an_alternate() {
        assert_eq!(
            KEYS[0].declaration(),
            r#"##INFO=<ID=AB,Number=A,Type=Float,Description="a \"b\"">"#
        );
        assert!(KEYS[0].is_declared_by(b"##INFO=<ID=AB,Number=1,Type=Float,Description=\"\">"));
        assert!(!KEYS[0].is_declared_by(b"##INFO=<ID=ABC,Number=1>"));
        assert!(!KEYS[0].is_declared_by(b"##FORMAT=<ID=AB,Number=1>"));
        assert!(!KEYS[0].is_declared_by(b"##INFO=<ID=C,Description=\"a,ID=AB,b\">"));
    }

    #[test]
    fn earlier_values_of_a_key_are_replaced_and_others_stay() {
        let values: [&[_]; 2] = [&[Some("1"), None], &[None, None]];
        assert_eq!(written("AC=2;AB=7,8;DB;C", values), "AC=2;DB;AB=1,.");
        assert_eq!(written("ABC=1;;CC", values), "ABC=1;CC;AB=1,.");
        assert_eq!(written(".", values), "AB=1,.");
        assert_eq!(written("AB=1", [&[], &[]]), ".");
    }

    #[test]
    fn what_has_a_meaning_in_info_is_escaped() {
        let values: [&[_]; 2] = [&[], &[Some("a;b=c,d%e f\tg|h")]];
        assert_eq!(written("", values), "C=a%3Bb%3Dc%2Cd%25e%20f%09g|h");
    }

    proptest! {
        #[test]
        fn any_text_is_one_value_of_one_field(text: String, info in "[A-Z=;.,0-9]{0,24}") {
            let values: [&[_]; 2] = [&[], &[Some(text.as_str())]];
            let out = written(&info, values);
            let last = out.rsplit(';').next().unwrap();
            prop_assert!(last.starts_with("C="));
            prop_assert!(!last[2..].contains([',', '=', ' ', '\t', '\n', '\r']));
            let unescaped = |text: &str| {
                let mut bytes = Vec::new();
                let mut rest = text.as_bytes();
                while let [first, tail @ ..] = rest {
                    if *first == b'%' {
                        let digits = std::str::from_utf8(&tail[..2]).unwrap();
                        bytes.push(u8::from_str_radix(digits, 16).unwrap());
                        rest = &tail[2..];
                    } else {
                        bytes.push(*first);
                        rest = tail;
                    }
                }
                String::from_utf8(bytes).unwrap()
            };
            prop_assert_eq!(unescaped(&last[2..]), text);
        }
    }
}
