//! The section of a release: what was written by hand, word for word, then what commits add to it.

use anyhow::{Result, bail, ensure};
use semver::Version;

use super::{
    commits::Entry,
    document::{BLOCKS, Changelog, Section, Title},
};

/// The file with a dated section for a version, and an empty `Unreleased` above it.
///
/// What is curated stands in `Unreleased`, or in the section of the version itself as long as that
/// has no day and is the newest.
///
/// # Errors
///
/// If the version is there already, or is not above the newest, or if there is nothing to say.
pub(super) fn released(
    text: &str,
    version: &Version,
    date: &str,
    commits: &[Entry],
) -> Result<String> {
    let changelog = Changelog::parse(text);
    let mut sections = changelog.sections.iter().peekable();
    let mut curated = String::new();
    if let Some(section) = sections.next_if(|s| s.title() == Some(Title::Unreleased)) {
        curated += section.body.trim_matches('\n');
    }
    let in_making = Some(Title::Version(version.clone(), None));
    if let Some(section) = sections.next_if(|section| section.title() == in_making) {
        ensure!(
            curated.is_empty(),
            "both `Unreleased` and the section of {version} hold entries: move them together"
        );
        curated += section.body.trim_matches('\n');
    }
    let rest: Vec<&Section<'_>> = sections.collect();
    for section in &rest {
        match section.title() {
            Some(Title::Version(other, _)) if other == *version => {
                bail!("{version} has a section already")
            }
            Some(Title::Version(other, _)) if other > *version => {
                bail!("{version} is not above {other}")
            }
            _ => {}
        }
    }

    let body = with_commits(&curated, commits);
    ensure!(
        body.lines().any(|line| line.starts_with("- ")),
        "nothing to release: no entry and no commit"
    );
    let mut new = format!(
        "{}## [Unreleased]\n\n## [{version}] - {date}\n\n{body}\n",
        changelog.preamble
    );
    for section in rest {
        new += &format!("\n{}\n{}", section.heading, section.body.trim_end());
        new.push('\n');
    }
    Ok(new)
}

/// Adds to each block what the curated text does not say yet.
fn with_commits(curated: &str, commits: &[Entry]) -> String {
    let said = plain(curated);
    let is_new = |entry: &&Entry| !said.contains(&plain(without_reference(&entry.text)));
    let new: Vec<&Entry> = commits.iter().filter(is_new).collect();

    let mut body = curated.to_owned();
    for block in BLOCKS {
        let belongs = |entry: &&&Entry| match *block {
            "Breaking" => entry.is_breaking,
            block => entry.block == block,
        };
        let mut bullets = Vec::new();
        for entry in new.iter().filter(belongs) {
            let bullet = format!("- {}: {}", entry.crates.join(", "), entry.text);
            if !bullets.contains(&bullet) {
                bullets.push(bullet);
            }
        }
        if !bullets.is_empty() {
            body = with_bullets(&body, block, &bullets);
        }
    }
    body
}

/// Puts lines at the end of a block; one that is not there comes last, `Breaking` first.
fn with_bullets(body: &str, block: &str, bullets: &[String]) -> String {
    let mut lines: Vec<&str> = body.lines().collect();
    let heading = format!("### {block}");
    let is_heading = |line: &&str| line.starts_with("### ");
    if let Some(start) = lines.iter().position(|line| *line == heading) {
        let next = lines[start + 1..].iter().position(is_heading);
        let mut end = next.map_or(lines.len(), |next| start + 1 + next);
        while lines[end - 1].is_empty() {
            end -= 1;
        }
        let gap = if end == start + 1 {
            vec![""]
        } else {
            Vec::new()
        };
        let bullets = gap.into_iter().chain(bullets.iter().map(String::as_str));
        lines.splice(end..end, bullets);
        return lines.join("\n");
    }
    let bullets = bullets.iter().map(String::as_str);
    let added: Vec<&str> = [heading.as_str(), ""].into_iter().chain(bullets).collect();
    let first = lines.iter().position(is_heading);
    match first.filter(|_| block == "Breaking") {
        Some(first) => {
            lines.splice(first..first, added.into_iter().chain([""]));
        }
        None => {
            if !lines.is_empty() {
                lines.push("");
            }
            lines.extend(added);
        }
    }
    lines.join("\n")
}

/// A text without a last ` (#12)`.
fn without_reference(text: &str) -> &str {
    let end = text.trim_end().strip_suffix(')');
    let cut = end.and_then(|text| text.rsplit_once(" (#"));
    cut.filter(|(_, number)| number.bytes().all(|byte| byte.is_ascii_digit()))
        .map_or(text, |(text, _)| text)
}

/// Words alone, in lower case.
fn plain(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words.trim_end_matches('.').to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "\
# Changelog

## [Unreleased]

Of many things.

### Added

- cli: a thing,
  told over two lines

### Fixed

- runtime: a fault.

## [0.3.0] - 2026-01-01

### Added

- cli: all
";

    fn entry(block: &'static str, text: &str) -> Entry {
        Entry {
            block,
            is_breaking: text.contains("flag"),
            crates: vec!["cli".to_owned()],
            text: text.to_owned(),
        }
    }

    fn release(text: &str, version: [u64; 3], commits: &[Entry]) -> Result<String> {
        let [major, minor, patch] = version;
        released(
            text,
            &Version::new(major, minor, patch),
            "2026-05-31",
            commits,
        )
    }

    #[test]
    fn what_is_curated_stays_word_for_word() {
        let expected = OLD.replace(
            "## [Unreleased]\n",
            "## [Unreleased]\n\n## [0.4.0] - 2026-05-31\n",
        );
        assert_eq!(release(OLD, [0, 4, 0], &[]).unwrap(), expected);
    }

    #[test]
    fn commits_add_what_is_not_said_yet() {
        let commits = [
            entry("Added", "A thing, told over two lines (#3)"),
            entry("Added", "another (#4)"),
            entry("Removed", "a flag"),
        ];
        let new = release(OLD, [0, 4, 0], &commits).unwrap();
        let expected = "\
## [Unreleased]

## [0.4.0] - 2026-05-31

Of many things.

### Breaking

- cli: a flag

### Added

- cli: a thing,
  told over two lines
- cli: another (#4)

### Fixed

- runtime: a fault.

### Removed

- cli: a flag

## [0.3.0]";
        assert!(new.contains(expected), "{new}");
    }

    #[test]
    fn a_version_in_the_making_gets_its_day() {
        let old = "# Changelog\n\n## [0.3.0]\n\nText.\n\n### Added\n\n- cli: all\n";
        let expected = "# Changelog\n\n## [Unreleased]\n\n## [0.3.0] - 2026-05-31\n\nText.\n\n\
            ### Added\n\n- cli: all\n";
        assert_eq!(release(old, [0, 3, 0], &[]).unwrap(), expected);
    }

    #[test]
    fn a_version_comes_once_and_above_the_others() {
        let refusal = |version| release(OLD, version, &[]).unwrap_err().to_string();
        assert_eq!(refusal([0, 3, 0]), "0.3.0 has a section already");
        assert_eq!(refusal([0, 2, 9]), "0.2.9 is not above 0.3.0");
        let empty = "# Changelog\n\n## [Unreleased]\n";
        let refusal = release(empty, [0, 1, 0], &[]).unwrap_err().to_string();
        assert!(refusal.starts_with("nothing to release"));
        assert!(release(empty, [0, 1, 0], &[entry("Fixed", "x")]).is_ok());
    }
}
