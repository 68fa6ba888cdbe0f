//! The log of a run: a JSON object a line.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use geno_core::{Coded, ErrorCode};
use serde::Serialize;

/// A log that lines are added to. What a killed run left of a line is removed when it is opened.
///
/// # Examples
///
/// ```
/// use geno_training::EventLog;
/// use serde_json::json;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("train.log.jsonl");
/// std::fs::write(&path, "{\"event\":\"train.start\"}\n{\"event\":\"tra")?;
///
/// let mut log = EventLog::open(&path)?;
/// log.write("train.resume", &json!({"step": 7}))?;
/// let text = std::fs::read_to_string(&path)?;
/// assert_eq!(text, "{\"event\":\"train.start\"}\n{\"event\":\"train.resume\",\"step\":7}\n");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct EventLog {
    path: PathBuf,
    file: File,
}

/// A log that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write `{}`", path.display())]
pub struct EventLogError {
    /// The log.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

impl Coded for EventLogError {
    fn code(&self) -> ErrorCode {
        ErrorCode::of_io(&self.source)
    }
}

#[derive(Serialize)]
struct Line<'a, F> {
    event: &'a str,
    #[serde(flatten)]
    fields: &'a F,
}

impl EventLog {
    /// Opens a log, or begins one.
    ///
    /// # Errors
    ///
    /// [`EventLogError`].
    pub fn open(path: &Path) -> Result<Self, EventLogError> {
        let open = || {
            let mut file = OpenOptions::new()
                .create(true)
                .truncate(false)
                .read(true)
                .write(true)
                .open(path)?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            let whole = bytes.iter().rposition(|byte| *byte == b'\n');
            let len = whole.map_or(0, |end| end as u64 + 1);
            file.set_len(len)?;
            file.seek(SeekFrom::Start(len))?;
            Ok(file)
        };
        let path = path.to_owned();
        match open() {
            Ok(file) => Ok(Self { path, file }),
            Err(source) => Err(EventLogError { path, source }),
        }
    }

    /// Adds a line: the event's name, and the fields of a struct or a map.
    ///
    /// # Errors
    ///
    /// [`EventLogError`].
    pub fn write(&mut self, event: &str, fields: &impl Serialize) -> Result<(), EventLogError> {
        let mut line = serde_json::to_vec(&Line { event, fields }).expect("numbers and names");
        line.push(b'\n');
        self.file.write_all(&line).map_err(|source| EventLogError {
            path: self.path.clone(),
            source,
        })
    }
}
