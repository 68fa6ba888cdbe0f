//! Timing work over repeats.

use std::time::Instant;

use serde_json::{Value, json};

/// What repeats of one piece of work took.
pub(crate) struct Measured {
    /// What was done, in words.
    work: String,
    /// Floating-point operations of one repeat.
    flops: f64,
    /// Things done in one repeat, such as variants.
    items: u64,
    /// Sorted, one a repeat.
    seconds: Vec<f64>,
}

impl Measured {
    /// Runs work once to warm up and then `repeats` times.
    pub(crate) fn of(
        work: impl Into<String>,
        flops: f64,
        items: u64,
        repeats: usize,
        mut run: impl FnMut(),
    ) -> Self {
        run();
        let mut seconds: Vec<f64> = (0..repeats)
            .map(|_| {
                let start = Instant::now();
                run();
                start.elapsed().as_secs_f64()
            })
            .collect();
        seconds.sort_by(f64::total_cmp);
        Self {
            work: work.into(),
            flops,
            items,
            seconds,
        }
    }

    fn median(&self) -> f64 {
        self.seconds[self.seconds.len() / 2]
    }

    /// Floating-point operations a second.
    pub(crate) fn rate(&self) -> f64 {
        self.flops / self.median()
    }

    /// One line of JSON, with the floor at a matrix rate if there is one.
    pub(crate) fn line(&self, name: &str, matrix_rate: Option<f64>) -> Value {
        let median = self.median();
        let floor = matrix_rate.map(|rate| self.flops / rate);
        json!({
            "name": name,
            "work": self.work,
            "gflop": self.flops / 1e9,
            "seconds": median,
            "fastest": self.seconds[0],
            "slowest": self.seconds[self.seconds.len() - 1],
            "repeats": self.seconds.len(),
            "gflop_per_s": self.rate() / 1e9,
            "items_per_s": self.items as f64 / median,
            "floor_seconds": floor,
            "floor_fraction": floor.map(|floor| floor / median),
            "threads": rayon::current_num_threads(),
        })
    }
}
