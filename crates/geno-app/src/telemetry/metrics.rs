//! Metrics, made from events.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use geno_core::{DURATION_BUCKETS_MS, ErrorCode, Event, Metric, MetricKind};
use prometheus::{
    CounterVec, Gauge, Histogram, HistogramOpts, Opts, Registry, TextEncoder, core::Collector,
};
use tracing::Subscriber;
use tracing_subscriber::layer::{Context, Layer};

use super::event_of;

/// The values of one run. A metric that no event fed is absent.
#[derive(Default)]
pub(super) struct Metrics {
    registry: Registry,
    series: Mutex<HashMap<Metric, Series>>,
}

enum Series {
    Counter(CounterVec),
    Gauge(Gauge),
    Histogram(Histogram),
}

/// Feeds [`Metrics`] with every event, whatever is logged.
pub(super) struct MetricsLayer(pub(super) Arc<Metrics>);

impl<S: Subscriber> Layer<S> for MetricsLayer {
    fn on_event(&self, record: &tracing::Event<'_>, _: Context<'_, S>) {
        if let Some(event) = event_of(record) {
            self.0.observe(&event);
        }
    }
}

impl Metrics {
    /// Takes over what an event says.
    pub(super) fn observe(&self, event: &Event) {
        use Metric::*;
        match *event {
            Event::InferenceBatchEnd {
                n,
                throughput_per_s,
                duration_ms,
                ..
            } => {
                self.record(VariantsScored, n as f64, None);
                self.record(BatchThroughput, throughput_per_s, None);
                self.record(BatchDuration, duration_ms, None);
            }
            Event::InferenceScoreEnd { duration_ms } => {
                self.record(VariantsScored, 1.0, None);
                self.record(ScoreDuration, duration_ms, None);
            }
            Event::InferenceRowRejected { error_code } => {
                self.record(RowsRejected, 1.0, Some(error_code));
            }
            Event::InferenceModelLoad { duration_ms, .. } => {
                self.record(ModelLoadDuration, duration_ms, None);
            }
            Event::ProvenanceReceiptWrite { n_outputs, .. } => {
                self.record(ReceiptsWritten, n_outputs as f64, None);
            }
            Event::ProvenanceVerifyMismatch { error_code, .. } => {
                self.record(Mismatches, 1.0, Some(error_code));
            }
            Event::ProvenanceVerifyEnd { duration_ms, .. } => {
                self.record(VerifyDuration, duration_ms, None);
            }
            Event::Error { error_code } => self.record(ErrorsRaised, 1.0, Some(error_code)),
            Event::RunEnd {
                duration_ms,
                peak_memory_bytes,
                ..
            } => {
                self.record(RunDuration, duration_ms, None);
                if let Some(bytes) = peak_memory_bytes {
                    self.record(MemoryPeak, bytes as f64, None);
                }
            }
            Event::DataCacheHit {} => self.record(CacheHit, 1.0, None),
            Event::DataCacheMiss {} => self.record(CacheMiss, 1.0, None),
            Event::TrainingStep {
                loss_pred,
                loss_reg,
                duration_ms,
                ..
            } => {
                self.record(LossPrediction, loss_pred, None);
                self.record(LossRegularisation, loss_reg, None);
                self.record(StepDuration, duration_ms, None);
            }
            Event::TrainingCollapseAlert { .. } => self.record(CollapseAlert, 1.0, None),
            Event::TrainingMetric { name, value } => self.record(name, value, None),
            _ => {}
        }
    }

    /// Adds to a counter, sets a gauge or counts in a histogram.
    ///
    /// A value that is not finite would make a histogram's sum and a counter useless for good, so it
    /// is left out of them; so is a negative addition to a counter.
    fn record(&self, metric: Metric, value: f64, code: Option<ErrorCode>) {
        let mut series = self.series.lock().unwrap_or_else(PoisonError::into_inner);
        let series = series
            .entry(metric)
            .or_insert_with(|| self.register(metric));
        match series {
            Series::Gauge(gauge) => gauge.set(value),
            Series::Counter(counter) if value.is_finite() && value >= 0.0 => {
                let labels: Vec<_> = code.iter().map(|code| code.as_str()).collect();
                counter.with_label_values(&labels).inc_by(value);
            }
            Series::Histogram(histogram) if value.is_finite() => histogram.observe(value),
            Series::Counter(_) | Series::Histogram(_) => {}
        }
    }

    fn register(&self, metric: Metric) -> Series {
        let name = metric.name().replace('.', "_");
        let help = format!("{} (unit: {})", metric.help(), metric.unit());
        let known = "the registry's names and labels are valid and unique";
        let (series, collector): (_, Box<dyn Collector>) = match metric.kind() {
            MetricKind::Counter => {
                let counter = CounterVec::new(Opts::new(name, help), metric.labels());
                let counter = counter.expect(known);
                (Series::Counter(counter.clone()), Box::new(counter))
            }
            MetricKind::Gauge => {
                let gauge = Gauge::with_opts(Opts::new(name, help)).expect(known);
                (Series::Gauge(gauge.clone()), Box::new(gauge))
            }
            MetricKind::Histogram => {
                let bounds = DURATION_BUCKETS_MS.to_vec();
                let options = HistogramOpts::new(name, help).buckets(bounds);
                let histogram = Histogram::with_opts(options).expect(known);
                (Series::Histogram(histogram.clone()), Box::new(histogram))
            }
        };
        self.registry.register(collector).expect(known);
        series
    }

    /// Everything so far, in Prometheus' text format, sorted by name.
    pub(super) fn to_text(&self) -> String {
        TextEncoder::new()
            .encode_to_string(&self.registry.gather())
            .expect("registered metrics are not empty")
    }
}

#[cfg(test)]
mod tests {
    use geno_core::Digest;

    use super::*;

    /// One event of every kind that feeds a metric.
    fn events() -> Vec<Event> {
        let (duration_ms, error_code) = (12.0, ErrorCode::InputEmpty);
        let model_id = Digest::of(b"");
        let mut events = vec![
            Event::InferenceBatchEnd {
                n: 64,
                n_rejected: 1,
                batch_id: 1,
                throughput_per_s: 32.0,
                duration_ms,
            },
            Event::InferenceScoreEnd { duration_ms },
            Event::InferenceRowRejected { error_code },
            Event::InferenceModelLoad {
                model_id,
                backend: "cpu",
                kernel: "burn-flex",
                dtype: "fp32",
                state_contract: "l2_normalized_v2",
                layout: "centered",
                window_bp: 12_288,
                duration_ms,
            },
            Event::ProvenanceReceiptWrite {
                model_id,
                n_outputs: 7,
            },
            Event::ProvenanceVerifyMismatch {
                kind: "predictor",
                error_code,
                expected: None,
                got: None,
            },
            Event::ProvenanceVerifyEnd {
                ok: true,
                n_receipts: 7,
                duration_ms,
            },
            Event::Error { error_code },
            Event::RunEnd {
                exit_code: 0,
                duration_ms,
                peak_memory_bytes: Some(1 << 20),
            },
            Event::DataCacheHit {},
            Event::DataCacheMiss {},
            Event::TrainingStep {
                step: 1,
                loss: 0.5,
                loss_pred: 0.25,
                loss_reg: 0.25,
                lr: 1e-3,
                grad_norm: 1.0,
                duration_ms,
            },
            Event::TrainingCollapseAlert {
                criterion: "variance",
                value: 0.0,
                threshold: 0.1,
            },
        ];
        let gauges = Metric::ALL
            .iter()
            .filter(|metric| metric.name().contains(".collapse."))
            .filter(|metric| metric.kind() == MetricKind::Gauge);
        events.extend(gauges.map(|&name| Event::TrainingMetric { name, value: 0.5 }));
        events
    }

    #[test]
    fn every_registered_metric_is_fed_by_an_event() {
        let metrics = Metrics::default();
        events().iter().for_each(|event| metrics.observe(event));
        let text = metrics.to_text();
        for metric in Metric::ALL {
            let name = metric.name().replace('.', "_");
            assert!(text.contains(&format!("# HELP {name} ")), "{name}\n{text}");
        }
    }

    #[test]
    fn histograms_are_cumulative_and_carry_sum_and_count() {
        let metrics = Metrics::default();
        for duration_ms in [0.4, 12.0, 20_000.0, f64::NAN] {
            metrics.observe(&Event::InferenceScoreEnd { duration_ms });
        }
        let text = metrics.to_text();
        for line in [
            "# TYPE geno_lewm_inference_score_duration histogram",
            "# HELP geno_lewm_inference_score_duration Time of a variant scored by itself (unit: ms)",
            "geno_lewm_inference_score_duration_bucket{le=\"0.5\"} 1",
            "geno_lewm_inference_score_duration_bucket{le=\"10\"} 1",
            "geno_lewm_inference_score_duration_bucket{le=\"25\"} 2",
            "geno_lewm_inference_score_duration_bucket{le=\"10000\"} 2",
            "geno_lewm_inference_score_duration_bucket{le=\"+Inf\"} 3",
            "geno_lewm_inference_score_duration_count 3",
            "geno_lewm_inference_score_duration_sum 20012.4",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }

    #[test]
    fn every_line_is_prometheus_text() {
        let metrics = Metrics::default();
        events().iter().for_each(|event| metrics.observe(event));
        for line in metrics.to_text().lines() {
            if let Some(comment) = line.strip_prefix("# ") {
                let kind = comment.split(' ').next();
                assert!(matches!(kind, Some("HELP" | "TYPE")), "{line}");
                continue;
            }
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert!(value.parse::<f64>().is_ok(), "{line}");
            let (bare, labels) = name.split_once('{').unwrap_or((name, "}"));
            let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
            assert!(
                bare.chars().all(is_plain) && labels.ends_with('}'),
                "{line}"
            );
        }
    }
}
