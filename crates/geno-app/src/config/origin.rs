//! Where a value comes from.

use std::{fmt, path::Path, sync::Arc};

/// Where a value comes from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Origin {
    /// Nobody said anything else.
    Default,
    /// A place in a file.
    File {
        /// The file.
        path: Arc<Path>,
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
    },
    /// A file as a whole.
    WholeFile(Arc<Path>),
    /// An environment variable.
    Variable(String),
    /// `--set`, with what was given to it.
    Set(String),
    /// A flag of the command line, such as `--threads`.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    /// On one line, whatever a file is called.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line, column } => write!(f, "{}:{line}:{column}", shown(path)),
            Self::WholeFile(path) => f.write_str(&shown(path)),
            Self::Variable(name) => f.write_str(name),
            Self::Set(given) => write!(f, "--set {}", escaped(given)),
            Self::Flag(name) => f.write_str(name),
        }
    }
}

fn shown(path: &Path) -> String {
    escaped(&path.to_string_lossy())
}

/// Control characters as escapes, so that none breaks a line or reaches a terminal.
pub(super) fn escaped(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() {
                c.escape_default().to_string()
            } else {
                c.to_string()
            }
        })
        .collect()
}
