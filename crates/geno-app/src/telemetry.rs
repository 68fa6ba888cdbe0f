//! Logs and metrics of one run.
//!
//! Both are made from [`Event`]s alone, which cannot hold a genome. Whatever else a library hands to
//! `tracing` is dropped, whatever its target: a record passes by its type.

mod log;
mod metrics;
mod record;
mod run_id;

use std::{
    io::{self, IsTerminal, Write},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Instant,
};

use geno_core::{EVENT_TARGET, ErrorCode, Event, Severity};
use geno_provenance::{AtomicWriteError, write_atomic};
use tracing::{
    Dispatch, dispatcher,
    field::{Field, Visit},
    level_filters::LevelFilter,
    subscriber::DefaultGuard,
};
use tracing_subscriber::{filter::Targets, layer::SubscriberExt};

use self::{
    log::{LogLayer, LogStyle},
    metrics::{Metrics, MetricsLayer},
};
pub use self::{
    record::LogFormat,
    run_id::{RunId, RunIdError},
};
use crate::machine::peak_memory_bytes;

/// What a run says about itself, and where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TelemetryOptions {
    /// The least severity that is logged.
    pub level: Severity,
    /// How lines look.
    pub format: LogFormat,
    /// The name of the run, else one is drawn.
    pub run_id: Option<RunId>,
    /// Where metrics go at the end, as Prometheus text.
    pub metrics: Option<PathBuf>,
}

impl Default for TelemetryOptions {
    /// Warnings and errors, for people, and no metrics.
    fn default() -> Self {
        Self {
            level: Severity::Warn,
            format: LogFormat::Human,
            run_id: None,
            metrics: None,
        }
    }
}

/// The least severity that this process logs, as an index of [`Severity::ALL`].
static LEVEL: AtomicU8 = AtomicU8::new(u8::MAX);

/// Whether events of this severity appear in the log of this process.
///
/// A progress bar and log lines on one terminal overwrite each other, so who draws one asks first.
pub fn logs(severity: Severity) -> bool {
    severity as u8 >= LEVEL.load(Ordering::Relaxed)
}

/// Logs to standard error and collects metrics, until [`Telemetry::finish`].
///
/// The first one of a process listens to all of its threads. A further one, as in tests, listens to
/// its own thread.
pub struct Telemetry {
    run_id: RunId,
    started: Instant,
    metrics: Option<(PathBuf, Arc<Metrics>)>,
    _own_thread: Option<DefaultGuard>,
}

impl Telemetry {
    /// Begins to listen.
    pub fn start(options: TelemetryOptions) -> Self {
        let style = match options.format {
            LogFormat::Json => LogStyle::Json,
            LogFormat::Human => LogStyle::Human {
                is_coloured: is_coloured(
                    io::stderr().is_terminal(),
                    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()),
                ),
            },
        };
        LEVEL.store(options.level as u8, Ordering::Relaxed);
        Self::start_with(options, style, Box::new(io::stderr()))
    }

    fn start_with(options: TelemetryOptions, style: LogStyle, out: Box<dyn Write + Send>) -> Self {
        let run_id = options.run_id.unwrap_or_else(RunId::draw);
        let metrics = options
            .metrics
            .map(|path| (path, Arc::new(Metrics::default())));
        let level = match (&metrics, options.level) {
            (Some(_), _) | (None, Severity::Debug) => LevelFilter::DEBUG,
            (None, Severity::Info) => LevelFilter::INFO,
            (None, Severity::Warn) => LevelFilter::WARN,
            (None, Severity::Error) => LevelFilter::ERROR,
        };
        let metrics_layer = metrics
            .as_ref()
            .map(|(_, metrics)| MetricsLayer(Arc::clone(metrics)));
        let subscriber = tracing_subscriber::registry()
            .with(Targets::new().with_target(EVENT_TARGET, level))
            .with(LogLayer::new(options.level, style, run_id.clone(), out))
            .with(metrics_layer);
        let dispatch = Dispatch::new(subscriber);
        let own_thread = match dispatcher::set_global_default(dispatch.clone()) {
            Ok(()) => None,
            Err(_) => Some(dispatcher::set_default(&dispatch)),
        };
        Self {
            run_id,
            started: Instant::now(),
            metrics,
            _own_thread: own_thread,
        }
    }

    /// The name of the run, which every JSON line carries.
    pub fn run_id(&self) -> &RunId {
        &self.run_id
    }

    /// Ends the run, well or not: says so, and writes the metrics.
    ///
    /// # Errors
    ///
    /// [`AtomicWriteError`] if the metrics cannot be written.
    pub fn finish(self, exit_code: u8, error: Option<ErrorCode>) -> Result<(), AtomicWriteError> {
        if let Some(error_code) = error {
            Event::Error { error_code }.emit();
        }
        Event::RunEnd {
            exit_code: exit_code.into(),
            duration_ms: self.started.elapsed().as_secs_f64() * 1e3,
            peak_memory_bytes: peak_memory_bytes(),
        }
        .emit();
        match self.metrics {
            None => Ok(()),
            Some((path, metrics)) => {
                let text = metrics.to_text();
                write_atomic(&path, |out| out.write_all(text.as_bytes()))
            }
        }
    }
}

/// Colours are for terminals, and not where <https://no-color.org> says so.
fn is_coloured(is_terminal: bool, no_color: bool) -> bool {
    is_terminal && !no_color
}

/// The event that a record carries, if it carries one.
fn event_of(record: &tracing::Event<'_>) -> Option<Event> {
    struct Carried(Option<Event>);

    impl Visit for Carried {
        fn record_error(&mut self, _: &Field, value: &(dyn std::error::Error + 'static)) {
            self.0 = self.0.or_else(|| value.downcast_ref().copied());
        }

        fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
    }

    let mut carried = Carried(None);
    record.record(&mut carried);
    carried.0
}

#[cfg(test)]
mod tests {
    use std::{fs, sync::Mutex};

    use geno_provenance::Json;

    use super::*;

    /// What a log wrote, kept for a look.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The log of a run that emits whatever `run` emits.
    fn log(options: TelemetryOptions, run: impl FnOnce()) -> String {
        let kept = Kept::default();
        let style = match options.format {
            LogFormat::Json => LogStyle::Json,
            LogFormat::Human => LogStyle::Human { is_coloured: false },
        };
        let telemetry = Telemetry::start_with(options, style, Box::new(kept.clone()));
        run();
        telemetry.finish(2, Some(ErrorCode::InputEmpty)).unwrap();
        let bytes = kept.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    fn json() -> TelemetryOptions {
        TelemetryOptions {
            level: Severity::Debug,
            format: LogFormat::Json,
            run_id: Some("night-7".parse().unwrap()),
            metrics: None,
        }
    }

    #[test]
    fn records_that_are_no_events_are_dropped_even_under_our_target() {
        let text = log(json(), || {
            let stranger = io::Error::other("20:1300205 C>T of NA12878");
            let stranger: &(dyn std::error::Error + 'static) = &stranger;
            tracing::error!("20:1300205 C>T of NA12878");
            tracing::error!(target: EVENT_TARGET, "20:1300205 C>T of NA12878");
            tracing::error!(target: EVENT_TARGET, event = stranger, sample = "NA12878");
            Event::DataCacheHit {}.emit();
        });
        let events: Vec<_> = text
            .lines()
            .map(|line| Json::parse(line.as_bytes()).unwrap())
            .map(|record| record.get("event").unwrap().as_str().unwrap().to_owned())
            .collect();
        assert_eq!(events, ["data.cache.hit", "error", "run.end"]);
        assert!(
            !text.contains("NA12878") && !text.contains("1300205"),
            "{text}"
        );
    }

    #[test]
    fn events_below_the_level_are_not_logged_and_still_counted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.prom");
        let options = TelemetryOptions {
            level: Severity::Error,
            metrics: Some(path.clone()),
            ..json()
        };
        let text = log(options, || Event::DataCacheHit {}.emit());
        assert_eq!(text.lines().count(), 1, "{text}");
        let metrics = fs::read_to_string(path).unwrap();
        assert!(
            metrics.contains("\ngeno_lewm_data_cache_hit 1\n"),
            "{metrics}"
        );
        let errors = "\ngeno_lewm_errors_raised{code=\"INPUT.EMPTY\"} 1\n";
        assert!(metrics.contains(errors), "{metrics}");
    }

    #[test]
    fn lines_for_people_leave_out_what_the_command_says_itself() {
        let options = TelemetryOptions {
            level: Severity::Warn,
            format: LogFormat::Human,
            ..json()
        };
        let text = log(options, || {
            Event::RunSandboxOff { reason: "refused" }.emit();
        });
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(
            text.ends_with(" warn  run.sandbox.off reason=refused\n"),
            "{text}"
        );
    }

    #[test]
    fn colours_are_for_terminals_that_want_them() {
        assert!(is_coloured(true, false));
        assert!(!is_coloured(true, true));
        assert!(!is_coloured(false, false));
    }
}
