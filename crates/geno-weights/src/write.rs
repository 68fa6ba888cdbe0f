//! Writing weight files.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use safetensors::{Dtype, View};

use crate::{TensorSpec, WeightDtype, WeightLayout, WriteWeightsError};

/// A tensor to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct NewTensor {
    /// Its name.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Its values, in row-major order.
    pub values: Vec<f32>,
    /// The format they are stored in.
    pub dtype: WeightDtype,
}

impl NewTensor {
    /// Creates a tensor to be written; [`write_weights`] checks it.
    pub fn new(
        name: impl Into<String>,
        shape: impl Into<Vec<usize>>,
        values: Vec<f32>,
        dtype: WeightDtype,
    ) -> Self {
        Self {
            name: name.into(),
            shape: shape.into(),
            values,
            dtype,
        }
    }
}

/// Lays tensors out as one safetensors file.
///
/// Values are rounded to nearest, ties to even. The bytes depend on the tensors alone, not on their
/// order: the file is sorted by format and name, as the format asks, and has no `__metadata__`.
///
/// # Errors
///
/// [`WriteWeightsError`] for two tensors of one name, values that do not fill a shape, or finite
/// values beyond the range of the format.
pub fn write_weights(tensors: &[NewTensor]) -> Result<Vec<u8>, WriteWeightsError> {
    let mut names = BTreeSet::new();
    let mut views = Vec::with_capacity(tensors.len());
    for tensor in tensors {
        if !names.insert(&tensor.name) {
            let name = tensor.name.clone();
            return Err(WriteWeightsError::Duplicate { name });
        }
        views.push((tensor.name.as_str(), Encoded::new(tensor)?));
    }
    safetensors::serialize(views, None).map_err(WriteWeightsError::Container)
}

/// As [`write_weights`], with free text about the tensors in `__metadata__`.
///
/// # Errors
///
/// As [`write_weights`].
///
/// # Examples
///
/// ```
/// use std::collections::BTreeMap;
/// use geno_weights::{NewTensor, WeightDtype, WeightFile, write_weights_with};
///
/// let scale = NewTensor::new("scale", [2], vec![1.0, 0.5], WeightDtype::F32);
/// let metadata = BTreeMap::from([("unit".to_owned(), "bp".to_owned())]);
/// let file = WeightFile::parse(write_weights_with(&[scale], &metadata)?)?;
/// assert_eq!(file.metadata(), &metadata);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub fn write_weights_with(
    tensors: &[NewTensor],
    metadata: &BTreeMap<String, String>,
) -> Result<Vec<u8>, WriteWeightsError> {
    let spec = |tensor: &NewTensor| TensorSpec {
        name: tensor.name.clone(),
        shape: tensor.shape.clone(),
        dtype: tensor.dtype.into(),
    };
    let layout = WeightLayout::new(tensors.iter().map(spec).collect(), metadata)?;
    let encoded = tensors.iter().map(|tensor| {
        let encoded = Encoded::new(tensor)?;
        Ok((tensor.name.as_str(), encoded.bytes))
    });
    let encoded: BTreeMap<_, _> = encoded.collect::<Result<_, WriteWeightsError>>()?;
    let values = layout
        .tensors()
        .iter()
        .map(|spec| &encoded[spec.name.as_str()]);
    let mut bytes = layout.header().to_vec();
    values.for_each(|values| bytes.extend_from_slice(values));
    Ok(bytes)
}

struct Encoded<'a> {
    tensor: &'a NewTensor,
    bytes: Vec<u8>,
}

impl<'a> Encoded<'a> {
    fn new(tensor: &'a NewTensor) -> Result<Self, WriteWeightsError> {
        let NewTensor { shape, values, .. } = tensor;
        let expected = shape.iter().try_fold(1, |n: usize, &d| n.checked_mul(d));
        if expected != Some(values.len()) {
            return Err(WriteWeightsError::Length {
                name: tensor.name.clone(),
                shape: shape.clone(),
                len: values.len(),
            });
        }

        let bytes = tensor.dtype.encode(values);
        let stored = tensor.dtype.decode(&bytes);
        let lost = |(stored, value): (&f32, &f32)| value.is_finite() && !stored.is_finite();
        match stored.iter().zip(values).position(lost) {
            Some(index) => Err(WriteWeightsError::OutOfRange {
                name: tensor.name.clone(),
                index,
            }),
            None => Ok(Self { tensor, bytes }),
        }
    }
}

impl View for Encoded<'_> {
    fn dtype(&self) -> Dtype {
        self.tensor.dtype.to_header()
    }

    fn shape(&self) -> &[usize] {
        &self.tensor.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }

    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}
