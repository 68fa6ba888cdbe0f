//! The value of a key, and how it is written.

use std::path::{Path, PathBuf};

use geno_provenance::float_repr;

use super::scalar::{self, Typed};

/// The value of a key.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// No value, where a key allows that.
    Null,
    /// A switch.
    Bool(bool),
    /// A whole number. Wide enough for every seed.
    Int(i128),
    /// A finite number.
    Float(f64),
    /// Text, or one of the names a key allows.
    Text(String),
    /// A file or a folder, relative to the working directory.
    Path(PathBuf),
    /// Texts in order.
    List(Vec<String>),
}

impl Value {
    /// The value as YAML on one line, which reads back as the same value.
    ///
    /// A path that is not UTF-8 is the exception: YAML cannot hold it.
    ///
    /// ```
    /// use geno_app::config::Value;
    ///
    /// assert_eq!(Value::Float(3e-4).to_yaml(), "0.0003");
    /// assert_eq!(Value::Text("no".to_owned()).to_yaml(), r#""no""#);
    /// ```
    pub fn to_yaml(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Int(value) => value.to_string(),
            Self::Float(value) => float_repr(*value),
            Self::Text(text) => text_yaml(text),
            Self::Path(path) => text_yaml(&path.to_string_lossy()),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(|item| text_yaml(item)).collect();
                format!("[{}]", items.join(", "))
            }
        }
    }
}

/// Plain where no reader could take it for anything else, in double quotes otherwise.
fn text_yaml(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '/' || c == '.')
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-./@".contains(c))
        && scalar::typed(text) == Typed::Text
        && !scalar::looks_like_number(text);
    if is_plain {
        return text.to_owned();
    }
    double_quoted(text)
}

/// In double quotes, with escapes for what does not print.
pub(super) fn double_quoted(text: &str) -> String {
    let mut quoted = "\"".to_owned();
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() || "\u{feff}\u{2028}\u{2029}".contains(c) => {
                quoted.push_str(&format!("\\U{:08x}", u32::from(c)));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Int(value.into())
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Int(value.into())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<&Path> for Value {
    fn from(value: &Path) -> Self {
        Self::Path(value.to_owned())
    }
}
