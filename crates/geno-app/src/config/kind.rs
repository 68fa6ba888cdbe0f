//! What a key may hold, and the reading of a value.

use std::{fmt, path::PathBuf};

use geno_provenance::float_repr;

use super::{
    scalar::{self, Typed},
    value::Value,
};

/// What a key may hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// `true` or `false`; `yes`, `no`, `on` and `off` mean the same.
    Bool,
    /// A whole number from `min` to `max`.
    Int {
        /// The smallest.
        min: i128,
        /// The largest.
        max: i128,
    },
    /// A number of bytes of at least 1, such as `1048576`, `512M` or `2G`: K, M, G and T are powers of
    /// 1,024.
    Bytes,
    /// A finite number of at least `min` and less than `below`, where there is such a bound.
    Float {
        /// The smallest.
        min: f64,
        /// What it stays below.
        below: Option<f64>,
    },
    /// Text of at least one character.
    Text,
    /// A file or a folder.
    Path,
    /// A version of the configuration's schema; all of 1.x are read.
    SchemaVersion,
    /// One of these names.
    Name(&'static [&'static str]),
    /// A list of these names.
    Names(&'static [&'static str]),
    /// A list of texts.
    Texts,
}

/// How a value was written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Style {
    /// A word of YAML without quotes, whose form says its type.
    Plain,
    /// YAML text in quotes or in a block.
    Quoted,
    /// A word of a shell, which has no types of its own.
    Shell,
}

/// Why a value cannot be had.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Refusal {
    /// It is of another type; what it is.
    Type(String),
    /// It is outside the range.
    Range(String),
    /// No such name.
    Name(String),
    /// A schema that is not read.
    SchemaVersion(String),
}

impl Kind {
    /// The type, such as `a whole number`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bool => "a boolean",
            Self::Int { .. } => "a whole number",
            Self::Bytes => "a number of bytes",
            Self::Float { .. } => "a number",
            Self::Text | Self::SchemaVersion => "text",
            Self::Path => "a path",
            Self::Name(_) => "a name",
            Self::Names(_) => "a list of names",
            Self::Texts => "a list of texts",
        }
    }

    /// What of that type is allowed, such as `at least 1`; nothing where everything is.
    pub fn range(self) -> String {
        match self {
            Self::Bool => "true or false".to_owned(),
            Self::Int { min, max } if max >= i128::from(u32::MAX) => format!("at least {min}"),
            Self::Int { min, max } => format!("{min} to {max}"),
            Self::Bytes => "at least 1, such as 512M or 2G".to_owned(),
            Self::Float { min, below } => match below {
                None => format!("at least {}", float_repr(min)),
                Some(below) => {
                    let (min, below) = (float_repr(min), float_repr(below));
                    format!("at least {min} and below {below}")
                }
            },
            Self::Text => "not empty".to_owned(),
            Self::Path | Self::Texts => String::new(),
            Self::SchemaVersion => "1.x".to_owned(),
            Self::Name(names) | Self::Names(names) => Alternatives(names).to_string(),
        }
    }

    pub(super) fn is_list(self) -> bool {
        matches!(self, Self::Names(_) | Self::Texts)
    }

    /// Reads one word. A list takes it as its only item.
    pub(super) fn read(self, word: &str, style: Style) -> Result<Value, Refusal> {
        let mistyped = || Refusal::Type(described(word, style));
        match self {
            Self::Bool if style != Style::Quoted => {
                scalar::boolean(word).map(Value::Bool).ok_or_else(mistyped)
            }
            Self::Int { min, max } if style != Style::Quoted => {
                let value = scalar::integer(word).ok_or_else(mistyped)?;
                if !(min..=max).contains(&value) {
                    return Err(Refusal::Range(word.to_owned()));
                }
                Ok(Value::Int(value))
            }
            // A bare number in quotes is text, as for other numbers.
            Self::Bytes if style != Style::Quoted || scalar::integer(word).is_none() => {
                let value = scalar::bytes(word).ok_or_else(mistyped)?;
                if !(1..=i128::from(u64::MAX)).contains(&value) {
                    return Err(Refusal::Range(word.to_owned()));
                }
                Ok(Value::Int(value))
            }
            Self::Float { min, below } if style != Style::Quoted => {
                let value = scalar::float(word).ok_or_else(mistyped)?;
                if value < min || below.is_some_and(|below| value >= below) {
                    return Err(Refusal::Range(word.to_owned()));
                }
                Ok(Value::Float(value))
            }
            Self::Bool | Self::Int { .. } | Self::Bytes | Self::Float { .. } => Err(mistyped()),
            _ if style == Style::Plain && scalar::typed(word) != Typed::Text => Err(mistyped()),
            _ if word.is_empty() => Err(Refusal::Type("empty text".to_owned())),
            Self::Text => Ok(Value::Text(word.to_owned())),
            Self::Path => Ok(Value::Path(PathBuf::from(word))),
            Self::SchemaVersion if word.starts_with("1.") => Ok(Value::Text(word.to_owned())),
            Self::SchemaVersion => Err(Refusal::SchemaVersion(word.to_owned())),
            Self::Name(names) if names.contains(&word) => Ok(Value::Text(word.to_owned())),
            Self::Names(names) if names.contains(&word) => Ok(Value::List(vec![word.to_owned()])),
            Self::Name(_) | Self::Names(_) => Err(Refusal::Name(word.to_owned())),
            Self::Texts => Ok(Value::List(vec![word.to_owned()])),
        }
    }

    /// Reads a list given item by item.
    pub(super) fn read_list<'a>(
        self,
        items: impl IntoIterator<Item = (&'a str, Style)>,
    ) -> Result<Value, Refusal> {
        let mut texts = Vec::new();
        for (word, style) in items {
            match self.read(word, style)? {
                Value::List(item) => texts.extend(item),
                _ => return Err(Refusal::Type("a list".to_owned())),
            }
        }
        Ok(Value::List(texts))
    }
}

/// The word and what it looks like, short enough for a message.
fn described(word: &str, style: Style) -> String {
    let mut shown: String = word.chars().take(40).collect();
    if shown.len() < word.len() {
        shown.push('…');
    }
    match (style, scalar::typed(word)) {
        (Style::Plain, Typed::Null) => Typed::Null.name().to_owned(),
        (Style::Plain, typed) => format!("{} (`{shown}`)", typed.name()),
        (Style::Quoted, _) => format!("text (\"{shown}\")"),
        (Style::Shell, _) => format!("`{shown}`"),
    }
}

/// `a, b or c`.
pub(super) struct Alternatives<'a>(pub(super) &'a [&'a str]);

impl fmt::Display for Alternatives<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, name) in self.0.iter().enumerate() {
            let separator = match i {
                0 => "",
                _ if i + 1 == self.0.len() => " or ",
                _ => ", ",
            };
            write!(f, "{separator}{name}")?;
        }
        Ok(())
    }
}
