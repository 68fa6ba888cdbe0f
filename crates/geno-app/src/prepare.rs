//! The first thing a program does.

use std::thread;

use geno_core::Event;

use crate::{Build, Sandbox, Telemetry, TelemetryOptions, sandbox::SandboxOff};

/// Sandboxes the process if asked to, begins to listen, and says that the run begins.
///
/// For `main`, before anything that starts a thread or opens a file. What became of the sandbox is
/// [`Sandbox::current`]; one that was asked for and is not there is logged as a warning. Commands
/// that must reach the network pass `false`.
///
/// ```
/// use geno_app::{Sandbox, TelemetryOptions, prepare};
///
/// let telemetry = prepare("doctor", TelemetryOptions::default(), false);
/// assert_ne!(Sandbox::current(), Sandbox::On);
/// telemetry.finish(0, None)?;
/// # Ok::<_, geno_provenance::AtomicWriteError>(())
/// ```
pub fn prepare(command: &'static str, options: TelemetryOptions, sandbox: bool) -> Telemetry {
    let status = match sandbox {
        true => Sandbox::install(),
        false => Sandbox::current(),
    };
    let telemetry = Telemetry::start(options);
    let build = Build::current();
    Event::RunStart {
        command,
        version: build.version,
        git_sha: build.git_sha,
        threads: thread::available_parallelism().map_or(1, usize::from) as u64,
        sandbox: status.guard(),
    }
    .emit();
    if let Sandbox::Off(reason @ (SandboxOff::Unsupported | SandboxOff::Refused)) = status {
        let reason = reason.as_str();
        Event::RunSandboxOff { reason }.emit();
    }
    telemetry
}
