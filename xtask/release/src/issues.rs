//! What a check of a package found, collected and told.

use std::{fmt::Display, fs, path::Path};

use anyhow::{Result, ensure};
use geno_provenance::{
    Json, Label, PublicPath, indented_json,
    release::{Issue, IssueCode, Report, ReportBody, Severity},
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
        self.add(Severity::Error, code, path, message);
    }

    /// Adds something that holds and that readers should know.
    pub(crate) fn warning(&mut self, code: &str, path: &str, message: impl Display) {
        self.add(Severity::Warning, code, path, message);
    }

    fn add(&mut self, severity: Severity, code: &str, path: &str, message: impl Display) {
        let path = PublicPath::new(path).ok();
        self.0.push(Issue {
            severity,
            path,
            ..error(code, message)
        });
    }

    /// Adds what a report found.
    pub(crate) fn extend<'a>(&mut self, issues: impl IntoIterator<Item = &'a Issue>) {
        self.0.extend(issues.into_iter().cloned());
    }

    /// Reads a report of a folder; one that is none is an issue of this code.
    pub(crate) fn read<B: ReportBody>(
        &mut self,
        folder: &Path,
        name: &str,
        code: &str,
    ) -> Option<Report<B>> {
        let bytes = fs::read(folder.join(name)).map_err(anyhow::Error::from);
        match bytes.and_then(|bytes| Ok(Report::parse(&bytes)?)) {
            Ok(report) => Some(report),
            Err(error) => {
                self.error(code, name, format!("{error:#}"));
                None
            }
        }
    }

    /// Everything that was found.
    pub(crate) fn all(&self) -> &[Issue] {
        &self.0
    }

    /// Whether something does not hold.
    pub(crate) fn has_errors(&self) -> bool {
        self.0.iter().any(|issue| issue.severity == Severity::Error)
    }

    /// Finds what is wrong with a package, whose files get their public names.
    pub(crate) fn within(
        &mut self,
        part: &str,
        find: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        let mut inner = Self::default();
        find(&mut inner)?;
        for mut issue in inner.0 {
            let prefix = format!("{part}/");
            let public = |path: &PublicPath| match path.as_str().starts_with(&prefix) {
                true => Ok(path.clone()),
                false => PublicPath::new(format!("{prefix}{path}")),
            };
            issue.path = issue.path.as_ref().map(public).transpose()?;
            self.0.push(issue);
        }
        Ok(())
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
        Verdict::of(holds)
    }
}
