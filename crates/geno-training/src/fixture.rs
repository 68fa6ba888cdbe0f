//! A run that trains nothing: a scalar regression over numbers from a hash, to try what surrounds
//! training.

mod checkpoint;
mod documents;
mod smoke;

use geno_core::Digest;

pub use self::{
    checkpoint::FixtureCheckpointError,
    smoke::{FixtureReport, FixtureSmoke, FixtureSmokeError},
};

/// One weight `w` that learns `target · x` from numbers `x`, a step at a time.
///
/// ```text
/// x = 2·u(x, k) − 1,  e = w·x − target·x,  w ← w − 2·e·x·0.2/√(k + 3)
/// u(name, k) = the first 8 bytes of SHA-256("seed:name:k"), big-endian, over 2⁶⁴ − 1
/// ```
///
/// It is the same on every machine, to the last bit.
///
/// # Source
///
/// `--fixture-smoke` of geno-lewm 0.2.1.
///
/// # Examples
///
/// ```
/// use geno_training::FixtureRun;
///
/// let mut run = FixtureRun::new(0);
/// for _ in 0..50 {
///     run.step();
/// }
/// assert_eq!(run.weight(), 0.511139254374412);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FixtureRun {
    seed: u64,
    n_steps: u64,
    weight: f64,
    target: f64,
}

impl FixtureRun {
    /// Begins a run.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            n_steps: 0,
            weight: unit(seed, "init", 0) - 0.5,
            target: 0.25 + 0.5 * unit(seed, "target", 0),
        }
    }

    /// Goes on where a run stood after some steps.
    pub fn resume(seed: u64, n_steps: u64, weight: f64) -> Self {
        Self {
            n_steps,
            weight,
            ..Self::new(seed)
        }
    }

    /// Takes a step, and gives the loss before it: `e²`.
    pub fn step(&mut self) -> f64 {
        self.n_steps += 1;
        let x = 2.0 * unit(self.seed, "x", self.n_steps) - 1.0;
        let error = self.weight * x - self.target * x;
        let rate = 0.2 / (self.n_steps as f64 + 3.0).sqrt();
        self.weight -= 2.0 * error * x * rate;
        error * error
    }

    /// Steps taken.
    pub fn n_steps(&self) -> u64 {
        self.n_steps
    }

    /// The weight.
    pub fn weight(&self) -> f64 {
        self.weight
    }

    /// What the weight learns.
    pub fn target(&self) -> f64 {
        self.target
    }
}

/// A number from 0 to 1.
fn unit(seed: u64, name: &str, step: u64) -> f64 {
    let digest = Digest::of(format!("{seed}:{name}:{step}").as_bytes());
    let first = digest.as_bytes().first_chunk().expect("32 bytes");
    ratio(u64::from_be_bytes(*first))
}

/// `n / (2⁶⁴ − 1)`, rounded once.
fn ratio(n: u64) -> f64 {
    // The divisor is a little less than 2⁶⁴, so the quotient lies a little above n / 2⁶⁴: where that
    // is a tie between two numbers, the larger is nearer. The last bit says so.
    let above = u128::from(n) << 60 | u128::from(n > 0);
    above as f64 / 2f64.powi(124)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotients_are_rounded_once() {
        assert_eq!((ratio(0), ratio(u64::MAX)), (0.0, 1.0));
        // A tie that would go down to an even number.
        let tie = (1u64 << 63) + (1 << 10);
        assert_eq!(ratio(tie), 0.5 + 2f64.powi(-53));
        assert_eq!(ratio(1), 2f64.powi(-64));
    }

    #[test]
    fn steps_are_those_of_the_package() {
        let mut run = FixtureRun::new(0);
        let losses: Vec<f64> = (0..5).map(|_| run.step()).collect();
        assert_eq!(losses[4], 0.030341297013604836);
        assert_eq!(run.weight(), 0.27202682549667384);
        assert_eq!(run.target(), 0.5851287533547659);
        let log = format!("loss={:.12}", losses[0]);
        assert_eq!(log, "loss=0.080953193048");
    }

    #[test]
    fn a_run_that_goes_on_is_one_that_never_stopped() {
        let mut whole = FixtureRun::new(7);
        for _ in 0..20 {
            whole.step();
        }
        let mut first = FixtureRun::new(7);
        for _ in 0..9 {
            first.step();
        }
        let mut second = FixtureRun::resume(7, first.n_steps(), first.weight());
        for _ in 0..11 {
            second.step();
        }
        assert_eq!(second, whole);
    }
}
