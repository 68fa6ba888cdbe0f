//! What drew the edits of an example.

use std::fmt;

use geno_data::EditSource;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// What drew the edits of an example.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum ExampleSource {
    /// All substitutions of a token's bases.
    Saturated,
    /// A training tuple whose edits came from here.
    Tuple(EditSource),
}

impl ExampleSource {
    /// The name used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Saturated => "saturated",
            Self::Tuple(source) => source.as_str(),
        }
    }
}

impl fmt::Display for ExampleSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for ExampleSource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ExampleSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        match name.as_str() {
            "saturated" => Ok(Self::Saturated),
            name => name.parse().map(Self::Tuple).map_err(de::Error::custom),
        }
    }
}
