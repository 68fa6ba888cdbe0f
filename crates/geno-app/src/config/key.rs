//! A key of the configuration, and finding one.

use std::fmt;

use super::{
    keys::KEYS,
    kind::{Kind, Refusal, Style},
    scalar,
    value::Value,
};

/// A key of the configuration: all there is to know about it.
#[derive(Debug)]
pub struct Key {
    /// Its section and name, such as `score.batch_size`; a name alone at the top.
    pub path: &'static str,
    /// What it may hold.
    pub kind: Kind,
    /// Whether it may hold `null`.
    pub optional: bool,
    /// What it holds unless somebody says otherwise, as YAML.
    pub default: &'static str,
    /// Who reads it.
    pub readers: Readers,
    /// What it means, in one line.
    pub meaning: &'static str,
    /// The Python package's names of environment variables for it, beside [`Key::variable`].
    pub other_variables: &'static [&'static str],
    /// Names of the Python package's that stand for one of ours.
    pub synonyms: &'static [(&'static str, &'static str)],
    /// Whether the Python package has it.
    pub in_package: bool,
}

/// Who reads a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Readers {
    /// Every command.
    Every,
    /// These commands.
    Commands(&'static [&'static str]),
    /// Whoever makes a model; and whoever loads one, from the configuration inside the model's
    /// directory only: what a model is cannot be changed from outside.
    Model,
    /// Nobody. Files of the Python package may hold it.
    Nobody,
}

/// Commands that make a model as the configuration says.
const MAKES_MODELS: &[&str] = &["train"];

impl Readers {
    /// Whether a value given to this command has an effect.
    pub fn include(self, command: &str) -> bool {
        match self {
            Self::Every => true,
            Self::Commands(names) => names.contains(&command),
            Self::Model => MAKES_MODELS.contains(&command),
            Self::Nobody => false,
        }
    }
}

impl fmt::Display for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every => f.write_str("every command"),
            Self::Commands(names) => f.write_str(&names.join(", ")),
            Self::Model => {
                let commands = MAKES_MODELS.join(", ");
                write!(f, "{commands}, and a model's own configuration")
            }
            Self::Nobody => f.write_str("nothing; the Python package's files may hold it"),
        }
    }
}

impl Key {
    pub(super) const fn new(
        path: &'static str,
        kind: Kind,
        default: &'static str,
        readers: Readers,
        meaning: &'static str,
    ) -> Self {
        Self {
            path,
            kind,
            optional: false,
            default,
            readers,
            meaning,
            other_variables: &[],
            synonyms: &[],
            in_package: false,
        }
    }

    pub(super) const fn or_null(mut self) -> Self {
        self.optional = true;
        self
    }

    pub(super) const fn variables(mut self, names: &'static [&'static str]) -> Self {
        self.other_variables = names;
        self
    }

    pub(super) const fn synonyms(mut self, names: &'static [(&'static str, &'static str)]) -> Self {
        self.synonyms = names;
        self
    }

    pub(super) const fn in_package(mut self) -> Self {
        self.in_package = true;
        self
    }

    /// Finds a key by its path.
    pub fn find(path: &str) -> Option<&'static Self> {
        KEYS.iter().find(|key| key.path == path)
    }

    /// The environment variable that sets it.
    ///
    /// ```
    /// let key = geno_app::config::Key::find("score.batch_size").unwrap();
    /// assert_eq!(key.variable(), "GENO_LEWM_SCORE_BATCH_SIZE");
    /// ```
    pub fn variable(&self) -> String {
        format!("{PREFIX}{}", self.path.replace('.', "_").to_uppercase())
    }

    /// The section, empty for a key at the top, and the name in it.
    pub fn section_and_name(&self) -> (&'static str, &'static str) {
        self.path.split_once('.').unwrap_or(("", self.path))
    }

    /// The default.
    pub fn default_value(&self) -> Value {
        match self.read_word(self.default) {
            Ok(value) => value,
            Err(refusal) => panic!("default of `{}`: {refusal:?}", self.path),
        }
    }

    /// Reads one word of a file.
    pub(super) fn read(&self, word: &str, style: Style) -> Result<Value, Refusal> {
        if self.optional && style != Style::Quoted && scalar::is_null(word) {
            return Ok(Value::Null);
        }
        let synonym = self.synonyms.iter().find(|(name, _)| *name == word);
        self.kind
            .read(synonym.map_or(word, |(_, ours)| ours), style)
    }

    /// Reads what a shell passed: one word, or for a list several with commas between them, in
    /// brackets or not. Quotes around a word are taken off.
    pub(super) fn read_word(&self, text: &str) -> Result<Value, Refusal> {
        let text = text.trim();
        if !self.kind.is_list() {
            return self.read(unquoted(text), Style::Shell);
        }
        let inner = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
        let items = inner.unwrap_or(text).split(',').map(str::trim);
        let items = items.map(|item| (unquoted(item), Style::Shell));
        match inner.unwrap_or(text).trim() {
            "" => Ok(Value::List(Vec::new())),
            _ => self.kind.read_list(items),
        }
    }
}

/// What the names of all environment variables begin with.
pub const PREFIX: &str = "GENO_LEWM_";

fn unquoted(text: &str) -> &str {
    ['"', '\'']
        .iter()
        .find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote))
        .unwrap_or(text)
}

/// The keys most like a path that does not exist, the likeliest first.
///
/// A key of the same name in another section counts as near.
pub fn nearest(path: &str) -> Vec<&'static Key> {
    const LIKE: f64 = 0.6;
    const SAME_NAME: f64 = 0.9;
    let name = path.rsplit('.').next().unwrap_or(path);
    let likeness = |key: &Key| {
        let whole = strsim::normalized_damerau_levenshtein(path, key.path);
        let same_name = key.section_and_name().1 == name;
        whole.max(if same_name { SAME_NAME } else { 0.0 })
    };
    let mut ranked: Vec<_> = KEYS.iter().map(|key| (likeness(key), key)).collect();
    ranked.retain(|(likeness, _)| *likeness >= LIKE);
    ranked.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    ranked.into_iter().take(3).map(|(_, key)| key).collect()
}

/// The name most like another, if one is.
pub(super) fn nearest_name<'a>(
    name: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    const LIKE: f64 = 0.6;
    names
        .into_iter()
        .map(|other| (strsim::normalized_damerau_levenshtein(name, other), other))
        .filter(|(likeness, _)| *likeness >= LIKE)
        .min_by(|(a, _), (b, _)| b.total_cmp(a))
        .map(|(_, other)| other)
}
