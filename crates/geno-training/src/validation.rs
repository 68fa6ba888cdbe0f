//! How well states are predicted that were not trained on.

mod mean_change;
mod measure;
mod metric;
mod record;
mod summary;
mod sums;

#[cfg(feature = "experimental")]
pub(crate) use self::mean_change::MeanChanges;
pub(crate) use self::measure::Measuring;
pub use self::{
    mean_change::MeanChange,
    metric::Metric,
    summary::{Strata, Summary},
};
