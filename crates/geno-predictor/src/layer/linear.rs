//! Affine maps whose rows do not see one another.

use std::ops::Range;

use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor, TensorData, assert_shape},
};

use super::product::product;
use crate::source::{Init, Sink, Source};

/// How weight and bias are drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LinearInit {
    pub(crate) weight: Init,
    pub(crate) bias: Init,
}

impl LinearInit {
    /// All zero, so that the map is silent until it is trained.
    pub(crate) const ZERO: Self = Self {
        weight: Init::Zeros,
        bias: Init::Zeros,
    };

    /// The predictor's rule: weights normal with deviation √(2/fan), cut at two deviations.
    pub(crate) fn truncated(fan: usize) -> Self {
        Self {
            weight: Init::TruncatedNormal((2. / fan as f64).sqrt()),
            bias: Init::Zeros,
        }
    }

    /// The action encoder's rule: weights and bias uniform within ±1/√fan.
    pub(crate) fn uniform(fan: usize) -> Self {
        let init = Init::Uniform((fan as f64).powf(-0.5));
        Self {
            weight: init,
            bias: init,
        }
    }
}

/// `y = x · weight + bias`, along the last axis.
///
/// Each row of `y` has the same bits however many rows there are: see [`product`].
#[derive(Module, Debug)]
pub(crate) struct Linear {
    /// `[d_in, d_out]`; in files `[d_out, d_in]`.
    weight: Param<Tensor<2>>,
    /// `[d_out]`.
    bias: Param<Tensor<1>>,
}

impl Linear {
    pub(crate) fn new<S: Source>(
        source: &mut S,
        name: &str,
        [d_in, d_out]: [usize; 2],
        init: LinearInit,
        device: &Device,
    ) -> Result<Self, S::Error> {
        let names = [format!("{name}.weight"), format!("{name}.bias")];
        Self::named(source, names, [d_in, d_out], init, device)
    }

    /// The same, where the tensors have names of their own.
    pub(crate) fn named<S: Source>(
        source: &mut S,
        [weight, bias]: [String; 2],
        [d_in, d_out]: [usize; 2],
        init: LinearInit,
        device: &Device,
    ) -> Result<Self, S::Error> {
        let mut values = source.values(&weight, &[d_out, d_in], init.weight)?;
        transpose(&mut values, d_out, d_in);
        let data = TensorData::new(values, [d_in, d_out]);
        Ok(Self {
            weight: Param::from_tensor(Tensor::from_data(data, device)),
            bias: source.parameter(&bias, [d_out], init.bias, device)?,
        })
    }

    pub(crate) fn forward<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        affine(x, self.weight.val(), self.bias.val())
    }

    /// The output's columns in a range only.
    pub(crate) fn columns<const D: usize>(&self, x: Tensor<D>, columns: Range<usize>) -> Tensor<D> {
        let weight = self
            .weight
            .val()
            .slice([0..self.weight.dims()[0], columns.clone()]);
        affine(x, weight, self.bias.val().slice([columns]))
    }

    pub(crate) fn save(&self, name: &str, sink: &mut Sink<'_>) {
        self.save_as([format!("{name}.weight"), format!("{name}.bias")], sink);
    }

    /// The same, where the tensors have names of their own.
    pub(crate) fn save_as(&self, [weight, bias]: [String; 2], sink: &mut Sink<'_>) {
        sink.transposed(weight, &self.weight);
        sink.parameter(bias, &self.bias);
    }
}

fn affine<const D: usize>(x: Tensor<D>, weight: Tensor<2>, bias: Tensor<1>) -> Tensor<D> {
    let [d_in, d_out] = weight.dims();
    assert_shape!(x, [.., d_in]);
    let mut dims = x.dims();
    let rows = dims[..D - 1].iter().product::<usize>();
    dims[D - 1] = d_out;

    let y = product(x.reshape([rows, d_in]), weight) + bias.unsqueeze();
    y.reshape(dims)
}

/// Turns row-major `rows × columns` values into `columns × rows`.
fn transpose(values: &mut Vec<f32>, rows: usize, columns: usize) {
    let source = std::mem::take(values);
    values.reserve_exact(source.len());
    values.extend(
        (0..columns)
            .flat_map(|c| (0..rows).map(move |r| (r, c)))
            .map(|(r, c)| source[r * columns + c]),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_stored_by_output() {
        let mut values = vec![1., 2., 3., 4., 5., 6.];
        transpose(&mut values, 2, 3);
        assert_eq!(values, [1., 4., 2., 5., 3., 6.]);
    }
}
