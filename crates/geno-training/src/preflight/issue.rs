//! What is wrong with a run that has not started.

use geno_provenance::Json;

/// Something that is wrong.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Issue {
    /// Whether the run can start nevertheless.
    pub severity: Severity,
    /// What it is, in a name that never changes.
    pub code: String,
    /// The file or folder, as reports show it.
    pub path: String,
    /// The same for people.
    pub message: String,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Severity {
    /// The run cannot start.
    Error,
    /// The run can start.
    Warning,
}

/// Issues in the order in which they are found.
#[derive(Debug, Default)]
pub(super) struct Issues(Vec<Issue>);

impl Issues {
    pub(super) fn error(
        &mut self,
        code: impl Into<String>,
        path: impl Into<String>,
        message: impl Into<String>,
    ) {
        self.add(Severity::Error, code.into(), path.into(), message.into());
    }

    pub(super) fn warning(
        &mut self,
        code: impl Into<String>,
        path: impl Into<String>,
        message: impl Into<String>,
    ) {
        self.add(Severity::Warning, code.into(), path.into(), message.into());
    }

    fn add(&mut self, severity: Severity, code: String, path: String, message: String) {
        self.0.push(Issue {
            severity,
            code,
            path,
            message,
        });
    }

    pub(super) fn into_vec(self) -> Vec<Issue> {
        self.0
    }
}

impl Issue {
    pub(super) fn to_json(&self) -> Json {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        Json::object([
            ("severity", Json::from(severity)),
            ("code", self.code.as_str().into()),
            ("path", self.path.as_str().into()),
            ("message", self.message.as_str().into()),
        ])
    }
}
