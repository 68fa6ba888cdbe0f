//! Softmax over keys that come a block at a time. Scores are logarithms to base two.

use crate::{
    cpu::for_each_width,
    exp::exp2,
    norm::{LANES, sum_lanes},
};

/// What a query knows of the keys gone through.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    /// The largest score.
    pub(super) largest: f32,
    /// The sum of `2^(score − largest)`.
    pub(super) sum: f32,
}

impl Seen {
    pub(super) const NOTHING: Self = Self {
        largest: f32::NEG_INFINITY,
        sum: 0.0,
    };

    /// Takes new scores in, of which the query may see the first `visible`. They become weights
    /// relative to the largest score so far, those that it may not see zero.
    ///
    /// Returns what earlier weights are to be multiplied with, if anything.
    pub(super) fn weigh(
        &mut self,
        kernel: crate::Kernel,
        scores: &mut [f32],
        visible: usize,
    ) -> Option<f32> {
        let (seen, hidden) = scores.split_at_mut(visible);
        hidden.fill(0.0);
        if seen.is_empty() {
            return None;
        }
        let before = *self;
        let (largest, sum) = weigh(kernel, seen, before.largest);
        let factor = exp2(before.largest - largest);
        *self = Self {
            largest,
            sum: before.sum * factor + sum,
        };
        (factor != 1.0).then_some(factor)
    }
}

for_each_width! {
    /// Replaces scores by `2^(score − largest)`; returns the largest, which is at least `floor`, and
    /// the sum.
    fn weigh(scores: &mut [f32], floor: f32) -> (f32, f32) {
        let (blocks, rest) = scores.as_chunks_mut::<LANES>();
        let mut lanes = [floor; LANES];
        for block in blocks.iter() {
            for (lane, score) in lanes.iter_mut().zip(block) {
                *lane = if *score > *lane { *score } else { *lane };
            }
        }
        for (lane, score) in lanes.iter_mut().zip(rest.iter()) {
            *lane = if *score > *lane { *score } else { *lane };
        }
        let largest = largest_lane(lanes);

        let mut sums = [0f32; LANES];
        for block in blocks {
            for (sum, score) in sums.iter_mut().zip(block) {
                *score = exp2(*score - largest);
                *sum += *score;
            }
        }
        for (sum, score) in sums.iter_mut().zip(rest) {
            *score = exp2(*score - largest);
            *sum += *score;
        }
        (largest, sum_lanes(sums))
    }
}

/// The largest of the lanes, in pairs.
#[inline(always)]
fn largest_lane(mut lanes: [f32; LANES]) -> f32 {
    let mut width = LANES / 2;
    while width > 0 {
        for i in 0..width {
            let other = lanes[i + width];
            lanes[i] = if other > lanes[i] { other } else { lanes[i] };
        }
        width /= 2;
    }
    lanes[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kernel;

    #[test]
    fn weights_are_the_same_however_the_keys_are_cut_up_to_rounding() {
        let scores: Vec<f32> = (0..301)
            .map(|i| ((i * 37) % 97) as f32 / 9.0 - 5.0)
            .collect();
        let largest = scores.iter().copied().fold(f32::MIN, f32::max);
        let exact: Vec<f64> = scores
            .iter()
            .map(|s| f64::from(s - largest).exp2())
            .collect();
        let total: f64 = exact.iter().sum();
        for kernel in Kernel::available() {
            for cut in [1, 16, 100, 300] {
                let mut seen = Seen::NOTHING;
                let (mut first, mut rest) = (scores[..cut].to_vec(), scores[cut..].to_vec());
                seen.weigh(kernel, &mut first, cut);
                let factor = seen.weigh(kernel, &mut rest, 301 - cut).unwrap_or(1.0);
                first.iter_mut().for_each(|weight| *weight *= factor);
                for (weight, exact) in first.iter().chain(&rest).zip(&exact) {
                    let weight = f64::from(weight / seen.sum);
                    assert!((weight - exact / total).abs() < 1e-6 * exact / total + 1e-9);
                }
            }
        }
    }

    #[test]
    fn what_may_not_be_seen_weighs_nothing() {
        let mut seen = Seen::NOTHING;
        let mut scores = [1.0, f32::NAN, 7.0];
        seen.weigh(Kernel::PORTABLE, &mut scores, 1);
        assert_eq!(scores, [1.0, 0.0, 0.0]);
        assert_eq!(seen.sum, 1.0);
        let mut none = [5.0, 6.0];
        assert_eq!(seen.weigh(Kernel::PORTABLE, &mut none, 0), None);
        assert_eq!((none, seen.largest), ([0.0; 2], 1.0));
    }
}
