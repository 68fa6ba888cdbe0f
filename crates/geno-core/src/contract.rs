//! The choices that give a state its meaning, by the names they carry in files.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A name that is none of the documented ones.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("unknown {what} `{name}`, expected one of {expected:?}")]
pub struct UnknownName {
    /// What was named, such as `pool type`.
    pub what: &'static str,
    /// The name given.
    pub name: String,
    /// The names that exist.
    pub expected: &'static [&'static str],
}

macro_rules! named {
    (
        $(#[$meta:meta])* $what:literal
        enum $type:ident { $($(#[doc = $variant_doc:literal])* $variant:ident = $name:literal,)* }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
        pub enum $type {
            $($(#[doc = $variant_doc])* #[serde(rename = $name)] $variant,)*
        }

        impl $type {
            /// Every value, in order of declaration.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name used in configurations, receipts and file metadata.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $type {
            type Err = UnknownName;

            fn from_str(name: &str) -> Result<Self, UnknownName> {
                match name {
                    $($name => Ok(Self::$variant),)*
                    _ => Err(UnknownName {
                        what: $what,
                        name: name.to_owned(),
                        expected: &[$($name,)*],
                    }),
                }
            }
        }
    };
}

pub(crate) use named;

named! {
    /// How a state is made from hidden rows. A state means nothing without it.
    "state contract"
    enum StateContract {
        /// Token centre `1 + locus / 6`, DNA tokens only, L2-normalised; an indel keeps the left
        /// side in phase and takes or gives bases at the right.
        L2NormalizedV2 = "l2_normalized_v2",
        /// The published Python models: token centre `locus / 6`, any row, never normalised; an
        /// indel at the exact centre trims or pads the left side.
        LegacyRawV1 = "legacy_raw_v1",
    }
}

named! {
    /// Which hidden rows are averaged into a state.
    #[expect(clippy::enum_variant_names, reason = "these are the names in files")]
    "pool type"
    enum PoolType {
        /// The edit's token and `r` tokens to either side.
        CenteredMean = "centered_mean",
        /// The edit's token and `r` tokens to its right: left of an edit, a causal model shows no
        /// change.
        DownstreamMean = "downstream_mean",
        /// Every token.
        GlobalMean = "global_mean",
    }
}

named! {
    /// How windows are laid over the variants of a file.
    "window layout"
    enum Layout {
        /// Each position has a window of its own, with the position at its centre.
        Centered = "centered",
        /// The variants of a fixed cell of the contig share one window.
        Grid = "grid",
    }
}

named! {
    /// A number format, as configurations name it.
    "dtype"
    enum Dtype {
        /// IEEE 754 binary32.
        F32 = "fp32",
        /// Truncated binary32 with 8 exponent bits.
        Bf16 = "bf16",
        /// IEEE 754 binary16.
        F16 = "fp16",
        /// Whole numbers of 8 bits in products: weights with a scale a row, activations with a
        /// scale a row that is found as they are multiplied.
        Int8 = "int8",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for pool in PoolType::ALL {
            assert_eq!(pool.as_str().parse(), Ok(*pool));
        }
        for contract in StateContract::ALL {
            assert_eq!(contract.as_str().parse(), Ok(*contract));
        }
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_known_ones() {
        let error = "fp8".parse::<Dtype>().unwrap_err();
        assert_eq!(
            error.to_string(),
            r#"unknown dtype `fp8`, expected one of ["fp32", "bf16", "fp16", "int8"]"#
        );
    }
}
