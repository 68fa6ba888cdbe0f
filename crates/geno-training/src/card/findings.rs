//! What the values say against a model.

use super::{
    MetricOutcome,
    calibration::CalibrationCounts,
    document::CardDocument,
    markdown::{interval, number, text},
    metric::{ReportedBaseline, ReportedMetric},
    strata::Metrics,
};

/// A sentence for each metric that is not clearly better than its baseline, for a calibration that is
/// thin, and those that documents bring along.
pub(super) fn negative(
    documents: &[CardDocument],
    calibration: Option<&CalibrationCounts>,
) -> Vec<String> {
    let mut findings = Vec::new();
    for document in documents {
        findings.extend(Metrics::of(&document.metrics).all().filter_map(of_metric));
    }
    findings.extend(calibration.and_then(of_calibration));
    let own = documents
        .iter()
        .flat_map(|document| document.sentences("negative_findings"));
    for sentence in own.map(text) {
        if !findings.contains(&sentence) {
            findings.push(sentence);
        }
    }
    findings
}

fn of_metric(metric: &ReportedMetric) -> Option<String> {
    let baseline = metric.baseline.as_ref()?;
    let what = subject(metric);
    let [value, other] = [metric.value, baseline.value].map(number);
    let name = text(&baseline.name);
    match metric.outcome() {
        MetricOutcome::NoBetter => Some(format!(
            "{what} is {value}, no better than {other} of {name}."
        )),
        MetricOutcome::Inconclusive => Some(format!(
            "{what} is {value} beside {other} of {name}, but {}: no advantage is shown.",
            doubt(metric, baseline)
        )),
        MetricOutcome::BetterWithoutInterval => Some(format!(
            "{what} is {value} beside {other} of {name}, without an interval: nothing says how sure \
             that is."
        )),
        MetricOutcome::Better | MetricOutcome::NotCompared => None,
    }
}

/// Why an advantage is not shown.
fn doubt(metric: &ReportedMetric, baseline: &ReportedBaseline) -> String {
    match (baseline.difference, metric.interval) {
        (Some(ends), _) => format!("the difference lies within {}", interval(ends)),
        (None, Some(ends)) => format!("its interval is {}", interval(ends)),
        (None, None) => "it has no interval".to_owned(),
    }
}

fn subject(metric: &ReportedMetric) -> String {
    let name = text(&metric.name);
    match &metric.split {
        Some(split) => format!("{name} on {}", text(split)),
        None => name,
    }
}

fn of_calibration(counts: &CalibrationCounts) -> Option<String> {
    let low = counts.buckets.iter().filter(|bucket| bucket.is_low);
    let (low, all) = (low.count(), counts.buckets.len());
    (low > 0).then(|| {
        format!("{low} of {all} calibration buckets hold too few variants for a sure percentile.")
    })
}
