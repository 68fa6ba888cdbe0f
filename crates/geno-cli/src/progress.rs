//! A progress bar on terminals. Elsewhere, and beside a log that tells it, progress is an event.

use std::{io::IsTerminal, time::Duration};

use geno_core::Severity;
use geno_runtime::{Progress, RollProgress};
use indicatif::{ProgressBar, ProgressStyle};

/// Draws how far a run has come.
pub(crate) struct Bar(Option<ProgressBar>);

impl Bar {
    /// A bar on standard error, if that is a terminal, nobody asked for quiet, and no log tells the
    /// progress on the same terminal.
    pub(crate) fn new(quiet: bool) -> Self {
        let is_logged = geno_app::logs(Severity::Info);
        if quiet || is_logged || !std::io::stderr().is_terminal() {
            return Self(None);
        }
        // Not 0, which would be drawn as done.
        let bar = ProgressBar::new(1);
        bar.enable_steady_tick(Duration::from_millis(200));
        let style = "{spinner} {bar:32} {percent:>3}%  {msg}  {elapsed_precise}, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        Self(Some(bar))
    }

    /// Shows a step of scoring.
    pub(crate) fn show(&self, progress: Progress) {
        let (scored, rejected) = (progress.scored, progress.rejected);
        let file = geno_data::Progress {
            read: progress.bytes,
            total: progress.total_bytes,
        };
        self.show_file(
            file,
            match rejected {
                0 => format!("{scored} scored"),
                n => format!("{scored} scored, {n} rejected"),
            },
        );
    }

    /// Shows a step of predicting.
    pub(crate) fn show_rolled(&self, progress: RollProgress, what: &str) {
        let file = geno_data::Progress {
            read: progress.bytes,
            total: progress.total_bytes,
        };
        self.show_file(file, format!("{} {what}", progress.rolled));
    }

    /// Shows how far a file has been read, and what that gave.
    pub(crate) fn show_file(&self, file: geno_data::Progress, message: String) {
        self.show_steps(file.read, file.total.unwrap_or(0), message);
    }

    /// Shows how much of what is expected is done.
    pub(crate) fn show_steps(&self, done: u64, expected: u64, message: String) {
        if let Self(Some(bar)) = self {
            bar.set_length(expected.max(done));
            bar.set_position(done);
            bar.set_message(message);
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(self) {
        if let Self(Some(bar)) = self {
            bar.finish_and_clear();
        }
    }
}
