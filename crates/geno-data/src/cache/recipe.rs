//! What a state was made with, and the keys that follow from it.

use std::fmt;

use geno_core::{Digest, Dtype, PoolType, StateContract};

/// How the values of a state are stored.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum StoredAs {
    /// As they are, IEEE 754 binary32.
    F32,
    /// Rounded to IEEE 754 binary16, to the nearest and halfway to even: a relative error of up to
    /// 2⁻¹¹ for magnitudes between 2⁻¹⁴ and 65,504, an absolute one of up to 2⁻²⁵ below. Larger
    /// magnitudes are refused.
    F16,
}

impl StoredAs {
    /// Both formats.
    pub const ALL: [Self; 2] = [Self::F32, Self::F16];

    /// The name in files and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::F32 => "fp32",
            Self::F16 => "fp16",
        }
    }

    /// Bytes of one value.
    pub(crate) fn width(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 => 2,
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == name)
    }
}

impl fmt::Display for StoredAs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Everything but the window and the locus that decides a state. Two states of one recipe may be
/// compared, two of different recipes may not.
///
/// # Examples
///
/// ```
/// use geno_core::{Digest, Dtype, PoolType, StateContract};
/// use geno_data::{StateRecipe, StoredAs};
///
/// let recipe = StateRecipe {
///     contract: StateContract::L2NormalizedV2,
///     encoder: Digest::of(b"weights"),
///     state_layer: 20,
///     pool_type: PoolType::DownstreamMean,
///     pool_radius: 8,
///     dtype: Dtype::Bf16,
///     stored: StoredAs::F32,
/// };
/// let keys = recipe.keys();
/// let window = Digest::of(b"ACGT");
/// assert_eq!(keys.key(window, Some(2)), keys.key(window, Some(2)));
/// assert_ne!(keys.key(window, Some(2)), keys.key(window, None));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct StateRecipe {
    /// The rules of centring, clipping and normalising.
    pub contract: StateContract,
    /// Digest of the encoder's weights, as a manifest names it.
    pub encoder: Digest,
    /// Layer of the state, as the model's configuration spells it. −1 and the number of the last
    /// layer are two spellings, and two recipes.
    pub state_layer: i32,
    /// Which rows of the layer are averaged.
    pub pool_type: PoolType,
    /// Reach of the pool in tokens; 0 with [`PoolType::GlobalMean`], which has none.
    pub pool_radius: u32,
    /// What the encoder computes in.
    pub dtype: Dtype,
    /// What the values were stored as.
    pub stored: StoredAs,
}

impl StateRecipe {
    /// The maker of this recipe's keys.
    pub fn keys(&self) -> StateKeys {
        StateKeys {
            recipe: blake3::derive_key("geno-lewm window-state recipe v1", self.text().as_bytes()),
        }
    }

    /// The canonical text: one `name=value` a line, in this order.
    pub(crate) fn text(&self) -> String {
        let Self {
            contract,
            encoder,
            state_layer,
            pool_type,
            pool_radius,
            dtype,
            stored,
        } = self;
        format!(
            "contract={contract}\nencoder={encoder}\nstate_layer={state_layer}\n\
             pool_type={pool_type}\npool_radius={pool_radius}\ndtype={dtype}\nstored={stored}\n"
        )
    }

    /// Reads the canonical text and returns what follows it. Other spellings are no recipe.
    pub(crate) fn parse(text: &str) -> Option<(Self, &str)> {
        let mut rest = text;
        let mut value = |name: &str| {
            let (line, after) = rest.split_once('\n')?;
            rest = after;
            line.strip_prefix(name)?.strip_prefix('=')
        };
        let recipe = Self {
            contract: value("contract")?.parse().ok()?,
            encoder: value("encoder")?.parse().ok()?,
            state_layer: value("state_layer")?.parse().ok()?,
            pool_type: value("pool_type")?.parse().ok()?,
            pool_radius: value("pool_radius")?.parse().ok()?,
            dtype: value("dtype")?.parse().ok()?,
            stored: StoredAs::named(value("stored")?)?,
        };
        let is_canonical = text.starts_with(&recipe.text());
        is_canonical.then_some((recipe, rest))
    }
}

/// Makes the keys of one recipe.
#[derive(Clone, Copy, Debug)]
pub struct StateKeys {
    recipe: [u8; 32],
}

impl StateKeys {
    /// The key of the state of a window, pooled at a 0-based locus in it or, without one, over all
    /// of it.
    ///
    /// `window` is the SHA-256 digest of the window's upper-case bases
    /// ([`Window::bases`](geno_core::Window::bases)), padding included.
    pub fn key(&self, window: Digest, locus: Option<u32>) -> StateKey {
        let mut material = [0; 72];
        material[..32].copy_from_slice(&self.recipe);
        material[32..64].copy_from_slice(window.as_bytes());
        let locus = locus.map_or(u64::MAX, u64::from);
        material[64..].copy_from_slice(&locus.to_le_bytes());
        StateKey(blake3::derive_key(
            "geno-lewm window-state key v1",
            &material,
        ))
    }
}

/// The name of one state in a cache: BLAKE3 over recipe, window and locus.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct StateKey(pub(crate) [u8; 32]);

impl StateKey {
    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for StateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StateKey({})", blake3::Hash::from_bytes(self.0))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::HashSet;

    use super::*;

    pub(crate) fn recipe() -> StateRecipe {
        StateRecipe {
            contract: StateContract::L2NormalizedV2,
            encoder: Digest::of(b"weights"),
            state_layer: -1,
            pool_type: PoolType::DownstreamMean,
            pool_radius: 8,
            dtype: Dtype::Bf16,
            stored: StoredAs::F32,
        }
    }

    #[test]
    fn the_text_of_a_recipe_reads_back() {
        let text = recipe().text() + "more\n";
        assert_eq!(StateRecipe::parse(&text), Some((recipe(), "more\n")));
    }

    #[test]
    fn another_spelling_of_a_recipe_is_refused() {
        let text = recipe().text();
        for (from, to) in [
            ("pool_radius=8", "pool_radius=+8"),
            ("pool_radius=8", "pool_radius=08"),
            ("stored=fp32", "stored=bf16"),
            ("state_layer=-1\n", ""),
            ("contract=", "kontract="),
        ] {
            let other = text.replace(from, to);
            assert_ne!(other, text);
            assert_eq!(StateRecipe::parse(&other), None, "{to}");
        }
    }

    #[test]
    fn every_part_of_a_recipe_is_in_the_key() {
        let recipes = [
            recipe(),
            StateRecipe {
                contract: StateContract::LegacyRawV1,
                ..recipe()
            },
            StateRecipe {
                encoder: Digest::of(b"others"),
                ..recipe()
            },
            StateRecipe {
                state_layer: 20,
                ..recipe()
            },
            StateRecipe {
                pool_type: PoolType::CenteredMean,
                ..recipe()
            },
            StateRecipe {
                pool_radius: 9,
                ..recipe()
            },
            StateRecipe {
                dtype: Dtype::F32,
                ..recipe()
            },
            StateRecipe {
                stored: StoredAs::F16,
                ..recipe()
            },
        ];
        let windows = [Digest::of(b"A"), Digest::of(b"C")];
        let mut keys = HashSet::new();
        for recipe in recipes {
            for window in windows {
                for locus in [None, Some(0), Some(u32::MAX)] {
                    assert!(keys.insert(recipe.keys().key(window, locus)));
                }
            }
        }
    }

    #[test]
    fn keys_never_change() {
        // Computed by an independent BLAKE3: a change here orphans every cache.
        let key = recipe().keys().key(Digest::of(b"ACGT"), Some(2));
        assert_eq!(
            format!("{key:?}"),
            "StateKey(31ff7116397be3084fb1a65a8904fb1504d270648222ce6d02074cc2fb6c6291)"
        );
    }
}
