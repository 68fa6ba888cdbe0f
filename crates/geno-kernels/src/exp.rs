//! The exponential function.

/// `eˣ` for `x` from −87 to 88, clamped there, with a relative error below `2e-7`.
///
/// `x = n·ln 2 + r` with `|r| ≤ ln 2 / 2`, so `eˣ = 2ⁿ·eʳ`; `ln 2` is taken in two parts after Cody
/// and Waite, `eʳ` is its Taylor polynomial of degree 7. No operation is fused, so every processor
/// gives the same bits; `exp(0)` is 1.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    /// Adding it rounds to a whole number, which then stands in the low bits.
    const TO_WHOLE: f32 = 12_582_912.0;
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;

    let x = x.clamp(-87.0, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + TO_WHOLE;
    let n = shifted - TO_WHOLE;
    let r = (x - n * LN_2_HIGH) - n * LN_2_LOW;
    let mut sum = 1.0 / 5_040.0;
    for coefficient in [
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
        1.0,
    ] {
        sum = sum * r + coefficient;
    }
    let scale = (shifted.to_bits() << 23).wrapping_add(1f32.to_bits());
    sum * f32::from_bits(scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_within_two_units_in_the_seventh_place_of_the_real_one() {
        let mut largest = 0f64;
        for i in 0..=1_750_000 {
            let x = (-87.0 + f64::from(i) / 1e4) as f32;
            let exact = f64::from(x).exp();
            largest = largest.max((f64::from(exp(x)) / exact - 1.0).abs());
        }
        assert!(largest < 2e-7, "{largest:e}");
        assert_eq!(exp(0.0), 1.0);
    }

    #[test]
    fn past_its_range_it_stays_at_its_ends() {
        assert_eq!(exp(f32::NEG_INFINITY), exp(-87.0));
        assert_eq!(exp(f32::MAX), exp(88.0));
        assert!(exp(-87.0) > 0.0 && exp(88.0).is_finite());
    }
}
