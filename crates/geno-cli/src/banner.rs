//! What every score has to be read with.

use geno_app::config::Settings;

/// Says on standard error what scores are for, once a run, before the first of them.
#[expect(clippy::print_stderr, reason = "a notice beside the data")]
pub(crate) fn show(settings: &Settings) {
    if !settings.observability.quiet {
        let version = env!("CARGO_PKG_VERSION");
        eprintln!("geno-lewm {version}: a research tool, not a clinical diagnostic");
    }
}
