//! JSON values that keep what hashing needs.

mod parse;
mod spelling;
mod write;

use std::{collections::BTreeMap, fmt};

use geno_core::{Coded, Digest, ErrorCode};

pub(crate) use self::spelling::is_float_repr;
pub use self::{
    parse::{JsonError, MAX_JSON_DEPTH},
    write::{canonical_json, float_repr, indented_json, summary_json},
};

/// A JSON value that tells `1` from `1.0` and holds nothing JSON cannot write.
///
/// Objects are sorted by key, in the order of Unicode code points.
///
/// ```
/// use geno_provenance::{Json, canonical_json};
///
/// let value = Json::parse(br#"{"b": 1, "a": [1.0, 1e-7]}"#)?;
/// assert_eq!(canonical_json(&value), br#"{"a":[1.0,1e-07],"b":1}"#);
/// # Ok::<_, geno_provenance::JsonError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number without fraction and exponent.
    Int(Integer),
    /// A number with a fraction or an exponent.
    Float(Finite),
    /// Text.
    String(String),
    /// Values in order.
    Array(Vec<Json>),
    /// Values by name.
    Object(BTreeMap<String, Json>),
}

/// An integer of any size, as decimal digits.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Integer(String);

/// A double that is neither NaN nor infinite. `0.0` and `-0.0` are two values.
#[derive(Clone, Copy, Debug)]
pub struct Finite(f64);

/// A NaN or an infinity, which JSON cannot write.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("number is not finite")]
pub struct NotFiniteError;

impl Coded for NotFiniteError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl Json {
    /// Wraps a double.
    ///
    /// # Errors
    ///
    /// [`NotFiniteError`] for NaN and the infinities.
    pub fn float(value: f64) -> Result<Self, NotFiniteError> {
        Finite::new(value).map(Self::Float)
    }

    /// Collects an object. Of two equal keys the later one stays.
    pub fn object<K: Into<String>>(fields: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Object(fields.into_iter().map(|(k, v)| (k.into(), v)).collect())
    }

    /// The value of a key, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) => fields.get(key),
            _ => None,
        }
    }

    /// The text, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The integer, if this is one that fits.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Int(integer) => integer.as_str().parse().ok(),
            _ => None,
        }
    }

    /// The number nearest to an integer or a double, if this is one and the result is finite.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Int(integer) => integer
                .0
                .parse()
                .ok()
                .filter(|value: &f64| value.is_finite()),
            Self::Float(value) => Some(value.get()),
            _ => None,
        }
    }
}

impl Integer {
    /// The digits, after a `-` where there is one.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Finite {
    /// Checks a double.
    ///
    /// # Errors
    ///
    /// [`NotFiniteError`] for NaN and the infinities.
    pub fn new(value: f64) -> Result<Self, NotFiniteError> {
        if value.is_finite() {
            Ok(Self(value))
        } else {
            Err(NotFiniteError)
        }
    }

    /// The double.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl PartialEq for Finite {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

impl Eq for Finite {}

macro_rules! from_integer {
    ($($kind:ty)*) => {$(
        impl From<$kind> for Integer {
            fn from(value: $kind) -> Self {
                Self(value.to_string())
            }
        }

        impl From<$kind> for Json {
            fn from(value: $kind) -> Self {
                Self::Int(value.into())
            }
        }
    )*};
}

from_integer!(i32 u32 i64 u64 usize);

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<Digest> for Json {
    fn from(digest: Digest) -> Self {
        Self::String(digest.to_string())
    }
}

/// A kind of JSON value, as an expectation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum JsonKind {
    /// `true` or `false`.
    Bool,
    /// An integer of any sign and size.
    Integer,
    /// An integer of at least zero.
    Unsigned,
    /// An integer or a double that is finite.
    Number,
    /// Text.
    String,
    /// A list of text.
    Strings,
    /// A list.
    Array,
    /// An object.
    Object,
}

impl fmt::Display for JsonKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bool => "true or false",
            Self::Integer => "an integer",
            Self::Unsigned => "a non-negative integer",
            Self::Number => "a finite number",
            Self::String => "a string",
            Self::Strings => "a list of strings",
            Self::Array => "a list",
            Self::Object => "an object",
        })
    }
}
