//! How the learning rate changes over a run.

use geno_core::{Coded, ErrorCode};
use serde::{Deserialize, Serialize};

/// A learning rate's course over the steps of a run.
///
/// # Source
///
/// Schedules of geno-lewm 0.2.1, number for number.
///
/// # Examples
///
/// ```
/// use geno_training::Schedule;
///
/// let schedule = Schedule::Wsd.over(100, 10)?;
/// assert_eq!(schedule.multiplier(1), 0.1);
/// assert_eq!(schedule.multiplier(50), 1.0);
/// assert!((schedule.multiplier(90) - 0.55).abs() < 1e-12);
/// # Ok::<_, geno_training::ScheduleError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Schedule {
    /// Warm-up, stable, decay: rises over the warm-up, holds, and falls linearly to a tenth from
    /// 80 % to 98 % of what is left, then to a hundredth.
    #[default]
    Wsd,
    /// `½ (1 + cos(π (step − 1) / (n − 1)))`, without warm-up.
    Cosine,
    /// The same throughout.
    Constant,
}

/// A schedule over a number of steps.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Course {
    schedule: Schedule,
    n_steps: u64,
    warmup: u64,
}

/// Why a schedule cannot run over so many steps.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ScheduleError {
    /// There is no step.
    #[error("a run of no steps")]
    NoSteps,
    /// The run ends within the warm-up.
    #[error("a run of {n_steps} steps ends within its warm-up of {warmup}")]
    WithinWarmup {
        /// Steps of the run.
        n_steps: u64,
        /// Steps of the warm-up.
        warmup: u64,
    },
}

impl Coded for ScheduleError {
    fn code(&self) -> ErrorCode {
        ErrorCode::ConfigGeneric
    }
}

impl Schedule {
    /// The schedule over `n_steps`. Only [`Wsd`](Self::Wsd) has a warm-up.
    ///
    /// # Errors
    ///
    /// [`ScheduleError`].
    pub fn over(self, n_steps: u64, warmup: u64) -> Result<Course, ScheduleError> {
        if n_steps == 0 {
            return Err(ScheduleError::NoSteps);
        }
        if self == Self::Wsd && n_steps <= warmup {
            return Err(ScheduleError::WithinWarmup { n_steps, warmup });
        }
        Ok(Course {
            schedule: self,
            n_steps,
            warmup,
        })
    }
}

impl Course {
    /// Steps of the run.
    pub fn n_steps(&self) -> u64 {
        self.n_steps
    }

    /// What the learning rate is multiplied by at a step, from 1.
    ///
    /// # Panics
    ///
    /// If there is no such step.
    pub fn multiplier(&self, step: u64) -> f64 {
        let n = self.n_steps;
        assert!((1..=n).contains(&step), "step {step} of {n}");
        match self.schedule {
            Schedule::Constant => 1.0,
            Schedule::Cosine if n == 1 => 1.0,
            Schedule::Cosine => {
                let part = (step - 1) as f64 / (n - 1) as f64;
                0.5 * (1.0 + (std::f64::consts::PI * part).cos())
            }
            Schedule::Wsd => self.warmup_stable_decay(step),
        }
    }

    fn warmup_stable_decay(&self, step: u64) -> f64 {
        if step <= self.warmup {
            return step as f64 / self.warmup as f64;
        }
        let after = self.n_steps - self.warmup;
        let part = |of: f64| self.warmup + ((of * after as f64) as u64).max(1);
        let (decay, floor) = (part(0.80), part(0.98));
        let between =
            |from: u64, to: u64| (step - from) as f64 / to.saturating_sub(from).max(1) as f64;
        if step <= decay {
            1.0
        } else if step <= floor {
            1.0 - 0.9 * between(decay, floor)
        } else {
            (0.1 - 0.09 * between(floor, self.n_steps)).max(0.01)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn warm_up_stable_and_decay_are_the_packages() {
        let course = Schedule::Wsd.over(100, 10).unwrap();
        let expected = [
            (1, 0.1),
            (10, 1.0),
            (11, 1.0),
            (82, 1.0),
            (83, 0.94375),
            (90, 0.55),
        ];
        for (step, multiplier) in expected {
            assert!(
                (course.multiplier(step) - multiplier).abs() < 1e-15,
                "step {step}"
            );
        }
        assert!((course.multiplier(98) - 0.1).abs() < 1e-15);
        assert!((course.multiplier(100) - 0.01).abs() < 1e-15);
    }

    #[test]
    fn a_cosine_falls_from_one_to_zero() {
        let course = Schedule::Cosine.over(5, 3).unwrap();
        let found: Vec<f64> = (1..=5).map(|step| course.multiplier(step)).collect();
        let half = 0.5f64.sqrt();
        let expected = [1.0, 0.5 + half / 2.0, 0.5, 0.5 - half / 2.0, 0.0];
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-15);
        }
        assert_eq!(Schedule::Cosine.over(1, 0).unwrap().multiplier(1), 1.0);
    }

    #[test]
    fn a_run_reaches_beyond_its_warm_up() {
        let error = ScheduleError::WithinWarmup {
            n_steps: 10,
            warmup: 10,
        };
        assert_eq!(Schedule::Wsd.over(10, 10), Err(error));
        assert!(Schedule::Constant.over(10, 10).is_ok());
        assert_eq!(Schedule::Cosine.over(0, 0), Err(ScheduleError::NoSteps));
    }

    proptest! {
        #[test]
        fn rates_rise_and_fall_once(warmup in 0u64..200, after in 1u64..2_000) {
            let course = Schedule::Wsd.over(warmup + after, warmup).unwrap();
            let rates: Vec<f64> = (1..=course.n_steps()).map(|i| course.multiplier(i)).collect();
            prop_assert!(rates.iter().all(|rate| (0.0..=1.0).contains(rate) && *rate > 0.0));
            let (rising, falling) = rates.split_at(warmup as usize);
            prop_assert!(rising.is_sorted());
            prop_assert!(falling.is_sorted_by(|a, b| a >= b));
        }
    }
}
