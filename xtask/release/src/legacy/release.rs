//! The folders of a release, their files, and what was found in them.

use std::{collections::BTreeSet, fmt::Display, fs, path::Path};

use anyhow::Result;
use geno_provenance::{
    Artifact, Json, PublicPath,
    release::{Workspace, placeholder},
};

use crate::{folder::first_difference, issues::Issues};

/// The version of every file of the Python package.
pub(super) const SCHEMA: &str = "1.0.0";

/// The model, the data and the demonstration. Files go by public names: `model/manifest.json`.
pub(super) struct Release {
    workspace: Workspace,
    pub(super) issues: Issues,
    /// Files of which was told that they cannot be read.
    unreadable: BTreeSet<String>,
}

impl Release {
    pub(super) fn open(model: &Path, dataset: &Path, demo: &Path) -> Result<Self> {
        let folders = [("model", model), ("dataset", dataset), ("demo", demo)];
        Ok(Self {
            workspace: Workspace::new(folders)?,
            issues: Issues::default(),
            unreadable: BTreeSet::new(),
        })
    }

    /// The folder of a name.
    pub(super) fn folder(&self, name: &str) -> &Path {
        let folder = self.workspace.folder(name);
        folder.expect("a release is opened with all its folders")
    }

    /// The public name of a file that a record of the package has under the names of folders of its time, or without
    /// one, in `part`.
    pub(super) fn public(&self, recorded: &str, part: &str) -> String {
        let (first, rest) = match recorded.split_once('/') {
            Some((first, rest)) => (first, format!("/{rest}")),
            None => (recorded, String::new()),
        };
        let is_now = |name: &&&str| {
            self.folder(name)
                .file_name()
                .is_some_and(|now| now == first)
        };
        let names = ["model", "dataset", "demo"];
        let name = names
            .iter()
            .find(is_now)
            .or_else(|| names.iter().find(|name| **name == first));
        match name {
            Some(name) => format!("{name}{rest}"),
            None => format!("{part}/{recorded}"),
        }
    }

    /// Adds something that does not hold, under `part` and `code`, where `part` is the folder of the file.
    pub(super) fn error(&mut self, code: &str, path: &str, message: impl Display) {
        let part = path.split_once('/').map_or("paper", |(part, _)| part);
        self.issues.error(&format!("{part}.{code}"), path, message);
    }

    /// The same if it does not hold.
    pub(super) fn expect(&mut self, holds: bool, code: &str, path: &str, message: impl Display) {
        if !holds {
            self.error(code, path, message);
        }
    }

    /// Adds what the Python package's verifier does not see, or sees wrongly.
    pub(super) fn note(&mut self, code: &str, path: &str, message: impl Display) {
        self.issues
            .warning(&format!("legacy.{code}"), path, message);
    }

    /// The digest and size of a file. One that cannot be read is an error.
    pub(super) fn observe(&mut self, path: &str) -> Option<Artifact> {
        let observed = PublicPath::new(path)
            .map_err(anyhow::Error::from)
            .and_then(|path| Ok(self.workspace.observe(&path)?));
        observed.map_err(|error| self.lack(path, error)).ok()
    }

    /// Whether a file is there.
    pub(super) fn holds(&self, path: &str) -> bool {
        let path = PublicPath::new(path).ok();
        let file = path.and_then(|path| self.workspace.resolve(&path).ok());
        file.is_some_and(|file| file.is_file())
    }

    /// The bytes of a file. One that cannot be read is an error.
    pub(super) fn bytes(&mut self, path: &str) -> Option<Vec<u8>> {
        let bytes = PublicPath::new(path)
            .map_err(anyhow::Error::from)
            .and_then(|path| Ok(fs::read(self.workspace.resolve(&path)?)?));
        bytes.map_err(|error| self.lack(path, error)).ok()
    }

    /// A file that must be text.
    pub(super) fn text(&mut self, path: &str) -> Option<String> {
        let text = String::from_utf8(self.bytes(path)?);
        text.map_err(|error| self.lack(path, error)).ok()
    }

    /// A file that must be a JSON object.
    pub(super) fn object(&mut self, path: &str) -> Option<Json> {
        match Json::parse(&self.bytes(path)?) {
            Ok(document @ Json::Object(_)) => Some(document),
            Ok(_) => {
                self.lack(path, "is no JSON object");
                None
            }
            Err(error) => {
                self.lack(path, error);
                None
            }
        }
    }

    /// A report of one of the package's tools.
    pub(super) fn report(&mut self, path: &str, producer: &str) -> Option<Json> {
        let report = self.object(path)?;
        self.check_header(&report, path, producer);
        Some(report)
    }

    /// Whether a document says that it is of schema 1.0.0 and of a tool.
    pub(super) fn check_header(&mut self, report: &Json, path: &str, producer: &str) {
        for (field, expected) in [("schema_version", SCHEMA), ("generated_by", producer)] {
            if text(report, field) != Some(expected) {
                self.error("header", path, format!("`{field}` is not {expected}"));
            }
        }
        let is_dated = text(report, "generated_at").is_some();
        self.expect(is_dated, "header", path, "`generated_at` is missing");
    }

    /// Whether a text is what its reports give.
    pub(super) fn check_text(&mut self, path: &str, code: &str, rendered: &str) {
        if let Some(there) = self.text(path) {
            self.compare_text(path, code, rendered, &there);
        }
    }

    /// The same of a text that was read.
    pub(super) fn compare_text(&mut self, path: &str, code: &str, rendered: &str, there: &str) {
        if let Some(line) = first_difference(rendered, there) {
            self.error(
                code,
                path,
                format!("differs from its reports from line {line} on"),
            );
        }
    }

    /// Whether no text of a document stands for one that is still to come.
    pub(super) fn check_words(&mut self, document: &Json, path: &str) {
        let mut texts = Vec::new();
        collect_texts(document, &mut texts);
        if let Some(words) = texts.into_iter().find_map(placeholder) {
            self.error(
                "placeholder",
                path,
                format!("holds the placeholder `{words}`"),
            );
        }
    }

    fn lack(&mut self, path: &str, error: impl Display) {
        if self.unreadable.insert(path.to_owned()) {
            self.error("file.unreadable", path, error);
        }
    }
}

fn collect_texts<'a>(value: &'a Json, texts: &mut Vec<&'a str>) {
    match value {
        Json::String(text) => texts.push(text),
        Json::Array(values) => values.iter().for_each(|value| collect_texts(value, texts)),
        Json::Object(fields) => fields
            .values()
            .for_each(|value| collect_texts(value, texts)),
        _ => {}
    }
}

/// A text that is not blank, without the blanks around it.
pub(super) fn text<'a>(document: &'a Json, field: &str) -> Option<&'a str> {
    let text = document.get(field)?.as_str()?.trim();
    Some(text).filter(|text| !text.is_empty())
}

/// A list of such texts that is not empty.
pub(super) fn texts<'a>(document: &'a Json, field: &str) -> Option<Vec<&'a str>> {
    let texts = list(document, field)?.iter();
    let texts = texts.map(|text| text.as_str().map(str::trim));
    texts
        .map(|text| text.filter(|text| !text.is_empty()))
        .collect()
}

/// A list that is not empty.
pub(super) fn list<'a>(document: &'a Json, field: &str) -> Option<&'a [Json]> {
    match document.get(field) {
        Some(Json::Array(items)) if !items.is_empty() => Some(items),
        _ => None,
    }
}

/// A scalar as texts show it: nothing where there is none.
pub(super) fn shown(value: Option<&Json>) -> String {
    match value {
        Some(Json::String(text)) => text.clone(),
        Some(Json::Int(number)) => number.as_str().to_owned(),
        _ => String::new(),
    }
}
