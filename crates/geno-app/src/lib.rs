//! What an application needs and a library must not impose: the state of its build, configuration
//! layers, telemetry, a sandbox, updates.

mod build;
pub mod config;

pub use self::build::Build;
