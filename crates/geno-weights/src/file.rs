//! Reading tensors out of checked weight files.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fmt,
    ops::Range,
};

use crate::{
    ShardIndex, WeightDtype, WeightError,
    header::{Header, TensorHeader},
};

/// The tensors of one safetensors file, or of all shards of one checkpoint.
///
/// Every tensor that is taken is ticked off, so that [`finish`](Self::finish) can name the rest.
/// Values are converted when they are taken; NaN and infinity are allowed and reported by
/// [`non_finite`](Self::non_finite).
#[derive(Clone)]
pub struct WeightFile<'a> {
    parts: Vec<Cow<'a, [u8]>>,
    tensors: BTreeMap<String, Entry>,
    metadata: BTreeMap<String, String>,
    taken: BTreeSet<String>,
}

#[derive(Clone)]
struct Entry {
    part: usize,
    header: TensorHeader,
}

impl<'a> WeightFile<'a> {
    /// Checks the header of a safetensors file against its bytes.
    ///
    /// # Errors
    ///
    /// [`WeightError`] for a header that lies about its length, is no JSON, has an unknown dtype,
    /// or places tensors outside the file, over one another or apart.
    pub fn parse(bytes: impl Into<Cow<'a, [u8]>>) -> Result<Self, WeightError> {
        let bytes = bytes.into();
        let Header { metadata, tensors } = Header::parse(&bytes)?;
        let entries = tensors
            .into_iter()
            .map(|(name, header)| (name, Entry { part: 0, header }));
        Ok(Self {
            tensors: entries.collect(),
            parts: vec![bytes],
            metadata,
            taken: BTreeSet::new(),
        })
    }

    /// Joins the shards of a checkpoint, given as (file name, bytes) in any order.
    ///
    /// # Errors
    ///
    /// [`WeightError`] for a shard that is malformed, absent, given twice or not in the index, and
    /// for a tensor that is not in exactly the shard that the index says.
    pub fn parse_shards(
        index: &ShardIndex,
        shards: Vec<(String, Cow<'a, [u8]>)>,
    ) -> Result<Self, WeightError> {
        index.check_names(shards.iter().map(|(name, _)| name.as_str()))?;

        let mut joined = Self {
            parts: Vec::new(),
            tensors: BTreeMap::new(),
            metadata: BTreeMap::new(),
            taken: BTreeSet::new(),
        };
        for (part, (shard, bytes)) in shards.into_iter().enumerate() {
            let header = Header::parse(&bytes).map_err(|source| WeightError::Shard {
                shard: shard.clone(),
                source: Box::new(source),
            })?;
            for (name, header) in header.tensors {
                if index.shard_of(&name) != Some(&shard) {
                    return Err(WeightError::Misplaced { name, shard });
                }
                joined.tensors.insert(name, Entry { part, header });
            }
            joined.metadata.extend(header.metadata);
            joined.parts.push(bytes);
        }
        match index
            .tensor_names()
            .find(|name| !joined.tensors.contains_key(*name))
        {
            Some(name) => Err(WeightError::Missing { name: name.into() }),
            None => Ok(joined),
        }
    }

    /// The names of all tensors, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// Whether there is such a tensor.
    pub fn contains(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// The shape of a tensor.
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        Some(&self.tensors.get(name)?.header.shape)
    }

    /// The format of a tensor, if there is such a tensor and it is one of weights.
    pub fn dtype(&self, name: &str) -> Option<WeightDtype> {
        WeightDtype::from_header(self.tensors.get(name)?.header.dtype)
    }

    /// The free `__metadata__` of the file, empty where there is none.
    pub fn metadata(&self) -> &BTreeMap<String, String> {
        &self.metadata
    }

    /// Takes all values of a tensor, in row-major order.
    ///
    /// # Errors
    ///
    /// [`WeightError::Missing`], [`WeightError::Shape`] or [`WeightError::Dtype`], each with the
    /// tensor's name.
    pub fn take_f32(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, WeightError> {
        let (dtype, bytes) = self.find(name, shape)?;
        let values = dtype.decode(bytes);
        self.taken.insert(name.to_owned());
        Ok(values)
    }

    /// Takes some rows of a tensor: `rows` along its first axis, all of the others.
    ///
    /// # Errors
    ///
    /// As [`take_f32`](Self::take_f32).
    ///
    /// # Panics
    ///
    /// If `rows` reaches past the first axis of `shape`.
    pub fn take_rows_f32(
        &mut self,
        name: &str,
        shape: &[usize],
        rows: Range<usize>,
    ) -> Result<Vec<f32>, WeightError> {
        let (dtype, bytes) = self.find(name, shape)?;
        let width = bytes.len().checked_div(shape[0]).unwrap_or(0);
        let values = dtype.decode(&bytes[rows.start * width..rows.end * width]);
        self.taken.insert(name.to_owned());
        Ok(values)
    }

    /// Ticks a tensor off without reading its values.
    ///
    /// # Errors
    ///
    /// As [`take_f32`](Self::take_f32).
    pub fn skip(&mut self, name: &str, shape: &[usize]) -> Result<(), WeightError> {
        self.find(name, shape)?;
        self.taken.insert(name.to_owned());
        Ok(())
    }

    /// Ends a load.
    ///
    /// # Errors
    ///
    /// [`WeightError::Unused`] names every tensor that was neither taken nor skipped.
    pub fn finish(&self) -> Result<(), WeightError> {
        let unused = self.names().filter(|name| !self.taken.contains(*name));
        let names: Vec<_> = unused.map(str::to_owned).collect();
        if names.is_empty() {
            return Ok(());
        }
        Err(WeightError::Unused { names })
    }

    /// The tensors of weights that hold NaN or infinity, and how many such values.
    pub fn non_finite(&self) -> Vec<(&str, usize)> {
        let counted = self.tensors.iter().filter_map(|(name, entry)| {
            let dtype = WeightDtype::from_header(entry.header.dtype)?;
            let values = dtype.decode(self.bytes(entry));
            let count = values.iter().filter(|value| !value.is_finite()).count();
            Some((name.as_str(), count))
        });
        counted.filter(|(_, count)| *count > 0).collect()
    }

    fn find(&self, name: &str, shape: &[usize]) -> Result<(WeightDtype, &[u8]), WeightError> {
        let Some(entry) = self.tensors.get(name) else {
            return Err(WeightError::Missing { name: name.into() });
        };
        let header = &entry.header;
        if header.shape != shape {
            return Err(WeightError::Shape {
                name: name.into(),
                actual: header.shape.clone(),
                expected: shape.into(),
            });
        }
        let dtype = WeightDtype::from_header(header.dtype).ok_or_else(|| WeightError::Dtype {
            name: name.into(),
            dtype: header.dtype,
        })?;
        Ok((dtype, self.bytes(entry)))
    }

    fn bytes(&self, entry: &Entry) -> &[u8] {
        &self.parts[entry.part][entry.header.bytes.clone()]
    }
}

impl fmt::Debug for WeightFile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeightFile")
            .field("tensors", &self.tensors.len())
            .field("taken", &self.taken.len())
            .finish_non_exhaustive()
    }
}
