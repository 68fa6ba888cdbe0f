//! What a training step asks for, against `f64` and finite differences.

use geno_kernels::{
    AttentionInputs, AttentionShape, CausalAttention, Kernel, RmsNorm, RotaryTable,
    base_cross_entropy, cross_entropy, swiglu, swiglu_backward,
};

/// Numbers in −1..1 without a pattern.
fn values(len: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..len).map(|_| next()).collect()
}

fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|value| f64::from(*value)).collect()
}

/// Sum of products with a gradient.
fn dot(values: &[f64], gradient: &[f32]) -> f64 {
    values
        .iter()
        .zip(gradient)
        .map(|(a, b)| a * f64::from(*b))
        .sum()
}

/// Checks some entries of a gradient against differences of a function in `f64`.
fn assert_slopes(x: &[f32], found: &[f32], every: usize, f: impl Fn(&[f64]) -> f64) {
    assert_eq!(x.len(), found.len());
    let largest = found.iter().fold(0f32, |m, x| m.max(x.abs()));
    assert!(largest > 0.0, "no gradient");
    for i in (0..x.len()).step_by(every) {
        let at = |step: f64| {
            let mut x = wide(x);
            x[i] += step;
            f(&x)
        };
        let slope = (at(1e-5) - at(-1e-5)) / 2e-5;
        let error = (f64::from(found[i]) - slope).abs();
        assert!(
            error < 1e-5 * f64::from(largest).max(1.0),
            "{i}: {} {slope}",
            found[i]
        );
    }
}

/// Bits of a result on one and on three threads, on every kernel.
fn assert_threads_do_not_matter<T: PartialEq + Send>(run: impl Fn(Kernel) -> T + Send + Sync) {
    for kernel in Kernel::available() {
        let on = |n| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(n)
                .build()
                .unwrap();
            pool.install(|| run(kernel))
        };
        assert!(on(1) == on(3), "{kernel}");
    }
}

struct Case {
    shape: AttentionShape,
    windows: usize,
    len: usize,
}

impl Case {
    fn table(&self) -> RotaryTable {
        let half = self.shape.head_dim / 2;
        let frequencies = (0..half).map(|i| 0.9f64.powi(i as i32)).collect();
        let mut table = RotaryTable::new(frequencies, 1.25);
        table.grow(self.len + 3);
        table
    }

    fn attention<'t>(&self, kernel: Kernel, rotary: &'t RotaryTable) -> CausalAttention<'t> {
        CausalAttention {
            kernel,
            shape: self.shape,
            rotary,
            len: self.len,
        }
    }

    fn inputs(&self) -> [Vec<f32>; 3] {
        let n = self.windows * self.len;
        let (q, kv) = (self.shape.query_width(), self.shape.key_value_width() / 2);
        let scaled = |len, seed| values(len, seed).iter().map(|x| 2.0 * x).collect();
        [scaled(n * q, 1), scaled(n * kv, 2), scaled(n * kv, 3)]
    }

    /// In `f64`, by the definition.
    fn exact(&self, [q, k, v]: [&[f64]; 3]) -> Vec<f64> {
        let AttentionShape {
            n_heads,
            n_kv_heads,
            head_dim,
        } = self.shape;
        let (width, kv) = (n_heads * head_dim, n_kv_heads * head_dim);
        let turned = |row: &[f64], position: usize| -> Vec<f64> {
            let half = head_dim / 2;
            let angle = |i: usize| position as f64 * 0.9f64.powi(i as i32);
            let pairs = (0..half).map(|i| (row[i], row[i + half], angle(i)));
            let low = pairs
                .clone()
                .map(|(x, y, a)| 1.25 * (x * a.cos() - y * a.sin()));
            let high = pairs.map(|(x, y, a)| 1.25 * (y * a.cos() + x * a.sin()));
            low.chain(high).collect()
        };
        let heads = |x: &[f64], n: usize| -> Vec<Vec<f64>> {
            let rows = x.chunks(head_dim).enumerate();
            rows.map(|(i, row)| turned(row, i / n % self.len)).collect()
        };
        let (q, k) = (heads(q, n_heads), heads(k, n_kv_heads));
        let mut out = vec![0.0; self.windows * self.len * width];
        for row in 0..self.windows * self.len {
            let window = row / self.len * self.len;
            for head in 0..n_heads {
                let group = head / (n_heads / n_kv_heads);
                let weight = |key: usize| {
                    let pairs = q[row * n_heads + head]
                        .iter()
                        .zip(&k[key * n_kv_heads + group]);
                    let score: f64 = pairs.map(|(a, b)| a * b).sum();
                    (score / (head_dim as f64).sqrt()).exp()
                };
                let weights: Vec<f64> = (window..=row).map(weight).collect();
                let total: f64 = weights.iter().sum();
                for (key, weight) in (window..=row).zip(weights) {
                    let value = &v[key * kv + group * head_dim..][..head_dim];
                    let to = &mut out[row * width + head * head_dim..][..head_dim];
                    to.iter_mut()
                        .zip(value)
                        .for_each(|(to, v)| *to += weight / total * v);
                }
            }
        }
        out
    }

    fn assert_exact(&self, every: usize) {
        let [q, k, v] = self.inputs();
        let inputs = AttentionInputs {
            queries: &q[..],
            keys: &k[..],
            values: &v[..],
        };
        let gradient = values(q.len(), 4);
        let table = self.table();
        let (wide_q, wide_k, wide_v) = (wide(&q), wide(&k), wide(&v));
        let exact = self.exact([&wide_q, &wide_k, &wide_v]);
        for kernel in Kernel::available() {
            let attention = self.attention(kernel, &table);
            let attended = attention.forward(&inputs);
            for (i, (found, exact)) in attended.out.iter().zip(&exact).enumerate() {
                assert!(
                    (f64::from(*found) - exact).abs() < 1e-5,
                    "{kernel}, {i}: {found} {exact}"
                );
            }
            if kernel != Kernel::PORTABLE && kernel != Kernel::detect() {
                continue;
            }
            let found = attention.backward(&inputs, &attended.borrow(), &gradient);
            let of = |q: &[f64], k: &[f64], v: &[f64]| dot(&self.exact([q, k, v]), &gradient);
            assert_slopes(&q, &found.queries, every, |q| of(q, &wide_k, &wide_v));
            assert_slopes(&k, &found.keys, every, |k| of(&wide_q, k, &wide_v));
            assert_slopes(&v, &found.values, every, |v| of(&wide_q, &wide_k, v));
        }
    }
}

#[test]
fn attention_and_its_gradients_are_those_of_exact_arithmetic() {
    let shape = |n_heads, n_kv_heads, head_dim| AttentionShape {
        n_heads,
        n_kv_heads,
        head_dim,
    };
    for (shape, windows, len, every) in [
        (shape(4, 2, 6), 2, 2, 1),
        (shape(2, 2, 2), 3, 5, 1),
        (shape(4, 2, 6), 2, 70, 97),
        // More queries than are gone through together, and heads of two panels.
        (shape(2, 1, 34), 1, 291, 1_999),
    ] {
        Case {
            shape,
            windows,
            len,
        }
        .assert_exact(every);
    }
}

#[test]
fn threads_do_not_change_a_bit() {
    let case = Case {
        shape: AttentionShape {
            n_heads: 4,
            n_kv_heads: 2,
            head_dim: 8,
        },
        windows: 5,
        len: 61,
    };
    let [q, k, v] = case.inputs();
    let table = case.table();
    let gradient = values(q.len(), 4);
    assert_threads_do_not_matter(|kernel| {
        let inputs = AttentionInputs {
            queries: &q[..],
            keys: &k[..],
            values: &v[..],
        };
        let attention = case.attention(kernel, &table);
        let attended = attention.forward(&inputs);
        let found = attention.backward(&inputs, &attended.borrow(), &gradient);
        (attended, found.queries, found.keys, found.values)
    });

    let norm = RmsNorm {
        weight: values(24, 1),
        epsilon: 1e-6,
    };
    let (x, gradient) = (values(24 * 1_000, 2), values(24 * 1_000, 3));
    assert_threads_do_not_matter(|kernel| norm.backward(kernel, &x, &gradient));
}

#[test]
fn norms_have_the_slopes_of_exact_arithmetic() {
    let (rows, width) = (300, 37);
    let norm = RmsNorm {
        weight: values(width, 1),
        epsilon: 1e-3,
    };
    let (x, gradient) = (values(rows * width, 2), values(rows * width, 3));
    let exact = |x: &[f64], weight: &[f64]| {
        let rows = x.chunks(width).zip(gradient.chunks(width));
        rows.map(|(x, gradient)| {
            let mean = x.iter().map(|x| x * x).sum::<f64>() / width as f64;
            let normed = x
                .iter()
                .zip(weight)
                .map(|(x, w)| x * w / (mean + 1e-3).sqrt());
            dot(&normed.collect::<Vec<_>>(), gradient)
        })
        .sum::<f64>()
    };
    for kernel in Kernel::available() {
        let mut out = vec![0.0; x.len()];
        norm.forward(kernel, &x, &mut out);
        assert_eq!(norm.forward_rows(kernel, &x), out);
        let found = norm.backward(kernel, &x, &gradient);
        let (weights, rows) = (wide(&norm.weight), wide(&x));
        assert_slopes(&x, &found.x, 499, |x| exact(x, &weights));
        assert_slopes(&norm.weight, &found.weight, 1, |weight| {
            exact(&rows, weight)
        });
    }
}

#[test]
fn gates_have_the_slopes_of_exact_arithmetic() {
    let n = 20_001;
    let [gate, up, gradient] =
        [1, 2, 3].map(|seed| -> Vec<f32> { values(n, seed).iter().map(|x| 6.0 * x).collect() });
    let exact = |gate: f64, up: f64| gate / (1.0 + (-gate).exp()) * up;
    for kernel in Kernel::available() {
        let out = swiglu(kernel, &gate, &up);
        let [of_gate, of_up] = swiglu_backward(kernel, &gate, &up, &gradient);
        for i in (0..n).step_by(7) {
            let [gate, up, gradient] = [gate[i], up[i], gradient[i]].map(f64::from);
            let close = |found: f32, exact: f64| {
                (f64::from(found) - exact).abs() < 1e-5 * exact.abs().max(1.0)
            };
            assert!(close(out[i], exact(gate, up)), "{kernel}, {i}");
            let slope = (exact(gate + 1e-5, up) - exact(gate - 1e-5, up)) / 2e-5;
            assert!(close(of_gate[i], gradient * slope), "{kernel}, {i}");
            assert!(
                close(of_up[i], gradient * exact(gate, 1.0)),
                "{kernel}, {i}"
            );
        }
    }
}

/// `ln Σ e^x` over some logits.
fn log_sum(logits: &[f64], of: impl Fn(usize) -> bool) -> f64 {
    let powers = logits
        .iter()
        .enumerate()
        .filter(|(i, _)| of(*i))
        .map(|(_, x)| x.exp());
    powers.sum::<f64>().ln()
}

#[test]
fn losses_of_a_next_token_and_their_slopes_are_exact() {
    let logits: Vec<f32> = values(4_107, 5).iter().map(|x| 4.0 * x).collect();
    let kmers = &logits[..4_096];
    let by_token = |x: &[f64], target: usize| log_sum(x, |_| true) - x[target];
    let by_base = |x: &[f64], target: usize| {
        let places = (0..6).map(|place| {
            let digit = |v: usize| v >> (2 * (5 - place)) & 3;
            log_sum(x, |_| true) - log_sum(x, |v| digit(v) == digit(target))
        });
        places.sum::<f64>() / 6.0
    };
    for kernel in Kernel::available() {
        for target in [0, 1_234, 4_095] {
            let mut slopes = logits.clone();
            let loss = cross_entropy(kernel, &mut slopes, target, 1.0);
            assert!((f64::from(loss) - by_token(&wide(&logits), target)).abs() < 1e-5);
            assert_slopes(&logits, &slopes, 273, |x| by_token(x, target));
            let mut halved = logits.clone();
            cross_entropy(kernel, &mut halved, target, 0.5);
            assert!(
                halved
                    .iter()
                    .zip(&slopes)
                    .all(|(h, s)| (2.0 * h - s).abs() < 1e-6)
            );

            let mut slopes = kmers.to_vec();
            let loss = base_cross_entropy(kernel, &mut slopes, target, 1.0);
            assert!((f64::from(loss) - by_base(&wide(kmers), target)).abs() < 1e-5);
            assert_slopes(kmers, &slopes, 273, |x| by_base(x, target));
        }
    }
}
