//! The end of what a program said, without paths of the machine.

use std::path::Path;

use geno_provenance::Label;

/// Characters that are kept.
const LENGTH: usize = 2000;

/// What stands for a path.
const PATH: &str = "<path>";

/// The last lines of an output. Paths in the folder `root` begin at it; others are left out.
pub(super) fn tail(output: &[u8], root: &Path) -> Vec<Label> {
    let text = String::from_utf8_lossy(output);
    let text = match root.to_str() {
        Some(root) => text.replace(&format!("{root}/"), ""),
        None => text.into_owned(),
    };
    let lines = text.split(['\n', '\r']).map(public);
    let mut kept = 0;
    let mut last: Vec<Label> = Vec::new();
    for line in lines.collect::<Vec<_>>().into_iter().rev() {
        kept += line.chars().count() + 1;
        if kept > LENGTH {
            break;
        }
        last.extend(Label::new(line));
    }
    last.reverse();
    last
}

/// A line without control characters, and with a sign for each path that begins at a root.
fn public(line: &str) -> String {
    let chars: Vec<char> = line
        .trim_end()
        .chars()
        .map(|char| if char.is_control() { ' ' } else { char })
        .collect();
    let mut text = String::new();
    let mut i = 0;
    while i < chars.len() {
        let before = i.checked_sub(1).map(|at| chars[at]);
        if !begins_path(before, &chars[i..]) {
            text.push(chars[i]);
            i += 1;
            continue;
        }
        text.push_str(PATH);
        // A path in quotes may hold spaces.
        let quote = before.filter(|char| matches!(char, '`' | '\'' | '"'));
        let is_end = |char: &char| match quote {
            Some(quote) => *char == quote,
            None => {
                char.is_whitespace() || matches!(char, '`' | '\'' | '"' | ',' | ';' | ')' | ']')
            }
        };
        while i < chars.len() && !is_end(&chars[i]) {
            i += 1;
        }
    }
    text
}

/// Whether a path that begins at a root, at a user's folder or at a drive begins here.
fn begins_path(before: Option<char>, rest: &[char]) -> bool {
    // Inside a word: a relative path, a fraction, an address.
    if before.is_some_and(|char| char.is_alphanumeric() || "._-/\\>~".contains(char)) {
        return false;
    }
    let at = |i: usize| rest.get(i).copied();
    match at(0) {
        Some('/') => {
            // An address names a host after its two; three of them begin a path.
            let is_address = before == Some(':') && at(1) == Some('/') && at(2) != Some('/');
            !is_address && at(1).is_some_and(|char| !char.is_whitespace())
        }
        Some('~') => at(1) == Some('/'),
        Some('\\') => at(1) == Some('\\'),
        Some(drive) => {
            drive.is_ascii_alphabetic()
                && at(1) == Some(':')
                && matches!(at(2), Some('\\' | '/'))
                && at(3) != Some('/')
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_the_machine_are_left_out() {
        for (line, expected) in [
            (
                "error: no `/data/my genome.fa`: gone",
                "error: no `<path>`: gone",
            ),
            (
                "wrote /data/suite/runs/a/metrics.json",
                "wrote runs/a/metrics.json",
            ),
            ("at (/tmp/x, 5)", "at (<path>, 5)"),
            (
                "FASTA=/srv/ref.fa ~/a \\\\host\\share C:\\a c:/b",
                "FASTA=<path> <path> <path> <path> <path>",
            ),
            ("host:/data/x", "host:<path>"),
            ("file:///data/x", "file:<path>"),
            (
                "see https://example.org/a/b and runs/a 1/2 a / b",
                "see https://example.org/a/b and runs/a 1/2 a / b",
            ),
            ("20\tvariants \u{1b}[1mdone", "20 variants  [1mdone"),
        ] {
            let told = tail(line.as_bytes(), Path::new("/data/suite"));
            assert_eq!(told, [Label::new(expected).unwrap()], "{line}");
        }
    }

    #[test]
    fn the_last_lines_are_kept() {
        let lines: String = (0..1000).map(|i| format!("line {i}\n\n")).collect();
        let told = tail(lines.as_bytes(), Path::new("/none"));
        assert_eq!(told.last().map(Label::as_str), Some("line 999"));
        let length: usize = told.iter().map(|line| line.len() + 1).sum();
        assert!((1500..=LENGTH).contains(&length), "{length}");
    }
}
