//! How the values of a product are held.

/// How the values of a product are held.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Format {
    /// IEEE 754 binary32.
    F32,
    /// The upper half of a binary32, rounded to nearest, ties to even.
    Bf16,
    /// Whole numbers of 8 bits times a scale.
    Int8,
}

impl Format {
    /// Values in a slot of 32 bits.
    pub(crate) const fn per_slot(self) -> usize {
        match self {
            Self::F32 => 1,
            Self::Bf16 => 2,
            Self::Int8 => 4,
        }
    }

    /// Slots that hold `inner` values of a row.
    pub(crate) const fn slots(self, inner: usize) -> usize {
        inner.div_ceil(self.per_slot())
    }

    /// The format in which attention multiplies: scores have no scale that is known beforehand.
    pub(crate) const fn of_attention(self) -> Self {
        match self {
            Self::F32 => Self::F32,
            Self::Bf16 | Self::Int8 => Self::Bf16,
        }
    }
}

/// Rounds to the nearest `bf16`, ties to even. NaN stays NaN.
#[inline(always)]
pub(crate) fn bf16(x: f32) -> u32 {
    let bits = x.to_bits();
    let rounded = bits.wrapping_add(0x7FFF + ((bits >> 16) & 1)) >> 16;
    if x.is_nan() { 0x7FC0 } else { rounded }
}

/// Two values in one slot, the first in the lower half.
#[inline(always)]
pub(crate) fn bf16_pair(low: f32, high: f32) -> u32 {
    bf16(low) | bf16(high) << 16
}

/// The two values of a slot.
#[inline(always)]
pub(crate) fn from_bf16_pair(slot: u32) -> (f32, f32) {
    (
        f32::from_bits(slot << 16),
        f32::from_bits(slot & 0xFFFF_0000),
    )
}

/// The scale that maps the largest magnitude to 127; 1 where nothing is above `1.5e-36`, so that a
/// scale has an inverse.
#[inline(always)]
pub(crate) fn int8_scale(values: &[f32]) -> f32 {
    let largest = values.iter().fold(0f32, |largest, x| largest.max(x.abs()));
    let scale = largest / 127.0;
    if scale >= f32::MIN_POSITIVE {
        scale
    } else {
        1.0
    }
}

/// Writes a row as whole numbers and returns their scale: `row[i] ≈ scale · whole[i]`.
///
/// `scale = max |row| / 127`, and `whole[i]` is `row[i] / scale` rounded to nearest, ties to even:
/// −127 to 127. The scale is 1 where all values are zero or below `1.5e-36`.
///
/// # Panics
///
/// If the lengths differ.
///
/// # Examples
///
/// ```
/// let mut whole = [0; 3];
/// let scale = geno_kernels::quantize_row(&[0.5, -1.27, 0.0], &mut whole);
/// assert_eq!((scale, whole), (0.01, [50, -127, 0]));
/// ```
pub fn quantize_row(row: &[f32], whole: &mut [i8]) -> f32 {
    assert_eq!(row.len(), whole.len(), "a row of another length");
    let scale = int8_scale(row);
    for (whole, value) in whole.iter_mut().zip(row) {
        *whole = (value / scale).round_ties_even() as i8;
    }
    scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_to_bf16_goes_to_the_nearest_and_ties_to_even() {
        let rounded = |bits: u32| bf16(f32::from_bits(bits));
        assert_eq!(rounded(0x3F80_8000), 0x3F80, "a tie to even, down");
        assert_eq!(rounded(0x3F81_8000), 0x3F82, "a tie to even, up");
        assert_eq!(rounded(0x3F80_8001), 0x3F81);
        assert_eq!(rounded(0xBF80_7FFF), 0xBF80);
        assert_eq!(bf16(f32::INFINITY), 0x7F80);
        assert_eq!(bf16(f32::MAX), 0x7F80);
        assert!(f32::from_bits(bf16(f32::from_bits(0x7FFF_FFFF)) << 16).is_nan());
    }

    #[test]
    fn a_pair_comes_back_in_order() {
        assert_eq!(from_bf16_pair(bf16_pair(1.5, -2.0)), (1.5, -2.0));
    }
}
