//! How far states are from a standard normal distribution, along random directions.

use burn::tensor::{Device, Tensor, TensorData};
use geno_core::RandomStream;
use rand_distr::{Distribution, StandardNormal};

/// Points of the integral over `t`, from 0 to [`T_MAX`]: the integrand is even.
const N_POINTS: usize = 17;
/// Where the weight `e^(−t²/2)` has become `3·10⁻⁶`.
const T_MAX: f64 = 5.0;

/// How far states are from a standard normal distribution, by the characteristic functions of their
/// projections.
///
/// States are scaled by `√d`, so that states of length 1 which are spread over all directions have
/// none. With `p` the `n` projections on a direction, and `φ(t) = Σ e^(itp) / n`:
///
/// ```text
/// ∫ (|φ(t)|² − 2·e^(−t²/2)·Re φ(t) + e^(−t²)) · e^(−t²/2) dt,   |φ|² taken as (n|φ|² − 1)/(n − 1)
/// ```
///
/// and the mean over directions. In this form the expectation does not depend on how many states
/// there are: it is 0 for a standard normal distribution, even of two states, and above it for all
/// others. A value may lie below 0.
///
/// # Shapes
///
/// - `states`: `[n, d]`, at least two
/// - `directions`: `[d, m]`, columns of length 1, as [`random_directions`] draws them
/// - output: `[1]`
///
/// # Panics
///
/// If there are fewer than two states.
///
/// # Source
///
/// The statistic of Epps and Pulley along random directions, as the sketched isotropic-Gaussian
/// regulariser of LeJEPA takes it; here without the bias of few samples.
pub fn sliced_gaussian(states: Tensor<2>, directions: Tensor<2>) -> Tensor<1> {
    let [n, d] = states.dims();
    assert!(n >= 2, "a distribution of {n} states");
    let projections = states.mul_scalar((d as f64).sqrt()).matmul(directions);
    let n = n as f64;
    let step = T_MAX / (N_POINTS - 1) as f64;
    let points = (0..N_POINTS).map(|i| {
        let t = i as f64 * step;
        // The trapezoid's ends count half, and both signs of t alike.
        let weight = if i == 0 || i + 1 == N_POINTS {
            step
        } else {
            2.0 * step
        };
        let normal = (-t * t / 2.0).exp();
        let angles = projections.clone().mul_scalar(t);
        let real = angles.clone().cos().mean_dim(0);
        let imaginary = angles.sin().mean_dim(0);
        let square = real.clone().square() + imaginary.square();
        let square = square.mul_scalar(n / (n - 1.0)).sub_scalar(1.0 / (n - 1.0));
        let distance = square - real.mul_scalar(2.0 * normal) + normal * normal;
        distance.mean().mul_scalar(weight * normal)
    });
    points.reduce(Tensor::add).expect("at least one point")
}

/// Draws `m` directions, columns `[d, m]` of length 1, all directions alike.
pub fn random_directions(
    d: usize,
    m: usize,
    stream: &mut RandomStream,
    device: &Device,
) -> Tensor<2> {
    let mut values: Vec<f32> = (0..d * m).map(|_| StandardNormal.sample(stream)).collect();
    for column in 0..m {
        let square: f64 = (0..d)
            .map(|i| f64::from(values[i * m + column]).powi(2))
            .sum();
        let norm = square.sqrt() as f32;
        (0..d).for_each(|i| values[i * m + column] /= norm);
    }
    Tensor::from_data(TensorData::new(values, [d, m]), device)
}
