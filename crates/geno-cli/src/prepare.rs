//! What happens between the configuration and the command.

use std::io::{self, IsTerminal};

use geno_app::{Telemetry, TelemetryOptions, config::Settings};
use geno_core::Severity;

use crate::failure::{Failure, UsageError};

/// Sets the process up as the configuration says. Called once, before anything starts a thread.
pub(crate) fn prepare(
    command: &'static str,
    settings: &Settings,
    opens_connections: bool,
) -> Result<Telemetry, Failure> {
    let observability = &settings.observability;
    let level = observability.log_level.unwrap_or(default_level());
    let options = TelemetryOptions {
        level,
        format: observability.log_format,
        run_id: settings.run_id.as_deref().map(str::parse).transpose()?,
        metrics: observability.metrics.clone(),
    };
    let sandbox = settings.runtime.sandbox && !opens_connections;
    let telemetry = geno_app::prepare(command, options, sandbox);
    if let Some(threads) = settings.runtime.threads {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build_global()
            .map_err(|error| UsageError(format!("cannot start threads: {error}")))?;
    }
    Ok(telemetry)
}

/// On a terminal a bar shows how far a run is; a file or a pipe is told by lines.
fn default_level() -> Severity {
    match io::stderr().is_terminal() {
        true => Severity::Warn,
        false => Severity::Info,
    }
}
