//! Where the numbers of a network come from, and where they go.
//!
//! Every layer has one constructor, which names its tensors once. Given a weight file it takes
//! them by name; given a random stream it draws them.

use std::convert::Infallible;

use burn::{
    module::{Param, ParamId},
    tensor::{Device, Tensor, TensorData},
};
use geno_core::RandomStream;
use geno_weights::{NewTensor, WeightDtype, WeightError, WeightFile};
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

/// How a tensor is drawn.
#[derive(Clone, Copy, Debug)]
pub enum Init {
    Zeros,
    Ones,
    /// Normal with this standard deviation.
    Normal(f64),
    /// The same, cut at two standard deviations.
    TruncatedNormal(f64),
    /// Standard normal, but zero in the last row.
    NormalButLastRow,
    /// Uniform between −bound and bound.
    Uniform(f64),
}

/// Gives the values of tensors in the order they are asked for.
pub trait Source {
    type Error;

    fn values(&mut self, name: &str, shape: &[usize], init: Init) -> Result<Vec<f32>, Self::Error>;

    /// A parameter by the name it has in files.
    fn parameter<const D: usize>(
        &mut self,
        name: &str,
        shape: [usize; D],
        init: Init,
        device: &Device,
    ) -> Result<Param<Tensor<D>>, Self::Error> {
        let values = self.values(name, &shape, init)?;
        let data = TensorData::new(values, shape);
        Ok(Param::from_tensor(Tensor::from_data(data, device)))
    }
}

impl Source for WeightFile<'_> {
    type Error = WeightError;

    fn values(&mut self, name: &str, shape: &[usize], _: Init) -> Result<Vec<f32>, WeightError> {
        self.take_f32(name, shape)
    }
}

impl Source for RandomStream {
    type Error = Infallible;

    fn values(&mut self, _: &str, shape: &[usize], init: Init) -> Result<Vec<f32>, Infallible> {
        let len = shape.iter().product();
        let row = shape.last().copied().unwrap_or_default();
        let mut draw = |len, draw: fn(&mut Self) -> f64, scale: f64| -> Vec<f32> {
            (0..len).map(|_| (scale * draw(self)) as f32).collect()
        };
        Ok(match init {
            Init::Zeros => vec![0.; len],
            Init::Ones => vec![1.; len],
            Init::Normal(deviation) => draw(len, normal, deviation),
            Init::TruncatedNormal(deviation) => draw(len, truncated_normal, deviation),
            Init::Uniform(bound) => draw(len, symmetric_uniform, bound),
            Init::NormalButLastRow => {
                let mut values = draw(len - row, normal, 1.);
                values.resize(len, 0.);
                values
            }
        })
    }
}

fn normal(stream: &mut RandomStream) -> f64 {
    stream.sample(StandardNormal)
}

fn truncated_normal(stream: &mut RandomStream) -> f64 {
    loop {
        let drawn = normal(stream);
        if drawn.abs() <= 2. {
            return drawn;
        }
    }
}

/// One of 2⁵³ values, evenly spaced between −1 and 1.
fn symmetric_uniform(stream: &mut RandomStream) -> f64 {
    let unit = (stream.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
    2. * unit - 1.
}

/// What is told the parameters of a network under the names they have in files.
#[derive(Debug)]
pub enum Sink<'a> {
    /// Collects their values.
    Values(&'a mut Vec<NewTensor>),
    /// Collects which they are.
    Ids(&'a mut Vec<(String, ParamId)>),
}

impl Sink<'_> {
    /// Adds a parameter that files hold as it is, as f32.
    pub(crate) fn parameter<const D: usize>(&mut self, name: String, parameter: &Param<Tensor<D>>) {
        self.add(name, parameter, |tensor| tensor);
    }

    /// Adds a parameter that files hold transposed, as f32.
    pub(crate) fn transposed(&mut self, name: String, parameter: &Param<Tensor<2>>) {
        self.add(name, parameter, Tensor::transpose);
    }

    fn add<const D: usize>(
        &mut self,
        name: String,
        parameter: &Param<Tensor<D>>,
        stored: impl Fn(Tensor<D>) -> Tensor<D>,
    ) {
        match self {
            Self::Ids(ids) => ids.push((name, parameter.id)),
            Self::Values(tensors) => {
                let tensor = stored(parameter.val());
                let shape = tensor.dims();
                let values = tensor.into_data().convert::<f32>().iter::<f32>().collect();
                tensors.push(NewTensor::new(name, shape, values, WeightDtype::F32));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(shape: &[usize], init: Init) -> Vec<f32> {
        let Ok(values) = RandomStream::new(1, "test").values("", shape, init);
        values
    }

    fn deviation(values: &[f32]) -> f64 {
        let squares = values.iter().map(|v| f64::from(*v).powi(2));
        (squares.sum::<f64>() / values.len() as f64).sqrt()
    }

    #[test]
    fn draws_have_the_spread_they_are_asked_for() {
        let normal = draw(&[20_000], Init::Normal(0.02));
        assert!((deviation(&normal) / 0.02 - 1.).abs() < 0.02);

        // The deviation of a standard normal cut at 2 is 0.8796.
        let cut = draw(&[20_000], Init::TruncatedNormal(0.5));
        assert!(cut.iter().all(|v| v.abs() <= 1.));
        assert!((deviation(&cut) / (0.5 * 0.8796) - 1.).abs() < 0.02);

        let uniform = draw(&[20_000], Init::Uniform(3.));
        assert!(uniform.iter().all(|v| v.abs() <= 3.));
        assert!((deviation(&uniform) / 3f64.sqrt() - 1.).abs() < 0.02);
    }

    #[test]
    fn the_padding_row_starts_at_zero() {
        let values = draw(&[3, 2], Init::NormalButLastRow);
        assert_eq!(values[4..], [0., 0.]);
        assert!(values[..4].iter().all(|v| *v != 0.));
    }
}
