//! Products, norms and gated layers.

use geno_kernels::{
    Format, GatedLayer, Kernel, PackedMatrix, RmsNorm, add_gated, add_product, project,
    quantize_row,
};
use proptest::prelude::*;

use crate::plain::{bits, normed, on_threads, packed, product, random, rounded};

const FORMATS: [Format; 3] = [Format::F32, Format::Bf16, Format::Int8];

fn times(kernel: Kernel, rows: &[f32], matrix: &PackedMatrix) -> Vec<f32> {
    let n_rows = rows.len() / matrix.inner();
    let mut out = vec![0.0; n_rows * matrix.columns()];
    add_product(kernel, rows, matrix, &mut out);
    out
}

/// The stated tolerance of a sum: `4·√inner·ε` of its products' magnitudes.
fn tolerance(inner: usize, size: f64) -> f64 {
    4.0 * (inner as f64).sqrt() * f64::from(f32::EPSILON) * size
}

fn assert_close(kernel: Kernel, format: Format, n_rows: usize, inner: usize, columns: usize) {
    let (rows, weights) = (random(n_rows * inner, 1), random(columns * inner, 2));
    let matrix = packed(format, &weights, inner);
    let out = times(kernel, &rows, &matrix);
    let exact = product(
        &rounded(&rows, inner, format),
        &rounded(&weights, inner, format),
        inner,
    );
    for (i, (y, [exact, size])) in out.iter().zip(exact).enumerate() {
        let error = (f64::from(*y) - exact).abs();
        assert!(
            error <= tolerance(inner, size),
            "{kernel} {format:?} [{n_rows}, {inner}] · [{inner}, {columns}], value {i}: {error:e}"
        );
    }
}

#[test]
fn products_are_those_of_exact_arithmetic_at_every_height_of_a_tile() {
    for kernel in Kernel::available() {
        for format in FORMATS {
            for n_rows in 1..=15 {
                assert_close(kernel, format, n_rows, 65, 33);
            }
            assert_close(kernel, format, 300, 1_024, 96);
            assert_close(kernel, format, 29, 3_072, 40);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn products_are_those_of_exact_arithmetic_on_any_shape(
        n_rows in 1..60usize, inner in 1..300usize, columns in 1..130usize,
        format in prop::sample::select(&FORMATS),
    ) {
        for kernel in Kernel::available() {
            assert_close(kernel, format, n_rows, inner, columns);
        }
    }

    #[test]
    fn a_row_does_not_know_how_many_it_is_multiplied_with(
        n_rows in 1..700usize, inner in 1..200usize, columns in 1..70usize,
        cut in any::<prop::sample::Index>(), format in prop::sample::select(&FORMATS),
    ) {
        let (rows, weights) = (random(n_rows * inner, 3), random(columns * inner, 4));
        let matrix = packed(format, &weights, inner);
        let cut = cut.index(n_rows);
        for kernel in Kernel::available() {
            let together = on_threads(2, || times(kernel, &rows, &matrix));
            let alone = on_threads(1, || times(kernel, &rows[cut * inner..], &matrix));
            prop_assert_eq!(bits(&together[cut * columns..]), bits(&alone));
        }
    }
}

#[test]
fn a_few_rows_are_the_same_whatever_number_of_threads_shares_their_columns() {
    let (inner, columns) = (1_100, 300);
    let (rows, weights) = (random(40 * inner, 16), random(columns * inner, 17));
    for format in FORMATS {
        let matrix = packed(format, &weights, inner);
        for kernel in Kernel::available() {
            let many = times(kernel, &rows, &matrix);
            for n_rows in [1, 2, 14] {
                for threads in [1, 2, 3, 7] {
                    let few =
                        on_threads(threads, || times(kernel, &rows[..n_rows * inner], &matrix));
                    let expected = bits(&many[..n_rows * columns]);
                    assert_eq!(
                        bits(&few),
                        expected,
                        "{kernel} {format:?} {n_rows} {threads}"
                    );
                }
            }
        }
    }
}

#[test]
fn whole_products_are_the_same_on_every_kernel() {
    let (rows, weights) = (random(40 * 333, 5), random(50 * 333, 6));
    let matrix = packed(Format::Int8, &weights, 333);
    let canonical = bits(&times(Kernel::PORTABLE, &rows, &matrix));
    for kernel in Kernel::available() {
        assert_eq!(bits(&times(kernel, &rows, &matrix)), canonical, "{kernel}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whole_weights_are_multiplied_as_they_are(
        inner in 1..300usize, columns in 1..70usize, n_rows in 1..30usize,
        seed in any::<u64>(), scale in 1e-6f32..1e3,
    ) {
        let whole: Vec<i8> = random(columns * inner, seed)
            .iter()
            .map(|x| (x * 128.5).clamp(-128.0, 127.0) as i8)
            .collect();
        let rows = random(n_rows * inner, !seed);
        let matrix = PackedMatrix::pack_int8(inner, columns, |j, column| {
            column.copy_from_slice(&whole[j * inner..][..inner]);
            scale / (j + 1) as f32
        });
        let mut expected = Vec::new();
        for row in rows.chunks(inner) {
            let largest = row.iter().fold(0f32, |largest, x| largest.max(x.abs()));
            let row_scale = largest / 127.0;
            let factor = 1.0 / row_scale;
            for (j, column) in whole.chunks(inner).enumerate() {
                let products = row.iter().zip(column).map(|(x, weight)| {
                    (x * factor).round_ties_even() as i64 * i64::from(*weight)
                });
                let sum: i64 = products.sum();
                expected.push(sum as f32 * (row_scale * (scale / (j + 1) as f32)));
            }
        }
        for kernel in Kernel::available() {
            prop_assert_eq!(bits(&times(kernel, &rows, &matrix)), bits(&expected), "{}", kernel);
        }
    }

    #[test]
    fn rows_are_rounded_once_to_whole_numbers(
        row in prop::collection::vec(-1e3f32..1e3, 1..200), power in -40..20i32,
    ) {
        let row: Vec<f32> = row.iter().map(|x| x * 2f32.powi(power)).collect();
        let mut whole = vec![0; row.len()];
        let scale = quantize_row(&row, &mut whole);
        let largest = row.iter().fold(0f32, |largest, x| largest.max(x.abs()));
        prop_assert_eq!(scale, if largest > 0.0 { largest / 127.0 } else { 1.0 });
        for (x, whole) in row.iter().zip(&whole) {
            prop_assert!(*whole >= -127);
            // Half a step, and the rounding of the division.
            let error = (f64::from(*x) - f64::from(scale) * f64::from(*whole)).abs();
            prop_assert!(error <= f64::from(scale) * (0.5 + 127.0 * f64::from(f32::EPSILON)));
        }
        // What was rounded is not rounded again.
        let widened: Vec<f32> = whole.iter().map(|whole| f32::from(*whole)).collect();
        let mut again = vec![0; row.len()];
        quantize_row(&widened, &mut again);
        prop_assert_eq!(again, whole);
    }
}

#[test]
fn a_row_too_small_for_a_scale_is_zero() {
    let mut whole = [1; 3];
    assert_eq!(quantize_row(&[1e-37, -1e-44, 0.0], &mut whole), 1.0);
    assert_eq!(whole, [0; 3]);
}

#[test]
fn packed_weights_are_as_large_as_their_format_says() {
    let weights = random(64 * 128, 7);
    let size = |format| packed(format, &weights, 128).size_bytes();
    assert_eq!(size(Format::F32), 4 * 64 * 128);
    assert_eq!(size(Format::Bf16), 2 * 64 * 128);
    assert_eq!(size(Format::Int8), 64 * 128 + 8 * 64);
}

fn ones(width: usize) -> RmsNorm {
    RmsNorm {
        weight: vec![1.0; width],
        epsilon: 1e-6,
    }
}

#[test]
fn projections_are_products_of_normed_rows() {
    let (width, n_rows) = (96, 31);
    let x = random(n_rows * width, 8);
    let (first, second) = (random(64 * width, 9), random(7 * width, 10));
    let rows: Vec<f32> = normed(&x, width, 1e-6).iter().map(|x| *x as f32).collect();
    for kernel in Kernel::available() {
        let matrices = [&first, &second].map(|weights| packed(Format::F32, weights, width));
        let (mut first_out, mut second_out) = (vec![9.0; n_rows * 64], vec![9.0; n_rows * 7]);
        let products = [
            (&matrices[0], &mut first_out[..]),
            (&matrices[1], &mut second_out),
        ];
        project(kernel, &ones(width), &x, products);
        for (out, weights) in [(first_out, &first), (second_out, &second)] {
            for (y, [exact, size]) in out.iter().zip(product(&rows, weights, width)) {
                let error = (f64::from(*y) - exact).abs();
                assert!(error <= 2.0 * tolerance(width, size), "{kernel}: {error:e}");
            }
        }
    }
}

/// A layer of three chunks of the inner width.
fn gated(format: Format) -> (GatedLayer, [Vec<f32>; 3]) {
    let (width, inner) = (48, 2_100);
    let weights = [(11, inner), (12, inner), (13, width)]
        .map(|(seed, columns)| random(columns * (width * inner / columns), seed));
    let layer = GatedLayer {
        norm: ones(width),
        gate: packed(format, &weights[0], width),
        up: packed(format, &weights[1], width),
        down: packed(format, &weights[2], inner),
    };
    (layer, weights)
}

#[test]
fn a_gated_layer_is_that_of_exact_arithmetic() {
    let (layer, weights) = gated(Format::F32);
    let x = random(17 * 48, 14);
    let rows: Vec<f32> = normed(&x, 48, 1e-6).iter().map(|x| *x as f32).collect();
    let gate = product(&rows, &weights[0], 48);
    let up = product(&rows, &weights[1], 48);
    let inner: Vec<f32> = gate
        .iter()
        .zip(&up)
        .map(|([gate, _], [up, _])| (gate / (1.0 + (-gate).exp()) * up) as f32)
        .collect();
    let down = product(&inner, &weights[2], 2_100);
    for kernel in Kernel::available() {
        let mut out = x.clone();
        add_gated(kernel, &layer, &mut out);
        for ((y, x), [exact, size]) in out.iter().zip(&x).zip(&down) {
            let error = (f64::from(*y) - f64::from(*x) - exact).abs();
            assert!(error <= 4e-6 * size, "{kernel}: {error:e} of {size}");
        }
    }
}

#[test]
fn a_row_of_a_gated_layer_does_not_know_the_others() {
    for format in FORMATS {
        let (layer, _) = gated(format);
        let x = random(200 * 48, 15);
        for kernel in Kernel::available() {
            let run = |from: usize, threads| {
                let mut out = x[from * 48..].to_vec();
                on_threads(threads, || add_gated(kernel, &layer, &mut out));
                bits(&out)
            };
            let together = run(0, 2);
            for from in [0, 1, 150, 199] {
                assert_eq!(
                    run(from, 1),
                    together[from * 48..],
                    "{kernel} {format:?} {from}"
                );
            }
        }
    }
}
