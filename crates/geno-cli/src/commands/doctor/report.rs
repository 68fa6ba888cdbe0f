//! What `doctor` prints.

use geno_app::{Build, Machine, Sandbox};
use geno_core::{Digest, ErrorCode};
use geno_provenance::Json;
use geno_runtime::BackendProbe;

/// Everything that was found.
pub(super) struct Report {
    pub(super) build: Build,
    pub(super) machine: Machine,
    pub(super) sandbox: Sandbox,
    pub(super) backends: Vec<BackendProbe>,
    /// Where encoders are looked for beside the model, and whether it is there.
    pub(super) encoder_cache: Option<(String, bool)>,
    pub(super) model: Option<ModelReport>,
}

/// A model directory, as far as it could be read.
pub(super) struct ModelReport {
    pub(super) folder: String,
    pub(super) name: Option<String>,
    pub(super) model_id: Option<Digest>,
    pub(super) encoder: Option<String>,
    pub(super) checks: Vec<Check>,
}

/// One thing that was checked, and what is wrong with it.
pub(super) struct Check {
    pub(super) what: &'static str,
    pub(super) fault: Option<(ErrorCode, String)>,
}

impl ModelReport {
    /// The code of the first fault.
    pub(super) fn fault(&self) -> Option<ErrorCode> {
        let mut faults = self.checks.iter().filter_map(|check| check.fault.as_ref());
        faults.next().map(|(code, _)| *code)
    }
}

impl Report {
    pub(super) fn to_text(&self) -> String {
        let mut lines = vec![
            ("geno-lewm", self.build_text()),
            (
                "compiler",
                format!("{}, {}", self.build.rustc, self.build.target),
            ),
            (
                "system",
                format!("{}, {} threads", self.machine.system, self.machine.threads),
            ),
            ("cpu", or_unknown(self.machine.cpu_features.join(" "))),
            ("memory", self.memory_text()),
            ("sandbox", self.sandbox.to_string()),
        ];
        for probe in &self.backends {
            let verdict = match probe.available {
                true => "available",
                false => "unavailable",
            };
            let (backend, reason) = (probe.backend, &probe.reason);
            lines.push(("backend", format!("{backend:<8} {verdict:<12} {reason}")));
        }
        if let Some((folder, is_there)) = &self.encoder_cache {
            let verdict = if *is_there { "" } else { " (not there)" };
            lines.push(("encoders", format!("{folder}{verdict}")));
        }
        if let Some(model) = &self.model {
            lines.extend(model.lines());
        }
        lines
            .into_iter()
            .map(|(key, text)| format!("{key:<10} {text}\n"))
            .collect()
    }

    fn build_text(&self) -> String {
        let Build {
            version,
            git_sha,
            dirty,
            ..
        } = self.build;
        match (git_sha, dirty) {
            (None, _) => format!("{version}, commit unknown"),
            (Some(sha), Some(true)) => format!("{version}, commit {sha} and changes"),
            (Some(sha), _) => format!("{version}, commit {sha}"),
        }
    }

    fn memory_text(&self) -> String {
        match (self.machine.memory_bytes, self.machine.available_bytes) {
            (Some(all), Some(free)) => format!("{} GiB, {} GiB free", gib(all), gib(free)),
            _ => or_unknown(String::new()),
        }
    }

    pub(super) fn to_json(&self) -> Json {
        let (build, machine) = (&self.build, &self.machine);
        let backends = self.backends.iter().map(|probe| {
            Json::object([
                ("name", Json::from(probe.backend.as_str())),
                ("available", probe.available.into()),
                ("reason", probe.reason.as_str().into()),
            ])
        });
        let features = machine.cpu_features.iter().map(|name| Json::from(*name));
        let cache = self.encoder_cache.as_ref().map(|(folder, is_there)| {
            Json::object([
                ("folder", Json::from(folder.as_str())),
                ("exists", (*is_there).into()),
            ])
        });
        Json::object([
            ("schema_version", "1.0.0".into()),
            ("generated_by", "geno-lewm-doctor".into()),
            (
                "build",
                Json::object([
                    ("version", Json::from(build.version)),
                    ("git_sha", or_null(build.git_sha)),
                    ("dirty", or_null(build.dirty)),
                    ("rustc", build.rustc.into()),
                    ("target", build.target.into()),
                ]),
            ),
            (
                "machine",
                Json::object([
                    ("system", Json::from(machine.system.as_str())),
                    ("threads", (machine.threads as u64).into()),
                    ("cpu_features", Json::Array(features.collect())),
                    ("memory_bytes", or_null(machine.memory_bytes)),
                    ("available_bytes", or_null(machine.available_bytes)),
                ]),
            ),
            ("sandbox", self.sandbox.to_string().into()),
            ("backends", Json::Array(backends.collect())),
            ("encoder_cache", cache.unwrap_or(Json::Null)),
            (
                "model",
                self.model.as_ref().map_or(Json::Null, ModelReport::to_json),
            ),
        ])
    }
}

impl ModelReport {
    fn lines(&self) -> Vec<(&'static str, String)> {
        let mut lines = vec![("model", self.folder.clone())];
        lines.extend(self.name.clone().map(|name| ("", name)));
        lines.extend(self.model_id.map(|id| ("", id.to_string())));
        let encoder = self.encoder.as_ref();
        lines.extend(encoder.map(|folder| ("", format!("encoder in {folder}"))));
        for Check { what, fault } in &self.checks {
            let text = match fault {
                None => format!("ok  {what}"),
                Some((code, message)) => format!("NO  {what}: {code}: {message}"),
            };
            lines.push(("", text));
        }
        lines
    }

    fn to_json(&self) -> Json {
        let checks = self.checks.iter().map(|check| {
            let fault = check.fault.as_ref();
            Json::object([
                ("what", Json::from(check.what)),
                ("ok", fault.is_none().into()),
                ("code", or_null(fault.map(|(code, _)| code.as_str()))),
                (
                    "message",
                    or_null(fault.map(|(_, message)| message.as_str())),
                ),
            ])
        });
        Json::object([
            ("folder", Json::from(self.folder.as_str())),
            ("name", or_null(self.name.as_deref())),
            ("model_id", or_null(self.model_id)),
            ("encoder", or_null(self.encoder.as_deref())),
            ("checks", Json::Array(checks.collect())),
        ])
    }
}

fn or_null<T: Into<Json>>(value: Option<T>) -> Json {
    value.map_or(Json::Null, T::into)
}

fn or_unknown(text: String) -> String {
    match text.is_empty() {
        true => "unknown".to_owned(),
        false => text,
    }
}

fn gib(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / f64::from(1 << 30))
}
