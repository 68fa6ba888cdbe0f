//! The held-out report of a language model, as metrics.

use geno_provenance::Json;

use super::metric::{ReportedBaseline, ReportedMetric};

/// The model that the others are compared with.
const CHAIN: &str = "language_model.chain";

/// Bits per base of the language model beside each simpler one, from the `held_out` of what
/// pretraining writes. A report of another form holds none.
pub(super) fn metrics(report: &Json) -> Vec<ReportedMetric> {
    let Some(Json::Array(models)) = report.get("models") else {
        return Vec::new();
    };
    let n = report.get("n_windows").and_then(Json::as_u64);
    let is_chain = |model: &&Json| name(model) == Some(CHAIN);
    let Some(own) = models.iter().find(is_chain).and_then(estimate) else {
        return Vec::new();
    };
    let metric = |baseline| ReportedMetric {
        name: "bits_per_base".to_owned(),
        value: own.0,
        split: Some("held-out windows".to_owned()),
        unit: Some("bits".to_owned()),
        higher_is_better: Some(false),
        interval: Some(own.1),
        baseline,
        n,
        notes: None,
    };
    // What the other takes more is the negative of the difference.
    let beside = |model: &Json| {
        let more = read(model.get("minus_chain")?)?;
        let [low, high] = more.1;
        Some(metric(Some(ReportedBaseline {
            name: name(model)?.to_owned(),
            value: estimate(model)?.0,
            difference: Some([-high, -low]),
        })))
    };
    let others = models
        .iter()
        .filter(|model| name(model).is_some_and(|name| !name.starts_with("language_model.")));
    let compared: Vec<_> = others.filter_map(beside).collect();
    match compared.is_empty() {
        true => vec![metric(None)],
        false => compared,
    }
}

fn name(model: &Json) -> Option<&str> {
    model.get("model")?.as_str()
}

fn estimate(model: &Json) -> Option<(f64, [f64; 2])> {
    read(model.get("bits_per_base")?)
}

/// A mean and the ends of its interval.
fn read(estimate: &Json) -> Option<(f64, [f64; 2])> {
    let number = |key| estimate.get(key)?.as_f64();
    let (low, high) = (number("low")?, number("high")?);
    (low <= high).then_some((number("mean")?, [low, high]))
}

#[cfg(test)]
mod tests {
    use super::{super::MetricOutcome, *};

    #[test]
    fn simpler_models_are_baselines() {
        let model = |name: &str, mean: f64, more: [f64; 2]| {
            format!(
                r#"{{"model":"{name}","bits_per_base":{{"mean":{mean},"low":1.7,"high":2.1}},
                "minus_chain":{{"mean":0.0,"low":{},"high":{}}}}}"#,
                more[0], more[1]
            )
        };
        let models = [
            model(CHAIN, 1.9, [0.0, 0.0]),
            model("language_model.marginal", 1.92, [0.01, 0.03]),
            model("markov.10", 1.95, [0.04, 0.06]),
            model("markov.11", 1.91, [-0.01, 0.03]),
        ];
        let report = format!(r#"{{"n_windows":40,"models":[{}]}}"#, models.join(","));
        let metrics = metrics(&Json::parse(report.as_bytes()).unwrap());
        let outcomes: Vec<_> = metrics
            .iter()
            .map(|metric| {
                (
                    metric.baseline.as_ref().unwrap().name.as_str(),
                    metric.outcome(),
                )
            })
            .collect();
        assert_eq!(
            outcomes,
            [
                ("markov.10", MetricOutcome::Better),
                ("markov.11", MetricOutcome::Inconclusive)
            ]
        );
        assert_eq!((metrics[0].value, metrics[0].n), (1.9, Some(40)));
    }
}
