//! The header of a safetensors file whose values follow one tensor at a time.

use std::{cmp::Reverse, collections::BTreeMap};

use serde_json::{Map, Value, json};

use crate::{TensorDtype, WriteWeightsError};

/// A tensor that will be written: what its header says of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TensorSpec {
    /// Its name.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// The format of its values.
    pub dtype: TensorDtype,
}

/// The header of a file that is written in a stream.
///
/// The bytes depend on the tensors and the metadata alone, not on their order. A file is
/// [`header`](Self::header), followed by the values of [`tensors`](Self::tensors) in that order,
/// without gap.
///
/// # Examples
///
/// ```
/// use std::collections::BTreeMap;
/// use geno_weights::{TensorSpec, WeightDtype, WeightFile, WeightLayout};
///
/// let dtype = WeightDtype::Bf16;
/// let scale = TensorSpec { name: "scale".into(), shape: vec![2], dtype: dtype.into() };
/// let metadata = BTreeMap::from([("format".to_owned(), "pt".to_owned())]);
/// let layout = WeightLayout::new(vec![scale], &metadata)?;
///
/// let mut bytes = layout.header().to_vec();
/// dtype.encode_into(&[1.0, 0.5], &mut bytes);
/// let mut file = WeightFile::parse(bytes)?;
/// assert_eq!(file.metadata(), &metadata);
/// assert_eq!(file.take_f32("scale", &[2])?, [1.0, 0.5]);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct WeightLayout {
    tensors: Vec<TensorSpec>,
    header: Vec<u8>,
}

impl WeightLayout {
    /// Lays tensors out: wide formats first, those of one format by name.
    ///
    /// # Errors
    ///
    /// [`WriteWeightsError::Duplicate`] and [`WriteWeightsError::Size`].
    pub fn new(
        mut tensors: Vec<TensorSpec>,
        metadata: &BTreeMap<String, String>,
    ) -> Result<Self, WriteWeightsError> {
        tensors.sort_by_cached_key(|tensor| {
            let dtype = tensor.dtype;
            (
                Reverse(dtype.size()),
                dtype.to_string(),
                tensor.name.clone(),
            )
        });
        let mut header = Map::new();
        let mut end = 0usize;
        for tensor in &tensors {
            let TensorSpec { name, shape, dtype } = tensor;
            let size = || {
                let values = shape.iter().try_fold(1, |n: usize, &d| n.checked_mul(d));
                end.checked_add(values?.checked_mul(dtype.size())?)
            };
            let Some(next) = size() else {
                return Err(WriteWeightsError::Size { name: name.clone() });
            };
            let entry = json!({
                "dtype": dtype.to_string(),
                "shape": shape,
                "data_offsets": [end, next],
            });
            if name == METADATA || header.insert(name.clone(), entry).is_some() {
                return Err(WriteWeightsError::Duplicate { name: name.clone() });
            }
            end = next;
        }
        if !metadata.is_empty() {
            header.insert(METADATA.into(), json!(metadata));
        }

        let mut json = Value::Object(header).to_string().into_bytes();
        json.resize(json.len().next_multiple_of(8), b' ');
        let len = (json.len() as u64).to_le_bytes();
        Ok(Self {
            tensors,
            header: [&len[..], &json].concat(),
        })
    }

    /// The first bytes of the file.
    pub fn header(&self) -> &[u8] {
        &self.header
    }

    /// The tensors, in the order in which their values follow.
    pub fn tensors(&self) -> &[TensorSpec] {
        &self.tensors
    }
}

/// The entry of a header that is no tensor.
const METADATA: &str = "__metadata__";
