//! Values laid along a stretch of a picture.

use crate::ticks::ticks;

/// An axis: values from `low` to `high` laid from one place of a picture to another.
///
/// ```
/// use geno_plot::Axis;
///
/// let axis = Axis::between(0.0, 10.0, [100.0, 200.0]);
/// assert_eq!(axis.place(2.5), 125.0);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    low: f64,
    high: f64,
    stretch: [f64; 2],
    ticks: Vec<(f64, String)>,
}

impl Axis {
    /// An axis over finite values, with a round number at each end. Nothing, or one value, has a stretch
    /// around it.
    pub fn over(values: impl IntoIterator<Item = f64>, stretch: [f64; 2]) -> Self {
        let ends = values
            .into_iter()
            .filter(|value| value.is_finite())
            .fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], value| {
                [low.min(value), high.max(value)]
            });
        let [low, high] = match ends[1] - ends[0] {
            width if width > 0.0 => ends,
            0.0 => [ends[0] - 0.5, ends[0] + 0.5],
            _ => [0.0, 1.0],
        };
        let ticks = ticks(low, high);
        Self {
            low: ticks.first().map_or(low, |tick| tick.0.min(low)),
            high: ticks.last().map_or(high, |tick| tick.0.max(high)),
            stretch,
            ticks,
        }
    }

    /// An axis from one value to a greater one, both finite, with the round numbers between them.
    pub fn between(low: f64, high: f64, stretch: [f64; 2]) -> Self {
        let mut ticks = ticks(low, high);
        let margin = (high - low) * 1e-9;
        ticks.retain(|(value, _)| (low - margin..=high + margin).contains(value));
        Self {
            low,
            high,
            stretch,
            ticks,
        }
    }

    /// Where a value lies.
    pub fn place(&self, value: f64) -> f64 {
        let [start, end] = self.stretch;
        start + (value - self.low) / (self.high - self.low) * (end - start)
    }

    /// Where the axis begins and ends in the picture.
    pub fn stretch(&self) -> [f64; 2] {
        self.stretch
    }

    /// Round numbers along it, each with its text.
    pub fn ticks(&self) -> &[(f64, String)] {
        &self.ticks
    }
}
