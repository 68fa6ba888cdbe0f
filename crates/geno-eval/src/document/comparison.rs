//! A metric against a baseline, and what follows.

use std::fmt;

use geno_provenance::{Fields, Json, Label};

use super::row::{RowError, interval_json, optional_finite, read_interval};
use crate::{bootstrap::Ends, report::float};

/// What the paired interval of a difference says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// All of the interval lies above 0.
    Improved,
    /// All of it lies below 0.
    Worse,
    /// It holds 0.
    Inconclusive,
}

/// A metric of scores against that of a baseline, on the same variants.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "json-schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields, transform = super::schema::complete_comparison)
)]
pub struct Comparison {
    /// The set of variants.
    pub split: Label,
    /// Which metric.
    pub metric: Label,
    /// Whether the verdict on the split is that of this metric.
    #[cfg_attr(feature = "json-schema", schemars(rename = "primary"))]
    pub is_primary: bool,
    /// The baseline.
    pub baseline: Label,
    /// The metric.
    pub value: f64,
    /// That of the baseline.
    pub baseline_value: f64,
    /// How much better the metric is.
    pub delta: f64,
    /// The interval of that, from the same draws of both.
    #[cfg_attr(feature = "json-schema", schemars(skip))]
    pub interval: Option<Ends>,
    /// Probability of such a difference of areas if there is none, by DeLong's method.
    #[cfg_attr(feature = "json-schema", schemars(skip))]
    pub p_value: Option<f64>,
    /// Number of variants.
    #[cfg_attr(feature = "json-schema", schemars(extend("minimum" = 1)))]
    pub n: u64,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 3] = [Self::Improved, Self::Worse, Self::Inconclusive];

    /// What the interval of a difference says, of which more is better.
    pub fn of([low, high]: Ends) -> Self {
        match () {
            () if low > 0.0 => Self::Improved,
            () if high < 0.0 => Self::Worse,
            () => Self::Inconclusive,
        }
    }

    /// The name used in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Improved => "improved",
            Self::Worse => "worse",
            Self::Inconclusive => "inconclusive",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Comparison {
    /// What the interval says; nothing without one.
    pub fn verdict(&self) -> Option<Verdict> {
        self.interval.map(Verdict::of)
    }

    /// As documents hold it.
    pub(crate) fn to_json(&self) -> Json {
        let mut row = vec![
            ("split", Json::from(&self.split)),
            ("metric", Json::from(&self.metric)),
            ("primary", self.is_primary.into()),
            ("baseline", Json::from(&self.baseline)),
            ("value", float(self.value)),
            ("baseline_value", float(self.baseline_value)),
            ("delta", float(self.delta)),
            ("n", self.n.into()),
        ];
        row.extend(interval_json(self.interval, DELTA_ENDS));
        row.extend(self.p_value.map(|p| ("p_value_delong", float(p))));
        let verdict = self.verdict();
        row.extend(verdict.map(|verdict| ("verdict", verdict.as_str().into())));
        Json::object(row)
    }

    /// Reads what [`Comparison::to_json`] gives.
    pub(crate) fn read(mut fields: Fields) -> Result<Self, RowError> {
        let comparison = Self {
            split: fields.label("split")?,
            metric: fields.label("metric")?,
            is_primary: fields.bool("primary")?,
            baseline: fields.label("baseline")?,
            value: fields.finite("value")?.get(),
            baseline_value: fields.finite("baseline_value")?.get(),
            delta: fields.finite("delta")?.get(),
            interval: read_interval(&mut fields, DELTA_ENDS)?,
            p_value: optional_finite(&mut fields, "p_value_delong")?,
            n: fields.unsigned("n")?,
        };
        if comparison.n == 0 {
            return Err(RowError::NoVariants);
        }
        comparison.check_verdict(&mut fields)?;
        fields.finish()?;
        Ok(comparison)
    }

    /// Takes the verdict, which is there where an interval is, and says what it says.
    fn check_verdict(&self, fields: &mut Fields) -> Result<(), RowError> {
        let said = match self.interval {
            Some(_) => Some(fields.label("verdict")?),
            None => fields.optional_label("verdict")?,
        };
        let Some(said) = said else { return Ok(()) };
        let field = "verdict";
        let said = Verdict::ALL.into_iter().find(|one| &*said == one.as_str());
        let said = said.ok_or(RowError::Word { field })?;
        match self.verdict() {
            Some(verdict) if verdict == said => Ok(()),
            Some(_) => Err(RowError::OtherVerdict),
            None => Err(RowError::NoInterval { field }),
        }
    }
}

/// Keys of the interval of a difference.
pub(super) const DELTA_ENDS: [&str; 2] = ["delta_ci_low", "delta_ci_high"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_needs_an_interval_on_one_side_of_zero() {
        for (ends, verdict) in [
            ([0.01, 0.2], Verdict::Improved),
            ([-0.2, -0.01], Verdict::Worse),
            ([-0.1, 0.1], Verdict::Inconclusive),
            ([0.0, 0.1], Verdict::Inconclusive),
            ([-0.1, 0.0], Verdict::Inconclusive),
        ] {
            assert_eq!(Verdict::of(ends), verdict, "{ends:?}");
        }
    }
}
