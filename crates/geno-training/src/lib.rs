//! Training of the trainable parts.

mod collapse;
mod fixture;
mod schedule;

pub use self::{
    collapse::{Alert, CollapseError, CollapseMetrics, CollapseMonitor, Criterion},
    fixture::FixtureRun,
    schedule::{Course, Schedule, ScheduleError},
};
