//! Checking a paper by writing it again.

use std::{fs, path::Path};

use anyhow::Result;
use geno_provenance::{Timestamp, release::Statement};

use super::{VerifyArgs, render, sources::Sources};
use crate::{
    Verdict,
    folder::check_text,
    issues::Issues,
    suite::{file_name, folder_of},
};

/// Checks a paper and tells what is wrong.
pub(super) fn run(args: &VerifyArgs) -> Result<Verdict> {
    let mut issues = Issues::default();
    check(args, &mut issues)?;
    Ok(issues.tell(format!("`{}`", args.paper.display()), args.json))
}

fn check(args: &VerifyArgs, issues: &mut Issues) -> Result<()> {
    match args.packages.sources(issues)? {
        Some(sources) => compare(&args.paper, &sources, issues),
        None => Ok(()),
    }
}

/// Writes the paper again and compares.
pub(super) fn compare(paper: &Path, sources: &Sources, issues: &mut Issues) -> Result<()> {
    let name = file_name(paper)?;
    let text = match fs::read_to_string(paper) {
        Ok(text) => text,
        Err(error) => {
            issues.error("paper.missing", name.as_str(), error);
            return Ok(());
        }
    };
    let Some((title, generated_at)) = own(&text) else {
        let message = "begins with no title, or does not say when it was generated";
        issues.error("paper.unreadable", name.as_str(), message);
        return Ok(());
    };
    let rendered = render::render(sources, &title, generated_at);
    check_text(
        &folder_of(paper)?,
        name.as_str(),
        &rendered,
        "paper.stale",
        issues,
    );
    Ok(())
}

/// What follows from no package: the title, and the time.
fn own(text: &str) -> Option<(Statement, Timestamp)> {
    let mut lines = text.lines();
    let title = Statement::new(lines.next()?.strip_prefix("# ")?).ok()?;
    let generated = lines.nth(1)?.strip_prefix(render::GENERATED)?;
    let time = generated.split(' ').next()?.parse().ok()?;
    Some((title, time))
}
