//! Positions as sines and cosines.

/// Features of positions in a window: sines, then cosines, at wavelengths from 2π to 2π·`max_bp`.
///
/// `scale_i = exp(−i · ln(max_bp) / max(d/2 − 1, 1))`, feature `i` is `sin(p · scale_i)` and
/// feature `d/2 + i` is `cos(p · scale_i)`.
///
/// Scales and angles are rounded to f32 as in the reference: at position 12,287 one last bit of a
/// scale is worth 7·10⁻⁴ of a feature. `exp`, `sin` and `cos` are taken in f64 and rounded once,
/// so they do not depend on a vectorised library.
#[derive(Clone, Debug)]
pub(crate) struct Sinusoid {
    scales: Vec<f32>,
}

impl Sinusoid {
    /// Features of width `d_pos`, even, for positions below `max_bp`.
    pub(crate) fn new(d_pos: usize, max_bp: usize) -> Self {
        let half = d_pos / 2;
        let step = (-(max_bp as f64).ln() / half.saturating_sub(1).max(1) as f64) as f32;
        let scales = (0..half).map(|i| f64::from(i as f32 * step).exp() as f32);
        Self {
            scales: scales.collect(),
        }
    }

    /// Appends the features of a position, or of a distance to the left or right.
    pub(crate) fn extend(&self, features: &mut Vec<f32>, position: isize) {
        let angles = self
            .scales
            .iter()
            .map(|scale| f64::from(position as f32 * scale));
        features.extend(angles.clone().map(|angle| angle.sin() as f32));
        features.extend(angles.map(|angle| angle.cos() as f32));
    }
}

#[cfg(test)]
mod tests {
    use geno_weights::WeightFile;
    use proptest::prelude::*;

    use super::*;

    fn features(d_pos: usize, max_bp: usize, position: isize) -> Vec<f32> {
        let mut features = Vec::new();
        Sinusoid::new(d_pos, max_bp).extend(&mut features, position);
        features
    }

    #[test]
    fn position_zero_has_sines_of_0_and_cosines_of_1() {
        assert_eq!(features(6, 100, 0), [0., 0., 0., 1., 1., 1.]);
    }

    #[test]
    fn the_narrowest_has_one_wavelength() {
        assert_eq!(features(2, 100, 1), [1f32.sin(), 1f32.cos()]);
    }

    #[test]
    fn features_are_those_of_the_reference() {
        let bytes = include_bytes!("../../../fixtures/parity/nets_golden.safetensors");
        let mut golden = WeightFile::parse(bytes.as_slice()).unwrap();
        for d_pos in [128, 2] {
            let name = format!("sinusoid.d{d_pos}_max12288");
            let expected = golden.take_f32(&name, &[5, d_pos]).unwrap();
            let positions = [0, 1, 63, 6_144, 12_287].into_iter();
            let actual = positions.flat_map(|position| features(d_pos, 12_288, position));
            for (actual, expected) in actual.zip(expected) {
                assert!((actual - expected).abs() < 1e-6, "{actual} {expected}");
            }
        }
    }

    proptest! {
        #[test]
        fn sine_and_cosine_lie_on_the_unit_circle(half in 1usize..70, position in -12_288isize..12_288) {
            let features = features(2 * half, 12_288, position);
            for (sin, cos) in features[..half].iter().zip(&features[half..]) {
                prop_assert!((sin * sin + cos * cos - 1.).abs() < 1e-6);
            }
        }
    }
}
