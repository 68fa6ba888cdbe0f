//! The same arithmetic, plainly, and numbers to try it on.

use geno_kernels::{Format, PackedMatrix};

/// Numbers in −1..1 without a pattern.
pub(crate) fn random(len: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..len).map(|_| next()).collect()
}

/// Rounds to the format's values; whole numbers with one scale for each row of `width`.
pub(crate) fn rounded(values: &[f32], width: usize, format: Format) -> Vec<f32> {
    match format {
        Format::F32 => values.to_vec(),
        Format::Bf16 => values.iter().map(|x| bf16(*x)).collect(),
        Format::Int8 => {
            let rows = values.chunks(width).flat_map(|row| {
                let largest = row.iter().fold(0f32, |largest, x| largest.max(x.abs()));
                let scale = if largest > 0.0 { largest / 127.0 } else { 1.0 };
                row.iter()
                    .map(move |x| (x / scale).round_ties_even() * scale)
            });
            rows.collect()
        }
    }
}

fn bf16(x: f32) -> f32 {
    let bits = u64::from(x.to_bits());
    f32::from_bits(((bits + 0x7FFF + (bits >> 16 & 1)) >> 16 << 16) as u32)
}

/// A matrix from weights `[columns, inner]`.
pub(crate) fn packed(format: Format, weights: &[f32], inner: usize) -> PackedMatrix {
    PackedMatrix::pack(format, inner, weights.len() / inner, |j, column| {
        column.copy_from_slice(&weights[j * inner..][..inner]);
    })
}

/// `rows · weightsᵀ`, and for each value the sum of its products' magnitudes.
pub(crate) fn product(rows: &[f32], weights: &[f32], inner: usize) -> Vec<[f64; 2]> {
    let dot = |row: &[f32], weights: &[f32]| {
        let products = row
            .iter()
            .zip(weights)
            .map(|(x, w)| f64::from(*x) * f64::from(*w));
        products.fold([0.0; 2], |[sum, size], x| [sum + x, size + x.abs()])
    };
    rows.chunks(inner)
        .flat_map(|row| weights.chunks(inner).map(move |weights| dot(row, weights)))
        .collect()
}

/// Each row divided by its root mean square.
pub(crate) fn normed(x: &[f32], width: usize, epsilon: f64) -> Vec<f64> {
    let rows = x.chunks(width).flat_map(|row| {
        let square: f64 = row.iter().map(|x| f64::from(*x).powi(2)).sum();
        let root = (square / width as f64 + epsilon).sqrt();
        row.iter().map(move |x| f64::from(*x) / root)
    });
    rows.collect()
}

/// On `threads` threads.
pub(crate) fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.unwrap().install(work)
}

pub(crate) fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}
