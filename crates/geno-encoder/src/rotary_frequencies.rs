//! How fast the rotary pairs of a head turn.

use std::f64::consts::TAU;

use crate::{CarbonConfig, Yarn};

/// The angle by which each pair `(i, i + d/2)` turns from one token to the next, `[head_dim / 2]`,
/// and a factor on all cosines and sines.
///
/// `f_i = θ^(−2i/d)` and 1 without scaling. With [`Yarn`], `f_i · (1 − r_i + r_i / factor)` and its
/// attention factor, where `r_i` rises from 0 to 1 between the pairs that turn `beta_fast` and
/// `beta_slow` times over the original length.
pub fn rotary_frequencies(config: &CarbonConfig) -> (Vec<f64>, f64) {
    let (theta, d) = (config.rope_theta, config.head_dim);
    let plain = |i: usize| theta.powf(-2.0 * i as f64 / d as f64);
    let Some(yarn) = &config.yarn else {
        return ((0..d / 2).map(plain).collect(), 1.0);
    };

    let (low, high) = ramp(yarn, theta, d as f64);
    let stretched = |i: usize| {
        let r = ((i as f64 - low) / (high - low)).clamp(0.0, 1.0);
        plain(i) / yarn.factor * r + plain(i) * (1.0 - r)
    };
    ((0..d / 2).map(stretched).collect(), yarn.attention_factor)
}

/// The first pair that is slowed at all, and the first that is slowed by the whole factor.
fn ramp(yarn: &Yarn, theta: f64, d: f64) -> (f64, f64) {
    let original = yarn.original_max_positions as f64;
    let pair_of = |turns: f64| d * (original / (TAU * turns)).ln() / (2.0 * theta.ln());
    let low = pair_of(yarn.beta_fast).floor().max(0.0);
    let high = pair_of(yarn.beta_slow).ceil().min(d - 1.0);
    // A ramp needs a width; where pairs are too few for one, it is a step.
    match high == low {
        true => (low, low + 0.001),
        false => (low, high),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(head_dim: usize, yarn: Option<Yarn>) -> CarbonConfig {
        CarbonConfig {
            hidden_size: 32 * head_dim,
            n_layers: 30,
            n_heads: 32,
            n_kv_heads: 4,
            head_dim,
            ffn_dim: 8448,
            vocab_size: 155_776,
            max_positions: 65_536,
            rope_theta: 5e6,
            rms_norm_eps: 1e-6,
            tied: true,
            yarn,
        }
    }

    #[test]
    fn the_published_models_ramp_between_these_pairs() {
        let yarn = Yarn::new(4.0, 32_768);
        assert_eq!(ramp(&yarn, 5e6, 96.0), (15.0, 27.0));
        assert_eq!(ramp(&yarn, 5e6, 128.0), (21.0, 36.0));
    }

    #[test]
    fn fast_pairs_stay_slow_ones_are_slowed_and_the_factor_is_honoured() {
        for (head_dim, low, high) in [(96, 15, 27), (128, 21, 36)] {
            let (plain, one) = rotary_frequencies(&config(head_dim, None));
            let yarn = Yarn::new(4.0, 32_768);
            let (stretched, factor) = rotary_frequencies(&config(head_dim, Some(yarn)));
            assert_eq!((one, plain.len()), (1.0, head_dim / 2));
            assert!((factor - 1.138_629_436).abs() < 1e-9);
            for (i, (plain, stretched)) in plain.iter().zip(&stretched).enumerate() {
                let ratio = stretched / plain;
                let expected = match i {
                    i if i <= low => ratio == 1.0,
                    // The length is doubled, and yet the slowest are slowed by four.
                    i if i >= high => ratio == 0.25,
                    _ => 0.25 < ratio && ratio < 1.0,
                };
                assert!(expected, "pair {i} of {head_dim}: {ratio}");
            }
        }
    }

    /// Pairs and frequencies of transformers 5.23, which computes in `f32`.
    type Published = [(usize, f64); 7];

    #[test]
    fn the_frequencies_are_those_of_transformers() {
        let width_96: Published = [
            (10, 0.040_214_370_936_155),
            (15, 0.008_064_396_679_401),
            (16, 0.005_482_533_015_311),
            (21, 0.000_732_960_645_109),
            (26, 7.349_217_776_209e-5),
            (27, 4.263_530_354_365e-5),
            (47, 6.894_959_625_470e-8),
        ];
        let width_128: Published = [
            (10, 0.089_801_982_045_175),
            (21, 0.006_337_244_529_277),
            (22, 0.004_730_997_141_451),
            (27, 0.001_044_648_233_801),
            (30, 0.000_398_309_319_280),
            (36, 4.263_530_354_365e-5),
            (47, 3.008_735_120_602e-6),
        ];
        for (head_dim, published) in [(96, width_96), (128, width_128)] {
            let yarn = Yarn::new(4.0, 32_768);
            let (frequencies, _) = rotary_frequencies(&config(head_dim, Some(yarn)));
            for (i, expected) in published {
                let error = (frequencies[i] / expected - 1.0).abs();
                assert!(error < 1e-6, "pair {i} of {head_dim}: {error}");
            }
        }
    }

    #[test]
    fn heads_with_few_pairs_step_instead_of_dividing_by_zero() {
        let yarn = Yarn {
            beta_fast: 1.0,
            ..Yarn::new(2.0, 6)
        };
        assert_eq!(ramp(&yarn, 5e6, 2.0), (0.0, 0.001));
        let (frequencies, _) = rotary_frequencies(&config(2, Some(yarn)));
        assert!(frequencies.iter().all(|f| f.is_finite() && *f > 0.0));
    }
}
