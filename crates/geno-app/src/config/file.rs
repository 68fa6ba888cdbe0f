//! Reading the settings of one file, and everything that is wrong with it.

use std::{collections::HashMap, fs::File, io::Read as _, path::Path, sync::Arc};

use geno_core::Digest;

use super::{
    fault::{Fault, Problem},
    key::{Key, nearest_name},
    keys::KEYS,
    kind::{Refusal, Style},
    origin::Origin,
    value::Value,
    yaml::{self, Content, Entry, Mark, Node},
};

/// The largest file that is read.
const MAX_BYTES: u64 = 1 << 20;

/// A value somebody gave a key, and where.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) key: &'static Key,
    pub(super) value: Value,
    pub(super) origin: Origin,
}

/// What a file holds.
pub(super) struct Contents {
    /// From top to bottom.
    pub(super) settings: Vec<Setting>,
    /// Everything that is wrong with it, from top to bottom.
    pub(super) faults: Vec<Fault>,
    /// The digest of its bytes, comments and white space included, unless it cannot be read.
    pub(super) digest: Option<Digest>,
}

/// Reads a file.
pub(super) fn read(path: &Path) -> Contents {
    let mut reader = Reader {
        path: path.into(),
        settings: Vec::new(),
        faults: Vec::new(),
    };
    let mut digest = None;
    match bytes(path) {
        Ok(bytes) => {
            digest = Some(Digest::of(&bytes));
            reader.document(&bytes);
        }
        Err(problem) => reader.whole(problem),
    }
    reader.faults.sort_by_key(|fault| match fault.origin {
        Origin::File { line, column, .. } => (line, column),
        _ => (0, 0),
    });
    Contents {
        settings: reader.settings,
        faults: reader.faults,
        digest,
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(Problem::Io)?;
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(Problem::Io)?;
    match bytes.len() as u64 {
        0..=MAX_BYTES => Ok(bytes),
        _ => Err(Problem::TooLarge(MAX_BYTES)),
    }
}

struct Reader {
    path: Arc<Path>,
    settings: Vec<Setting>,
    faults: Vec<Fault>,
}

impl Reader {
    fn document(&mut self, bytes: &[u8]) {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return self.whole(Problem::NotUtf8);
        };
        match yaml::parse(text) {
            Ok(None) => {}
            Ok(Some(root)) => self.top(root),
            Err((mark, error)) => self.fault(mark, Problem::Syntax(error)),
        }
    }

    fn top(&mut self, root: Node) {
        for entry in self.entries(root, "") {
            let is_section = KEYS
                .iter()
                .any(|key| key.section_and_name().0 == entry.key && !entry.key.is_empty());
            if is_section {
                let section = entry.key;
                for entry in self.entries(entry.value, &section) {
                    self.setting(&format!("{section}.{}", entry.key), entry);
                }
            } else if let Some(key) = Key::find(&entry.key).filter(|key| key.path.contains('.')) {
                self.fault(entry.mark, Problem::Dotted { path: key.path });
            } else if matches!(entry.value.content, Content::Map(_)) {
                self.unknown_section(entry);
            } else {
                let path = entry.key.clone();
                self.setting(&path, entry);
            }
        }
    }

    /// The entries of a mapping, without those that are there a second time.
    fn entries(&mut self, node: Node, section: &str) -> Vec<Entry> {
        let found = match node.content {
            Content::Map(entries) => return self.without_duplicates(entries, section),
            // A section whose every line is a comment.
            Content::Word {
                text,
                quoted: false,
            } if super::scalar::is_null(&text) => {
                return Vec::new();
            }
            Content::Word { .. } => "a word",
            Content::List(_) => "a list",
        };
        let section = section.to_owned();
        self.fault(node.mark, Problem::NotMapping { section, found });
        Vec::new()
    }

    fn without_duplicates(&mut self, entries: Vec<Entry>, section: &str) -> Vec<Entry> {
        let mut lines = HashMap::new();
        let mut kept = Vec::with_capacity(entries.len());
        for entry in entries {
            if let Some(&first) = lines.get(&entry.key) {
                let path = match section {
                    "" => entry.key,
                    section => format!("{section}.{}", entry.key),
                };
                self.fault(entry.mark, Problem::Duplicate { path, first });
            } else {
                lines.insert(entry.key.clone(), entry.mark.line);
                kept.push(entry);
            }
        }
        kept
    }

    fn unknown_section(&mut self, entry: Entry) {
        let sections = KEYS.iter().map(|key| key.section_and_name().0);
        let suggested = nearest_name(&entry.key, sections);
        let problem = Problem::UnknownKey {
            suggested,
            path: entry.key,
            is_section: true,
        };
        self.fault(entry.mark, problem);
    }

    fn setting(&mut self, path: &str, entry: Entry) {
        let Some(key) = Key::find(path) else {
            return self.fault(entry.mark, Problem::unknown_key(path));
        };
        let mark = entry.value.mark;
        let origin = self.origin(mark);
        match value(key, entry.value) {
            Ok(value) => self.settings.push(Setting { key, value, origin }),
            Err((mark, refusal)) => self.fault(mark, Problem::of_value(key, refusal)),
        }
    }

    fn origin(&self, mark: Mark) -> Origin {
        Origin::File {
            path: Arc::clone(&self.path),
            line: mark.line,
            column: mark.column,
        }
    }

    fn fault(&mut self, mark: Mark, problem: Problem) {
        let origin = self.origin(mark);
        self.faults.push(Fault { origin, problem });
    }

    fn whole(&mut self, problem: Problem) {
        let origin = Origin::WholeFile(Arc::clone(&self.path));
        self.faults.push(Fault { origin, problem });
    }
}

/// Reads the value of a key, or says what of it is wrong.
fn value(key: &Key, node: Node) -> Result<Value, (Mark, Refusal)> {
    let at = |mark| move |refusal| (mark, refusal);
    match node.content {
        Content::Word { text, quoted } if !key.kind.is_list() => {
            key.read(&text, style(quoted)).map_err(at(node.mark))
        }
        Content::List(items) if key.kind.is_list() => {
            let mut texts = Vec::with_capacity(items.len());
            for item in items {
                let Content::Word { text, quoted } = item.content else {
                    let found = "a list or a mapping inside it".to_owned();
                    return Err((item.mark, Refusal::Type(found)));
                };
                match key.kind.read(&text, style(quoted)).map_err(at(item.mark))? {
                    Value::List(item) => texts.extend(item),
                    other => texts.push(other.to_yaml()),
                }
            }
            Ok(Value::List(texts))
        }
        content => {
            let found = match content {
                Content::Word { text, .. } => format!("`{text}`"),
                Content::List(_) => "a list".to_owned(),
                Content::Map(_) => "a mapping".to_owned(),
            };
            Err((node.mark, Refusal::Type(found)))
        }
    }
}

fn style(quoted: bool) -> Style {
    if quoted { Style::Quoted } else { Style::Plain }
}
