//! What the program finds on the machine before it scores.

use anyhow::{Context, Result};
use geno_core::Digest;
use geno_provenance::{
    FieldError, Fields, Json, Label, PublicPath,
    release::{Claim, EvidenceClass, FixtureReason, Issue, IssueCode, ReportBody, Severity},
};

/// What `runtime_preflight_report.json` holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Preflight {
    pub(crate) model_id: Digest,
    pub(crate) release: Label,
    /// Digest of the program's file.
    pub(crate) program: Digest,
    /// Version, commit, compiler and target of the program.
    pub(crate) build: Json,
    /// Backends by name, whether they can be used, and why not.
    pub(crate) backends: Vec<Backend>,
    /// The machine in words that name no machine in particular.
    pub(crate) machine: Label,
    /// What keeps the program from the network: `on (seccomp)`.
    pub(crate) sandbox: Label,
    /// Files of the model that the program checked, and what is wrong with each.
    pub(crate) checks: Vec<(Label, Option<Label>)>,
}

/// A backend, as the program tells of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Backend {
    pub(crate) name: Label,
    pub(crate) available: bool,
    pub(crate) reason: Label,
}

impl Preflight {
    /// Reads what `geno-lewm doctor --json` says.
    pub(crate) fn of(doctor: &[u8], release: Label, program: Digest) -> Result<Self> {
        let told = Json::parse(doctor).context("`doctor` wrote no JSON")?;
        let mut fields = Fields::of_document(told)?;
        let mut model = fields.object("model")?;
        let checks = model.objects("checks")?.into_iter().map(|mut check| {
            let what = check.label("what")?;
            let message = check.optional_label("message")?;
            let ok = check.bool("ok")?;
            let failed = || Label::new("does not hold").ok();
            let fault = if ok { None } else { message.or_else(failed) };
            Ok::<_, FieldError>((what, fault))
        });
        let checks = checks.collect::<Result<_, _>>()?;
        let backends = fields.objects("backends")?.into_iter().map(Backend::take);
        let backends = backends.collect::<Result<_, _>>()?;
        let mut machine = fields.object("machine")?;
        let features = machine.labels("cpu_features")?;
        let features: Vec<&str> = features.iter().map(|feature| feature.as_str()).collect();
        let machine = format!(
            "{}, {} threads, {}",
            machine.string("system")?,
            machine.unsigned("threads")?,
            features.join(" ")
        );
        Ok(Self {
            model_id: model.digest("model_id")?,
            release,
            program,
            build: fields.value("build")?,
            backends,
            machine: Label::new(machine)?,
            sandbox: fields.label("sandbox")?,
            checks,
        })
    }
}

impl Preflight {
    /// What the program is: one from a tree that differs from its commit is no evidence.
    pub(crate) fn program_class(&self) -> EvidenceClass {
        let is_clean = self.build.get("dirty") == Some(&Json::Bool(false));
        match is_clean && self.build.get("git_sha").and_then(Json::as_str).is_some() {
            true => EvidenceClass::RELEASE,
            false => EvidenceClass::fixture(FixtureReason::DirtyTree),
        }
    }
}

impl Backend {
    fn take(mut fields: Fields) -> Result<Self, FieldError> {
        let backend = Self {
            name: fields.label("name")?,
            available: fields.bool("available")?,
            reason: fields.label("reason")?,
        };
        fields.finish()?;
        Ok(backend)
    }
}

impl ReportBody for Preflight {
    const PRODUCER: &'static str = "xtask.demo.preflight";
    const CLAIMS: &'static [Claim] = &[
        Claim::CommandBehaviourOnly,
        Claim::NoDeploymentReadiness,
        Claim::NoPrivacyAssurance,
    ];
    const NEEDS_FINDINGS: bool = false;

    fn take(fields: &mut Fields) -> Result<Self, FieldError> {
        let check = |mut fields: Fields| {
            let check = (fields.label("what")?, fields.optional_label("fault")?);
            fields.finish()?;
            Ok::<_, FieldError>(check)
        };
        let backends = fields.objects("backends")?.into_iter().map(Backend::take);
        let backends = backends.collect::<Result<_, _>>()?;
        let checks = fields.objects("checks")?.into_iter().map(check);
        Ok(Self {
            model_id: fields.digest("model_id")?,
            release: fields.label("model_release")?,
            program: fields.digest("program_sha256")?,
            build: fields.value("build")?,
            backends,
            machine: fields.label("machine")?,
            sandbox: fields.label("sandbox")?,
            checks: checks.collect::<Result<_, _>>()?,
        })
    }

    fn to_json(&self) -> Json {
        let backends = self.backends.iter().map(|backend| {
            Json::object([
                ("name", Json::from(&backend.name)),
                ("available", backend.available.into()),
                ("reason", Json::from(&backend.reason)),
            ])
        });
        let checks = self.checks.iter().map(|(what, fault)| {
            let fault = fault.as_ref().map_or(Json::Null, Json::from);
            Json::object([("what", Json::from(what)), ("fault", fault)])
        });
        Json::object([
            ("model_id", Json::from(self.model_id)),
            ("model_release", Json::from(&self.release)),
            ("program_sha256", self.program.into()),
            ("build", self.build.clone()),
            ("backends", Json::Array(backends.collect())),
            ("machine", Json::from(&self.machine)),
            ("sandbox", Json::from(&self.sandbox)),
            ("checks", Json::Array(checks.collect())),
        ])
    }

    /// A model that does not hold, a machine without a backend, a program that could reach a network.
    fn issues(&self) -> Vec<Issue> {
        let issue = |code: &str, path: Option<&str>, message: String| {
            Some(Issue {
                severity: Severity::Error,
                code: IssueCode::new(code).ok()?,
                path: path.and_then(|path| PublicPath::new(path).ok()),
                message: Label::new(message).ok()?,
            })
        };
        let mut issues = Vec::new();
        for (what, fault) in &self.checks {
            let told =
                |fault: &Label| issue("demo.preflight.model", None, format!("{what}: {fault}"));
            issues.extend(fault.as_ref().and_then(told));
        }
        if !self.backends.iter().any(|backend| backend.available) {
            let message = "no backend can be used".to_owned();
            issues.extend(issue("demo.preflight.backend", None, message));
        }
        if !self.sandbox.starts_with("on (") {
            let message = format!(
                "the program can reach a network: the sandbox is {}",
                self.sandbox
            );
            issues.extend(issue("demo.preflight.sandbox", None, message));
        }
        issues
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCTOR: &str = r#"{"backends": [{"available": true, "name": "cpu", "reason": "2 threads"}],
        "build": {"version": "0.3.0"}, "encoder_cache": {"folder": "~/.cache"},
        "machine": {"cpu_features": ["fma"], "system": "linux", "threads": 2, "memory_bytes": 7},
        "model": {"checks": [{"what": "manifest", "ok": true, "message": null}], "folder": "model",
        "model_id": "sha256:0000000000000000000000000000000000000000000000000000000000000001"},
        "sandbox": "on (seccomp)"}"#;

    fn codes(doctor: &str) -> Vec<String> {
        let release = Label::new("r").unwrap();
        let preflight = Preflight::of(doctor.as_bytes(), release, Digest::of(b"program")).unwrap();
        let mut fields = Fields::of_document(preflight.to_json()).unwrap();
        assert_eq!(Preflight::take(&mut fields).as_ref(), Ok(&preflight));
        let issues = preflight.issues();
        issues.iter().map(|issue| issue.code.to_string()).collect()
    }

    #[test]
    fn what_keeps_a_demonstration_from_being_one_is_named() {
        assert_eq!(codes(DOCTOR), [""; 0]);
        for (from, to, code) in [
            ("on (seccomp)", "off (no seccomp)", "demo.preflight.sandbox"),
            (
                "\"available\": true",
                "\"available\": false",
                "demo.preflight.backend",
            ),
            (
                "\"ok\": true, \"message\": null",
                "\"ok\": false, \"message\": \"other bytes\"",
                "demo.preflight.model",
            ),
        ] {
            assert!(DOCTOR.contains(from));
            assert_eq!(codes(&DOCTOR.replace(from, to)), [code]);
        }
    }
}
