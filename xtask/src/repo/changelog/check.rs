//! The rules that the changelog keeps.

use std::collections::BTreeSet;

use semver::Version;

use super::document::{BLOCKS, Changelog, Section, Title, is_date};

/// What breaks a rule, each with its line.
///
/// `names` are what an entry may begin with, beside `docs`.
pub(super) fn violations(text: &str, version: &Version, names: &[String]) -> Vec<String> {
    let changelog = Changelog::parse(text);
    let mut found = Vec::new();
    if !changelog.preamble.starts_with("# Changelog\n") {
        found.push("1: does not begin with `# Changelog`".to_owned());
    }
    if !changelog.has(version) {
        found.push(format!(
            "1: no section for the workspace's version {version}"
        ));
    }
    in_order(&changelog, &mut found);
    for section in &changelog.sections {
        in_section(section, names, &mut found);
    }
    found
}

/// Titles, their order and their days.
fn in_order(changelog: &Changelog<'_>, found: &mut Vec<String>) {
    let mut above: Option<(Version, Option<&str>)> = None;
    for (i, section) in changelog.sections.iter().enumerate() {
        let mut say = |what: String| found.push(format!("{}: {what}", section.line));
        let heading = section.heading;
        let (version, date) = match section.title() {
            None => {
                say(format!("`{heading}` is not `## [X.Y.Z] - YYYY-MM-DD`"));
                continue;
            }
            Some(Title::Unreleased) => {
                if i > 0 {
                    say("`Unreleased` does not stand first".to_owned());
                }
                continue;
            }
            Some(Title::Version(version, date)) => (version, date),
        };
        match date {
            Some(date) if !is_date(date) => say(format!("`{date}` is no day")),
            None if above.is_some() => say(format!("{version} has no day")),
            _ => {}
        }
        if let Some((newer, newer_date)) = &above {
            if *newer == version {
                say(format!("{version} stands here twice"));
            } else if *newer < version {
                say(format!("{version} stands below {newer}"));
            }
            if newer_date.is_some_and(|newer_date| Some(newer_date) < date) {
                say(format!("{version} is of a later day than {newer}"));
            }
        }
        above = Some((version, date));
    }
}

/// Blocks and entries.
fn in_section(section: &Section<'_>, names: &[String], found: &mut Vec<String>) {
    let (mut seen, mut is_in_block) = (BTreeSet::new(), false);
    for (i, line) in section.body.lines().enumerate() {
        let mut say = |what: String| found.push(format!("{}: {what}", section.line + 1 + i));
        if let Some(block) = line.strip_prefix("### ") {
            is_in_block = true;
            if !BLOCKS.contains(&block) {
                say(format!("`{block}` is none of {}", BLOCKS.join(", ")));
            } else if !seen.insert(block) {
                say(format!("`{block}` stands in this section twice"));
            }
        } else if let Some(entry) = line.strip_prefix("- ") {
            if !is_in_block {
                say("an entry stands under no block, such as `### Added`".to_owned());
            }
            if let Err(what) = prefix(entry, names) {
                say(what);
            }
        } else if line.starts_with("* ") {
            say("an entry begins with `- `".to_owned());
        }
    }
}

fn prefix(entry: &str, names: &[String]) -> Result<(), String> {
    let Some((prefix, _)) = entry.split_once(": ").or(entry.split_once(":\n")) else {
        return Err("an entry does not begin with a crate, such as `runtime, cli: `".to_owned());
    };
    let known = |name: &&str| *name == "docs" || names.iter().any(|other| other == name);
    match prefix.split(", ").find(|name| !known(name)) {
        Some(name) => Err(format!("`{name}` is no crate")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "\
# Changelog

## [Unreleased]

## [0.4.0] - 2026-05-31

### Added

- runtime, cli: a thing
  over two lines: both.

### Fixed

- docs: a word

## [0.3.0] - 2026-01-01
";

    fn check(text: &str) -> Vec<String> {
        let names = ["runtime", "cli"].map(str::to_owned);
        violations(text, &Version::new(0, 4, 0), &names)
    }

    #[test]
    fn a_good_one_holds() {
        assert_eq!(check(GOOD), Vec::<String>::new());
        let undated = GOOD.replace("[0.4.0] - 2026-05-31", "[0.4.0]");
        assert_eq!(check(&undated), Vec::<String>::new());
    }

    #[test]
    fn each_rule_is_kept() {
        for (good, bad, expected) in [
            ("# Changelog", "# Log", "1: does not begin"),
            (
                "[0.4.0]",
                "[0.5.0]",
                "1: no section for the workspace's version 0.4.0",
            ),
            ("2026-05-31", "2026-02-30", "5: `2026-02-30` is no day"),
            (
                "2026-05-31",
                "2025-05-31",
                "16: 0.3.0 is of a later day than 0.4.0",
            ),
            ("## [0.3.0]", "## [0.4.0]", "16: 0.4.0 stands here twice"),
            ("## [0.3.0]", "## [0.6.0]", "16: 0.6.0 stands below 0.4.0"),
            ("[0.3.0] - 2026-01-01", "[0.3.0]", "16: 0.3.0 has no day"),
            (
                "## [0.3.0] - 2026-01-01",
                "## [Unreleased]",
                "16: `Unreleased` does not stand",
            ),
            (
                "## [0.3.0]",
                "## 0.3.0",
                "16: `## 0.3.0 - 2026-01-01` is not",
            ),
            (
                "### Fixed",
                "### Added",
                "12: `Added` stands in this section twice",
            ),
            ("### Fixed", "### Bugs", "12: `Bugs` is none of"),
            ("### Added\n", "\n", "9: an entry stands under no block"),
            ("runtime, cli", "runtime, ui", "9: `ui` is no crate"),
            (
                "runtime, cli: ",
                "",
                "9: an entry does not begin with a crate",
            ),
            ("- docs", "* docs", "14: an entry begins with"),
        ] {
            let found = check(&GOOD.replacen(good, bad, 1));
            let is_said = found.iter().any(|text| text.starts_with(expected));
            assert!(is_said, "{expected}: {found:?}");
        }
    }
}
