//! Losses of a next token from its logits, with their gradients in the same place.

use crate::{
    Kernel,
    cpu::for_each_width,
    exponentials::exponentials,
    norm::{LANES, sum_lanes},
};

/// Bases of a 6-mer, and the values that one of them takes.
const PLACES: usize = 6;
/// 6-mers that share their first, or their last, three bases.
const HALF: usize = 64;

/// `−ln softmax(logits)[target]`; the logits become `scale` times its gradient, `softmax − onehot`.
///
/// # Panics
///
/// If the target is no logit.
///
/// # Examples
///
/// ```
/// use geno_kernels::{Kernel, cross_entropy};
///
/// let mut logits = [0.0, 3f32.ln()];
/// let loss = cross_entropy(Kernel::detect(), &mut logits, 1, 1.0);
/// assert!((loss - (4f32 / 3.0).ln()).abs() < 1e-6);
/// assert!((logits[0] - 0.25).abs() < 1e-6 && (logits[1] + 0.25).abs() < 1e-6);
/// ```
pub fn cross_entropy(kernel: Kernel, logits: &mut [f32], target: usize, scale: f32) -> f32 {
    let logit = logits[target];
    let found = exponentials(kernel, logits);
    multiply(kernel, logits, scale / found.sum);
    logits[target] -= scale;
    found.largest - logit + found.sum.ln()
}

/// `−1/6 · Σ_j ln Σ_v softmax(logits)[v]` over the 6-mers `v` with the `j`-th base of the target; the
/// logits become `scale` times its gradient.
///
/// A 6-mer's number has its first base as the highest of six digits to base four. With `p` the
/// softmax and `m_j` the six sums, the gradient is `p(v) · (1 − 1/6 · Σ_j [v_j = y_j] / m_j)`.
///
/// # Panics
///
/// If there are not 4,096 logits, or the target is none of them.
pub fn base_cross_entropy(kernel: Kernel, logits: &mut [f32], target: usize, scale: f32) -> f32 {
    assert_eq!(logits.len(), HALF * HALF, "logits that are not of 6-mers");
    assert!(target < logits.len(), "no 6-mer {target}");
    let sum = exponentials(kernel, logits).sum;
    let (firsts, lasts) = margins(kernel, logits);
    let [(first, first_ln), (last, last_ln)] =
        [(&firsts, target / HALF), (&lasts, target % HALF)].map(|(sums, half)| shares(sums, half));
    weigh(kernel, logits, &first, &last, scale, scale / sum);
    sum.ln() - (first_ln + last_ln) / PLACES as f32
}

/// Of each half of a 6-mer `1/6 · Σ_j [v_j = y_j] / M_j` over its three bases, where `M_j` is the sum
/// of the halves with the `j`-th base of the target; and the sum of `ln M_j`.
fn shares(sums: &[f32; HALF], target: usize) -> ([f32; HALF], f32) {
    let (mut shares, mut logarithms) = ([0f32; HALF], 0.0);
    for shift in [4, 2, 0] {
        let is_alike = |half: usize| half >> shift & 3 == target >> shift & 3;
        let alike = (0..HALF).filter(|half| is_alike(*half));
        let total: f32 = alike.map(|half| sums[half]).sum();
        logarithms += total.ln();
        for (half, share) in shares.iter_mut().enumerate() {
            if is_alike(half) {
                *share += 1.0 / (PLACES as f32 * total);
            }
        }
    }
    (shares, logarithms)
}

for_each_width! {
    fn multiply(values: &mut [f32], factor: f32) {
        values.iter_mut().for_each(|value| *value *= factor);
    }
}

for_each_width! {
    /// Sums over the 6-mers with each first half, and over those with each last half.
    fn margins(powers: &[f32]) -> ([f32; HALF], [f32; HALF]) {
        let (mut firsts, mut lasts) = ([0f32; HALF], [0f32; HALF]);
        for (first, powers) in firsts.iter_mut().zip(powers.as_chunks::<HALF>().0) {
            let mut lanes = [0f32; LANES];
            for (i, power) in powers.iter().enumerate() {
                lanes[i % LANES] += power;
                lasts[i] += power;
            }
            *first = sum_lanes(lanes);
        }
        (firsts, lasts)
    }
}

for_each_width! {
    /// `power · (whole − scale · (first + last))` for the two halves of each 6-mer.
    fn weigh(
        powers: &mut [f32],
        firsts: &[f32; HALF],
        lasts: &[f32; HALF],
        scale: f32,
        whole: f32,
    ) {
        for (powers, first) in powers.as_chunks_mut::<HALF>().0.iter_mut().zip(firsts) {
            for (power, last) in powers.iter_mut().zip(lasts) {
                *power *= whole - scale * (first + last);
            }
        }
    }
}
