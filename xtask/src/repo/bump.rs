//! `repo bump`: set the version of the workspace.

use std::fs;

use anyhow::{Context, Result, bail, ensure};
use semver::Version;

use super::{
    Verdict,
    changelog::{self, Changelog},
    packages::workspace_version,
    text_diff::text_diff,
};
use crate::workspace::root;

const MANIFEST: &str = "Cargo.toml";
const LOCK: &str = "Cargo.lock";

#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo xtask repo bump --show
  cargo xtask repo bump 0.4.0 --changelog --dry-run")]
pub(super) struct Args {
    /// The new version, above the old one
    #[arg(required_unless_present = "show")]
    version: Option<Version>,

    /// Print the version and change nothing
    #[arg(long, conflicts_with_all = ["version", "dry_run", "changelog"])]
    show: bool,

    /// Print the differences and write nothing
    #[arg(long)]
    dry_run: bool,

    /// Make the section of the changelog too, as `repo changelog release` does
    #[arg(long)]
    changelog: bool,
}

pub(super) fn run(args: &Args) -> Result<Verdict> {
    let manifest = read(MANIFEST)?;
    let old = workspace_version(&manifest)?;
    let Some(new) = &args.version else {
        println!("{old}");
        return Ok(Verdict::Holds);
    };
    if *new <= old {
        return Ok(Verdict::of(&[format!("{new} is not above {old}")]));
    }
    if let Some(warning) = warning(&old, new) {
        eprintln!("warning: {warning}");
    }

    let log = changelog::read()?;
    let has_section = Changelog::parse(&log).has(new);
    let log_after = match (has_section, args.changelog) {
        (true, _) => log.clone(),
        (false, true) => changelog::released_today(&log, new)?,
        (false, false) => {
            let what = format!("the changelog has no section for {new}: add one, or `--changelog`");
            return Ok(Verdict::of(&[what]));
        }
    };
    let lock = read(LOCK)?;
    let files = [
        (MANIFEST, with_version(&manifest, &old, new)?, manifest),
        (LOCK, with_locked(&lock, &old, new), lock),
        (changelog::FILE, log_after, log),
    ];
    for (name, after, before) in files {
        print!("{}", text_diff(name, &before, &after));
        if !args.dry_run && before != after {
            fs::write(root().join(name), after)
                .with_context(|| format!("cannot write `{name}`"))?;
        }
    }
    Ok(Verdict::Holds)
}

fn read(name: &str) -> Result<String> {
    fs::read_to_string(root().join(name)).with_context(|| format!("cannot read `{name}`"))
}

/// What RFC 0103 has to say of a step.
fn warning(old: &Version, new: &Version) -> Option<&'static str> {
    if new.major == 0 && new.minor > old.minor {
        Some("until 1.0 a minor version adds and breaks nothing (RFC 0103)")
    } else if new.major > old.major {
        Some("a major version may break use: the changelog says what, under `### Breaking`")
    } else {
        None
    }
}

/// The manifest with the workspace's version and those of its crates that others name.
fn with_version(manifest: &str, old: &Version, new: &Version) -> Result<String> {
    let mut section = "";
    let mut text = String::new();
    let mut n_own = 0;
    let written = format!("version = \"{old}\"");
    let replaced = format!("version = \"{new}\"");
    for line in manifest.split_inclusive('\n') {
        if line.starts_with('[') {
            section = line.trim_end();
        }
        let is_own = section == "[workspace.package]" && line.trim_end() == written;
        let is_crate = section == "[workspace.dependencies]" && line.contains("path = \"");
        n_own += usize::from(is_own);
        if is_crate && line.contains("version = ") && !line.contains(&written) {
            bail!("`{}` is not of version {old}", line.trim_end());
        }
        match is_own || is_crate {
            true => text += &line.replace(&written, &replaced),
            false => text += line,
        }
    }
    ensure!(
        n_own == 1,
        "`[workspace.package]` names its version {n_own} times"
    );
    Ok(text)
}

/// The lock file with the new version of the workspace's own packages: those without a source.
fn with_locked(lock: &str, old: &Version, new: &Version) -> String {
    let written = format!("\nversion = \"{old}\"\n");
    let replaced = format!("\nversion = \"{new}\"\n");
    let blocks = lock.split("\n\n").map(|block| {
        let is_own = block.starts_with("[[package]]") && !block.contains("\nsource = ");
        match is_own {
            true => block.replacen(&written, &replaced, 1),
            false => block.to_owned(),
        }
    });
    blocks.collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: Version = Version::new(0, 3, 0);
    const NEW: Version = Version::new(0, 4, 0);

    #[test]
    fn a_version_stands_wherever_the_workspace_names_it_and_nowhere_else() {
        let manifest = "[workspace.package]\nversion = \"0.3.0\"\n\n[workspace.dependencies]\n\
            geno-core = { path = \"crates/geno-core\", version = \"0.3.0\" }\n\
            geno-tests = { path = \"tests\" }\nother = { version = \"0.3.0\" }\n";
        let after = with_version(manifest, &OLD, &NEW).unwrap();
        let expected = "[workspace.package]\nversion = \"0.4.0\"\n\n[workspace.dependencies]\n\
            geno-core = { path = \"crates/geno-core\", version = \"0.4.0\" }\n\
            geno-tests = { path = \"tests\" }\nother = { version = \"0.3.0\" }\n";
        assert_eq!(after, expected);
        assert!(
            with_version(
                &manifest.replace("core\", version = \"0.3.0", "core\", version = \"0.2.0"),
                &OLD,
                &NEW
            )
            .is_err()
        );
        assert!(with_version("[workspace.package]\n", &OLD, &NEW).is_err());
    }

    #[test]
    fn only_packages_of_the_workspace_change_in_the_lock() {
        let lock = "# by cargo\nversion = 4\n\n[[package]]\nname = \"geno-core\"\n\
            version = \"0.3.0\"\ndependencies = [\n \"a\",\n]\n\n[[package]]\nname = \"a\"\n\
            version = \"0.3.0\"\nsource = \"registry\"\n";
        let expected = lock.replacen("0.3.0", "0.4.0", 1);
        assert_eq!(with_locked(lock, &OLD, &NEW), expected);
    }

    #[test]
    fn the_workspace_itself_can_be_bumped() {
        let manifest = read(MANIFEST).unwrap();
        let old = workspace_version(&manifest).unwrap();
        let new = Version::new(old.major, old.minor + 1, 0);
        let after = with_version(&manifest, &old, &new).unwrap();
        let is_crate = |line: &&str| line.contains("{ path = \"crates/");
        assert_eq!(workspace_version(&after).unwrap(), new);
        assert!(
            after
                .lines()
                .filter(is_crate)
                .all(|line| line.contains(&format!("\"{new}\"")))
        );

        let lock = with_locked(&read(LOCK).unwrap(), &old, &new);
        let own = format!("name = \"geno-core\"\nversion = \"{new}\"\n");
        assert!(lock.contains(&own));
    }

    #[test]
    fn what_a_step_may_do_is_said() {
        assert!(warning(&OLD, &NEW).is_some_and(|text| text.contains("until 1.0")));
        assert!(warning(&OLD, &Version::new(1, 0, 0)).is_some_and(|text| text.contains("major")));
        assert_eq!(warning(&OLD, &Version::new(0, 3, 1)), None);
    }
}
