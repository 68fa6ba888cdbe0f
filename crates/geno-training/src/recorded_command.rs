//! The command line of a run, as records may show it.

use std::path::Path;

use crate::public_path::public_path;

/// A command line on one line, without the folders of the machine: of an absolute path, and of one
/// with `..` or `~`, the last part alone is kept, also behind `--flag=` and `KEY=`. Arguments are
/// quoted where a shell needs it.
///
/// ```
/// use geno_training::recorded_command;
///
/// let args = ["train", "--run-dir", "/data/runs/may 3", "--set", "paths.encoder_dir=../carbon"];
/// let command = recorded_command("geno-lewm", args);
/// assert_eq!(command, "geno-lewm train --run-dir 'may 3' --set paths.encoder_dir=carbon");
/// ```
pub fn recorded_command<'a>(program: &str, args: impl IntoIterator<Item = &'a str>) -> String {
    let mut command = program.to_owned();
    for arg in args {
        command.push(' ');
        command += &quoted(&public(arg));
    }
    command
}

fn public(arg: &str) -> String {
    let parts: Vec<_> = arg.split('=').map(public_value).collect();
    parts.join("=")
}

fn public_value(value: &str) -> String {
    match value.contains(['/', '\\']) {
        true => public_path(Path::new(&value.replace('\\', "/"))),
        false => value.to_owned(),
    }
}

fn quoted(arg: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./,:=@+%".contains(c);
    match !arg.is_empty() && arg.chars().all(is_plain) {
        true => arg.to_owned(),
        false => {
            let printable: String = arg.chars().filter(|c| !c.is_control()).collect();
            format!("'{}'", printable.replace('\'', r"'\''"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_folder_of_the_machine_is_recorded() {
        for (arg, recorded) in [
            ("runs/may", "runs/may"),
            ("/home-of/ann/runs/may", "may"),
            ("--run-dir=/data/x", "--run-dir=x"),
            ("../../x", "x"),
            ("~/secret/x", "x"),
            ("C:\\data\\x", "x"),
            ("--set=paths.x=/c/d", "--set=paths.x=d"),
            ("/data/a=b/c", "a=b/c"),
            ("", "''"),
            ("it's", r"'it'\''s'"),
            ("a\nb", "'ab'"),
        ] {
            assert_eq!(recorded_command("p", [arg]), format!("p {recorded}"));
        }
    }
}
