//! Likelihoods that were computed before, in a file that only grows.
//!
//! One JSON object a line, as geno-lewm 0.2.1 has it. Rows of ours have more fields than its rows: all
//! that decides a value. Rows of other models, recipes and programs stay as they are and are not used.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions, TryLockError},
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use geno_core::{Coded, Digest, ErrorCode};
use geno_provenance::{Json, summary_json};

use super::{
    CarbonModel, Recipe,
    metadata::CacheUse,
    row::{GENERATED_BY, SCHEMA_VERSION},
};
use crate::likelihood::EditLikelihood;

/// Rows are made durable at least so often.
const SYNC: Duration = Duration::from_secs(1);

/// No row is longer.
const MAX_LINE: u64 = 1 << 16;

/// Why a cache cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LikelihoodCacheError {
    /// It cannot be opened, read or written.
    #[error("cannot use cache `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process writes to it.
    #[error("another process uses cache `{}`", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// A line that is no row.
    #[error("line {line} of cache `{}` is no JSON object", path.display())]
    NotARow {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
    },
}

impl Coded for LikelihoodCacheError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Io { source, .. } => ErrorCode::of_io(source),
            Self::InUse { .. } => ErrorCode::ResourceGeneric,
            Self::NotARow { .. } => ErrorCode::InputGeneric,
        }
    }
}

/// An edit as a cache knows it.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub(super) struct EditKey {
    /// The digests of the window before and after it.
    pub(super) windows: [Digest; 2],
    /// Where it begins in the window.
    pub(super) offset: u64,
}

/// An open cache, locked for this process.
pub(super) struct Cache {
    path: PathBuf,
    file: File,
    /// The fields that rows of this run have in common.
    common: Json,
    edits: HashMap<EditKey, EditLikelihood>,
    /// Sums of single windows, as the Python package keeps them.
    windows: HashMap<Digest, f64>,
    synced: Instant,
    hits: u64,
}

/// Which rows can be used.
struct Wanted<'a> {
    common: &'a Json,
    /// Names of the model and its revision in rows of the Python package, for its own recipe.
    peer: Option<([String; 2], &'a str)>,
}

enum Known {
    Edit(EditKey, EditLikelihood),
    Window(Digest, f64),
}

impl Cache {
    /// Opens a cache or begins one. A last line that was cut off is taken away.
    pub(super) fn open(
        path: &Path,
        model: &CarbonModel,
        recipe: &Recipe,
    ) -> Result<Self, LikelihoodCacheError> {
        let io = |source| io_error(path, source);
        let mut options = OpenOptions::new();
        let file = options
            .read(true)
            .append(true)
            .create(true)
            .open(path)
            .map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let path = path.to_owned();
                return Err(LikelihoodCacheError::InUse { path });
            }
            // Some network file systems lock nothing.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }
        let mut cache = Self {
            path: path.to_owned(),
            file,
            common: common_fields(model, recipe),
            edits: HashMap::new(),
            windows: HashMap::new(),
            synced: Instant::now(),
            hits: 0,
        };
        let public = model.public_name();
        let public = public.as_str().unwrap_or_default().to_owned();
        let is_legacy = matches!(recipe, Recipe::Legacy { .. });
        let peer = is_legacy.then(|| ([model.name().to_owned(), public], model.revision()));
        cache.read(peer)?;
        Ok(cache)
    }

    /// Reads all lines that are whole.
    fn read(&mut self, peer: Option<([String; 2], &str)>) -> Result<(), LikelihoodCacheError> {
        let path = self.path.clone();
        let io = |source| io_error(&path, source);
        let wanted = Wanted {
            common: &self.common,
            peer,
        };
        let mut reader = BufReader::with_capacity(1 << 18, &self.file);
        reader.seek(SeekFrom::Start(0)).map_err(io)?;
        let (mut line, mut number, mut whole) = (Vec::new(), 0, 0);
        loop {
            line.clear();
            let read = reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line);
            if read.map_err(io)? == 0 {
                return Ok(());
            }
            number += 1;
            let no_row = || LikelihoodCacheError::NotARow {
                path: path.clone(),
                line: number,
            };
            let json = Json::parse(&line)
                .ok()
                .filter(|json| matches!(json, Json::Object(_)));
            let is_torn = !line.ends_with(b"\n") && (line.len() as u64) < MAX_LINE;
            match json {
                None if is_torn => return self.file.set_len(whole).map_err(io),
                None if line.iter().all(u8::is_ascii_whitespace) => {}
                None => return Err(no_row()),
                Some(json) => match wanted.take(&json) {
                    Some(Known::Edit(key, found)) => {
                        self.edits.insert(key, found);
                    }
                    Some(Known::Window(window, sum)) => {
                        self.windows.insert(window, sum);
                    }
                    None => {}
                },
            }
            whole += line.len() as u64;
            if is_torn {
                // Whole but for the end of its line.
                return (&self.file).write_all(b"\n").map_err(io);
            }
        }
    }

    /// What is known of an edit.
    pub(super) fn get(&mut self, key: &EditKey) -> Option<EditLikelihood> {
        let sum = |window: &Digest| self.windows.get(window).copied();
        let both = |[before, after]: &[Digest; 2]| {
            Some(EditLikelihood {
                reference: sum(before)?,
                alternate: sum(after)?,
            })
        };
        let found = self.edits.get(key).copied();
        let found = found.or_else(|| both(&key.windows));
        self.hits += u64::from(found.is_some());
        found
    }

    /// Adds rows behind all others.
    pub(super) fn push(
        &mut self,
        rows: impl IntoIterator<Item = (EditKey, EditLikelihood)>,
    ) -> Result<(), LikelihoodCacheError> {
        let mut lines = String::new();
        for (key, found) in rows {
            let finite = |value| Json::float(value).ok();
            let values = finite(found.reference).zip(finite(found.alternate));
            // What is no number ends the run, and is nothing to remember.
            let Some((reference, alternate)) = values else {
                continue;
            };
            let Json::Object(mut fields) = self.common.clone() else {
                unreachable!("common fields are an object");
            };
            fields.insert("log_likelihood".to_owned(), alternate);
            fields.insert("reference_log_likelihood".to_owned(), reference);
            let [before, after] = key.windows.map(|digest| Json::from(digest.to_hex()));
            fields.insert("edit_offset".to_owned(), key.offset.into());
            fields.insert("reference_sequence_sha256".to_owned(), before);
            fields.insert("sequence_sha256".to_owned(), after);
            lines += &summary_json(&Json::Object(fields));
            lines.push('\n');
            self.edits.insert(key, found);
        }
        let path = self.path.clone();
        let io = |source| io_error(&path, source);
        self.file.write_all(lines.as_bytes()).map_err(io)?;
        match self.synced.elapsed() >= SYNC {
            true => self.sync(),
            false => Ok(()),
        }
    }

    /// Makes all rows durable.
    fn sync(&mut self) -> Result<(), LikelihoodCacheError> {
        self.synced = Instant::now();
        self.file
            .sync_data()
            .map_err(|source| io_error(&self.path, source))
    }

    /// Makes all rows durable and lets go of the file.
    pub(super) fn close(mut self) -> Result<CacheUse, LikelihoodCacheError> {
        self.sync()?;
        Ok(CacheUse {
            entries: (self.edits.len() + self.windows.len()) as u64,
            hits: self.hits,
        })
    }
}

impl Wanted<'_> {
    /// What a row says, if it is about this model and recipe.
    fn take(&self, row: &Json) -> Option<Known> {
        let text = |name: &str| row.get(name).and_then(Json::as_str);
        let number = |name: &str| row.get(name).and_then(Json::as_f64);
        let digest = |name: &str| {
            let hex = text(name)?;
            let hex = hex.strip_prefix("sha256:").unwrap_or(hex);
            format!("sha256:{hex}").parse::<Digest>().ok()
        };
        let after = digest("sequence_sha256")?;
        let alternate = number("log_likelihood")?;
        let Json::Object(common) = self.common else {
            return None;
        };
        if common
            .iter()
            .all(|(name, value)| row.get(name) == Some(value))
        {
            let found = EditLikelihood {
                reference: number("reference_log_likelihood")?,
                alternate,
            };
            let key = EditKey {
                windows: [digest("reference_sequence_sha256")?, after],
                offset: row.get("edit_offset").and_then(Json::as_u64)?,
            };
            return Some(Known::Edit(key, found));
        }
        let (names, revision) = self.peer.as_ref()?;
        let is_peer = row.get("recipe").is_none()
            && names.iter().any(|name| text("carbon_model") == Some(name))
            && text("carbon_revision") == Some(revision);
        is_peer.then_some(Known::Window(after, alternate))
    }
}

/// What decides a value beside its windows. The model goes by its digest, which no row of the Python
/// package has for a name, so that it takes no row of ours for one of its own.
fn common_fields(model: &CarbonModel, recipe: &Recipe) -> Json {
    Json::object([
        ("arithmetic", model.arithmetic().into()),
        ("carbon_model", model.weights().into()),
        ("carbon_revision", model.revision().into()),
        ("generated_by", GENERATED_BY.into()),
        ("recipe", recipe.to_string().into()),
        ("schema_version", SCHEMA_VERSION.into()),
        ("softmax", recipe.softmax(model.domain).into()),
    ])
}

fn io_error(path: &Path, source: io::Error) -> LikelihoodCacheError {
    LikelihoodCacheError::Io {
        path: path.to_owned(),
        source,
    }
}
