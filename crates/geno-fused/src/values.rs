//! The values of a tensor.

use std::ops::Deref;

use burn::tensor::TensorData;
use burn_backend::TensorMetadata;
use burn_flex::FlexTensor;

/// The `f32` of a tensor in row-major order, with its shape. Clones share them.
#[derive(Clone, Debug)]
pub struct Values(FlexTensor);

impl Values {
    /// Values of a shape.
    ///
    /// # Panics
    ///
    /// If the shape is one of another number of values.
    pub fn new(values: Vec<f32>, shape: impl Into<Vec<usize>>) -> Self {
        Self(FlexTensor::from_data(TensorData::new(values, shape.into())))
    }

    /// The shape.
    pub fn dims(&self) -> Vec<usize> {
        self.0.shape().to_vec()
    }

    /// The length of the last axis.
    ///
    /// # Panics
    ///
    /// If there is no axis.
    pub fn width(&self) -> usize {
        *self.dims().last().expect("an axis")
    }

    /// The tensor, for operations of the backend.
    pub fn tensor(&self) -> &FlexTensor {
        &self.0
    }
}

/// Values in any order of memory; those in another are copied.
impl From<FlexTensor> for Values {
    fn from(tensor: FlexTensor) -> Self {
        Self(tensor.to_contiguous())
    }
}

impl From<Values> for FlexTensor {
    fn from(values: Values) -> Self {
        values.0
    }
}

impl Deref for Values {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        self.0.as_slice().expect("contiguous values of f32")
    }
}
