//! What still works and will go: every entry is warned of where it is used.
//!
//! An entry works in every version below the one that removes it. Tests hold the list against the
//! arguments that there are, the changelog and the version of the workspace.

use std::ffi::OsString;

/// A flag that will go.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Deprecation {
    /// The command that has it.
    command: &'static str,
    /// With its dashes.
    flag: &'static str,
    /// What to write in its place; nothing if it can be left out.
    instead: Option<&'static str>,
    /// The version that deprecated it.
    since: &'static str,
    /// The version that removes it.
    removed_in: &'static str,
}

/// Flags that will go.
const DEPRECATIONS: &[Deprecation] = &[
    // The Python package's names.
    Deprecation {
        command: "train",
        flag: "--carbon-preflight",
        instead: Some("--preflight"),
        since: "0.3.0",
        removed_in: "1.0.0",
    },
    Deprecation {
        command: "train",
        flag: "--carbon-model-dir",
        instead: Some("--encoder-dir"),
        since: "0.3.0",
        removed_in: "1.0.0",
    },
    Deprecation {
        command: "train",
        flag: "--carbon-train",
        instead: None,
        since: "0.3.0",
        removed_in: "1.0.0",
    },
];

impl Deprecation {
    /// What to tell who used it.
    pub(crate) fn warning(&self) -> String {
        let Self {
            flag,
            since,
            removed_in,
            ..
        } = self;
        let instead = match self.instead {
            Some(instead) => format!("write `{instead}`"),
            None => "leave it out".to_owned(),
        };
        format!("`{flag}` is deprecated since {since} and will be gone in {removed_in}: {instead}")
    }
}

/// The deprecated flags among the arguments of a command, each once.
pub(crate) fn used(
    command: &str,
    arguments: impl IntoIterator<Item = OsString>,
) -> Vec<&'static Deprecation> {
    let arguments: Vec<_> = arguments
        .into_iter()
        .take_while(|argument| argument != "--")
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let is_used = |entry: &&Deprecation| {
        let mut flags = arguments.iter().map(|argument| argument.split('=').next());
        entry.command == command && flags.any(|flag| flag == Some(entry.flag))
    };
    DEPRECATIONS.iter().filter(is_used).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use clap::CommandFactory;
    use semver::Version;

    use super::*;
    use crate::Cli;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    /// What is wrong with an entry of the list in a version of the workspace.
    fn fault(entry: &Deprecation, now: &Version) -> Option<String> {
        let [since, removed_in] = [entry.since, entry.removed_in].map(version);
        if removed_in <= *now {
            Some(format!("{entry:?} should be gone in {now}"))
        } else if since > *now {
            Some(format!("{entry:?} is from the future of {now}"))
        } else if removed_in.major == since.major {
            // Below a major version nothing is removed (RFC 0103).
            Some(format!("{entry:?} goes before a major version"))
        } else {
            None
        }
    }

    #[test]
    fn nothing_stays_beyond_its_version_and_nothing_goes_before_a_major_one() {
        let now = version(env!("CARGO_PKG_VERSION"));
        for entry in DEPRECATIONS {
            assert_eq!(fault(entry, &now), None);
        }
    }

    #[test]
    fn an_entry_that_is_overdue_or_too_quick_is_found() {
        let entry = &DEPRECATIONS[0];
        assert!(fault(entry, &version("0.99.0")).is_none());
        assert!(fault(entry, &version("1.0.0")).is_some());
        assert!(fault(entry, &version("0.2.1")).is_some());
        let quick = Deprecation {
            removed_in: "0.9.0",
            ..DEPRECATIONS[1]
        };
        assert!(fault(&quick, &version("0.3.0")).is_some());
    }

    #[test]
    fn every_entry_still_works_and_means_what_stands_in_its_place() {
        let mut program = Cli::command();
        program.build();
        for entry in DEPRECATIONS {
            let command = program.find_subcommand(entry.command).unwrap();
            let name = entry.flag.trim_start_matches('-');
            let mut arguments = command.get_arguments();
            let argument = arguments
                .find(|argument| {
                    let aliases = argument.get_all_aliases().unwrap_or_default();
                    argument.get_long() == Some(name) || aliases.contains(&name)
                })
                .unwrap_or_else(|| panic!("{entry:?} is not taken"));
            if let Some(instead) = entry.instead {
                assert_eq!(argument.get_long(), Some(instead.trim_start_matches('-')));
            }
        }
    }

    #[test]
    fn the_changelog_says_what_is_deprecated() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../CHANGELOG.md");
        let log = fs::read_to_string(path).unwrap();
        for entry in DEPRECATIONS {
            let (_, section) = log.split_once(&format!("## [{}]", entry.since)).unwrap();
            let section = section.split("\n## ").next().unwrap();
            let (_, block) = section.split_once("### Deprecated\n").unwrap();
            let block = block.split("\n### ").next().unwrap();
            let flag = format!("`{} {}`", entry.command, entry.flag);
            assert!(block.contains(&flag), "{flag}");
            assert!(block.contains(entry.removed_in), "{}", entry.removed_in);
        }
    }

    #[test]
    fn the_book_lists_what_is_deprecated() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/src/versioning.md");
        let page = fs::read_to_string(path).unwrap();
        let (_, section) = page.split_once("\n### Deprecated\n").unwrap();
        let section = section.split("\n#").next().unwrap();
        let rows = section.lines().filter(|line| line.starts_with("| `"));
        let expected = DEPRECATIONS.iter().map(|entry| {
            let instead = match entry.instead {
                Some(instead) => format!("`{} {instead}`", entry.command),
                None => "nothing: it is what `train` does".to_owned(),
            };
            let Deprecation { command, flag, .. } = entry;
            let (since, removed_in) = (entry.since, entry.removed_in);
            format!("| `{command} {flag}` | {since} | {removed_in} | {instead} |")
        });
        assert!(rows.eq(expected));
    }

    #[test]
    fn a_flag_is_found_once_in_any_spelling_and_only_for_its_command() {
        let found = |command: &str, line: &str| {
            let arguments = line.split_whitespace().map(OsString::from);
            let entries = used(command, arguments).into_iter();
            entries.map(|entry| entry.flag).collect::<Vec<_>>()
        };
        assert_eq!(
            found("train", "train --carbon-model-dir=a --carbon-model-dir b"),
            ["--carbon-model-dir"]
        );
        assert_eq!(found("train", "--carbon-preflight"), ["--carbon-preflight"]);
        assert!(found("train", "--preflight --encoder-dir a").is_empty());
        assert!(found("train", "-- --carbon-preflight").is_empty());
        assert!(found("carbon-baseline", "--carbon-model-dir a").is_empty());
    }

    #[test]
    fn a_warning_says_what_to_write() {
        assert_eq!(
            DEPRECATIONS[0].warning(),
            "`--carbon-preflight` is deprecated since 0.3.0 and will be gone in 1.0.0: write `--preflight`"
        );
        assert!(DEPRECATIONS[2].warning().ends_with("leave it out"));
    }
}
