//! Attention of sequences and suffixes.

use geno_kernels::{Attention, AttentionShape, Format, Kernel, Segment};
use proptest::prelude::*;

use crate::plain::{bits, on_threads, random};

const SHAPES: [(usize, usize, usize); 4] = [(4, 2, 16), (2, 2, 8), (8, 1, 10), (3, 1, 40)];

fn shape((n_heads, n_kv_heads, head_dim): (usize, usize, usize)) -> AttentionShape {
    AttentionShape {
        n_heads,
        n_kv_heads,
        head_dim,
    }
}

fn sequence(number: usize, len: usize) -> Segment {
    Segment {
        follows: number,
        start: 0,
        len,
        kept: Some(number),
        first_query: 0,
        end_query: len,
    }
}

fn suffix(number: usize, start: usize, len: usize) -> Segment {
    Segment {
        start,
        kept: None,
        ..sequence(number, len)
    }
}

/// A suffix that is long enough to be kept as well.
fn kept_suffix(number: usize, start: usize, len: usize, kept: usize) -> Segment {
    Segment {
        kept: Some(kept),
        ..suffix(number, start, len)
    }
}

/// Segments with the queries, keys and values of all their tokens.
struct Case {
    shape: AttentionShape,
    segments: Vec<Segment>,
    queries: Vec<f32>,
    keys_values: Vec<f32>,
}

impl Case {
    fn new(shape: AttentionShape, segments: Vec<Segment>, seed: u64) -> Self {
        let tokens: usize = segments.iter().map(|segment| segment.len).sum();
        let queries: usize = segments.iter().map(Segment::n_queries).sum();
        Self {
            shape,
            segments,
            queries: random(queries * shape.query_width(), seed),
            keys_values: random(tokens * shape.key_value_width(), seed + 1),
        }
    }

    /// Rows of keys before segment `i`.
    fn key_row(&self, i: usize) -> usize {
        self.segments[..i].iter().map(|segment| segment.len).sum()
    }

    /// Keys and values that query `j` of segment `i` sees, as rows.
    fn visible(&self, i: usize, j: usize) -> Vec<usize> {
        let segment = &self.segments[i];
        let own = self.key_row(i);
        let mut segments = self.segments.iter();
        let followed = segments.position(|other| other.kept == Some(segment.follows));
        let before = self.key_row(followed.unwrap());
        let j = segment.first_query + j;
        (before..before + segment.start)
            .chain(own..=own + j)
            .collect()
    }

    fn run(&self, kernel: Kernel, format: Format) -> Vec<f32> {
        let mut attention = Attention::new(kernel, self.shape, format);
        self.run_with(&mut attention)
    }

    fn run_with(&self, attention: &mut Attention) -> Vec<f32> {
        let width = self.shape.key_value_width();
        for (i, segment) in self.segments.iter().enumerate() {
            if let Some(number) = segment.kept {
                let from = self.key_row(i) * width;
                let keys_values = &self.keys_values[from..][..segment.len * width];
                attention.keep(number, keys_values);
            }
        }
        let mut out = vec![f32::NAN; self.queries.len()];
        attention.attend(&self.segments, &self.queries, &self.keys_values, &mut out);
        out
    }

    /// The same in `f64`.
    fn exact(&self) -> Vec<f64> {
        let AttentionShape {
            n_heads,
            n_kv_heads,
            head_dim,
        } = self.shape;
        let (q_width, kv_width) = (self.shape.query_width(), self.shape.key_value_width());
        let mut out = Vec::new();
        let mut row = 0;
        for (i, segment) in self.segments.iter().enumerate() {
            for j in 0..segment.n_queries() {
                let visible = self.visible(i, j);
                for head in 0..n_heads {
                    let query = &self.queries[row * q_width + head * head_dim..][..head_dim];
                    let place = |row: usize, head: usize| {
                        let from = row * kv_width + head * head_dim;
                        &self.keys_values[from..from + head_dim]
                    };
                    let kv_head = head / (n_heads / n_kv_heads);
                    let scores = visible.iter().map(|&row| {
                        let products = query.iter().zip(place(row, kv_head));
                        let dot: f64 = products.map(|(x, y)| f64::from(*x) * f64::from(*y)).sum();
                        (dot / (head_dim as f64).sqrt()).exp()
                    });
                    let weights: Vec<f64> = scores.collect();
                    let total: f64 = weights.iter().sum();
                    out.extend((0..head_dim).map(|d| {
                        let values = visible
                            .iter()
                            .map(|&row| place(row, n_kv_heads + kv_head)[d]);
                        let products = weights.iter().zip(values);
                        products.map(|(w, v)| w * f64::from(v)).sum::<f64>() / total
                    }));
                }
                row += 1;
            }
        }
        out
    }
}

fn assert_exact(case: &Case) {
    let exact = case.exact();
    for kernel in Kernel::available() {
        for (format, tolerance) in [(Format::F32, 2e-6), (Format::Bf16, 2e-2)] {
            for (y, exact) in case.run(kernel, format).iter().zip(&exact) {
                let error = (f64::from(*y) - exact).abs();
                assert!(error <= tolerance, "{kernel} {format:?}: {error:e}");
            }
        }
    }
}

#[test]
fn a_sequence_longer_than_a_block_of_keys_is_attended_causally() {
    for sizes in SHAPES {
        for len in [1, 2, 31, 256, 257, 600] {
            assert_exact(&Case::new(shape(sizes), vec![sequence(0, len)], 1));
        }
    }
}

#[test]
fn suffixes_see_what_they_follow_and_themselves() {
    for sizes in SHAPES {
        let segments = vec![
            sequence(0, 300),
            suffix(0, 0, 5),
            suffix(0, 1, 9),
            suffix(0, 255, 9),
            suffix(0, 256, 9),
            suffix(0, 300, 1),
            sequence(1, 40),
            suffix(1, 39, 3),
            suffix(1, 7, 290),
            kept_suffix(0, 290, 280, 2),
            kept_suffix(0, 0, 70, 3),
            suffix(2, 270, 9),
        ];
        assert_exact(&Case::new(shape(sizes), segments, 2));
    }
}

#[test]
fn only_the_tokens_that_ask_are_computed() {
    let some = |segment: Segment, first_query, end_query| Segment {
        first_query,
        end_query,
        ..segment
    };
    let segments = vec![
        some(sequence(0, 90), 3, 80),
        some(suffix(0, 50, 9), 4, 9),
        some(suffix(0, 51, 9), 9, 9),
        some(suffix(0, 52, 9), 0, 1),
    ];
    assert_exact(&Case::new(shape(SHAPES[0]), segments, 3));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_suffix_does_not_know_the_others(
        starts in prop::collection::vec((0..=320usize, 1..40usize), 1..30),
        sizes in prop::sample::select(&SHAPES), chosen in any::<prop::sample::Index>(),
        format in prop::sample::select(&[Format::F32, Format::Bf16]),
    ) {
        let mut segments = vec![sequence(0, 320)];
        segments.extend(starts.iter().map(|&(start, len)| suffix(0, start, len)));
        let all = Case::new(shape(sizes), segments, 4);
        let i = 1 + chosen.index(starts.len());

        let (q_width, kv_width) = (all.shape.query_width(), all.shape.key_value_width());
        let row = all.key_row(i);
        let len = all.segments[i].len;
        let own = |values: &[f32], width: usize| {
            let mut rows = values[..320 * width].to_vec();
            rows.extend_from_slice(&values[row * width..(row + len) * width]);
            rows
        };
        let one = Case {
            shape: all.shape,
            segments: vec![all.segments[0], all.segments[i]],
            queries: own(&all.queries, q_width),
            keys_values: own(&all.keys_values, kv_width),
        };
        for kernel in Kernel::available() {
            let together = on_threads(2, || all.run(kernel, format));
            let alone = on_threads(1, || one.run(kernel, format));
            prop_assert_eq!(
                bits(&together[row * q_width..(row + len) * q_width]),
                bits(&alone[320 * q_width..])
            );
            prop_assert_eq!(bits(&together[..320 * q_width]), bits(&alone[..320 * q_width]));
        }
    }
}

#[test]
fn a_shorter_sequence_kept_after_a_longer_one_sees_nothing_of_it() {
    let (long, short) = ([500, 3], [30, 2]);
    let case = |[len, seed]: [usize; 2]| {
        let segments = vec![sequence(0, len), suffix(0, len - 1, 4)];
        Case::new(shape(SHAPES[0]), segments, seed as u64)
    };
    let (long, short): (Case, Case) = (case(long), case(short));
    for kernel in Kernel::available() {
        let mut attention = Attention::new(kernel, short.shape, Format::Bf16);
        long.run_with(&mut attention);
        let after = short.run_with(&mut attention);
        assert_eq!(bits(&after), bits(&short.run(kernel, Format::Bf16)));
    }
}
