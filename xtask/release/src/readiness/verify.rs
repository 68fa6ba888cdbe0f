//! Checking a report of readiness by making it again.

use std::{fs, path::Path};

use anyhow::Result;
use geno_provenance::{Artifact, PublicPath, release::Report};

use super::{VerifyArgs, names::Names, report::Readiness, sources::Sources, table, table_of};
use crate::{
    Verdict,
    folder::check_text,
    issues::Issues,
    suite::{self, file_name, report::Suite},
};

/// Checks a report and tells what is wrong.
pub(crate) fn run(args: &VerifyArgs) -> Result<Verdict> {
    let mut issues = Issues::default();
    check(&args.readiness, &mut issues)?;
    Ok(issues.tell(format!("`{}`", args.readiness.display()), args.json))
}

/// Finds everything that is wrong with a report, with what it was made from, and with its table.
pub(crate) fn check(path: &Path, issues: &mut Issues) -> Result<Option<Report<Readiness>>> {
    let root = suite::folder_of(path)?;
    let name = file_name(path)?;
    let name = name.as_str();
    let bytes = fs::read(path).map_err(anyhow::Error::from);
    let report = match bytes.and_then(|bytes| Ok(Report::<Readiness>::parse(&bytes)?)) {
        Ok(report) => report,
        Err(error) => {
            issues.error("v02.readiness.unreadable", name, format!("{error:#}"));
            return Ok(None);
        }
    };
    let draft = report.draft();
    for file in draft.inputs.iter() {
        match Artifact::of(&root, file.path.clone()) {
            Ok(found) if found == *file => {}
            Ok(_) => issues.error(
                "v02.input.drift",
                file.path.as_str(),
                "has other bytes than it had",
            ),
            Err(error) => issues.error("v02.input.missing", file.path.as_str(), error.source),
        }
    }
    let names = Names::of_command(&draft.command)?;
    let again = Sources::read(&root, &names).and_then(|sources| {
        let identity = sources.check()?;
        Ok((sources.body()?, identity, sources.evidence_class()))
    });
    match again {
        Err(error) => issues.error("v02.readiness.underivable", name, format!("{error:#}")),
        Ok((body, identity, class)) => {
            if body != *report.body() || identity != draft.identity {
                let message = "differs from what its reports give";
                issues.error("v02.readiness.stale", name, message);
            }
            if draft.evidence_class.join(&class) != draft.evidence_class {
                let message = "is made of what is no evidence, and does not say so";
                issues.error("v02.readiness.class", name, message);
            }
        }
    }
    if let Some(suite) = &names.suite {
        check_suite(&root, suite, issues);
    }
    let table = file_name(&table_of(path))?;
    let rendered = table::render(&report);
    check_text(&root, table.as_str(), &rendered, "v02.table.stale", issues);
    Ok(Some(report))
}

/// Everything that a suite read and left is as it was.
fn check_suite(root: &Path, name: &PublicPath, issues: &mut Issues) {
    let bytes = fs::read(name.under(root)).map_err(anyhow::Error::from);
    let report = match bytes.and_then(|bytes| Ok(Report::<Suite>::parse(&bytes)?)) {
        Ok(report) => report,
        Err(error) => {
            return issues.error("v02.suite.unreadable", name.as_str(), format!("{error:#}"));
        }
    };
    let files = report
        .draft()
        .inputs
        .iter()
        .chain(report.draft().outputs.iter());
    for file in files {
        let found = Artifact::of(root, file.path.clone());
        if found.is_ok_and(|found| found == *file) {
            continue;
        }
        issues.error(
            "v02.suite.drift",
            file.path.as_str(),
            "is not what the suite read or left",
        );
    }
}
