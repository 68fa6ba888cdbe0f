//! What an application needs and a library must not impose: the state of its build, configuration
//! layers, telemetry, a sandbox, updates.

mod build;
pub mod config;
mod environment;
mod git;
mod machine;
mod prepare;
mod sandbox;
mod telemetry;

pub use self::{
    build::Build,
    environment::{cpu_features, experiment_env},
    git::{GitStateError, git_state},
    machine::Machine,
    prepare::prepare,
    sandbox::{Sandbox, SandboxOff},
    telemetry::{LogFormat, RunId, RunIdError, Telemetry, TelemetryOptions, logs},
};
