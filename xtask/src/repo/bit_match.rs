//! `repo bit-match`: a patch changes no score, bit for bit.
//!
//! The scores are those of the demo on the canonical kernel, which the suite of tests computes.

use std::{env, fs, process};

use anyhow::{Context, Result};
use semver::Version;

use super::{
    Verdict,
    changelog::{self, Changelog},
    git,
    packages::workspace_version,
};
use crate::workspace::{cargo, root};

/// The recorded scores.
const FILE: &str = "docs/api/scores.txt";

/// The variable that has the test write its rows instead of comparing them.
const ROWS: &str = "GENO_LEWM_SCORE_ROWS";

#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo xtask repo bit-match check
  cargo xtask repo bit-match write")]
pub(super) struct Args {
    /// `check` computes the scores again; `write` keeps them, where the version allows a change
    #[arg(value_enum)]
    action: Action,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Action {
    Write,
    Check,
}

/// Recorded scores, and the version that they came with.
#[derive(Debug, Eq, PartialEq)]
struct Baseline {
    version: Version,
    /// A line a variant, in the order of the file.
    rows: Vec<String>,
}

pub(super) fn run(args: &Args) -> Result<Verdict> {
    let rows = computed()?;
    let recorded = match read() {
        Err(_) if !root().join(FILE).exists() => None,
        read => Some(read?),
    };
    let difference = match &recorded {
        Some(recorded) => first_difference(&recorded.rows, &rows),
        None => Some(format!("there is no `{FILE}`")),
    };
    match (args.action, difference) {
        (_, None) => Ok(Verdict::of(&check_version()?)),
        (Action::Check, Some(difference)) => {
            let to_do = "if that is meant: cargo xtask repo bit-match write";
            Ok(Verdict::of(&[format!("{difference}; {to_do}")]))
        }
        (Action::Write, Some(difference)) => write(recorded.as_ref(), rows, &difference),
    }
}

/// Keeps other scores than before, if the version may have them.
fn write(recorded: Option<&Baseline>, rows: Vec<String>, difference: &str) -> Result<Verdict> {
    let version = version()?;
    let log = changelog::read()?;
    let refusal = recorded.and_then(|recorded| {
        let is_released = Changelog::parse(&log).is_released(&recorded.version);
        refusal(&recorded.version, is_released, &version)
    });
    if let Some(refusal) = refusal {
        return Ok(Verdict::of(&[format!("{difference}; {refusal}")]));
    }
    println!("{FILE}: {difference}");
    let text = Baseline { version, rows }.to_text();
    fs::write(root().join(FILE), text).with_context(|| format!("cannot write `{FILE}`"))?;
    Ok(Verdict::Holds)
}

/// Why a version may not have other scores than those recorded at another.
fn refusal(recorded: &Version, is_released: bool, version: &Version) -> Option<String> {
    let is_raised = (version.major, version.minor) > (recorded.major, recorded.minor);
    if version.patch != 0 {
        Some(format!(
            "{version} is a patch, which changes no score: raise the minor version"
        ))
    } else if is_released && !is_raised {
        Some(format!(
            "{recorded} is released with other scores: raise the minor version above it"
        ))
    } else {
        None
    }
}

/// What the gate holds without computing: the scores are as old as the version says.
pub(super) fn check_version() -> Result<Vec<String>> {
    let (version, recorded) = (version()?, read()?);
    let mut violations = violations(&recorded, &version);
    let Some(tag) = git::latest_tag() else {
        return Ok(violations);
    };
    // A release from before there was a baseline has nothing to compare.
    if let Ok(text) = git::git(&["show", &format!("{tag}:{FILE}")]) {
        let released = Baseline::parse(&text).with_context(|| format!("`{FILE}` at {tag}"))?;
        violations.extend(since(&released, &recorded, &version));
    }
    Ok(violations)
}

fn violations(recorded: &Baseline, version: &Version) -> Vec<String> {
    let at = &recorded.version;
    let mut violations = Vec::new();
    if at > version {
        violations.push(format!(
            "{FILE}: recorded at {at}, which is above {version}"
        ));
    }
    if at.patch != 0 {
        violations.push(format!(
            "{FILE}: recorded at {at}, a patch, which changes no score"
        ));
    }
    violations
}

/// What is wrong with scores beside those of the last release.
fn since(released: &Baseline, recorded: &Baseline, version: &Version) -> Option<String> {
    let difference = first_difference(&released.rows, &recorded.rows)?;
    let refusal = refusal(&released.version, true, version)?;
    Some(format!("{FILE}: {difference}; {refusal}"))
}

/// The first variant whose line is another one.
fn first_difference(old: &[String], new: &[String]) -> Option<String> {
    let differs = |(old, new): &(&String, &String)| old != new;
    match old.iter().zip(new).find(differs) {
        Some((old, new)) => Some(format!(
            "the first score that differs\n  was {old}\n  is  {new}"
        )),
        None if old.len() != new.len() => {
            Some(format!("{} variants became {}", old.len(), new.len()))
        }
        None => None,
    }
}

/// Has the suite of tests compute the scores.
fn computed() -> Result<Vec<String>> {
    let path = env::temp_dir().join(format!("geno-lewm-score-rows-{}.txt", process::id()));
    let variable = path.to_str().context("the folder's name is no text")?;
    let name = "score_baseline::scores_are_those_of_the_baseline_for_any_number_of_threads";
    let test = [
        "test",
        "--quiet",
        "-p",
        "geno-tests",
        "--test",
        "suite",
        name,
        "--",
        "--exact",
    ];
    cargo(&test, &[(ROWS, variable)])?;
    let rows = fs::read_to_string(&path).context("the test wrote no scores")?;
    fs::remove_file(&path)?;
    Ok(rows.lines().map(str::to_owned).collect())
}

fn version() -> Result<Version> {
    workspace_version(&fs::read_to_string(root().join("Cargo.toml"))?)
}

fn read() -> Result<Baseline> {
    let text = fs::read_to_string(root().join(FILE))
        .with_context(|| format!("cannot read `{FILE}`: `cargo xtask repo bit-match write`"))?;
    Baseline::parse(&text).with_context(|| format!("`{FILE}`"))
}

impl Baseline {
    fn parse(text: &str) -> Result<Self> {
        let head = text.lines().next().unwrap_or_default();
        let version = head
            .strip_prefix("# geno-lewm ")
            .context("scores begin with `# geno-lewm` and their version")?;
        let rows = text.lines().filter(|line| !line.starts_with('#'));
        Ok(Self {
            version: Version::parse(version)
                .with_context(|| format!("`{version}` is no version"))?,
            rows: rows.map(str::to_owned).collect(),
        })
    }

    fn to_text(&self) -> String {
        format!(
            "# geno-lewm {}\n# The demo on the kernel `native-portable`: variant, bits of `sigma_raw`, bits of \
             `sigma_calibrated`, both as numbers\n{}\n",
            self.version,
            self.rows.join("\n")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn baseline(version: &str, rows: &[&str]) -> Baseline {
        Baseline {
            version: version.parse().unwrap(),
            rows: rows.iter().copied().map(str::to_owned).collect(),
        }
    }

    fn refused(recorded: &str, is_released: bool, version: &str) -> bool {
        let [recorded, version] = [recorded, version].map(|text| text.parse().unwrap());
        refusal(&recorded, is_released, &version).is_some()
    }

    #[test]
    fn the_recorded_scores_are_of_a_version_that_may_have_them() {
        assert_eq!(check_version().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn a_patch_changes_no_score() {
        assert!(refused("0.3.0", true, "0.3.1"));
        assert!(refused("0.3.0", false, "0.3.1"));
        assert!(refused("1.2.0", true, "1.2.7"));
        assert!(refused("0.3.0", true, "0.4.1"));
    }

    #[test]
    fn a_minor_or_major_version_may_and_so_may_one_that_is_not_out() {
        assert!(!refused("0.3.0", true, "0.4.0"));
        assert!(!refused("0.3.0", true, "1.0.0"));
        assert!(!refused("0.3.0", false, "0.3.0"));
        assert!(refused("0.3.0", true, "0.3.0"));
    }

    #[test]
    fn the_first_variant_that_differs_is_named() {
        let [a, b] = ["1:5:A:G\t0", "1:5:A:G\t1"].map(str::to_owned);
        let same = "1:4:C:T\t7".to_owned();
        let found = first_difference(&[same.clone(), a.clone()], &[same.clone(), b]).unwrap();
        assert!(found.contains("was 1:5:A:G\t0") && found.contains("is  1:5:A:G\t1"));
        let fewer = first_difference(&[same.clone(), a], std::slice::from_ref(&same));
        assert_eq!(fewer.unwrap(), "2 variants became 1");
        assert_eq!(
            first_difference(std::slice::from_ref(&same), std::slice::from_ref(&same)),
            None
        );
    }

    #[test]
    fn a_release_is_what_counts() {
        let (old, new) = (baseline("0.3.0", &["a\t1"]), baseline("0.3.0", &["a\t2"]));
        assert!(since(&old, &new, &Version::new(0, 3, 1)).is_some());
        assert!(since(&old, &new, &Version::new(0, 3, 0)).is_some());
        assert!(since(&old, &new, &Version::new(0, 4, 0)).is_none());
        assert!(since(&old, &old, &Version::new(0, 3, 1)).is_none());
    }

    #[test]
    fn no_baseline_is_of_a_patch_or_from_the_future() {
        let version = Version::new(0, 4, 2);
        assert!(violations(&baseline("0.4.0", &[]), &version).is_empty());
        assert_eq!(violations(&baseline("0.4.1", &[]), &version).len(), 1);
        assert_eq!(violations(&baseline("0.5.0", &[]), &version).len(), 1);
    }

    #[test]
    fn a_baseline_is_read_as_it_is_written() {
        let written = baseline("0.3.0", &["1:5:A:G\tff\tee\t1\t2", "1:6:A:G\t0\t0\t0\t0"]);
        assert_eq!(Baseline::parse(&written.to_text()).unwrap(), written);
        assert!(Baseline::parse("1:5:A:G\n").is_err());
        assert!(Baseline::parse("# geno-lewm 3\n").is_err());
    }
}
