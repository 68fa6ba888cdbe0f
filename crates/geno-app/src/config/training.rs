//! The configuration of a training run, in the layout of the Python package's files.

use std::collections::BTreeMap;

use geno_provenance::float_repr;

use super::{
    effective::{Effective, Entry},
    key::Key,
    origin::Origin,
    scalar,
    value::{Value, double_quoted},
};

/// What the Python package's template for training holds, where that is not our default.
const TEMPLATE: [(&str, &str); 6] = [
    ("run_id", "phase1-default"),
    ("data.corpus_revision", "main@cafef00d"),
    ("encoder.revision", "main@deadbeef"),
    ("observability.log_level", "info"),
    ("runtime.backend", "torch"),
    ("runtime.device", "cpu"),
];

/// Sections of which a training run also records keys that the Python package does not have.
const RECORDED: [&str; 6] = [
    "action",
    "data",
    "encoder",
    "optimizer",
    "predictor",
    "training",
];

enum Written<'a> {
    Value(String),
    Section(BTreeMap<&'a str, String>),
}

impl Effective {
    /// What a training run records and obeys: every key of the Python package, with the values of
    /// its template where nobody said otherwise, and of our own those that somebody gave.
    ///
    /// The bytes are those the package writes for the same values, unless a text has a break of a
    /// line or more than 80 columns with spaces.
    ///
    /// ```
    /// use geno_app::config::Layers;
    ///
    /// let mut layers = Layers::default();
    /// layers.set("optimizer.lr=1e-5");
    /// let yaml = layers.resolve()?.training_yaml();
    /// assert!(yaml.contains("\noptimizer:\n  beta1: 0.9\n"));
    /// assert!(yaml.contains("\n  lr: 1.0e-05\n"));
    /// # Ok::<_, geno_app::config::ConfigError>(())
    /// ```
    pub fn training_yaml(&self) -> String {
        let mut written = BTreeMap::new();
        for entry in self.entries() {
            let (section, name) = entry.key.section_and_name();
            let is_given = entry.origin != Origin::Default && RECORDED.contains(&section);
            if !(entry.key.in_package || is_given) {
                continue;
            }
            let value = value(entry);
            if section.is_empty() {
                written.insert(name, Written::Value(value));
            } else {
                let section = written
                    .entry(section)
                    .or_insert_with(|| Written::Section(BTreeMap::new()));
                if let Written::Section(keys) = section {
                    keys.insert(name, value);
                }
            }
        }
        let lines = written.into_iter().map(|(name, written)| match written {
            Written::Value(value) => format!("{name}:{value}\n"),
            Written::Section(keys) => {
                let keys = keys.into_iter();
                let keys: String = keys.map(|(key, v)| format!("  {key}:{v}\n")).collect();
                format!("{name}:\n{keys}")
            }
        });
        lines.collect()
    }
}

/// The value of a key, with what stands between it and the colon.
fn value(Entry { key, value, origin }: &Entry) -> String {
    let template = TEMPLATE.iter().find(|(path, _)| *path == key.path);
    let is_unsaid = *origin == Origin::Default || *value == Value::Null;
    match (template, value) {
        (Some((_, template)), _) if is_unsaid => format!(" {}", text(template)),
        (_, Value::Text(name)) => format!(" {}", text(package_name(key, name))),
        (_, Value::Float(value)) => format!(" {}", float(*value)),
        (_, Value::List(items)) if !items.is_empty() => {
            let items = items.iter().map(|item| format!("\n  - {}", text(item)));
            items.collect()
        }
        (_, value) => format!(" {}", value.to_yaml()),
    }
}

/// The package's name for one of ours, where it has another.
fn package_name<'a>(key: &Key, ours: &'a str) -> &'a str {
    let synonym = key.synonyms.iter().find(|(_, name)| *name == ours);
    synonym.map_or(ours, |(name, _)| name)
}

/// A number of YAML 1.1, which wants a point before an exponent.
fn float(value: f64) -> String {
    let text = float_repr(value);
    match text.contains('.') {
        true => text,
        false => text.replacen('e', ".0e", 1),
    }
}

/// Text that reads back as text: plain where YAML 1.1 allows it, else in single quotes, and in
/// double quotes where it holds what does not print.
fn text(text: &str) -> String {
    const INDICATORS: &str = "#,[]{}&*!|>'\"%@`";
    let is_indicator = |rest: &str| rest.is_empty() || rest.starts_with(' ');
    let begins_plain = match text.chars().next() {
        None => false,
        Some('-' | '?' | ':') => !is_indicator(&text[1..]),
        Some(first) => first != ' ' && !INDICATORS.contains(first),
    };
    let is_document_mark = text.starts_with("---") || text.starts_with("...");
    let is_plain = begins_plain
        && !is_document_mark
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && scalar::typed(text) == scalar::Typed::Text
        && !is_special(text);
    if text
        .chars()
        .any(|c| c.is_control() || "\u{feff}\u{2028}\u{2029}".contains(c))
    {
        double_quoted(text)
    } else if is_plain {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

/// What YAML 1.1 takes for a time, a merge or a default.
fn is_special(text: &str) -> bool {
    let is_date = text
        .get(..4)
        .is_some_and(|year| year.bytes().all(|b| b.is_ascii_digit()))
        && text.as_bytes().get(4) == Some(&b'-');
    is_date || text == "<<" || text == "="
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_written_as_the_package_writes_them() {
        let plain = [
            "phase1-default",
            "main@x",
            "a b",
            "-x",
            "?x",
            "x?",
            "it's",
            "a@b",
            "5e10",
            "1e5",
            "x]",
            "x,y",
            ":x",
            "x:y",
            "y",
            "a\\b",
            "a'b\"c",
            "日本",
            "🧬",
        ];
        for word in plain {
            assert_eq!(text(word), word);
        }
        let quoted = [
            "2024",
            "no",
            "a: b",
            "a #b",
            "a:",
            "- x",
            "\"q\"",
            "#x",
            "@x",
            "1.5",
            "010",
            "1:30",
            "2026-01-01",
            "<<",
            "=",
            "~",
            " a",
            "a ",
            "",
            "*x",
            "%x",
            "`x",
            "[x",
            "---",
            "...x",
            ": x",
            "Null",
            "on",
            "1_000",
            "-",
            ".5",
            ".inf",
            "2026-1-1 10:00:00",
        ];
        for word in quoted {
            assert_eq!(text(word), format!("'{word}'"));
        }
        assert_eq!(text("'q'"), "'''q'''");
        assert_eq!(text("a\tb"), r#""a\tb""#);
    }

    #[test]
    fn numbers_are_written_as_the_package_writes_them() {
        let found = [1e-5, 1e16, 1.5e-7, 3e-4, 1.0, -0.0, 123_456_789.123].map(float);
        let expected = [
            "1.0e-05",
            "1.0e+16",
            "1.5e-07",
            "0.0003",
            "1.0",
            "-0.0",
            "123456789.123",
        ];
        assert_eq!(found, expected);
    }
}
