//! Attention of one query to a few tokens.

use crate::{
    cpu::for_each_width,
    exp::exp,
    norm::{LANES, sum_lanes},
};

/// What one query looks at.
pub(super) struct Seen<'a> {
    /// The values of a token with a score of 0.
    pub(super) first: Option<&'a [f32]>,
    /// From the first key on.
    pub(super) keys: &'a [f32],
    /// From the values of the first key on.
    pub(super) values: &'a [f32],
    /// From one key to the next, and from its values to the next.
    pub(super) stride: usize,
    /// True where a key is seen; none where all are.
    pub(super) visible: Option<&'a [bool]>,
    pub(super) head_dim: usize,
}

for_each_width! {
    /// Attention of a query to as many keys as there are scores.
    pub(super) fn attend_query(
        query: &[f32],
        seen: Seen<'_>,
        scores: &mut [f32],
        out: &mut [f32],
    ) {
        let scale = 1.0 / (seen.head_dim as f32).sqrt();
        let sees = |j: usize| seen.visible.is_none_or(|visible| visible[j]);
        for start in (0..query.len()).step_by(seen.head_dim) {
            let columns = start..start + seen.head_dim;
            let (query, out) = (&query[columns.clone()], &mut out[columns.clone()]);
            let mut largest = if seen.first.is_some() { 0.0 } else { f32::NEG_INFINITY };
            for (j, score) in scores.iter_mut().enumerate() {
                if sees(j) {
                    *score = dot(query, &seen.keys[j * seen.stride..][columns.clone()]) * scale;
                    largest = largest.max(*score);
                }
            }

            let mut sum = 0.0;
            out.fill(0.0);
            let mut mix = |score: f32, value: &[f32]| {
                let weight = exp(score - largest);
                sum += weight;
                for (out, value) in out.iter_mut().zip(value) {
                    *out += weight * value;
                }
            };
            if let Some(first) = seen.first {
                mix(0.0, &first[columns.clone()]);
            }
            for (j, score) in scores.iter().enumerate() {
                if sees(j) {
                    mix(*score, &seen.values[j * seen.stride..][columns.clone()]);
                }
            }
            if sum > 0.0 {
                out.iter_mut().for_each(|out| *out /= sum);
            }
        }
    }
}

#[inline(always)]
fn dot(x: &[f32], y: &[f32]) -> f32 {
    let ((x, x_rest), (y, y_rest)) = (x.as_chunks::<LANES>(), y.as_chunks::<LANES>());
    let mut sums = [0f32; LANES];
    for (x, y) in x.iter().zip(y) {
        for ((sum, x), y) in sums.iter_mut().zip(x).zip(y) {
            *sum += x * y;
        }
    }
    for ((sum, x), y) in sums.iter_mut().zip(x_rest).zip(y_rest) {
        *sum += x * y;
    }
    sum_lanes(sums)
}
