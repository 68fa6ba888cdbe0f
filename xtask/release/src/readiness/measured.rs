//! A metric that was measured, and what follows of it.

use geno_eval::{Comparison, MetricRow, Verdict};
use geno_provenance::{FieldError, Fields, Json, Label};

/// Ends of an interval, the low one first.
pub(super) type Ends = [f64; 2];

/// A metric as its document holds it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Measured {
    pub(super) metric: Label,
    pub(super) value: f64,
    pub(super) higher_is_better: bool,
    pub(super) n: Option<u64>,
    pub(super) interval: Option<Ends>,
    /// What it is compared to, and its value.
    pub(super) baseline: Option<(Label, f64)>,
    /// The interval of how much better it is than that, of draws of both.
    pub(super) paired: Option<Ends>,
}

/// How something does against its baseline, the worst first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Outcome {
    /// It is worse: by its interval, or by its value where there is no interval.
    Regressed,
    /// It cannot be told from it: the interval holds 0, or there is none.
    Inconclusive,
    /// All of the interval lies above 0.
    Improved,
    /// There is no baseline.
    NotApplicable,
}

impl Outcome {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Regressed => "regressed",
            Self::Inconclusive => "inconclusive",
            Self::Improved => "improved",
            Self::NotApplicable => "na",
        }
    }
}

impl Measured {
    /// A number that is compared to nothing.
    pub(super) fn number(metric: &str, value: f64, higher_is_better: bool) -> Option<Self> {
        Some(Self {
            metric: Label::new(metric).ok()?,
            value,
            higher_is_better,
            n: None,
            interval: None,
            baseline: None,
            paired: None,
        })
    }

    /// A metric of a document, by the name of the registry.
    pub(super) fn of(metric: &str, row: &MetricRow, comparisons: &[Comparison]) -> Option<Self> {
        let baseline = row.baseline.as_ref();
        let is_it = |one: &&Comparison| {
            let named = baseline.map(|baseline| &baseline.name);
            (&one.split, &one.metric, Some(&one.baseline)) == (&row.split, &row.name, named)
        };
        Some(Self {
            metric: Label::new(metric).ok()?,
            value: row.value,
            higher_is_better: row.higher_is_better,
            n: row.n,
            interval: row.interval,
            baseline: baseline.map(|baseline| (baseline.name.clone(), baseline.value)),
            paired: comparisons.iter().find(is_it).and_then(|one| one.interval),
        })
    }

    /// How much better it is than its baseline, below 0 where it is worse.
    pub(super) fn better_by(&self) -> Option<f64> {
        let difference = self.value - self.baseline.as_ref()?.1;
        Some(match self.higher_is_better {
            true => difference,
            false => -difference,
        })
    }

    pub(super) fn outcome(&self) -> Outcome {
        match (self.better_by(), self.paired.map(Verdict::of)) {
            (None, _) => Outcome::NotApplicable,
            (_, Some(Verdict::Worse)) => Outcome::Regressed,
            (_, Some(Verdict::Improved)) => Outcome::Improved,
            (_, Some(Verdict::Inconclusive)) => Outcome::Inconclusive,
            (Some(better), None) if better < 0.0 => Outcome::Regressed,
            (Some(_), None) => Outcome::Inconclusive,
        }
    }

    /// The metric beside its baseline, in words.
    pub(super) fn against(&self, benchmark: &str) -> Option<String> {
        let (baseline, of) = self.baseline.as_ref()?;
        let (metric, value, better) = (&self.metric, self.value, self.better_by()?);
        let interval = match self.paired {
            Some([low, high]) => format!("interval {low:.4} to {high:.4}"),
            None => "without an interval".to_owned(),
        };
        Some(format!(
            "`{metric}` on `{benchmark}` is {value:.4}, that of `{baseline}` {of:.4}: \
             better by {better:.4}, {interval}"
        ))
    }

    pub(super) fn take(mut fields: Fields) -> Result<Self, FieldError> {
        let measured = Self {
            metric: fields.label("metric")?,
            value: fields.finite("value")?.get(),
            higher_is_better: fields.bool("higher_is_better")?,
            n: fields.optional_unsigned("n")?,
            interval: ends(&mut fields, ["ci_low", "ci_high"])?,
            baseline: match fields.contains("baseline") {
                true => Some((
                    fields.label("baseline")?,
                    fields.finite("baseline_value")?.get(),
                )),
                false => None,
            },
            paired: ends(&mut fields, ["better_by_ci_low", "better_by_ci_high"])?,
        };
        // What follows; the reader compares it.
        fields.value("outcome")?;
        if measured.baseline.is_some() {
            fields.value("better_by")?;
        }
        fields.finish()?;
        Ok(measured)
    }

    pub(super) fn to_json(&self) -> Json {
        let number = |value: f64| Json::float(value).unwrap_or(Json::Null);
        let mut fields = vec![
            ("metric", Json::from(&self.metric)),
            ("value", number(self.value)),
            ("higher_is_better", self.higher_is_better.into()),
            ("n", self.n.map_or(Json::Null, Json::from)),
            ("outcome", self.outcome().as_str().into()),
        ];
        if let Some([low, high]) = self.interval {
            fields.extend([("ci_low", number(low)), ("ci_high", number(high))]);
        }
        if let Some((name, value)) = &self.baseline {
            fields.extend([
                ("baseline", Json::from(name)),
                ("baseline_value", number(*value)),
            ]);
        }
        fields.extend(self.better_by().map(|better| ("better_by", number(better))));
        if let Some([low, high]) = self.paired {
            let ends = [number(low), number(high)];
            fields.extend(
                ["better_by_ci_low", "better_by_ci_high"]
                    .into_iter()
                    .zip(ends),
            );
        }
        Json::object(fields)
    }
}

fn ends(fields: &mut Fields, [low, high]: [&str; 2]) -> Result<Option<Ends>, FieldError> {
    if !fields.contains(low) && !fields.contains(high) {
        return Ok(None);
    }
    let ends = [fields.finite(low)?.get(), fields.finite(high)?.get()];
    match ends[0] <= ends[1] {
        true => Ok(Some(ends)),
        false => Err(FieldError::Value {
            field: format!("body.rows[].metrics[].{low}"),
            expected: "the low end of an interval",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_follows_from_the_interval_and_from_the_value_where_there_is_none() {
        let of = |value: f64, baseline: Option<f64>, higher_is_better, paired| {
            let baseline = baseline.map(|value| (Label::new("other").unwrap(), value));
            let measured = Measured {
                baseline,
                paired,
                ..Measured::number("metric", value, higher_is_better).unwrap()
            };
            let again = Fields::of_document(measured.to_json()).unwrap();
            assert_eq!(Measured::take(again).unwrap(), measured);
            measured.outcome()
        };
        assert_eq!(of(0.5, None, true, None), Outcome::NotApplicable);
        assert_eq!(
            of(0.5, Some(0.4), true, Some([0.05, 0.2])),
            Outcome::Improved
        );
        assert_eq!(
            of(0.5, Some(0.4), true, Some([-0.05, 0.2])),
            Outcome::Inconclusive
        );
        assert_eq!(
            of(0.3, Some(0.4), true, Some([-0.2, -0.05])),
            Outcome::Regressed
        );
        assert_eq!(
            of(0.3, Some(0.4), true, Some([-0.2, 0.05])),
            Outcome::Inconclusive
        );
        assert_eq!(of(0.3, Some(0.4), true, None), Outcome::Regressed);
        assert_eq!(of(0.3, Some(0.4), false, None), Outcome::Inconclusive);
        assert_eq!(of(0.4, Some(0.4), true, None), Outcome::Inconclusive);
        assert_eq!(of(0.5, Some(0.4), false, None), Outcome::Regressed);
    }
}
