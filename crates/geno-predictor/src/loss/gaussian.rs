//! How far states are from a standard normal distribution, in closed form.

use burn::tensor::{Tensor, TensorData};

use super::cholesky::Cholesky;

/// The divergence `½(‖μ‖² + tr Σ − ln det(Σ + εI) − d)` of the normal distribution with the mean `μ`
/// and the covariance `Σ` of some states from the standard one.
///
/// Computed in `f64`, with its exact gradient. With fewer states than dimensions `Σ` is singular, and
/// `ε` decides: then it says little, and [`sliced_gaussian`](super::sliced_gaussian) is meant.
///
/// # Shapes
///
/// - `states`: `[n, d]`, at least one
/// - output: `[1]`
///
/// # Cost
///
/// `min(n, d)² · max(n, d)` operations on the host, where the states are copied to.
///
/// # Source
///
/// `lejepa_kl_regularizer` of geno-lewm 0.2.1, which has `ε = 10⁻⁶` and, as its training calls it,
/// no gradient.
pub fn gaussian_divergence(states: Tensor<2>, epsilon: f64) -> Tensor<1> {
    let [n, d] = states.dims();
    let values: Vec<f64> = states.clone().into_data().iter::<f64>().collect();
    let (value, gradient) = divergence(&values, n, d, epsilon);
    let gradient = gradient.into_iter().map(|g| g as f32).collect();
    let gradient = Tensor::from_data(TensorData::new(gradient, [n, d]), &states.device());
    // Zero, with the gradient that was computed.
    let moved = (states.clone() - states.detach()) * gradient;
    moved.sum() + value
}

/// The divergence and its gradient `[n, d]`, with respect to each state
/// `(μ + c − (Σ + εI)⁻¹·c) / n`, `c` being the state less the mean.
///
/// With `C = [c₁ … cₙ]ᵀ` the smaller one of `CᵀC` and `C·Cᵀ` is factored:
/// `det(εI + CᵀC/n) = ε^(d−n) · det(εI + C·Cᵀ/n)` and
/// `C·(εI + CᵀC/n)⁻¹ = (εI + C·Cᵀ/n)⁻¹·C`.
fn divergence(states: &[f64], n: usize, d: usize, epsilon: f64) -> (f64, Vec<f64>) {
    let mut mean = vec![0.0; d];
    for row in states.chunks_exact(d) {
        mean.iter_mut()
            .zip(row)
            .for_each(|(mean, x)| *mean += x / n as f64);
    }
    let centred: Vec<f64> = states
        .chunks_exact(d)
        .flat_map(|row| row.iter().zip(&mean).map(|(x, m)| x - m))
        .collect();
    let turned = transposed(&centred, n, d);
    let (size, rows, width) = if n < d {
        (n, &centred, d)
    } else {
        (d, &turned, n)
    };

    let mut matrix = vec![0.0; size * size];
    for i in 0..size {
        for j in 0..=i {
            let [a, b] = [i, j].map(|i| &rows[i * width..(i + 1) * width]);
            let dot: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
            matrix[i * size + j] = dot / n as f64 + if i == j { epsilon } else { 0.0 };
        }
    }
    let Some(factor) = Cholesky::new(matrix, size) else {
        return (f64::NAN, vec![f64::NAN; n * d]);
    };
    let ln_det = match d > size {
        true => factor.ln_det() + (d - size) as f64 * epsilon.ln(),
        false => factor.ln_det(),
    };
    let mut solved = rows.clone();
    factor.solve(&mut solved, width);
    let solved = if n < d {
        solved
    } else {
        transposed(&solved, d, n)
    };

    let square = |values: &[f64]| values.iter().map(|x| x * x).sum::<f64>();
    let trace = square(&centred) / n as f64;
    let value = 0.5 * (square(&mean) + trace - ln_det - d as f64);
    let gradient = centred.iter().zip(&solved).enumerate();
    let gradient = gradient.map(|(i, (c, solved))| (mean[i % d] + c - solved) / n as f64);
    (value, gradient.collect())
}

fn transposed(values: &[f64], rows: usize, columns: usize) -> Vec<f64> {
    let places = (0..columns).flat_map(|c| (0..rows).map(move |r| r * columns + c));
    places.map(|place| values[place]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gradient_is_the_slope_with_few_rows_and_with_many() {
        for (n, d) in [(3, 5), (9, 4), (1, 3)] {
            let states: Vec<f64> = (0..n * d)
                .map(|i| ((i * 37 + 5) % 23) as f64 / 9.0 - 1.2)
                .collect();
            let epsilon = 1e-2;
            let (value, gradient) = divergence(&states, n, d, epsilon);
            assert!(value.is_finite());
            for i in 0..n * d {
                let at = |step: f64| {
                    let mut moved = states.clone();
                    moved[i] += step;
                    divergence(&moved, n, d, epsilon).0
                };
                let slope = (at(1e-5) - at(-1e-5)) / 2e-5;
                assert!(
                    (slope - gradient[i]).abs() < 1e-6 * (1.0 + slope.abs()),
                    "{n} {d} {i}"
                );
            }
        }
    }

    #[test]
    fn states_of_unit_covariance_and_no_mean_have_none() {
        let states = [1., 1., 1., -1., -1., 1., -1., -1.];
        let (value, gradient) = divergence(&states, 4, 2, 0.0);
        assert!(value.abs() < 1e-12);
        assert!(gradient.iter().all(|slope| slope.abs() < 1e-12));
    }
}
