//! Entries made of the subjects of commits.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::repo::git::git;

/// An entry that a commit stands for.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Entry {
    /// The block it belongs to.
    pub(super) block: &'static str,
    /// Whether it breaks use.
    pub(super) is_breaking: bool,
    /// The crates it is about.
    pub(super) crates: Vec<String>,
    /// What was done, without type and crates.
    pub(super) text: String,
}

/// Reads the commits after another, oldest first; merges say nothing of their own.
pub(super) fn since(tag: &str, names: &[String]) -> Result<Vec<Entry>> {
    let range = format!("{tag}..HEAD");
    let format = "--format=%x1e%s";
    let log = git(&[
        "log",
        "--no-merges",
        "--reverse",
        "--name-only",
        format,
        &range,
    ])?;
    Ok(log
        .split('\x1e')
        .filter_map(|commit| {
            let (subject, files) = commit.split_once('\n')?;
            Some(entry(subject, files.lines(), names))
        })
        .collect())
}

/// Reads `type(scope)!: rest (#n)`; another subject is a change of the crates whose files it touches.
fn entry<'a>(subject: &str, files: impl Iterator<Item = &'a str>, names: &[String]) -> Entry {
    let (kind, scope, is_breaking, text) = parts(subject).unwrap_or(("", "", false, subject));
    let is_name = |name: &&str| names.iter().any(|other| other == name);
    // A scope says it; so does a crate in place of a type.
    let said = scope.split(',').map(str::trim).chain([kind]);
    let mut crates: Vec<String> = said.filter(is_name).map(str::to_owned).collect();
    if crates.is_empty() {
        let touched: BTreeSet<&str> = files.filter_map(crate_of).filter(is_name).collect();
        crates = touched.into_iter().map(str::to_owned).collect();
    }
    if crates.is_empty() {
        crates.push("docs".to_owned());
    }
    Entry {
        block: block(kind),
        is_breaking,
        crates,
        text: text.to_owned(),
    }
}

/// Type, scope, whether it is breaking, and the rest.
fn parts(subject: &str) -> Option<(&str, &str, bool, &str)> {
    let (head, text) = subject.split_once(": ")?;
    let (head, is_breaking) = match head.strip_suffix('!') {
        Some(head) => (head, true),
        None => (head, false),
    };
    let (kind, scope) = match head.split_once('(') {
        Some((kind, scope)) => (kind, scope.strip_suffix(')')?),
        None => (head, ""),
    };
    let is_word = !kind.is_empty() && kind.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    (is_word && !text.trim().is_empty()).then_some((kind, scope, is_breaking, text.trim()))
}

fn block(kind: &str) -> &'static str {
    match kind {
        "feat" => "Added",
        "fix" => "Fixed",
        "revert" | "remove" | "removal" => "Removed",
        "deprecate" | "deprecation" => "Deprecated",
        "security" => "Security",
        _ => "Changed",
    }
}

fn crate_of(path: &str) -> Option<&str> {
    match path.strip_prefix("crates/geno-") {
        Some(rest) => rest.split('/').next(),
        None => path.split_once('/').map(|(folder, _)| folder),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(subject: &str, files: &[&str]) -> Entry {
        let names = ["runtime", "cli", "xtask", "benches"].map(str::to_owned);
        entry(subject, files.iter().copied(), &names)
    }

    #[test]
    fn types_become_blocks() {
        for (kind, expected) in [
            ("feat", "Added"),
            ("fix", "Fixed"),
            ("perf", "Changed"),
            ("chore", "Changed"),
            ("whatever", "Changed"),
            ("revert", "Removed"),
            ("removal", "Removed"),
            ("deprecate", "Deprecated"),
            ("security", "Security"),
        ] {
            let entry = read(&format!("{kind}(cli): do it (#7)"), &[]);
            assert_eq!((entry.block, entry.text.as_str()), (expected, "do it (#7)"));
            assert_eq!(
                (entry.crates, entry.is_breaking),
                (vec!["cli".to_owned()], false)
            );
        }
    }

    #[test]
    fn a_mark_says_that_use_breaks() {
        assert!(read("feat(cli)!: drop a flag", &[]).is_breaking);
        assert!(read("fix!: drop a flag", &[]).is_breaking);
    }

    #[test]
    fn a_plain_subject_is_a_change_of_what_it_touches() {
        let files = [
            "crates/geno-runtime/src/lib.rs",
            "xtask/src/main.rs",
            "Cargo.toml",
        ];
        let entry = read("Hold it: all of it", &files);
        assert_eq!(
            (entry.block, entry.text.as_str()),
            ("Changed", "Hold it: all of it")
        );
        assert_eq!(entry.crates, ["runtime", "xtask"]);
        assert_eq!(read("Mend a word", &["README.md"]).crates, ["docs"]);
        assert_eq!(read("benches: say more", &[]).crates, ["benches"]);
    }
}
