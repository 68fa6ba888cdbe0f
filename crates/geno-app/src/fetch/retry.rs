//! When a request is made again.

use std::time::Duration;

use super::FetchError;

/// How often a request is repeated, and how long to wait before.
#[derive(Clone, Copy, Debug)]
pub struct RetryPolicy {
    /// Repetitions after the first attempt.
    pub retries: u32,
    /// Pause before the first repetition; it doubles with each.
    pub first_pause: Duration,
    /// Longest pause, also of those that a host asks for with `Retry-After`.
    pub longest_pause: Duration,
}

impl Default for RetryPolicy {
    /// Four repetitions within about eight seconds; a host may ask for up to a minute.
    fn default() -> Self {
        Self {
            retries: 4,
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(60),
        }
    }
}

/// Whether an error may pass by itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    /// The same request would fail again.
    Final,
    /// The same request may succeed later.
    Passing {
        /// How long the host asks to wait.
        asked: Option<Duration>,
    },
}

impl FetchError {
    /// Lost connections, status 429 and those from 500 may pass by themselves.
    pub(super) fn fault(&self) -> Fault {
        match *self {
            Self::Connection { .. } | Self::Stalled { .. } => Fault::Passing { asked: None },
            Self::Status {
                status: 429 | 500..,
                retry_after: asked,
                ..
            } => Fault::Passing { asked },
            _ => Fault::Final,
        }
    }
}

impl RetryPolicy {
    /// How long to wait after an attempt that failed, the first of them counted as 1, or none if it
    /// was the last.
    ///
    /// A host that asks for a longer pause than is allowed is taken at its word: the error is final.
    pub fn pause(&self, n_failed: u32, fault: Fault) -> Option<Duration> {
        let Fault::Passing { asked } = fault else {
            return None;
        };
        if n_failed > self.retries || asked.is_some_and(|asked| asked > self.longest_pause) {
            return None;
        }
        let factor = 1 << n_failed.saturating_sub(1).min(16);
        let own = self.first_pause.saturating_mul(factor);
        Some(asked.unwrap_or(own).min(self.longest_pause))
    }

    /// Runs an operation until it succeeds or fails for good.
    ///
    /// # Errors
    ///
    /// The last error of the operation.
    pub fn run<T, E>(
        &self,
        fault: impl Fn(&E) -> Fault,
        mut operation: impl FnMut() -> Result<T, E>,
    ) -> Result<T, E> {
        let mut n_failed = 0;
        loop {
            let error = match operation() {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            n_failed += 1;
            match self.pause(n_failed, fault(&error)) {
                Some(pause) => std::thread::sleep(pause),
                None => return Err(error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16, retry_after: Option<u64>) -> FetchError {
        FetchError::Status {
            location: String::new(),
            status,
            retry_after: retry_after.map(Duration::from_secs),
        }
    }

    #[test]
    fn pauses_double_and_end() {
        let policy = RetryPolicy::default();
        let pauses: Vec<_> = (1..=5)
            .map(|n| policy.pause(n, status(503, None).fault()))
            .collect();
        let ms = |n| Some(Duration::from_millis(n));
        assert_eq!(pauses, [ms(500), ms(1000), ms(2000), ms(4000), None]);
    }

    #[test]
    fn a_host_is_taken_at_its_word_up_to_a_bound() {
        let policy = RetryPolicy::default();
        let asked = |seconds| policy.pause(1, status(429, Some(seconds)).fault());
        assert_eq!(asked(7), Some(Duration::from_secs(7)));
        assert_eq!(asked(3600), None);
    }

    #[test]
    fn what_will_not_pass_is_not_repeated() {
        let fault = status(404, None).fault();
        assert_eq!(RetryPolicy::default().pause(1, fault), None);
    }
}
