//! Affine maps, and attention among a few tokens.

use geno_kernels::{Affine, Format, Kernel, TokenGroups, TokenSteps, gelu, multiply_rows};
use proptest::prelude::*;

use crate::plain::{bits, on_threads, packed, product, random};

/// Sizes of groups of tokens.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    groups: usize,
    queries: usize,
    keys: usize,
    heads: usize,
    head_dim: usize,
}

/// Numbers for them.
struct Numbers {
    queries: Vec<f32>,
    first: Vec<f32>,
    keys: Vec<f32>,
    values: Vec<f32>,
    visible: Vec<bool>,
}

impl Sizes {
    fn width(self) -> usize {
        self.heads * self.head_dim
    }

    fn numbers(self) -> Numbers {
        let (width, n_keys) = (self.width(), self.groups * self.keys);
        let masks = random(n_keys * self.queries, 5);
        // Keys as long as scores of several units need.
        let keys = random(n_keys * width, 3)
            .iter()
            .map(|key| 4.0 * key)
            .collect();
        Numbers {
            queries: random(self.groups * self.queries * width, 1),
            first: random(self.groups * width, 2),
            keys,
            values: random(n_keys * width, 4),
            visible: masks.iter().map(|mask| *mask < 0.3).collect(),
        }
    }
}

impl Numbers {
    fn groups(&self, sizes: Sizes, has_first: bool) -> TokenGroups<'_> {
        TokenGroups {
            first: has_first.then_some(&self.first),
            keys: &self.keys,
            values: &self.values,
            visible: &self.visible,
            n_keys: sizes.keys,
            n_heads: sizes.heads,
        }
    }

    /// Attention of query `i` in `f64`: the softmax over what it sees, a first token with a key of
    /// zeros.
    fn plain(&self, sizes: Sizes, has_first: bool, i: usize) -> Vec<f64> {
        let (width, group) = (sizes.width(), i / sizes.queries);
        let mut out = vec![0.0; width];
        for (column, out) in out.iter_mut().enumerate() {
            let head = column / sizes.head_dim * sizes.head_dim;
            let mut weights = Vec::new();
            if has_first {
                weights.push((1.0, f64::from(self.first[group * width + column])));
            }
            for j in (0..sizes.keys).filter(|j| self.visible[i * sizes.keys + j]) {
                let row = (group * sizes.keys + j) * width;
                let products = (head..head + sizes.head_dim).map(|c| {
                    f64::from(self.queries[i * width + c]) * f64::from(self.keys[row + c])
                });
                let score = products.sum::<f64>() / (sizes.head_dim as f64).sqrt();
                weights.push((score.exp(), f64::from(self.values[row + column])));
            }
            let total: f64 = weights.iter().map(|(weight, _)| weight).sum();
            if total > 0.0 {
                *out = weights.iter().map(|(w, value)| w * value).sum::<f64>() / total;
            }
        }
        out
    }
}

fn sizes() -> impl Strategy<Value = Sizes> {
    (1..9usize, 1..5usize, 1..7usize, 1..4usize, 1..40usize).prop_map(
        |(groups, queries, keys, heads, head_dim)| Sizes {
            groups,
            queries,
            keys,
            heads,
            head_dim,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn attention_is_that_of_exact_arithmetic(sizes in sizes(), has_first: bool) {
        let (numbers, width) = (sizes.numbers(), sizes.width());
        let mut canonical = vec![9.0; numbers.queries.len()];
        let groups = numbers.groups(sizes, has_first);
        groups.attend(Kernel::PORTABLE, width, &numbers.queries, &mut canonical);
        for (i, out) in canonical.chunks(width).enumerate() {
            for (y, exact) in out.iter().zip(numbers.plain(sizes, has_first, i)) {
                // Values are below 1 and scores below 4·√40: their rounding is 3e-6 of a weight.
                prop_assert!((f64::from(*y) - exact).abs() < 5e-6, "{y} {exact}");
            }
        }
        for kernel in Kernel::available() {
            let mut out = vec![9.0; canonical.len()];
            groups.attend(kernel, width, &numbers.queries, &mut out);
            prop_assert_eq!(bits(&out), bits(&canonical));
        }
    }

    #[test]
    fn a_group_does_not_know_the_others_nor_keys_that_are_hidden(sizes in sizes(), fill: f32) {
        let (mut numbers, width) = (sizes.numbers(), sizes.width());
        let sizes = Sizes { queries: 1, ..sizes };
        numbers.queries.truncate(sizes.groups * width);
        numbers.visible.truncate(sizes.groups * sizes.keys);
        let run = |numbers: &Numbers, threads| on_threads(threads, || {
            let mut out = vec![9.0; numbers.queries.len()];
            let groups = numbers.groups(sizes, true);
            groups.attend(Kernel::detect(), width, &numbers.queries, &mut out);
            out
        });
        let together = run(&numbers, 2);
        for (row, visible) in numbers.keys.chunks_mut(width).zip(&numbers.visible) {
            if !visible {
                row.fill(fill);
            }
        }
        prop_assert_eq!(bits(&run(&numbers, 1)), bits(&together));

        let (last, rows) = (sizes.groups - 1, sizes.keys * width);
        let alone = Numbers {
            queries: numbers.queries[last * width..].to_vec(),
            first: numbers.first[last * width..].to_vec(),
            keys: numbers.keys[last * rows..].to_vec(),
            values: numbers.values[last * rows..].to_vec(),
            visible: numbers.visible[last * sizes.keys..].to_vec(),
        };
        prop_assert_eq!(bits(&run(&alone, 1)), bits(&together[last * width..]));
    }

    #[test]
    fn steps_see_what_groups_do_from_which_later_keys_are_hidden(
        sizes in sizes(), asking in 1..7usize,
    ) {
        let Sizes { groups: n_sequences, keys: n_steps, heads, .. } = sizes;
        let (width, asking) = (sizes.width(), asking.min(n_steps));
        let keys_values = random(n_steps * n_sequences * 2 * width, 3);
        let steps = TokenSteps { keys_values: &keys_values, n_sequences, n_heads: heads };
        let queries = random(asking * n_sequences * width, 1);
        let run = |kernel, steps: TokenSteps<'_>, queries: &[f32], threads| {
            let mut out = vec![9.0; queries.len()];
            on_threads(threads, || steps.attend(kernel, width, queries, &mut out));
            out
        };
        let together = run(Kernel::PORTABLE, steps, &queries, 1);

        // The same tokens, one group a sequence.
        let row = |step: usize, sequence: usize| (step * n_sequences + sequence) * 2 * width;
        let rows = (0..n_sequences).flat_map(|sequence| (0..n_steps).map(move |step| row(step, sequence)));
        let part = |from: usize| -> Vec<f32> {
            rows.clone().flat_map(|row| keys_values[row + from..][..width].to_vec()).collect()
        };
        let (keys, values) = (part(0), part(width));
        for step in 0..asking {
            let visible: Vec<_> = (0..n_sequences * n_steps)
                .map(|i| i % n_steps <= n_steps - asking + step)
                .collect();
            let groups = TokenGroups {
                first: None,
                keys: &keys,
                values: &values,
                visible: &visible,
                n_keys: n_steps,
                n_heads: heads,
            };
            let of_step = step * n_sequences * width..(step + 1) * n_sequences * width;
            let mut expected = vec![9.0; of_step.len()];
            groups.attend(Kernel::PORTABLE, width, &queries[of_step.clone()], &mut expected);
            prop_assert_eq!(bits(&together[of_step.clone()]), bits(&expected));

            // Without the later steps.
            let until = &keys_values[..row(n_steps - asking + step + 1, 0)];
            let alone = run(
                Kernel::detect(), TokenSteps { keys_values: until, ..steps },
                &queries[of_step], 2,
            );
            prop_assert_eq!(bits(&alone), bits(&expected));
        }
        for kernel in Kernel::available() {
            prop_assert_eq!(bits(&run(kernel, steps, &queries, 3)), bits(&together));
        }
    }

    #[test]
    fn affine_maps_are_those_of_exact_arithmetic_and_rows_are_alone(
        n_rows in 1..300usize, inner in 1..150usize, columns in 1..70usize,
        cut in any::<prop::sample::Index>(),
    ) {
        let (rows, weights) = (random(n_rows * inner, 6), random(columns * inner, 7));
        let (bias, there) = (random(columns, 8), random(n_rows * columns, 9));
        let map = Affine::new(packed(Format::F32, &weights, inner), bias.clone());
        let exact = product(&rows, &weights, inner);
        for kernel in Kernel::available() {
            let (mut mapped, mut added) = (vec![9.0; there.len()], there.clone());
            let mut multiplied = vec![9.0; there.len()];
            on_threads(2, || {
                map.forward(kernel, &rows, &mut mapped);
                map.add(kernel, &rows, &mut added);
                multiply_rows(kernel, &rows, map.weight(), &mut multiplied);
            });
            for (i, [exact, size]) in exact.iter().enumerate() {
                let bias = f64::from(bias[i % columns]);
                let tolerance = 1e-6 * (1.0 + (inner as f64).sqrt() * size);
                let error = |y: f32, exact: f64| (f64::from(y) - exact).abs();
                prop_assert!(error(multiplied[i], *exact) < tolerance);
                prop_assert!(error(mapped[i], exact + bias) < tolerance);
                prop_assert!(error(added[i], exact + bias + f64::from(there[i])) < tolerance);
            }
            let cut = cut.index(n_rows);
            let mut alone = there[cut * columns..].to_vec();
            on_threads(1, || map.add(kernel, &rows[cut * inner..], &mut alone));
            prop_assert_eq!(bits(&alone), bits(&added[cut * columns..]));
        }
    }
}

#[test]
fn a_query_that_sees_nothing_gets_zeros() {
    let groups = TokenGroups {
        first: None,
        keys: &[1.0; 4],
        values: &[2.0; 4],
        visible: &[false, false],
        n_keys: 2,
        n_heads: 1,
    };
    let mut out = [9.0; 2];
    groups.attend(Kernel::detect(), 2, &[1.0; 2], &mut out);
    assert_eq!(out, [0.0; 2]);
}

#[test]
fn units_do_not_depend_on_how_values_are_split_among_threads() {
    let values: Vec<f32> = random(600 * 7, 10).iter().map(|x| 5.0 * x).collect();
    let run = |threads| {
        let mut out = values.clone();
        on_threads(threads, || gelu(Kernel::detect(), &mut out, 7));
        bits(&out)
    };
    assert_eq!(run(1), run(3));
}
