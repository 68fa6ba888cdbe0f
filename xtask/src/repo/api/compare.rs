//! What differs between two lists of names, and which version that takes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use semver::Version;
use serde_json::{Value, json};

/// What may be added about a name without breaking anybody: more ways to say it, more fields.
const ADDITIVE: &[&str] = &["alias=", "field=", "variable="];

/// The part of a version that has to grow.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Step {
    Patch,
    Minor,
    Major,
}

impl Step {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Patch => "mended",
            Self::Minor => "added",
            Self::Major => "breaking",
        }
    }

    /// The least version after another. Until 1.0, too, a minor version breaks nothing.
    pub(super) fn from(self, old: &Version) -> Version {
        match self {
            Self::Patch => old.clone(),
            Self::Minor => Version::new(old.major, old.minor + 1, 0),
            Self::Major => Version::new(old.major + 1, 0, 0),
        }
    }
}

/// What differs.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Differences {
    /// Lines of names that are new, and whether each breaks use all the same.
    added: Vec<(String, bool)>,
    removed: Vec<String>,
    /// Lines of a name before and after, and whether that breaks use.
    changed: Vec<(String, String, bool)>,
}

impl Differences {
    pub(super) fn of(old: &BTreeSet<String>, new: &BTreeSet<String>) -> Self {
        let mut removed = by_name(old.difference(new));
        let mut found = Self::default();
        for (name, lines) in by_name(new.difference(old)) {
            match (removed.get(name).map(Vec::as_slice), lines.as_slice()) {
                (Some(&[before]), &[after]) => {
                    removed.remove(name);
                    let breaks = changes_use(before, after);
                    found.changed.push((before.clone(), after.clone(), breaks));
                }
                _ => {
                    let lines = lines.into_iter();
                    let added = lines.map(|line| (line.clone(), addition_breaks(line, old)));
                    found.added.extend(added);
                }
            }
        }
        found.removed = removed.into_values().flatten().cloned().collect();
        found
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn step(&self) -> Step {
        let breaks = !self.removed.is_empty()
            || self.added.iter().any(|(_, breaks)| *breaks)
            || self.changed.iter().any(|(.., breaks)| *breaks);
        match (breaks, self.is_empty()) {
            (true, _) => Step::Major,
            (false, true) => Step::Patch,
            (false, false) => Step::Minor,
        }
    }

    /// One line a difference, for a person; `!` marks what breaks use.
    pub(super) fn told(&self, file: &str) -> String {
        let mark = |breaks: &bool| if *breaks { '!' } else { ' ' };
        let mut text = String::new();
        for line in &self.removed {
            _ = writeln!(text, "{file}: !removed {line}");
        }
        for (before, after, breaks) in &self.changed {
            let mark = mark(breaks);
            _ = writeln!(
                text,
                "{file}: {mark}changed {before}\n{file}:      into {after}"
            );
        }
        for (line, breaks) in &self.added {
            _ = writeln!(text, "{file}: {}added {line}", mark(breaks));
        }
        text
    }

    pub(super) fn to_json(&self, file: &str) -> Value {
        let added = self.added.iter();
        let added = added.map(|(line, breaks)| json!({ "line": line, "breaking": breaks }));
        let added: Vec<_> = added.collect();
        let changed = self.changed.iter();
        let changed = changed.map(|(before, after, breaks)| {
            json!({ "before": before, "after": after, "breaking": breaks })
        });
        let changed: Vec<_> = changed.collect();
        json!({ "file": file, "step": self.step().as_str(), "removed": self.removed,
            "added": added, "changed": changed })
    }
}

fn by_name<'a>(lines: impl Iterator<Item = &'a String>) -> BTreeMap<&'a str, Vec<&'a String>> {
    let mut names = BTreeMap::<_, Vec<_>>::new();
    for line in lines {
        names.entry(name(line)).or_default().push(line);
    }
    names
}

/// The name of a line: before the tab, or of a line of Rust the item without its types.
fn name(line: &str) -> &str {
    if let Some((name, _)) = line.split_once('\t') {
        return name;
    }
    if line.starts_with("impl") {
        return line;
    }
    let line = line.rsplit("] ").next().unwrap_or(line);
    let end = line.find(['(', '<', '=']).unwrap_or(line.len());
    let end = line[..end].find(": ").unwrap_or(end);
    line[..end].trim_end()
}

/// Whether more than ways to say a name came to it.
fn changes_use(before: &str, after: &str) -> bool {
    let [Some((_, before)), Some((_, after))] = [before, after].map(|line| line.split_once('\t'))
    else {
        return true;
    };
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<BTreeSet<_>>();
    let (before, after) = (words(before), words(after));
    let is_short = |word: &str| word.starts_with('-') && word.len() == 2;
    let is_additive = |word: &str| {
        is_short(word) || word.is_empty() || ADDITIVE.iter().any(|start| word.starts_with(start))
    };
    // More values than before.
    let is_wider = |word: &str| {
        let values = |word: &str| {
            let list = word.strip_prefix("values=")?;
            Some(list.split(',').map(str::to_owned).collect::<BTreeSet<_>>())
        };
        let wider = after.iter().find_map(|word| values(word));
        values(word)
            .zip(wider)
            .is_some_and(|(narrow, wide)| narrow.is_subset(&wide))
    };
    let is_widened = before
        .iter()
        .any(|word| word.starts_with("values=") && is_wider(word));
    let lost = before
        .difference(&after)
        .any(|word| !word.is_empty() && !is_wider(word));
    let gained = after.difference(&before);
    let gained = gained.filter(|word| !(is_widened && word.starts_with("values=")));
    lost || gained.into_iter().any(|word| !is_additive(word))
}

/// Whether a new line breaks what was there: a required argument of an old command, or a variant or
/// field of a type that can be matched or built whole.
fn addition_breaks(line: &str, old: &BTreeSet<String>) -> bool {
    if let Some((name, signature)) = line.split_once('\t') {
        let is_required = signature.split(' ').any(|word| word == "required");
        let command = name.rsplit_once(' ').map_or(name, |(command, _)| command);
        let was_there = |line: &String| line.split('\t').next() == Some(command);
        return is_required && old.iter().any(was_there);
    }
    let Some(item) = name(line)
        .strip_prefix("pub ")
        .filter(|item| !item.contains(' '))
    else {
        return false;
    };
    let Some((parent, _)) = item.rsplit_once("::") else {
        return false;
    };
    let is_parent = |line: &&String| {
        let (kind, path) = name(line)
            .strip_prefix("pub ")
            .unwrap_or("")
            .split_once(' ')
            .unwrap_or_default();
        ["enum", "struct", "union"].contains(&kind) && path == parent
    };
    let open = |line: &String| !line.contains("#[non_exhaustive]");
    old.iter().find(is_parent).is_some_and(open)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(old: &[&str], new: &[&str]) -> Step {
        let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
        Differences::of(&lines(old), &lines(new)).step()
    }

    #[test]
    fn what_is_gone_breaks_and_what_comes_adds() {
        let [a, b] = ["code A\texit=2", "code B\texit=2"];
        assert_eq!(step(&[a, b], &[a, b]), Step::Patch);
        assert_eq!(step(&[a], &[a, b]), Step::Minor);
        assert_eq!(step(&[a, b], &[a]), Step::Major);
        assert_eq!(step(&[a], &["code A\texit=3"]), Step::Major);
    }

    #[test]
    fn another_word_for_an_argument_adds_and_another_default_breaks() {
        let old = "score --n\t<N> values=a,b default=1";
        for (new, expected) in [
            (
                "score --n\t-n <N> alias=number values=a,b default=1",
                Step::Minor,
            ),
            ("score --n\t<N> values=a,b,c default=1", Step::Minor),
            ("score --n\t<N> values=a default=1", Step::Major),
            ("score --n\t<N> values=a,b default=2", Step::Major),
            ("score --n\t<N> values=a,b default=1 required", Step::Major),
        ] {
            assert_eq!(step(&[old], &[new]), expected, "{new}");
        }
        let command = "geno-lewm score\t";
        assert_eq!(
            step(&[command], &[command, "geno-lewm score --x\trequired"]),
            Step::Major
        );
        assert_eq!(
            step(&[command], &[command, "geno-lewm score --x\t"]),
            Step::Minor
        );
        let new = ["geno-lewm new\t", "geno-lewm new --x\trequired"];
        assert_eq!(step(&[], &new), Step::Minor);
    }

    #[test]
    fn a_variant_breaks_an_enum_that_can_be_matched_whole() {
        let open = "#[non_exhaustive] pub enum a::E";
        let closed = "pub enum a::E";
        let variant = "pub a::E::New(u32)";
        assert_eq!(step(&[open], &[open, variant]), Step::Minor);
        assert_eq!(step(&[closed], &[closed, variant]), Step::Major);
        assert_eq!(step(&[], &[closed, variant]), Step::Minor);
    }

    #[test]
    fn a_signature_is_changed_not_removed_and_added() {
        let lines = |line: &str| BTreeSet::from([line.to_owned()]);
        let old = lines("pub fn a::f(x: u32) -> u32");
        let found = Differences::of(&old, &lines("pub fn a::f(x: u64) -> u32"));
        assert_eq!((found.changed.len(), found.step()), (1, Step::Major));
        assert!(
            found
                .told("f")
                .starts_with("f: !changed pub fn a::f(x: u32)")
        );
        assert_eq!(found.to_json("f")["changed"][0]["breaking"], true);
        assert_eq!(name("pub const a::B: &[Self]"), "pub const a::B");
        assert_eq!(name("pub a::S::x: u32"), "pub a::S::x");
    }

    #[test]
    fn before_1_0_too_only_a_major_version_breaks() {
        let old = Version::new(0, 3, 1);
        assert_eq!(Step::Patch.from(&old), Version::new(0, 3, 1));
        assert_eq!(Step::Minor.from(&old), Version::new(0, 4, 0));
        assert_eq!(Step::Major.from(&old), Version::new(1, 0, 0));
    }
}
