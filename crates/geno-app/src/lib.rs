//! What an application needs and a library must not impose: the state of its build, configuration
//! layers, telemetry, a sandbox, updates.

mod build;
mod environment;
mod git;

pub use self::{
    build::Build,
    environment::{cpu_features, experiment_env},
    git::{GitStateError, git_state},
};
