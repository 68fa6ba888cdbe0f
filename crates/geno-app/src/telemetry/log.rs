//! Events as lines on standard error.

use std::{
    io::Write,
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

use geno_core::{Event, Severity};
use tracing::Subscriber;
use tracing_subscriber::layer::{Context, Layer};

use super::{RunId, event_of, record::Record};

/// How lines look, decided for one stream.
#[derive(Clone, Copy, Debug)]
pub(super) enum LogStyle {
    Human { is_coloured: bool },
    Json,
}

/// Writes every event of some severity or more.
pub(super) struct LogLayer {
    level: Severity,
    style: LogStyle,
    run_id: RunId,
    out: Mutex<Box<dyn Write + Send>>,
}

impl LogLayer {
    pub(super) fn new(
        level: Severity,
        style: LogStyle,
        run_id: RunId,
        out: Box<dyn Write + Send>,
    ) -> Self {
        Self {
            level,
            style,
            run_id,
            out: Mutex::new(out),
        }
    }

    fn is_shown(&self, event: &Event) -> bool {
        // The command tells people what failed, in a sentence of its own.
        let is_told = matches!(
            event,
            Event::Error { .. } | Event::ProvenanceVerifyMismatch { .. }
        );
        event.severity() >= self.level && !(is_told && matches!(self.style, LogStyle::Human { .. }))
    }
}

impl<S: Subscriber> Layer<S> for LogLayer {
    fn on_event(&self, record: &tracing::Event<'_>, _: Context<'_, S>) {
        let Some(event) = event_of(record).filter(|event| self.is_shown(event)) else {
            return;
        };
        let record = Record {
            time: SystemTime::now(),
            run_id: &self.run_id,
            event: &event,
        };
        let line = match self.style {
            LogStyle::Human { is_coloured } => record.to_text(is_coloured),
            LogStyle::Json => record.to_json(),
        };
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // A log that nobody can read any more is no reason to stop a run.
        let _ = out.write_all(format!("{line}\n").as_bytes());
    }
}
