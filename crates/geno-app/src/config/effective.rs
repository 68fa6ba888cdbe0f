//! The configuration that holds, key by key, and where each value comes from.

use std::path::PathBuf;

use geno_core::Digest;

use super::{key::Key, layers::Warning, origin::Origin, settings::Settings, value::Value};

/// The configuration that holds: a value for every key, and where it comes from.
#[derive(Clone, Debug)]
pub struct Effective {
    entries: Vec<Entry>,
    files: Vec<(PathBuf, Digest)>,
    warnings: Vec<Warning>,
}

/// What a key holds.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: &'static Key,
    /// Its value.
    pub value: Value,
    /// Where the value comes from.
    pub origin: Origin,
}

impl Entry {
    pub(super) fn default_of(key: &'static Key) -> Self {
        Self {
            key,
            value: key.default_value(),
            origin: Origin::Default,
        }
    }
}

impl Effective {
    pub(super) fn new(
        entries: Vec<Entry>,
        files: Vec<(PathBuf, Digest)>,
        warnings: Vec<Warning>,
    ) -> Self {
        Self {
            entries,
            files,
            warnings,
        }
    }

    /// The files that were read, and the digests of their bytes, lowest layer first.
    pub fn files(&self) -> &[(PathBuf, Digest)] {
        &self.files
    }

    /// Every key with its value, in the order of the table of keys.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The value of a key and where it comes from.
    pub fn entry(&self, path: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key.path == path)
    }

    /// The value of a key.
    pub fn get(&self, path: &str) -> Option<&Value> {
        self.entry(path).map(|entry| &entry.value)
    }

    /// The values that commands read, as types of their own.
    pub fn settings(&self) -> Settings {
        Settings::of(self)
    }

    /// What was given and has no effect on a command. Files and variables are shared between
    /// commands, so a key of another command's is no cause for a warning there.
    pub fn warnings(&self, command: &str) -> Vec<Warning> {
        let mut warnings = self.warnings.clone();
        for entry in &self.entries {
            let given = match &entry.origin {
                Origin::Set(given) => format!("--set {given}"),
                Origin::Flag(flag) => (*flag).to_owned(),
                _ => continue,
            };
            let readers = entry.key.readers;
            let warning = Warning::NoEffect {
                given,
                command: command.to_owned(),
                readers: readers.to_string(),
            };
            // One flag may stand for several keys.
            if !readers.include(command) && !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }
        warnings
    }

    /// The configuration as YAML, each line ending in a comment that says where it comes from. It
    /// reads back as the same values.
    pub fn to_yaml(&self) -> String {
        let mut yaml = String::new();
        let mut current = "";
        for Entry { key, value, origin } in &self.entries {
            let (section, name) = key.section_and_name();
            if section != current {
                yaml += &format!("{section}:\n");
                current = section;
            }
            let indent = if section.is_empty() { "" } else { "  " };
            yaml += &format!("{indent}{name}: {}  # {origin}\n", value.to_yaml());
        }
        yaml
    }
}
