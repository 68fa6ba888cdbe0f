//! The random numbers of CPython's `random.Random`, for seeds that were published with it.

/// CPython's Mersenne Twister (MT19937) with the draws that published artifacts were made with.
///
/// New work draws from [`RandomStream`](crate::RandomStream).
///
/// # Source
///
/// Matsumoto and Nishimura, *Mersenne Twister*, 1998; the derived draws follow CPython 3.11.
#[derive(Clone, Debug)]
pub struct PythonRandom {
    state: [u32; N],
    next: usize,
}

const N: usize = 624;
const M: usize = 397;

impl PythonRandom {
    /// `random.Random(seed)` for a non-negative integer seed.
    pub fn new(seed: u64) -> Self {
        let (low, high) = (seed as u32, (seed >> 32) as u32);
        let key = [low, high];
        Self::from_key(if high == 0 { &key[..1] } else { &key })
    }

    fn from_key(key: &[u32]) -> Self {
        let mut state = [0u32; N];
        state[0] = 19_650_218;
        for i in 1..N {
            let previous = state[i - 1];
            state[i] = 1_812_433_253u32
                .wrapping_mul(previous ^ previous >> 30)
                .wrapping_add(i as u32);
        }

        let mix = |state: &mut [u32; N], i: usize, factor: u32| {
            let previous = state[i - 1];
            state[i] ^ (previous ^ previous >> 30).wrapping_mul(factor)
        };
        let (mut i, mut j) = (1, 0);
        for _ in 0..N.max(key.len()) {
            state[i] = mix(&mut state, i, 1_664_525)
                .wrapping_add(key[j])
                .wrapping_add(j as u32);
            i += 1;
            j = (j + 1) % key.len();
            if i == N {
                state[0] = state[N - 1];
                i = 1;
            }
        }
        for _ in 0..N - 1 {
            state[i] = mix(&mut state, i, 1_566_083_941).wrapping_sub(i as u32);
            i += 1;
            if i == N {
                state[0] = state[N - 1];
                i = 1;
            }
        }
        state[0] = 0x8000_0000;
        Self { state, next: N }
    }

    fn next_u32(&mut self) -> u32 {
        if self.next == N {
            for i in 0..N {
                let y = self.state[i] & 0x8000_0000 | self.state[(i + 1) % N] & 0x7fff_ffff;
                let twist = if y & 1 == 1 { 0x9908_b0df } else { 0 };
                self.state[i] = self.state[(i + M) % N] ^ y >> 1 ^ twist;
            }
            self.next = 0;
        }
        let mut y = self.state[self.next];
        self.next += 1;
        y ^= y >> 11;
        y ^= y << 7 & 0x9d2c_5680;
        y ^= y << 15 & 0xefc6_0000;
        y ^ y >> 18
    }

    /// `random()`: a number in `[0, 1)` of 53 random bits.
    pub fn random(&mut self) -> f64 {
        let a = f64::from(self.next_u32() >> 5);
        let b = f64::from(self.next_u32() >> 6);
        (a * 67_108_864.0 + b) / 9_007_199_254_740_992.0
    }

    /// `randrange(n)`: an integer in `0..n`, every one equally likely.
    ///
    /// # Panics
    ///
    /// If `n` is zero or above `2³²`.
    pub fn below(&mut self, n: u64) -> u64 {
        assert!(n > 0 && n <= 1 << 32, "nothing to draw from");
        let bits = u64::BITS - n.leading_zeros();
        loop {
            let drawn = if bits <= 32 {
                u64::from(self.next_u32() >> (32 - bits))
            } else {
                u64::from(self.next_u32()) | u64::from(self.next_u32() >> (64 - bits)) << 32
            };
            if drawn < n {
                return drawn;
            }
        }
    }

    /// `randint(low, high)`: an integer in `low..=high`.
    ///
    /// # Panics
    ///
    /// If `low > high`, or they lie `2³²` or more apart.
    pub fn in_range(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// `sample(range(n), k)`: `k` different indices below `n`, in the order drawn.
    ///
    /// # Panics
    ///
    /// If `k > n`.
    pub fn sample(&mut self, n: usize, k: usize) -> Vec<usize> {
        assert!(k <= n, "sample larger than population");
        let mut pool_limit = 21usize;
        if k > 5 {
            let exponent = ((3 * k) as f64).log(4.0).ceil();
            pool_limit += 4f64.powf(exponent) as usize;
        }

        if n <= pool_limit {
            let mut pool: Vec<usize> = (0..n).collect();
            (0..k)
                .map(|i| {
                    let j = self.below((n - i) as u64) as usize;
                    let drawn = pool[j];
                    pool[j] = pool[n - i - 1];
                    drawn
                })
                .collect()
        } else {
            let mut seen = std::collections::HashSet::new();
            (0..k)
                .map(|_| {
                    loop {
                        let j = self.below(n as u64) as usize;
                        if seen.insert(j) {
                            break j;
                        }
                    }
                })
                .collect()
        }
    }

    /// `shuffle(items)`: a random order, in place.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i as u64 + 1) as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Expected values printed by CPython 3.11.
    #[test]
    fn draws_equal_cpython() {
        let mut random = PythonRandom::new(0);
        assert_eq!(
            [(); 3].map(|()| random.random()),
            [0.8444218515250481, 0.7579544029403025, 0.420571580830845]
        );
        assert_eq!([(); 3].map(|()| random.below(1000)), [265, 988, 523]);
        assert_eq!(random.sample(30, 8), [15, 12, 25, 26, 9, 29, 11, 18]);
        assert_eq!(random.sample(5000, 4), [1789, 4134, 1140, 2308]);
        let mut items = [0, 1, 2, 3, 4, 5];
        random.shuffle(&mut items);
        assert_eq!(items, [5, 4, 3, 2, 0, 1]);
        let mut random = PythonRandom::new(20261121);
        assert_eq!(
            [(); 3].map(|()| random.random()),
            [0.938599582961178, 0.17466076672765518, 0.34852997801698726]
        );
        assert_eq!([(); 3].map(|()| random.below(1000)), [623, 84, 345]);
        assert_eq!(random.sample(30, 8), [2, 0, 5, 27, 11, 25, 26, 23]);
        assert_eq!(random.sample(5000, 4), [4875, 2982, 3224, 2876]);
        let mut items = [0, 1, 2, 3, 4, 5];
        random.shuffle(&mut items);
        assert_eq!(items, [5, 1, 3, 0, 4, 2]);
        let mut random = PythonRandom::new(1099511627781);
        assert_eq!(
            [(); 3].map(|()| random.random()),
            [0.5043802970418443, 0.2686044399723282, 0.9257865475671585]
        );
        assert_eq!([(); 3].map(|()| random.below(1000)), [543, 776, 837]);
        assert_eq!(random.sample(30, 8), [26, 25, 24, 1, 5, 2, 4, 7]);
        assert_eq!(random.sample(5000, 4), [1120, 2028, 3115, 992]);
        let mut items = [0, 1, 2, 3, 4, 5];
        random.shuffle(&mut items);
        assert_eq!(items, [5, 2, 0, 3, 1, 4]);
    }
}
