//! Training of the trainable parts.

mod collapse;
mod schedule;

pub use self::{
    collapse::{Alert, CollapseError, CollapseMetrics, CollapseMonitor, Criterion},
    schedule::{Course, Schedule, ScheduleError},
};
