//! What an application needs and a library must not impose: the state of its build, configuration
//! layers, telemetry, a sandbox, updates.
//!
//! Everything that opens a connection stands behind the feature `update`. Without it this crate,
//! and with it the whole program, links no network code.

mod build;
pub mod config;
#[cfg(feature = "update")]
mod encoder;
mod environment;
#[cfg(feature = "update")]
mod fetch;
mod git;
mod machine;
mod prepare;
mod sandbox;
mod telemetry;
#[cfg(feature = "update")]
mod update;

pub use self::{
    build::Build,
    environment::{cpu_features, experiment_env},
    git::{GitStateError, git_state},
    machine::Machine,
    prepare::prepare,
    sandbox::{Sandbox, SandboxOff},
    telemetry::{LogFormat, RunId, RunIdError, Telemetry, TelemetryOptions, logs},
};
#[cfg(feature = "update")]
pub use self::{
    encoder::{
        Commit, EncoderError, EncoderFetch, HubRepo, NameError, fetch_encoder, link_encoder,
        write_record,
    },
    fetch::{
        Client, ClientSettings, Credentials, Download, Fault, FetchError, Location, LocationError,
        PartialFile, RetryPolicy, Staged, Transfer, retry_after,
    },
    update::{
        FieldChange, IndexError, InstallLock, InstallRoot, InstalledModel, InstalledModelError,
        ModelVersion, Offer, Outcome, ReleaseId, ReleaseIdError, Standing, UpdateError,
        find_release, install, manifest_changes, rollback,
    },
};
