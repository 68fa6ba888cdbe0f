//! Timing work over repeats.

use std::time::Instant;

use anyhow::Result;

/// What repeats of one piece of work took, in seconds.
pub(crate) struct Timings {
    /// Sorted, one a repeat, at least one.
    seconds: Vec<f64>,
}

impl Timings {
    /// Runs work once to warm up and then `repeats` times.
    ///
    /// # Errors
    ///
    /// The first error of the work itself.
    pub(crate) fn of(repeats: usize, mut run: impl FnMut() -> Result<()>) -> Result<Self> {
        run()?;
        let time = |_| -> Result<f64> {
            let start = Instant::now();
            run()?;
            Ok(start.elapsed().as_secs_f64())
        };
        Ok(Self::new(
            (0..repeats.max(1)).map(time).collect::<Result<_>>()?,
        ))
    }

    /// What was timed elsewhere, at least once.
    pub(crate) fn new(mut seconds: Vec<f64>) -> Self {
        seconds.sort_by(f64::total_cmp);
        Self { seconds }
    }

    /// The middle one; of an even number the slower of the two.
    pub(crate) fn median(&self) -> f64 {
        self.seconds[self.seconds.len() / 2]
    }

    pub(crate) fn fastest(&self) -> f64 {
        self.seconds[0]
    }

    pub(crate) fn slowest(&self) -> f64 {
        self.seconds[self.seconds.len() - 1]
    }

    /// All of them, the fastest first.
    pub(crate) fn all(&self) -> &[f64] {
        &self.seconds
    }

    pub(crate) fn repeats(&self) -> usize {
        self.seconds.len()
    }
}

#[cfg(test)]
impl Timings {
    /// Timings that were never taken.
    pub(crate) fn made_up(seconds: &[f64]) -> Self {
        Self::new(seconds.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn work_runs_once_more_than_it_is_timed() {
        let mut runs = 0;
        let timings = Timings::of(4, || {
            runs += 1;
            Ok(())
        });
        assert_eq!(timings.unwrap().repeats(), 4);
        assert_eq!(runs, 5);
    }

    #[test]
    fn work_that_fails_is_not_timed() {
        let mut runs = 0;
        let timings = Timings::of(4, || {
            runs += 1;
            if runs == 3 {
                bail!("no more")
            }
            Ok(())
        });
        assert!(timings.is_err());
        assert_eq!(runs, 3);
    }

    #[test]
    fn the_median_stands_between_the_fastest_and_the_slowest() {
        let timings = Timings::made_up(&[3., 1., 2.]);
        let all = [timings.fastest(), timings.median(), timings.slowest()];
        assert_eq!(all, [1., 2., 3.]);
        assert_eq!(Timings::made_up(&[4., 1.]).median(), 4.);
    }
}
