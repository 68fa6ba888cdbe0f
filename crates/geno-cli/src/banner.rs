//! What has to be known beside the data.

use geno_app::config::Settings;

/// Says on standard error what scores are for, once a run, before the first of them.
#[expect(clippy::print_stderr, reason = "a notice beside the data")]
pub(crate) fn show(settings: &Settings) {
    if !settings.observability.quiet {
        let version = env!("CARGO_PKG_VERSION");
        eprintln!("geno-lewm {version}: a research tool, not a clinical diagnostic");
    }
}

/// Says on standard error, once a run, that a flag may change with every version.
#[cfg(feature = "experimental")]
#[expect(clippy::print_stderr, reason = "a notice beside the data")]
pub(crate) fn show_experimental(flag: &str, settings: &Settings) {
    if !settings.observability.quiet {
        eprintln!("notice: `{flag}` is experimental: it may change with every version");
    }
}
