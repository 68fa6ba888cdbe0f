//! Digests as text, sixty-four digits at a time.

use geno_core::Digest;

/// The hexadecimal digits of a digest.
pub(super) type Hex = [u8; 64];

/// Whether all digits are lowercase hexadecimal ones.
pub(super) fn is_hex(digits: &Hex) -> bool {
    // Without an early end, since the compiler then looks at many digits at once.
    let is_digit = |byte: u8| byte.wrapping_sub(b'0') < 10 || byte.wrapping_sub(b'a') < 6;
    digits.iter().fold(true, |all, &byte| all & is_digit(byte))
}

/// Writes the digits of a digest.
pub(super) fn to_hex(digest: &Digest) -> Hex {
    let digit = |value: u8| value + if value < 10 { b'0' } else { b'a' - 10 };
    let mut digits = [0; 64];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(digest.as_bytes()) {
        pair[0] = digit(byte >> 4);
        pair[1] = digit(byte & 0xf);
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_those_of_the_digest() {
        for text in ["", "a", "b"] {
            let digest = Digest::of(text.as_bytes());
            assert_eq!(to_hex(&digest)[..], *digest.to_hex().as_bytes());
        }
    }

    #[test]
    fn one_other_byte_anywhere_is_no_digit() {
        let good = to_hex(&Digest::of(b""));
        assert!(is_hex(&good));
        for at in 0..good.len() {
            for byte in 0..=u8::MAX {
                let mut digits = good;
                digits[at] = byte;
                let expected = matches!(byte, b'0'..=b'9' | b'a'..=b'f');
                assert_eq!(is_hex(&digits), expected, "{byte} at {at}");
            }
        }
    }
}
