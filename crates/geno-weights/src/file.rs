//! Reading tensors out of checked weight files.

mod digest;

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fmt,
    ops::Range,
};

use safetensors::Dtype;

use crate::{
    GgufError, GgufFile, Int8Matrix, RowOrder, ShardIndex, StoredTensor, WeightDtype, WeightError,
    WeightFormat,
    header::{Header, TensorHeader},
    int8::scale_name,
};

/// The tensors of one safetensors or GGUF file, or of all shards of one checkpoint.
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
    kind: Kind,
    shape: Vec<usize>,
    bytes: Range<usize>,
}

/// What a tensor holds.
#[derive(Clone, Copy)]
enum Kind {
    Weights(WeightFormat, RowOrder),
    /// Something that is no weight by itself; the error says what when it is asked for.
    Other(Dtype),
}

impl Entry {
    fn new(part: usize, header: TensorHeader) -> Self {
        let weights = WeightFormat::from_header(header.dtype);
        let weights = weights.map(|format| Kind::Weights(format, RowOrder::AsStored));
        Self {
            part,
            kind: weights.unwrap_or(Kind::Other(header.dtype)),
            shape: header.shape,
            bytes: header.bytes,
        }
    }
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
            .map(|(name, header)| (name, Entry::new(0, header)));
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
                joined.tensors.insert(name, Entry::new(part, header));
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

    /// The tensors of a GGUF file, by other names: `rename` gives the name of a tensor and the
    /// order of its rows.
    ///
    /// # Errors
    ///
    /// [`GgufError::Renamed`] if two tensors get one name, and [`GgufError::HeadRows`] if the rows
    /// of a tensor are not those of whole heads.
    pub fn from_gguf(
        file: GgufFile<'a>,
        rename: impl Fn(&str) -> (String, RowOrder),
    ) -> Result<Self, GgufError> {
        let mut tensors = BTreeMap::new();
        for tensor in file.tensors {
            let (name, order) = rename(&tensor.name);
            if let RowOrder::Interleaved { head_dim } = order {
                let rows = tensor.shape.first().copied().unwrap_or(0);
                let fits = head_dim.is_multiple_of(2) && rows.checked_rem(head_dim) == Some(0);
                if !fits || tensor.shape.len() < 2 {
                    let name = tensor.name;
                    return Err(GgufError::HeadRows {
                        name,
                        rows,
                        head_dim,
                    });
                }
            }
            let entry = Entry {
                part: 0,
                kind: Kind::Weights(tensor.format, order),
                shape: tensor.shape,
                bytes: tensor.bytes,
            };
            if tensors.insert(name.clone(), entry).is_some() {
                return Err(GgufError::Renamed { name });
            }
        }
        Ok(Self {
            parts: vec![file.bytes],
            tensors,
            metadata: BTreeMap::new(),
            taken: BTreeSet::new(),
        })
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
        Some(&self.tensors.get(name)?.shape)
    }

    /// The dtype of a tensor, if there is such a tensor and its values stand alone.
    pub fn dtype(&self, name: &str) -> Option<WeightDtype> {
        self.format(name)?.dtype()
    }

    /// How the values of a tensor are laid out, if there is such a tensor and it is one of weights.
    pub fn format(&self, name: &str) -> Option<WeightFormat> {
        match self.tensors.get(name)?.kind {
            Kind::Weights(format, _) => Some(format),
            Kind::Other(_) => None,
        }
    }

    /// Looks at a tensor without ticking it off, if there is such a tensor and it is one of weights.
    pub fn stored(&self, name: &str) -> Option<StoredTensor<'_>> {
        let entry = self.tensors.get(name)?;
        let Kind::Weights(format, order) = entry.kind else {
            return None;
        };
        let bytes = self.bytes(entry);
        Some(StoredTensor::new(format, &entry.shape, order, bytes))
    }

    /// Whether there is such a tensor and it holds whole numbers of 8 bits.
    pub fn is_int8(&self, name: &str) -> bool {
        let entry = self.tensors.get(name);
        entry.is_some_and(|entry| matches!(entry.kind, Kind::Other(Dtype::I8)))
    }

    /// The free `__metadata__` of the file, empty where there is none.
    pub fn metadata(&self) -> &BTreeMap<String, String> {
        &self.metadata
    }

    /// Takes a tensor where it lies, so that it is copied once, into the form it is used in.
    ///
    /// # Errors
    ///
    /// [`WeightError::Missing`], [`WeightError::Shape`] or [`WeightError::Dtype`], each with the
    /// tensor's name.
    pub fn take(&mut self, name: &str, shape: &[usize]) -> Result<StoredTensor<'_>, WeightError> {
        self.find(name, shape)?;
        self.taken.insert(name.to_owned());
        self.find(name, shape)
    }

    /// Takes all values of a tensor, in row-major order.
    ///
    /// # Errors
    ///
    /// As [`take`](Self::take).
    pub fn take_f32(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, WeightError> {
        Ok(self.take(name, shape)?.to_f32())
    }

    /// Takes some rows of a tensor: `rows` along its first axis, all of the others. A tensor of one
    /// axis is one row.
    ///
    /// # Errors
    ///
    /// As [`take`](Self::take).
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
        Ok(self.take(name, shape)?.rows(rows).to_f32())
    }

    /// Takes a matrix of whole numbers where it lies, with its scales.
    ///
    /// # Errors
    ///
    /// [`WeightError::NotInt8`] for a tensor of another format, [`WeightError::Scale`] for a scale
    /// that is not a finite number above 0, and as [`take`](Self::take) for either tensor.
    pub fn take_int8(
        &mut self,
        name: &str,
        shape: [usize; 2],
    ) -> Result<Int8Matrix<'_>, WeightError> {
        self.int8(name, shape)?;
        self.taken.extend([name.to_owned(), scale_name(name)]);
        self.int8(name, shape)
    }

    /// Looks at a matrix of whole numbers without ticking it off.
    ///
    /// # Errors
    ///
    /// As [`take_int8`](Self::take_int8).
    pub fn int8(&self, name: &str, shape: [usize; 2]) -> Result<Int8Matrix<'_>, WeightError> {
        let entry = self.shaped(name, &shape)?;
        match entry.kind {
            Kind::Other(Dtype::I8) => {}
            Kind::Other(dtype) => return Err(not_int8(name, dtype)),
            Kind::Weights(format, _) => return Err(not_int8(name, format)),
        }
        let scales = scale_name(name);
        let values = self.find(&scales, &[shape[0], 1])?.to_f32();
        Int8Matrix::new(&scales, self.bytes(entry), values)
    }

    /// Ticks a tensor off without reading its values.
    ///
    /// # Errors
    ///
    /// As [`take`](Self::take).
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
        let counted = self
            .names()
            .filter_map(|name| Some((name, self.stored(name)?.non_finite())));
        counted.filter(|(_, count)| *count > 0).collect()
    }

    fn find(&self, name: &str, shape: &[usize]) -> Result<StoredTensor<'_>, WeightError> {
        let entry = self.shaped(name, shape)?;
        match entry.kind {
            Kind::Weights(format, order) => {
                let bytes = self.bytes(entry);
                Ok(StoredTensor::new(format, shape, order, bytes))
            }
            Kind::Other(dtype) => Err(WeightError::Dtype {
                name: name.into(),
                dtype,
            }),
        }
    }

    fn shaped(&self, name: &str, shape: &[usize]) -> Result<&Entry, WeightError> {
        let Some(entry) = self.tensors.get(name) else {
            return Err(WeightError::Missing { name: name.into() });
        };
        if entry.shape != shape {
            return Err(WeightError::Shape {
                name: name.into(),
                actual: entry.shape.clone(),
                expected: shape.into(),
            });
        }
        Ok(entry)
    }

    fn bytes(&self, entry: &Entry) -> &[u8] {
        &self.parts[entry.part][entry.bytes.clone()]
    }
}

fn not_int8(name: &str, dtype: impl fmt::Display) -> WeightError {
    WeightError::NotInt8 {
        name: name.into(),
        dtype: dtype.to_string(),
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
