//! Named random streams that give the same numbers on every machine.

use std::convert::Infallible;

use rand::{SeedableRng, TryRng};
use rand_chacha::ChaCha20Rng;

use crate::digest::DigestHasher;

/// A stream of random numbers that depends on a seed and a name alone.
///
/// ChaCha20 keyed by `SHA-256(seed as 8 little-endian bytes ‖ name)`. Two names under one seed are
/// unrelated streams, so drawing more from one never changes another.
///
/// ```
/// use geno_core::RandomStream;
/// use rand::Rng;
///
/// let draw = |name| RandomStream::new(7, name).next_u64();
/// assert_eq!(draw("predictor"), draw("predictor"));
/// assert_ne!(draw("predictor"), draw("encoder"));
/// ```
#[derive(Clone, Debug)]
pub struct RandomStream(ChaCha20Rng);

impl RandomStream {
    /// The stream of this name under this seed.
    pub fn new(seed: u64, name: &str) -> Self {
        let mut hasher = DigestHasher::default();
        hasher.update(&seed.to_le_bytes());
        hasher.update(name.as_bytes());
        Self(ChaCha20Rng::from_seed(*hasher.finish().as_bytes()))
    }
}

impl TryRng for RandomStream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.0.try_next_u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0.try_next_u64()
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.try_fill_bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use rand::Rng;

    use super::*;

    // Expected values from an independent ChaCha20 in Python.
    #[test]
    fn the_first_numbers_never_change() {
        let mut stream = RandomStream::new(0, "test");
        let drawn = [stream.next_u64(), stream.next_u64()];
        assert_eq!(
            drawn,
            [4_782_118_798_165_931_100, 13_936_265_188_844_516_506]
        );
    }
}
