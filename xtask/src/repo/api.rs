//! `repo api`: hold what users can name against committed snapshots.

mod compare;
mod names;
mod program;
mod rust;

use std::{collections::BTreeSet, fs, path::PathBuf};

use anyhow::{Context, Result, bail};
use semver::Version;
use serde_json::{Value, json};

use self::compare::{Differences, Step};
use super::{Verdict, git::git, packages::workspace_version};
use crate::workspace::root;

pub(crate) use self::rust::{MAKES_JSON, as_rustdoc};

/// The folder of the snapshots.
const FOLDER: &str = "docs/api";

#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo xtask repo api check --names --cli
  cargo xtask repo api check --since v0.3.0 --json
  cargo xtask repo api write")]
pub(super) struct Args {
    /// `write` makes the snapshots anew, `show` prints what there is, `check` compares the two
    #[arg(value_enum)]
    action: Action,

    /// Error codes, events, metrics and keys of the configuration
    #[arg(long)]
    names: bool,

    /// Commands and their arguments; builds the program
    #[arg(long)]
    cli: bool,

    /// Public items of the libraries; runs rustdoc over them
    #[arg(long)]
    rust: bool,

    /// Commit or tag of the last release: say what version the changes since then need
    #[arg(long, value_name = "TAG")]
    since: Option<String>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, clap::ValueEnum)]
enum Action {
    Write,
    Show,
    Check,
}

/// What users can name, one line a name: the name, a tab, and what a change of would break them.
/// A line of Rust has no tab.
#[derive(Debug, PartialEq)]
struct Surface {
    /// The file of its snapshot, below [`FOLDER`].
    file: String,
    lines: BTreeSet<String>,
}

pub(super) fn run(args: &Args) -> Result<Verdict> {
    let manifest = fs::read_to_string(root().join("Cargo.toml"))?;
    let version = workspace_version(&manifest)?;
    let surfaces = surfaces(args)?;
    match args.action {
        Action::Write => {
            for surface in &surfaces {
                surface.write(&version)?;
            }
            remove_stale(args, &surfaces)?;
            Ok(Verdict::Holds)
        }
        Action::Show => {
            show(&surfaces, args.json)?;
            Ok(Verdict::Holds)
        }
        Action::Check => check(args, &surfaces, &version),
    }
}

/// The surfaces that are asked for; without a flag all.
fn surfaces(args: &Args) -> Result<Vec<Surface>> {
    let is_all = !(args.names || args.cli || args.rust);
    let mut surfaces = Vec::new();
    if args.names || is_all {
        surfaces.push(names::surface());
    }
    if args.cli || is_all {
        surfaces.push(program::surface()?);
    }
    if args.rust || is_all {
        surfaces.extend(rust::surfaces()?);
    }
    Ok(surfaces)
}

fn show(surfaces: &[Surface], as_json: bool) -> Result<()> {
    if as_json {
        let files = surfaces.iter().map(|s| (s.file.clone(), json!(s.lines)));
        let files: serde_json::Map<String, Value> = files.collect();
        println!("{}", serde_json::to_string_pretty(&files)?);
        return Ok(());
    }
    for surface in surfaces {
        println!("# {}", surface.file);
        for line in &surface.lines {
            println!("{line}");
        }
    }
    Ok(())
}

fn check(args: &Args, surfaces: &[Surface], version: &Version) -> Result<Verdict> {
    let mut violations = Vec::new();
    let mut report = Vec::new();
    for surface in surfaces {
        let found = Differences::of(&surface.snapshot()?.lines, &surface.lines);
        if !args.json {
            print!("{}", found.told(&surface.file));
        }
        if !found.is_empty() {
            violations.push(format!(
                "`{FOLDER}/{}` is not what there is ({}): if that is meant, `cargo xtask repo api write`",
                surface.file,
                found.step().as_str(),
            ));
        }
        report.push(found.to_json(&surface.file));
    }
    let mut document = json!({ "version": version.to_string(), "files": report });

    if let Some(tag) = &args.since {
        let (old, step) = since(tag, surfaces)?;
        let needed = step.from(&old);
        if *version < needed {
            let step = step.as_str();
            violations.push(format!(
                "since {tag} the changes are {step}: {old} becomes {needed}, not {version}"
            ));
        }
        document["since"] = json!({ "tag": tag, "version": old.to_string(), "step": step.as_str(),
            "needs": needed.to_string() });
        if !args.json {
            println!("since {tag}: {}, so at least {needed}", step.as_str());
        }
    }
    document["ok"] = violations.is_empty().into();
    if args.json {
        println!("{}", serde_json::to_string_pretty(&document)?);
    }
    Ok(Verdict::of(&violations))
}

/// Holds the part that needs nothing built against its snapshot.
pub(super) fn check_names() -> Result<Vec<String>> {
    let surface = names::surface();
    let found = Differences::of(&surface.snapshot()?.lines, &surface.lines);
    let told = found.told(&surface.file);
    Ok(told.lines().map(str::to_owned).collect())
}

/// The version that the snapshots of a commit name, and the largest step since then.
fn since(tag: &str, surfaces: &[Surface]) -> Result<(Version, Step)> {
    let (mut version, mut step) = (None, Step::Patch);
    let listed = git(&["ls-tree", "-r", "--name-only", tag, &format!("{FOLDER}/")])?;
    let old: BTreeSet<&str> = listed.lines().collect();
    for surface in surfaces {
        let path = format!("{FOLDER}/{}", surface.file);
        if !old.contains(&*path) {
            // A crate that is new.
            step = step.max(Step::Minor);
            continue;
        }
        let text = git(&["show", &format!("{tag}:{path}")])?;
        let (named, lines) = parse(&text).with_context(|| format!("`{path}` at {tag}"))?;
        step = step.max(Differences::of(&lines, &surface.lines).step());
        version = version.max(Some(named));
    }
    match version {
        Some(version) => Ok((version, step)),
        None => bail!("there are no snapshots at {tag}"),
    }
}

/// Removes snapshots of crates that are gone.
fn remove_stale(args: &Args, surfaces: &[Surface]) -> Result<()> {
    if args.names || args.cli {
        return Ok(());
    }
    let folder = root().join(FOLDER);
    let kept: BTreeSet<PathBuf> = surfaces.iter().map(Surface::path).collect();
    for entry in fs::read_dir(folder.join("rust"))? {
        let path = entry?.path();
        if !kept.contains(&path) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

impl Surface {
    fn path(&self) -> PathBuf {
        root().join(FOLDER).join(&self.file)
    }

    /// Reads what is committed.
    fn snapshot(&self) -> Result<Self> {
        let path = self.path();
        let text = fs::read_to_string(&path).with_context(|| {
            format!(
                "cannot read `{FOLDER}/{}`: `cargo xtask repo api write`",
                self.file
            )
        })?;
        Ok(Self {
            file: self.file.clone(),
            lines: parse(&text)?.1,
        })
    }

    /// Writes the snapshot. One that holds the same lines keeps the version at which they came.
    fn write(&self, version: &Version) -> Result<()> {
        if self.path().is_file() && self.snapshot()?.lines == self.lines {
            return Ok(());
        }
        let mut text = format!("# geno-lewm {version}\n");
        for line in &self.lines {
            text += line;
            text.push('\n');
        }
        fs::create_dir_all(self.path().with_file_name(""))?;
        println!("{FOLDER}/{}", self.file);
        fs::write(self.path(), text).with_context(|| format!("cannot write `{}`", self.file))
    }
}

/// Reads a snapshot: the version in its first line, and its lines.
fn parse(text: &str) -> Result<(Version, BTreeSet<String>)> {
    let (head, rest) = text.split_once('\n').unwrap_or((text, ""));
    let version = head
        .strip_prefix("# geno-lewm ")
        .context("a snapshot begins with `# geno-lewm` and its version")?;
    let version = Version::parse(version).with_context(|| format!("`{version}` is no version"))?;
    Ok((version, rest.lines().map(str::to_owned).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_snapshot() {
        let found = check_names().unwrap();
        let to_do = "if that is meant: cargo xtask repo api write --names";
        assert!(found.is_empty(), "{found:#?}\n{to_do}");
    }

    #[test]
    fn a_snapshot_says_its_version() {
        let (version, lines) = parse("# geno-lewm 0.3.0\na\nb\tc\n").unwrap();
        assert_eq!(version, Version::new(0, 3, 0));
        assert_eq!(lines, ["a", "b\tc"].map(str::to_owned).into());
        assert!(parse("a\n").is_err());
        assert!(parse("# geno-lewm 3\n").is_err());
    }
}
