//! The commands and arguments that users can name, held against `docs/api/cli.txt`.
//!
//! Scripts rely on them, so a change shows in a review. `GENO_LEWM_API=FILE` writes the list to a
//! file in place of the comparison, as `cargo xtask repo api` does.

use std::{collections::BTreeSet, env, fs};

use clap::{Arg, ArgAction, Command, CommandFactory};

use crate::Cli;

/// Groups of arguments that may change with every version.
const EXPERIMENTAL: &[&str] = &["LoraArgs"];

/// The page that lists them.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/src/versioning.md");

/// The snapshot, whose lines that begin with `#` say what it is.
const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/api/cli.txt");

/// One line a command and an argument: its name, a tab, and everything else about it.
fn surface() -> BTreeSet<String> {
    let mut program = Cli::command();
    program.build();
    let mut lines = BTreeSet::new();
    add(&program, "geno-lewm", &mut lines);
    lines
}

fn add(command: &Command, path: &str, lines: &mut BTreeSet<String>) {
    let aliases = command
        .get_all_aliases()
        .map(|name| format!("alias={name}"));
    let aliases: Vec<_> = aliases.collect();
    lines.insert(format!("{path}\t{}", aliases.join(" ")));

    let groups = command.get_groups();
    let experimental = groups.filter(|group| EXPERIMENTAL.contains(&group.get_id().as_str()));
    let experimental: Vec<_> = experimental.flat_map(|group| group.get_args()).collect();
    for arg in command.get_arguments() {
        let is_clap = matches!(
            arg.get_action(),
            ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong | ArgAction::Version
        );
        if !is_clap && !experimental.contains(&arg.get_id()) {
            lines.insert(format!("{path} {}\t{}", name(arg), signature(arg)));
        }
    }
    for subcommand in command.get_subcommands() {
        if subcommand.get_name() != "help" {
            add(
                subcommand,
                &format!("{path} {}", subcommand.get_name()),
                lines,
            );
        }
    }
}

/// `--flag`, or the value's name of an argument that has its place alone.
fn name(arg: &Arg) -> String {
    match (arg.get_long(), arg.get_index()) {
        (Some(long), _) => format!("--{long}"),
        (None, Some(index)) => format!("[{index}]"),
        (None, None) => arg.get_id().to_string(),
    }
}

fn signature(arg: &Arg) -> String {
    let mut parts = Vec::new();
    let shorts = arg
        .get_short()
        .into_iter()
        .chain(arg.get_all_short_aliases().into_iter().flatten());
    parts.extend(shorts.map(|short| format!("-{short}")));
    let aliases = arg.get_all_aliases().into_iter().flatten();
    parts.extend(aliases.map(|alias| format!("alias={alias}")));
    if arg.get_action().takes_values() {
        let names = arg.get_value_names().into_iter().flatten();
        parts.extend(names.map(|name| format!("<{name}>")));
        let values = arg.get_possible_values();
        let values: Vec<_> = values.iter().map(|value| value.get_name()).collect();
        if !values.is_empty() {
            parts.push(format!("values={}", values.join(",")));
        }
        let defaults = arg.get_default_values().iter();
        let defaults: Vec<_> = defaults.map(|value| value.to_string_lossy()).collect();
        if !defaults.is_empty() {
            parts.push(format!("default={}", defaults.join(",")));
        }
    }
    if matches!(arg.get_action(), ArgAction::Append | ArgAction::Count) {
        parts.push("repeated".to_owned());
    }
    if arg.is_required_set() {
        parts.push("required".to_owned());
    }
    parts.join(" ")
}

#[test]
fn commands_and_arguments_are_those_of_the_snapshot() {
    let found = surface();
    if let Some(path) = env::var_os("GENO_LEWM_API") {
        let lines: Vec<String> = found.into_iter().collect();
        fs::write(path, lines.join("\n") + "\n").unwrap();
        return;
    }
    let snapshot = fs::read_to_string(SNAPSHOT).unwrap();
    let lines = snapshot.lines().filter(|line| !line.starts_with('#'));
    let expected: BTreeSet<String> = lines.map(str::to_owned).collect();
    let missing: Vec<_> = expected.difference(&found).collect();
    let new: Vec<_> = found.difference(&expected).collect();
    assert!(
        missing.is_empty() && new.is_empty(),
        "not as `docs/api/cli.txt` says; if that is meant: cargo xtask repo api write --cli\n\
         no longer there: {missing:#?}\nnew: {new:#?}"
    );
}

/// The flags of groups that may change, as `train --lora`.
fn experimental(command: &Command, path: &str) -> BTreeSet<String> {
    let below = command.get_subcommands().flat_map(|command| {
        let path = format!("{path} {}", command.get_name());
        experimental(command, path.trim())
    });
    let groups = command.get_groups();
    let groups = groups.filter(|group| EXPERIMENTAL.contains(&group.get_id().as_str()));
    let ids: BTreeSet<_> = groups.flat_map(|group| group.get_args()).collect();
    let own = command
        .get_arguments()
        .filter(|arg| ids.contains(&arg.get_id()));
    below
        .chain(own.map(|arg| format!("{path} {}", name(arg))))
        .collect()
}

#[test]
fn the_book_lists_what_is_experimental() {
    let page = fs::read_to_string(PAGE).unwrap();
    let (_, section) = page.split_once("\n### Experimental\n").unwrap();
    let section = section.split("\n#").next().unwrap();
    let cells = section
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let listed: BTreeSet<String> = cells.map(str::to_owned).collect();
    assert!(!listed.is_empty());
    let found = experimental(&Cli::command(), "");
    if cfg!(feature = "experimental") {
        assert_eq!(found, listed);
    } else {
        assert!(found.is_empty(), "{found:?} without the feature");
        let lines = surface();
        let is_stable = |flag: &&String| {
            lines
                .iter()
                .any(|l| l.starts_with(&format!("geno-lewm {flag}\t")))
        };
        assert_eq!(listed.iter().find(is_stable), None);
    }
}

#[test]
fn an_argument_is_written_with_all_that_a_script_relies_on() {
    let arg = Arg::new("n")
        .long("batch-size")
        .short('b')
        .alias("batch")
        .value_name("N");
    let arg = arg.default_value("64").required(true);
    assert_eq!(name(&arg), "--batch-size");
    assert_eq!(signature(&arg), "-b alias=batch <N> default=64 required");
    let level = Arg::new("level")
        .long("level")
        .value_parser(["low", "high"]);
    assert_eq!(signature(&level), "values=low,high");
}
