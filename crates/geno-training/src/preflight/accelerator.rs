//! Whether there is a GPU, where a run needs one.

use geno_provenance::Json;
use geno_runtime::{Backend, BackendProbe};

use super::{Issues, Preflight};
use crate::{DeviceName, public_path::public_path};

/// What is known of the GPU that the configuration names.
#[derive(Clone, Debug)]
pub(super) struct Accelerator {
    requested: Option<DeviceName>,
    required: bool,
    available: bool,
    min_bytes: u64,
    reason: String,
    issue_code: Option<&'static str>,
}

impl Accelerator {
    pub(super) fn inspect(
        preflight: &Preflight<'_>,
        requested: Option<DeviceName>,
        issues: &mut Issues,
    ) -> Self {
        let required = preflight.require_accelerator;
        let path = || public_path(preflight.training_config);
        let (available, reason, code) = verdict(preflight, requested);
        match code {
            Some(code) if required => issues.error(code, path(), reason.clone()),
            Some(code) if code == MEMORY_UNKNOWN => issues.warning(code, path(), reason.clone()),
            _ => {}
        }
        Self {
            requested,
            required,
            available,
            min_bytes: preflight.min_device_bytes.unwrap_or(0),
            reason,
            issue_code: code,
        }
    }

    pub(super) fn to_json(&self) -> Json {
        let requested = self.requested.map(|device| device.as_str().into());
        Json::object([
            ("requested_device", requested.unwrap_or(Json::Null)),
            ("required", self.required.into()),
            ("available", self.available.into()),
            ("device_count", u32::from(self.available).into()),
            // Burn tells neither.
            ("device_name", Json::Null),
            ("total_memory_bytes", Json::Null),
            ("min_memory_bytes", self.min_bytes.into()),
            ("reason", self.reason.as_str().into()),
            ("issue_code", self.issue_code.map_or(Json::Null, Json::from)),
        ])
    }
}

const MEMORY_UNKNOWN: &str = "training.cuda.memory_unknown";

/// Whether a GPU answers, why, and the code of what is wrong.
fn verdict(
    preflight: &Preflight<'_>,
    requested: Option<DeviceName>,
) -> (bool, String, Option<&'static str>) {
    let (backend, unavailable) = match requested {
        Some(DeviceName::Cuda) => (Backend::Cuda, "training.cuda.unavailable"),
        Some(DeviceName::Mps) => (Backend::Wgpu, "training.accelerator_unavailable"),
        Some(DeviceName::Cpu) | None => {
            let reason = "`runtime.device` names no accelerator: cuda or mps".to_owned();
            return (
                false,
                reason,
                Some("training_config.runtime.device_not_cuda"),
            );
        }
    };
    match find(preflight.backends, backend) {
        Some(probe) if probe.available && preflight.min_device_bytes.is_some() => {
            let reason = format!("backend {backend} does not tell how much memory its device has");
            (false, reason, Some(MEMORY_UNKNOWN))
        }
        Some(probe) if probe.available => {
            (true, format!("backend {backend}: {}", probe.reason), None)
        }
        Some(probe) => (
            false,
            format!("backend {backend}: {}", probe.reason),
            Some(unavailable),
        ),
        None => (
            false,
            format!("backend {backend} was not looked for"),
            Some(unavailable),
        ),
    }
}

fn find(probes: &[BackendProbe], backend: Backend) -> Option<&BackendProbe> {
    probes.iter().find(|probe| probe.backend == backend)
}
