//! What a check of a package found, collected and told.

use std::fmt::Display;

use anyhow::{Result, ensure};
use geno_provenance::{
    Json, Label, PublicPath, indented_json,
    release::{Issue, IssueCode, Severity},
};

use crate::Verdict;

/// Everything that a check found, in the order in which it was found.
#[derive(Debug, Default)]
pub(crate) struct Issues(Vec<Issue>);

/// Something that does not hold, of no file in particular.
pub(crate) fn error(code: &str, message: impl Display) -> Issue {
    let message = message.to_string().replace(char::is_control, " ");
    Issue {
        severity: Severity::Error,
        code: IssueCode::new(code).expect("a code of this program is well formed"),
        path: None,
        message: Label::new(message).expect("a message is not empty"),
    }
}

impl Issues {
    /// Adds something that does not hold.
    pub(crate) fn error(&mut self, code: &str, path: &str, message: impl Display) {
        let path = PublicPath::new(path).ok();
        self.0.push(Issue {
            path,
            ..error(code, message)
        });
    }

    /// Adds what a report found.
    pub(crate) fn extend<'a>(&mut self, issues: impl IntoIterator<Item = &'a Issue>) {
        self.0.extend(issues.into_iter().cloned());
    }

    /// Whether something does not hold.
    pub(crate) fn has_errors(&self) -> bool {
        let mut severities = self.0.iter().map(|issue| issue.severity);
        severities.any(|severity| severity == Severity::Error)
    }

    /// Everything as one error, if something does not hold.
    pub(crate) fn into_result(self) -> Result<()> {
        let errors = self
            .0
            .iter()
            .filter(|issue| issue.severity == Severity::Error);
        let errors: Vec<_> = errors.map(ToString::to_string).collect();
        ensure!(errors.is_empty(), "{}", errors.join("; "));
        Ok(())
    }

    /// Tells everything, or that `what` holds.
    pub(crate) fn tell(&self, what: impl Display, as_json: bool) -> Verdict {
        let holds = !self.has_errors();
        if as_json {
            let report = Json::object([
                ("ok", Json::from(holds)),
                (
                    "issues",
                    Json::Array(self.0.iter().map(Json::from).collect()),
                ),
            ]);
            println!("{}", indented_json(&report));
        } else {
            self.0.iter().for_each(|issue| println!("{issue}"));
            if holds {
                println!("{what} holds");
            }
        }
        match holds {
            true => Verdict::Holds,
            false => Verdict::Fails,
        }
    }
}
