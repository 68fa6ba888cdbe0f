//! The sizes that are measured: those of the Python package's benchmark.

use std::{fmt, str::FromStr};

use geno_encoder::CarbonConfig;

/// Context either side of a pooled token, as shipped.
pub(crate) const POOL_RADIUS: usize = 8;

/// A published size of the encoder.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Shape {
    /// Hidden 128, 6 layers of which 4 are run.
    Nano,
    /// Carbon-500M: hidden 1,024, 28 layers of which 20 are run.
    Carbon500M,
}

/// A name that is no shape.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct UnknownShape(String);

impl Shape {
    const ALL: [Self; 2] = [Self::Nano, Self::Carbon500M];

    /// The name on the command line and in the peer's files.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Nano => "nano",
            Self::Carbon500M => "500m",
        }
    }

    /// The shape of these sizes, if it is one.
    pub(crate) fn of(config: &CarbonConfig) -> Option<Self> {
        Self::ALL.into_iter().find(|shape| {
            let known = shape.config();
            (known.hidden_size, known.n_layers, known.ffn_dim)
                == (config.hidden_size, config.n_layers, config.ffn_dim)
        })
    }

    /// The encoder's sizes.
    pub(crate) fn config(self) -> CarbonConfig {
        let nano = CarbonConfig {
            hidden_size: 128,
            n_layers: 6,
            n_heads: 4,
            n_kv_heads: 2,
            head_dim: 32,
            ffn_dim: 384,
            vocab_size: 155_776,
            max_positions: 8_192,
            rope_theta: 500_000.0,
            rms_norm_eps: 1e-6,
            tied: true,
            yarn: None,
        };
        match self {
            Self::Nano => nano,
            Self::Carbon500M => CarbonConfig {
                hidden_size: 1_024,
                n_layers: 28,
                n_heads: 16,
                n_kv_heads: 8,
                head_dim: 64,
                ffn_dim: 3_072,
                ..nano
            },
        }
    }

    /// The hidden state that is pooled.
    pub(crate) fn state_layer(self) -> i32 {
        match self {
            Self::Nano => 4,
            Self::Carbon500M => 20,
        }
    }
}

impl FromStr for Shape {
    type Err = UnknownShape;

    fn from_str(name: &str) -> Result<Self, UnknownShape> {
        let mut shapes = Self::ALL.into_iter();
        let shape = shapes.find(|shape| shape.as_str() == name);
        shape.ok_or_else(|| UnknownShape(name.to_owned()))
    }
}

impl fmt::Display for UnknownShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [nano, big] = Shape::ALL.map(Shape::as_str);
        write!(f, "unknown shape `{}`, expected {nano} or {big}", self.0)
    }
}

impl std::error::Error for UnknownShape {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_is_found_by_name_and_by_size() {
        for shape in Shape::ALL {
            assert_eq!(shape.as_str().parse(), Ok(shape));
            assert_eq!(Shape::of(&shape.config()), Some(shape));
        }
        let other = CarbonConfig {
            n_layers: 7,
            ..Shape::Nano.config()
        };
        assert_eq!(Shape::of(&other), None);
    }
}
