//! Raw surprise: how far the predicted state lies from the one that was encoded.

use burn::tensor::{Tensor, assert_shape};

/// Computes the raw surprise of each edit, the distance of its predicted state.
///
/// `σ[i] = √ Σ_d (predicted[i, d] − edited[i, d])²`, summed in `f64` from the first component to
/// the last, whatever the device.
///
/// # Shapes
///
/// - `predicted`: `[n, d_state]`
/// - `edited`: `[n, d_state]`
/// - output: `n` numbers
///
/// # Units
///
/// State units, at least 0. Under [`L2NormalizedV2`](geno_core::StateContract::L2NormalizedV2) both
/// states are unit vectors and σ is at most 2; under `LegacyRawV1` the edited state is not, and σ
/// mostly tells its norm. Compare values of one model only.
///
/// # Panics
///
/// If the two shapes differ, or the device fails.
///
/// # Examples
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use geno_surprise::raw_surprise;
///
/// let device = Device::flex();
/// let predicted = Tensor::<2>::from_floats([[1., 2.], [0., 0.]], &device);
/// let edited = Tensor::<2>::from_floats([[1., 0.], [3., 4.]], &device);
/// assert_eq!(raw_surprise(predicted, edited), [2., 5.]);
/// ```
pub fn raw_surprise(predicted: Tensor<2>, edited: Tensor<2>) -> Vec<f64> {
    let [n, d_state] = predicted.dims();
    assert_shape!(edited, [n, d_state]);
    if d_state == 0 {
        return vec![0.; n];
    }

    let (predicted, edited) = (predicted.into_data(), edited.into_data());
    let squares: Vec<f64> = predicted
        .iter::<f64>()
        .zip(edited.iter::<f64>())
        .map(|(a, b)| (a - b) * (a - b))
        .collect();
    squares
        .chunks_exact(d_state)
        .map(|row| row.iter().sum::<f64>().sqrt())
        .collect()
}
