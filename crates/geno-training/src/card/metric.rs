//! A number of a report, with how sure it is and what it is compared to.

use geno_eval::{Ends, MetricRow, MetricsDocument};
use geno_provenance::Json;

use super::MetricFault;

/// A number of a report.
///
/// # Source
///
/// A metric of `eval_metrics.json` of geno-lewm 0.2.1.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportedMetric {
    /// What was measured.
    pub name: String,
    /// The number.
    pub value: f64,
    /// On which data.
    pub split: Option<String>,
    /// Its unit.
    pub unit: Option<String>,
    /// Whether more is better, if the report says so.
    pub higher_is_better: Option<bool>,
    /// Its interval, low end first.
    pub interval: Option<[f64; 2]>,
    /// What it is compared to.
    pub baseline: Option<ReportedBaseline>,
    /// How many things it was measured on.
    pub n: Option<u64>,
    /// What the report adds.
    pub notes: Option<String>,
}

/// What a number is compared to.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportedBaseline {
    /// Its name.
    pub name: String,
    /// The same number of it.
    pub value: f64,
    /// Interval of the difference, the metric minus the baseline, from the same draws of both.
    pub difference: Option<[f64; 2]>,
}

/// What a number says beside its baseline.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MetricOutcome {
    /// It is better, and its interval says so too.
    Better,
    /// It is better, and nothing says how sure that is.
    BetterWithoutInterval,
    /// The interval allows for no difference.
    Inconclusive,
    /// It is no better.
    NoBetter,
    /// There is no baseline, or no word on which direction is better.
    NotCompared,
}

impl ReportedMetric {
    /// The metrics of an evaluation, with the paired intervals of their differences.
    pub(super) fn all_of(document: &MetricsDocument) -> Vec<Self> {
        let of = |row: &MetricRow| Self {
            name: row.name.to_string(),
            value: row.value,
            split: Some(row.split.to_string()),
            unit: Some(row.unit.to_string()),
            higher_is_better: Some(row.higher_is_better),
            interval: row.interval,
            baseline: row.baseline.as_ref().map(|baseline| ReportedBaseline {
                name: baseline.name.to_string(),
                value: baseline.value,
                difference: difference(document, row, &baseline.name),
            }),
            n: row.n,
            notes: row.notes.as_ref().map(ToString::to_string),
        };
        document.metrics.iter().map(of).collect()
    }

    /// Reads a metric. Keys that a report has beside the known ones are passed over.
    pub(super) fn of(name: &str, json: &Json) -> Result<Self, MetricFault> {
        let text = |key| json.get(key).and_then(Json::as_str).map(str::to_owned);
        let number = |key| present(json, key).map(Json::as_f64);
        let value = number("value").flatten().ok_or(MetricFault::NoValue)?;
        let interval = pair(number("ci_low"), number("ci_high"))?;
        let baseline = match (text("baseline"), number("baseline_value").flatten()) {
            (Some(name), Some(value)) => Some(ReportedBaseline {
                name,
                value,
                difference: None,
            }),
            (None, None) => None,
            _ => return Err(MetricFault::Baseline),
        };
        let n = present(json, "n").map(Json::as_u64);
        if n == Some(Some(0)) {
            return Err(MetricFault::Empty);
        }
        let higher_is_better = match json.get("higher_is_better") {
            Some(Json::Bool(higher)) => Some(*higher),
            _ => None,
        };
        Ok(Self {
            name: name.to_owned(),
            value,
            split: text("split"),
            unit: text("unit"),
            higher_is_better,
            interval,
            baseline,
            n: n.flatten(),
            notes: text("notes"),
        })
    }

    /// What it says beside its baseline.
    pub fn outcome(&self) -> MetricOutcome {
        let (Some(baseline), Some(higher)) = (&self.baseline, self.higher_is_better) else {
            return MetricOutcome::NotCompared;
        };
        let is_better = |difference: f64| (difference > 0.0) == higher && difference != 0.0;
        if !is_better(self.value - baseline.value) {
            return MetricOutcome::NoBetter;
        }
        let own = || Some(self.interval?.map(|end| end - baseline.value));
        match baseline.difference.or_else(own) {
            None => MetricOutcome::BetterWithoutInterval,
            Some(ends) if ends.into_iter().all(is_better) => MetricOutcome::Better,
            Some(_) => MetricOutcome::Inconclusive,
        }
    }
}

/// The interval of a metric minus its baseline. A document says how much better the metric is.
fn difference(document: &MetricsDocument, row: &MetricRow, baseline: &str) -> Option<Ends> {
    let mut all = document.comparisons.iter();
    let found = all.find(|one| {
        (&one.split, &one.metric) == (&row.split, &row.name) && one.baseline.as_str() == baseline
    });
    let [low, high] = found?.interval?;
    Some(match row.higher_is_better {
        true => [low, high],
        false => [-high, -low],
    })
}

/// A value that is there and not null.
fn present<'a>(json: &'a Json, key: &str) -> Option<&'a Json> {
    json.get(key).filter(|value| **value != Json::Null)
}

fn pair(
    low: Option<Option<f64>>,
    high: Option<Option<f64>>,
) -> Result<Option<[f64; 2]>, MetricFault> {
    match (low, high) {
        (None, None) => Ok(None),
        (Some(Some(low)), Some(Some(high))) if low <= high => Ok(Some([low, high])),
        _ => Err(MetricFault::Interval),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(fields: &str) -> Result<ReportedMetric, MetricFault> {
        let json = Json::parse(format!("{{{fields}}}").as_bytes()).unwrap();
        ReportedMetric::of("skill", &json)
    }

    #[test]
    fn a_number_is_better_only_if_its_interval_says_so() {
        use MetricOutcome::*;
        let base = r#""baseline":"copy","baseline_value":0.2"#;
        for (fields, outcome) in [
            (
                r#""value":0.5,"higher_is_better":true"#.to_owned(),
                NotCompared,
            ),
            (format!(r#""value":0.5,{base}"#), NotCompared),
            (
                format!(r#""value":0.5,"higher_is_better":true,{base}"#),
                BetterWithoutInterval,
            ),
            (
                format!(r#""value":0.5,"higher_is_better":false,{base}"#),
                NoBetter,
            ),
            (
                format!(r#""value":0.2,"higher_is_better":true,{base}"#),
                NoBetter,
            ),
            (
                format!(r#""value":0.5,"ci_low":0.3,"ci_high":0.6,"higher_is_better":true,{base}"#),
                Better,
            ),
            (
                format!(r#""value":0.5,"ci_low":0.1,"ci_high":0.6,"higher_is_better":true,{base}"#),
                Inconclusive,
            ),
            (
                format!(
                    r#""value":0.1,"ci_low":0.0,"ci_high":0.15,"higher_is_better":false,{base}"#
                ),
                Better,
            ),
        ] {
            assert_eq!(metric(&fields).unwrap().outcome(), outcome, "{fields}");
        }
    }

    #[test]
    fn the_interval_of_the_difference_comes_before_that_of_the_value() {
        let fields = r#""value":0.5,"ci_low":0.1,"ci_high":0.9,"higher_is_better":true,
            "baseline":"copy","baseline_value":0.2"#;
        let mut metric = metric(fields).unwrap();
        assert_eq!(metric.outcome(), MetricOutcome::Inconclusive);
        metric.baseline.as_mut().unwrap().difference = Some([0.1, 0.4]);
        assert_eq!(metric.outcome(), MetricOutcome::Better);
    }

    #[test]
    fn numbers_that_cannot_be_are_refused() {
        for (fields, fault) in [
            (r#""value":"high""#, MetricFault::NoValue),
            (r#""split":"test""#, MetricFault::NoValue),
            (r#""value":1,"ci_low":0"#, MetricFault::Interval),
            (r#""value":1,"ci_low":2,"ci_high":0"#, MetricFault::Interval),
            (r#""value":1,"baseline":"copy""#, MetricFault::Baseline),
            (r#""value":1,"baseline_value":1"#, MetricFault::Baseline),
            (r#""value":1,"n":0"#, MetricFault::Empty),
        ] {
            assert_eq!(metric(fields), Err(fault), "{fields}");
        }
    }
}
