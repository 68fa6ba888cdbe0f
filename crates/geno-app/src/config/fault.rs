//! What is wrong with a configuration, and where.

use std::{fmt, io};

use geno_core::{Coded, ErrorCode};

use super::{
    key::{Key, nearest, nearest_name},
    kind::{Alternatives, Kind, Refusal},
    origin::{Origin, escaped},
    yaml::SyntaxError,
};

/// One thing that is wrong with a configuration, and where.
#[derive(Debug, thiserror::Error)]
#[error("{origin}: {}", escaped(&problem.to_string()))]
pub struct Fault {
    /// Where.
    pub origin: Origin,
    /// What.
    pub problem: Problem,
}

/// What is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The file could not be read.
    #[error("cannot be read: {0}")]
    Io(io::Error),
    /// The file is larger than any configuration.
    #[error("is larger than {0} bytes")]
    TooLarge(u64),
    /// The text is not UTF-8.
    #[error("not UTF-8")]
    NotUtf8,
    /// The text is not the YAML that is read here.
    #[error(transparent)]
    Syntax(SyntaxError),
    /// The document, or a section of it, is no mapping.
    #[error("expected keys with values{}, found {found}", in_section(section))]
    NotMapping {
        /// The section, empty for the document.
        section: String,
        /// What it is.
        found: &'static str,
    },
    /// A key is there twice.
    #[error("`{path}` is here again, first in line {first}")]
    Duplicate {
        /// The key.
        path: String,
        /// The line in which it was first.
        first: usize,
    },
    /// No such key.
    #[error("unknown {} `{path}`{}", if *is_section { "section" } else { "key" }, suggestion(suggested))]
    UnknownKey {
        /// What was written.
        path: String,
        /// Whether it holds keys.
        is_section: bool,
        /// The key or section that is most like it.
        suggested: Option<&'static str>,
    },
    /// A key of a section outside it.
    #[error("`{path}` is written as `{}:` inside the section `{}`", parts(path).1, parts(path).0)]
    Dotted {
        /// The key.
        path: &'static str,
    },
    /// A key needs a value.
    #[error("expected KEY=VALUE")]
    NoValue,
    /// A value of another type.
    #[error("`{path}` must be {}, found {found}{}", expected(*kind), hint(*kind, found))]
    WrongType {
        /// The key.
        path: &'static str,
        /// What it may hold.
        kind: Kind,
        /// What it holds.
        found: String,
    },
    /// A value outside its range.
    #[error("`{path}` must be {}, found {found}", kind.range())]
    OutOfRange {
        /// The key.
        path: &'static str,
        /// What it may hold.
        kind: Kind,
        /// What it holds.
        found: String,
    },
    /// A name that is none of those allowed.
    #[error(
        "`{path}` must be {}, found `{found}`{}",
        Alternatives(names),
        suggestion(suggested)
    )]
    UnknownName {
        /// The key.
        path: &'static str,
        /// The names allowed.
        names: &'static [&'static str],
        /// The name given.
        found: String,
        /// The name most like it.
        suggested: Option<&'static str>,
    },
    /// A schema this version does not read.
    #[error("`schema_version` is {0}, only 1.x is read")]
    SchemaVersion(String),
}

impl Problem {
    /// Why a value of a key was refused.
    pub(super) fn of_value(key: &Key, refusal: Refusal) -> Self {
        let (path, kind) = (key.path, key.kind);
        match (refusal, kind) {
            (Refusal::Range(found), _) => Self::OutOfRange { path, kind, found },
            (Refusal::SchemaVersion(found), _) => Self::SchemaVersion(found),
            (Refusal::Name(found), Kind::Name(names) | Kind::Names(names)) => Self::UnknownName {
                path,
                names,
                suggested: nearest_name(&found, names.iter().copied()),
                found,
            },
            (Refusal::Type(found) | Refusal::Name(found), _) => {
                Self::WrongType { path, kind, found }
            }
        }
    }

    /// A key that does not exist.
    pub(super) fn unknown_key(path: &str) -> Self {
        Self::UnknownKey {
            path: path.to_owned(),
            is_section: false,
            suggested: nearest(path).first().map(|key| key.path),
        }
    }
}

impl Coded for Problem {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Io(error) if error.kind() == io::ErrorKind::NotFound => {
                ErrorCode::ConfigMissingField
            }
            Self::Io(error) => ErrorCode::of_io(error),
            Self::UnknownKey { path, .. } if !path.contains('.') => {
                ErrorCode::ConfigUnknownTopLevelKey
            }
            Self::SchemaVersion(_) => ErrorCode::ConfigSchemaIncompat,
            _ => ErrorCode::ConfigGeneric,
        }
    }
}

/// All that is wrong with a configuration, in the order of its layers.
#[derive(Debug)]
pub struct ConfigError {
    faults: Vec<Fault>,
}

impl ConfigError {
    /// An error, if anything is wrong.
    pub(super) fn of(faults: Vec<Fault>) -> Result<(), Self> {
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Self { faults })
        }
    }

    /// Everything that is wrong; at least one fault.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }
}

impl std::error::Error for ConfigError {}

impl fmt::Display for ConfigError {
    /// One fault on one line, several each on a line of its own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [only] = &self.faults[..] {
            return only.fmt(f);
        }
        write!(f, "{} faults in the configuration", self.faults.len())?;
        self.faults
            .iter()
            .try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl Coded for ConfigError {
    /// The code of the first fault.
    fn code(&self) -> ErrorCode {
        self.faults
            .first()
            .map_or(ErrorCode::ConfigGeneric, |fault| fault.problem.code())
    }
}

/// A key that was asked for and does not exist.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("unknown key `{path}`{}", several(suggested))]
pub struct UnknownKeyError {
    /// What was asked for.
    pub path: String,
    /// The keys most like it.
    pub suggested: Vec<&'static str>,
}

impl Coded for UnknownKeyError {
    fn code(&self) -> ErrorCode {
        ErrorCode::ConfigGeneric
    }
}

fn suggestion(name: &Option<&str>) -> String {
    name.map_or(String::new(), |name| format!(": did you mean `{name}`?"))
}

fn several(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    match &names[..] {
        [] => String::new(),
        names => format!(": did you mean {}?", Alternatives(names)),
    }
}

fn in_section(section: &str) -> String {
    match section {
        "" => String::new(),
        section => format!(" in the section `{section}`"),
    }
}

fn parts(path: &str) -> (&str, &str) {
    path.split_once('.').unwrap_or(("", path))
}

fn expected(kind: Kind) -> String {
    match (kind, kind.range()) {
        (Kind::Int { .. } | Kind::Bytes | Kind::Float { .. } | Kind::Bool, range) => {
            format!("{}, {range}", kind.name())
        }
        (Kind::Name(_), names) => names,
        _ => kind.name().to_owned(),
    }
}

/// Text that looks like something else needs quotes.
fn hint(kind: Kind, found: &str) -> &'static str {
    let is_text = matches!(
        kind,
        Kind::Text | Kind::Path | Kind::SchemaVersion | Kind::Texts
    );
    let is_word = found.starts_with("a number") || found.starts_with("a boolean");
    if is_text && is_word {
        ": write it in quotes"
    } else {
        ""
    }
}
