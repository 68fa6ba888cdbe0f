//! Named random streams that give the same numbers on every machine.

use std::convert::Infallible;

use rand::{Rng, SeedableRng, TryRng};
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

    /// An integer in `0..n`, every one exactly equally likely.
    ///
    /// # Panics
    ///
    /// If `n` is zero.
    ///
    /// # Source
    ///
    /// Lemire, *Fast random integer generation in an interval*, 2019: the high half of a product
    /// with 64 random bits, drawn again (with a chance below `n / 2⁶⁴`) where the low half would
    /// favour some integers.
    pub fn below(&mut self, n: u64) -> u64 {
        assert!(n > 0, "nothing to draw from");
        let uneven = n.wrapping_neg() % n;
        loop {
            let product = u128::from(self.0.next_u64()) * u128::from(n);
            if product as u64 >= uneven {
                return (product >> 64) as u64;
            }
        }
    }

    /// A number in `[0, 1)`: a multiple of 2⁻⁵³, every one equally likely.
    pub fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// The place of one of the weights, drawn in proportion to them; some are above 0, none below.
    ///
    /// Takes one [`unit`](Self::unit) of the stream. Where rounding leaves something over, it falls
    /// to the last weight above 0.
    pub fn weighted(&mut self, weights: &[f64]) -> usize {
        let total: f64 = weights.iter().sum();
        let mut left = self.unit() * total;
        let mut chosen = 0;
        for (i, &weight) in weights.iter().enumerate().filter(|(_, w)| **w > 0.0) {
            chosen = i;
            if left < weight {
                break;
            }
            left -= weight;
        }
        chosen
    }

    /// Puts items in a random order, every order equally likely.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i as u64 + 1) as usize);
        }
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

    #[test]
    fn every_integer_below_is_as_frequent_as_the_others() {
        let mut stream = RandomStream::new(1, "below");
        let mut counts = [0u32; 6];
        for _ in 0..60_000 {
            counts[stream.below(6) as usize] += 1;
        }
        let chi_squared: f64 = counts
            .iter()
            .map(|&count| (f64::from(count) - 10_000.0).powi(2) / 10_000.0)
            .sum();
        // The 99.9 % quantile of five degrees of freedom.
        assert!(chi_squared < 20.5, "{chi_squared}");
    }

    #[test]
    fn places_are_drawn_by_their_weights_and_never_without_one() {
        let mut stream = RandomStream::new(2, "weighted");
        let weights = [0.0, 1.0, 0.0, 3.0, 0.0];
        let mut counts = [0u32; 5];
        for _ in 0..40_000 {
            counts[stream.weighted(&weights)] += 1;
        }
        let [a, b, c, d, e] = counts;
        assert_eq!((a, c, e), (0, 0, 0));
        // Five standard deviations of a draw of 40,000 with chance 1/4.
        assert!(
            b.abs_diff(10_000) < 433 && d.abs_diff(30_000) < 433,
            "{counts:?}"
        );
    }

    #[test]
    fn the_largest_range_is_the_stream_itself() {
        let (mut a, mut b) = (RandomStream::new(3, "x"), RandomStream::new(3, "x"));
        assert_eq!(a.below(1), 0);
        b.next_u64();
        // Of 2⁶⁴ − 1 integers the last is out of reach of the largest draw alone.
        let drawn = b.next_u64();
        assert!(drawn - a.below(u64::MAX) <= 1);
    }

    #[test]
    fn units_are_below_one_and_orders_are_complete() {
        let mut stream = RandomStream::new(4, "y");
        assert!((0..1000).all(|_| (0.0..1.0).contains(&stream.unit())));
        let mut items: Vec<u8> = (0..50).collect();
        stream.shuffle(&mut items);
        assert_ne!(items, (0..50).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..50).collect::<Vec<_>>());
    }
}
