//! Which files of a folder are the weights of a checkpoint.

use crate::WeightError;

/// Which files of a folder are the weights of a checkpoint.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum FolderWeights {
    /// `model.safetensors`, or nothing at all: whoever opens it will say so.
    Single,
    /// The shards that `model.safetensors.index.json` names.
    Sharded,
    /// One GGUF file.
    Gguf(String),
}

impl FolderWeights {
    /// The name of the one weight file of an unsharded checkpoint.
    pub const SINGLE: &str = "model.safetensors";
    /// The name of the list of shards.
    pub const INDEX: &str = "model.safetensors.index.json";

    /// Picks by the names of all files of a folder: `model.safetensors`, else shards, else a GGUF
    /// file if there is one alone.
    ///
    /// ```
    /// use geno_weights::FolderWeights;
    ///
    /// let of = |names: &[&str]| FolderWeights::of(names.iter().copied()).ok();
    /// assert_eq!(of(&["a.gguf", "README.md"]), Some(FolderWeights::Gguf("a.gguf".into())));
    /// assert_eq!(of(&["a.gguf", "model.safetensors"]), Some(FolderWeights::Single));
    /// assert_eq!(of(&["a.gguf", "b.gguf"]), None);
    /// ```
    ///
    /// # Errors
    ///
    /// [`WeightError::SeveralGguf`].
    pub fn of<'n>(names: impl IntoIterator<Item = &'n str>) -> Result<Self, WeightError> {
        let mut gguf = Vec::new();
        let mut is_sharded = false;
        for name in names {
            match name {
                Self::SINGLE => return Ok(Self::Single),
                Self::INDEX => is_sharded = true,
                _ if is_gguf_name(name) => gguf.push(name.to_owned()),
                _ => {}
            }
        }
        if is_sharded {
            return Ok(Self::Sharded);
        }
        gguf.sort();
        match gguf.len() {
            0 => Ok(Self::Single),
            1 => Ok(Self::Gguf(gguf.remove(0))),
            _ => Err(WeightError::SeveralGguf { names: gguf }),
        }
    }
}

/// Whether a file's name says that it is a GGUF file.
pub fn is_gguf_name(name: &str) -> bool {
    name.ends_with(".gguf") && !name.starts_with('.')
}
