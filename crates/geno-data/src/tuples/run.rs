//! Draws tuples into a file, and says what came of it.

use std::{
    io::{self, Write},
    ops::ControlFlow,
    path::Path,
};

use geno_core::{Coded, ErrorCode};
use geno_provenance::{AtomicWriteError, write_atomic};
use serde::Serialize;

use super::{
    TupleBuilder, TupleCursor, TupleError, TupleFile, TupleFileError, TupleReport, TupleStream,
    Worker,
};
use crate::{
    holdout::HoldoutError,
    split::{SplitLeak, SplitProof},
};

/// Tuples between two reports of progress.
const TUPLES_A_REPORT: u64 = 256;

/// Tuples to draw, and where they go.
pub struct DrawTuples<'a> {
    /// What is drawn from.
    pub builder: &'a TupleBuilder<'a>,
    /// Which part of each epoch.
    pub worker: Worker,
    /// Where to begin, if not at the beginning.
    pub cursor: Option<TupleCursor>,
    /// Where to end: after so many epochs of the stream,
    pub epochs: u32,
    /// or after so many tuples.
    pub max_tuples: Option<u64>,
    /// The file, `-` for the standard output; none to count alone.
    pub output: Option<&'a Path>,
    /// Whether tuples hold the bases of both windows.
    pub sequences: bool,
    /// What the tuples are compared with, and where the report of that goes.
    pub split: Option<(SplitProof<'a>, &'a Path)>,
}

/// How far a draw has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DrawProgress {
    /// Tuples drawn.
    pub tuples: u64,
    /// Blocks of windows behind it, those before the cursor among them.
    pub blocks: u64,
    /// Blocks of windows altogether.
    pub total_blocks: u64,
}

/// What came of a draw.
#[derive(Clone, Debug, Serialize)]
pub struct DrawReport {
    /// Version of this report's fields.
    pub schema_version: &'static str,
    /// What wrote it.
    pub generated_by: &'static str,
    /// What was drawn, and what was lacking.
    #[serde(flatten)]
    pub drawn: TupleReport,
    /// The tuple that would have come next.
    pub cursor: TupleCursor,
    /// Whether the tuples share nothing with what is held out, if they were compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split_ok: Option<bool>,
}

/// Why a draw came to nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DrawTuplesError {
    /// Drawing.
    #[error(transparent)]
    Draw(#[from] TupleError),
    /// Writing the tuples.
    #[error(transparent)]
    File(#[from] TupleFileError),
    /// Comparing them with what is held out.
    #[error(transparent)]
    Split(#[from] HoldoutError),
    /// The report on the split.
    #[error(transparent)]
    Report(#[from] AtomicWriteError),
    /// The tuples share something with what is held out. Nothing but the report was written.
    #[error(transparent)]
    Leak(#[from] SplitLeak),
}

impl Coded for DrawTuplesError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Draw(error) => error.code(),
            Self::File(error) => error.code(),
            Self::Split(error) => error.code(),
            Self::Report(error) => error.code(),
            Self::Leak(error) => error.code(),
        }
    }
}

impl DrawTuples<'_> {
    /// Draws until the end, or until `on_progress` breaks: then the result is none and no file is
    /// left behind.
    ///
    /// # Errors
    ///
    /// [`DrawTuplesError`]. Under a split that does not hold the tuples are not written.
    pub fn run(
        self,
        mut on_progress: impl FnMut(DrawProgress) -> ControlFlow<()>,
    ) -> Result<Option<DrawReport>, DrawTuplesError> {
        let mut stream = TupleStream::of_worker(self.builder, self.worker).epochs(self.epochs);
        if let Some(cursor) = self.cursor {
            stream = stream.at(cursor)?;
        }
        let create = |path| TupleFile::create(path, self.sequences);
        let mut file = self.output.map(create).transpose()?;
        let mut split = self.split;
        let n_blocks = u64::from(self.builder.n_blocks());
        let max_tuples = self.max_tuples.unwrap_or(u64::MAX);
        while stream.report().tuples < max_tuples
            && let Some(tuple) = stream.next()
        {
            let tuple = tuple?;
            if let Some((proof, _)) = &mut split {
                proof.tuple(&tuple)?;
            }
            if let Some(file) = &mut file {
                file.write(&tuple)?;
            }
            let (tuples, cursor) = (stream.report().tuples, stream.cursor());
            let progress = DrawProgress {
                tuples,
                blocks: u64::from(cursor.epoch) * n_blocks + u64::from(cursor.block),
                total_blocks: u64::from(self.epochs) * n_blocks,
            };
            if tuples.is_multiple_of(TUPLES_A_REPORT) && on_progress(progress).is_break() {
                return Ok(None);
            }
        }
        let mut split_ok = None;
        if let Some((proof, path)) = split {
            let report = proof.finish();
            split_ok = Some(report.ok);
            write_json(path, &report)?;
            report.verdict()?;
        }
        if let Some(file) = file {
            file.finish()?;
        }
        Ok(Some(DrawReport {
            schema_version: "1.0.0",
            generated_by: "geno-lewm tuples",
            drawn: stream.report().clone(),
            cursor: stream.cursor(),
            split_ok,
        }))
    }
}

impl DrawReport {
    /// The report as indented JSON.
    pub fn to_json(&self) -> String {
        json(self)
    }
}

/// Why a file holds no cursor.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadCursorError {
    /// The file could not be read.
    #[error("cannot read cursor `{}`", path.display())]
    Io {
        /// The file.
        path: std::path::PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It holds something else.
    #[error("`{}` holds no cursor", path.display())]
    NoCursor {
        /// The file.
        path: std::path::PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

impl Coded for ReadCursorError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Io { source, .. } => ErrorCode::of_io(source),
            Self::NoCursor { .. } => ErrorCode::InputGeneric,
        }
    }
}

impl TupleCursor {
    /// Reads a cursor; none if there is no such file.
    ///
    /// # Errors
    ///
    /// [`ReadCursorError`] if the file cannot be read or holds something else.
    pub fn read(path: &Path) -> Result<Option<Self>, ReadCursorError> {
        let text = match std::fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => {
                let path = path.to_owned();
                return Err(ReadCursorError::Io { path, source });
            }
        };
        let no_cursor = |source| ReadCursorError::NoCursor {
            path: path.to_owned(),
            source,
        };
        serde_json::from_slice(&text).map(Some).map_err(no_cursor)
    }

    /// Writes a cursor, whole or not at all.
    ///
    /// # Errors
    ///
    /// [`AtomicWriteError`] if the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), AtomicWriteError> {
        write_json(path, self)
    }
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<(), AtomicWriteError> {
    write_atomic(path, |file| writeln!(file, "{}", json(value)))
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).expect("texts, numbers and maps with text keys")
}
