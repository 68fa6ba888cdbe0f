//! A subset of a corpus that does not depend on its order.

use geno_core::{Coded, Digest, ErrorCode};

/// Chooses records by a hash of their name, so that a record is in or out whatever stands around it.
///
/// A record is in when the first 8 bytes of `SHA-256("SEED:RECORD")`, read as a big-endian number,
/// lie below `fraction · 2⁶⁴`. A larger fraction of the same seed holds all of a smaller one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StableSubset {
    fraction: f64,
    seed: u64,
}

/// A fraction outside `(0, 1]`.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("fraction {0} does not lie above 0 and at most at 1")]
pub struct FractionError(pub f64);

impl Coded for FractionError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl StableSubset {
    /// The subset of about this fraction that belongs to a seed.
    ///
    /// # Errors
    ///
    /// [`FractionError`] outside `(0, 1]`.
    pub fn new(fraction: f64, seed: u64) -> Result<Self, FractionError> {
        match fraction > 0.0 && fraction <= 1.0 {
            true => Ok(Self { fraction, seed }),
            false => Err(FractionError(fraction)),
        }
    }

    /// Whether a record is in the subset.
    pub fn includes(&self, record_id: &str) -> bool {
        let digest = Digest::of(format!("{}:{record_id}", self.seed).as_bytes());
        let bytes: [u8; 8] = std::array::from_fn(|i| digest.as_bytes()[i]);
        u64::from_be_bytes(bytes) as f64 / 18_446_744_073_709_551_616.0 < self.fraction
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_holds_every_record_and_a_part_holds_less() {
        let whole = StableSubset::new(1.0, 7).unwrap();
        let (half, tenth) = (
            StableSubset::new(0.5, 7).unwrap(),
            StableSubset::new(0.1, 7).unwrap(),
        );
        let ids: Vec<String> = (0..4_000).map(|i| format!("record {i}")).collect();
        let count = |subset: StableSubset| ids.iter().filter(|id| subset.includes(id)).count();
        assert_eq!(count(whole), 4_000);
        assert!(count(half).abs_diff(2_000) < 130, "{}", count(half));
        assert!(
            ids.iter()
                .all(|id| !tenth.includes(id) || half.includes(id))
        );
    }

    #[test]
    fn fractions_outside_zero_to_one_are_refused() {
        for fraction in [0.0, -0.1, 1.1, f64::NAN] {
            assert!(StableSubset::new(fraction, 0).is_err(), "{fraction}");
        }
    }
}
