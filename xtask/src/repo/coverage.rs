//! `repo coverage`: check that tests run the lines that changed.

mod changed_lines;
mod lcov;

use std::{collections::BTreeMap, fs, path::PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::json;

use self::changed_lines::changed_lines;
use super::{Verdict, git::git};
use crate::workspace::root;

#[derive(clap::Args)]
#[command(after_help = "Example:
  cargo llvm-cov --workspace --lcov --output-path lcov.info
  cargo xtask repo coverage --lcov lcov.info --base origin/main")]
pub(super) struct Args {
    /// Which lines ran, as `cargo llvm-cov --lcov` writes it
    #[arg(long, value_name = "FILE")]
    lcov: PathBuf,

    /// Commit from which on lines count as changed
    #[arg(long, value_name = "REF", required_unless_present = "diff")]
    base: Option<String>,

    /// The change itself, as `git diff --unified=0` prints it
    #[arg(long, value_name = "FILE", conflicts_with = "base")]
    diff: Option<PathBuf>,

    /// Least part of the changed lines that has to run
    #[arg(long, value_name = "PART", default_value_t = 0.9)]
    threshold: f64,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Verdict> {
    ensure!(
        (0.0..=1.0).contains(&args.threshold),
        "`--threshold` is a part, from 0 to 1"
    );
    let read = |path: &PathBuf| {
        fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))
    };
    let ran = lcov::ran(&read(&args.lcov)?, &root().canonicalize()?)
        .with_context(|| format!("cannot use `{}`", args.lcov.display()))?;
    let diff = match (&args.diff, &args.base) {
        (Some(path), _) => read(path)?,
        (None, base) => {
            let base = base.as_deref().unwrap_or("HEAD");
            let quoted = "core.quotePath=false";
            git(&[
                "-c",
                quoted,
                "diff",
                "--unified=0",
                "--no-ext-diff",
                "--no-color",
                "--merge-base",
                base,
            ])?
        }
    };
    let found = Coverage::of(&ran, &changed_lines(&diff)?);

    if args.json {
        println!(
            "{}",
            json!({ "changed": found.n_changed, "run": found.n_run,
            "part": found.part(), "threshold": args.threshold, "not_run": found.not_run })
        );
    } else {
        println!(
            "{} of {} changed lines run ({:.1} %)",
            found.n_run,
            found.n_changed,
            100.0 * found.part()
        );
    }
    if found.part() >= args.threshold {
        return Ok(Verdict::Holds);
    }
    let places = found.not_run.iter();
    let places =
        places.map(|(path, line)| format!("{path}:{line}:1: [coverage] no test runs this"));
    Ok(Verdict::of(&places.collect::<Vec<_>>()))
}

/// How many of the changed lines ran.
struct Coverage {
    n_changed: usize,
    n_run: usize,
    not_run: Vec<(String, usize)>,
}

impl Coverage {
    /// Lines of libraries and programs that hold code; others cannot run.
    fn of(
        ran: &BTreeMap<String, BTreeMap<usize, u64>>,
        changed: &BTreeMap<String, Vec<usize>>,
    ) -> Self {
        let mut found = Self {
            n_changed: 0,
            n_run: 0,
            not_run: Vec::new(),
        };
        for (path, lines) in changed.iter().filter(|(path, _)| is_source(path)) {
            let Some(counts) = ran.get(path) else {
                continue;
            };
            for line in lines {
                match counts.get(line) {
                    None => {}
                    Some(0) => {
                        found.n_changed += 1;
                        found.not_run.push((path.clone(), *line));
                    }
                    Some(_) => {
                        found.n_changed += 1;
                        found.n_run += 1;
                    }
                }
            }
        }
        found
    }

    /// All of nothing has run.
    fn part(&self) -> f64 {
        match self.n_changed {
            0 => 1.0,
            n => self.n_run as f64 / n as f64,
        }
    }
}

/// `crates/*/src/**.rs`.
fn is_source(path: &str) -> bool {
    let inner = path
        .strip_prefix("crates/")
        .and_then(|rest| rest.split_once('/'));
    inner.is_some_and(|(_, rest)| rest.starts_with("src/") && rest.ends_with(".rs"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_changed_lines_with_code_count() {
        let file = "crates/geno-core/src/dna.rs".to_owned();
        let ran = [(file.clone(), [(1, 3), (2, 0), (3, 1), (9, 0)].into())].into();
        let changed = [
            (file.clone(), vec![1, 2, 3, 4]),
            ("crates/geno-core/src/new.rs".to_owned(), vec![1]),
            ("crates/geno-core/tests/a.rs".to_owned(), vec![1]),
        ];
        let found = Coverage::of(&ran, &changed.into());
        assert_eq!((found.n_changed, found.n_run), (3, 2));
        assert_eq!(found.not_run, [(file, 2)]);
        assert!((found.part() - 2.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn a_change_without_code_is_covered() {
        let found = Coverage::of(
            &BTreeMap::new(),
            &[("README.md".to_owned(), vec![1])].into(),
        );
        assert!(found.part() >= 1.0);
        assert!(is_source("crates/geno-core/src/a/b.rs"));
        assert!(!is_source("xtask/src/main.rs") && !is_source("crates/geno-core/src/page.css"));
    }
}
