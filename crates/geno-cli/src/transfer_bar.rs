//! A progress bar for downloads on terminals, and nothing elsewhere.

use std::io::IsTerminal;

use geno_app::Transfer;
use indicatif::{ProgressBar, ProgressStyle};

/// Draws how far a download has come.
pub(crate) struct TransferBar(Option<ProgressBar>);

impl TransferBar {
    /// A bar on standard error, if that is a terminal and nobody asked for quiet.
    pub(crate) fn new(quiet: bool) -> Self {
        if quiet || !std::io::stderr().is_terminal() {
            return Self(None);
        }
        let bar = ProgressBar::new(1);
        let style = "{bar:32} {bytes} of {total_bytes}  {bytes_per_sec}  {msg}";
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        Self(Some(bar))
    }

    /// Shows a step of a file.
    pub(crate) fn show(&self, name: &str, transfer: Transfer) {
        if let Self(Some(bar)) = self {
            bar.set_length(transfer.total.unwrap_or(transfer.bytes));
            bar.set_position(transfer.bytes);
            if bar.message() != name {
                bar.set_message(name.to_owned());
            }
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(self) {
        if let Self(Some(bar)) = self {
            bar.finish_and_clear();
        }
    }
}
