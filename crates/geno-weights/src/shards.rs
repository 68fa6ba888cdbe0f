//! The index of a checkpoint that is spread over several files.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::WeightError;

/// Which file of a checkpoint holds which tensor: `model.safetensors.index.json`.
///
/// ```
/// let json = br#"{"metadata": {}, "weight_map": {"a": "model-1.safetensors"}}"#;
/// let index = geno_weights::ShardIndex::parse(json)?;
/// assert!(index.shard_names().eq(["model-1.safetensors"]));
/// # Ok::<_, geno_weights::WeightError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ShardIndex {
    weight_map: BTreeMap<String, String>,
}

impl ShardIndex {
    /// Reads the index. Keys other than `weight_map` are not looked at.
    ///
    /// # Errors
    ///
    /// [`WeightError::Index`] if it is malformed, [`WeightError::ShardName`] if it names anything
    /// but a plain file of its own directory: letters, digits, `.`, `_` and `-`, not beginning
    /// with a dot, ending in `.safetensors`.
    pub fn parse(json: &[u8]) -> Result<Self, WeightError> {
        let mut index: BTreeMap<String, Value> =
            serde_json::from_slice(json).map_err(WeightError::Index)?;
        let map = index.remove("weight_map").unwrap_or_default();
        let weight_map: BTreeMap<String, String> =
            serde_json::from_value(map).map_err(WeightError::Index)?;

        match weight_map.values().find(|shard| !is_plain(shard)) {
            Some(shard) => Err(WeightError::ShardName {
                shard: shard.clone(),
            }),
            None => Ok(Self { weight_map }),
        }
    }

    /// The files of the checkpoint, sorted, each once.
    pub fn shard_names(&self) -> impl Iterator<Item = &str> {
        let names: BTreeSet<_> = self.weight_map.values().map(String::as_str).collect();
        names.into_iter()
    }

    /// The file that holds a tensor.
    pub fn shard_of(&self, tensor: &str) -> Option<&str> {
        self.weight_map.get(tensor).map(String::as_str)
    }

    /// The tensors of the checkpoint, sorted.
    pub fn tensor_names(&self) -> impl Iterator<Item = &str> {
        self.weight_map.keys().map(String::as_str)
    }

    pub(crate) fn check_names<'n>(
        &self,
        given: impl Iterator<Item = &'n str>,
    ) -> Result<(), WeightError> {
        let mut counts: BTreeMap<_, usize> = self.shard_names().map(|shard| (shard, 0)).collect();
        for shard in given {
            let Some(count) = counts.get_mut(shard) else {
                let shard = shard.to_owned();
                return Err(WeightError::UnknownShard { shard });
            };
            *count += 1;
        }
        match counts.into_iter().find(|(_, count)| *count != 1) {
            Some((shard, count)) => Err(WeightError::ShardCount {
                shard: shard.to_owned(),
                count,
            }),
            None => Ok(()),
        }
    }
}

fn is_plain(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    name.chars().all(plain) && !name.starts_with('.') && name.ends_with(".safetensors")
}
