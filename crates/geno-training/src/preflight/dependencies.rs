//! Whether this program has what the run computes on.

use geno_provenance::Json;
use geno_runtime::{Backend, BackendProbe};

use super::{Issues, Preflight};
use crate::DeviceName;

/// A part of this program that a run may need.
#[derive(Clone, Debug)]
pub(super) struct Dependency {
    probe: BackendProbe,
    required: bool,
}

/// The backends. What a configuration's device is computed on is required.
pub(super) fn dependencies(
    preflight: &Preflight<'_>,
    device: Option<DeviceName>,
    issues: &mut Issues,
) -> Vec<Dependency> {
    let needed = device.map(backend_of);
    let mut dependencies = Vec::new();
    for probe in preflight.backends {
        let required = preflight.require_native_runtime && Some(probe.backend) == needed;
        if required && !probe.available {
            let message = format!("backend {}: {}", probe.backend, probe.reason);
            let name = format!("backend.{}", probe.backend);
            issues.error("training.dependency_unavailable", name, message);
        }
        dependencies.push(Dependency {
            probe: probe.clone(),
            required,
        });
    }
    dependencies
}

fn backend_of(device: DeviceName) -> Backend {
    match device {
        DeviceName::Cpu => Backend::Cpu,
        DeviceName::Cuda => Backend::Cuda,
        DeviceName::Mps => Backend::Wgpu,
    }
}

impl Dependency {
    pub(super) fn to_json(&self) -> Json {
        let BackendProbe {
            backend,
            available,
            reason,
        } = &self.probe;
        let version = backend
            .is_compiled_in()
            .then_some(env!("CARGO_PKG_VERSION"));
        Json::object([
            ("import_name", Json::from(format!("backend.{backend}"))),
            ("package", "geno-lewm".into()),
            ("required", self.required.into()),
            ("available", (*available).into()),
            ("version", version.map_or(Json::Null, Json::from)),
            ("reason", reason.as_str().into()),
        ])
    }
}
