//! `geno-lewm envelope`: what a run stood on, and what differs between two runs.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use geno_core::{Coded, ErrorCode};
use geno_provenance::{Envelope, Json, ReadEnvelopeError, diff, indented_json, summary_json};

use crate::failure::Failure;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Show the code, the files and the pipeline of a run
    Show {
        /// Envelope of the run
        #[arg(value_name = "FILE")]
        envelope: PathBuf,
    },
    /// Compare two runs, all but their times; exits 1 if they differ
    Diff {
        /// Envelope of one run
        #[arg(value_name = "A")]
        first: PathBuf,

        /// Envelope of the other
        #[arg(value_name = "B")]
        second: PathBuf,
    },
}

/// An envelope that cannot be used.
#[derive(Debug, thiserror::Error)]
enum EnvelopeFileError {
    #[error("cannot read `{}`", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("cannot use `{}`", path.display())]
    Envelope {
        path: PathBuf,
        source: ReadEnvelopeError,
    },
}

impl Coded for EnvelopeFileError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Io { source, .. } => ErrorCode::of_io(source),
            Self::Envelope { source, .. } => source.code(),
        }
    }
}

pub(crate) fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Show { envelope } => show(&read(envelope)?),
        Command::Diff { first, second } => compare(&read(first)?, &read(second)?),
    }
}

#[expect(clippy::print_stderr, reason = "the digest is no part of the record")]
fn show(envelope: &Envelope) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", indented_json(&envelope.to_json())).map_err(Failure::stdout)?;
    eprintln!("digest without the time: {}", envelope.digest());
    Ok(())
}

#[expect(clippy::print_stderr, reason = "a note on the comparison")]
fn compare(first: &Envelope, second: &Envelope) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let differences = diff(first, second);
    for one in &differences {
        let (a, b) = (value(one.first.as_ref()), value(one.second.as_ref()));
        writeln!(out, "{:<8}  {}: {a} -> {b}", one.kind, one.field).map_err(Failure::stdout)?;
    }
    if [first, second].iter().all(|run| is_dirty(run)) {
        eprintln!("note: both programs were built with uncommitted changes, which may differ");
    }
    if differences.is_empty() {
        return writeln!(out, "same state, {}", first.digest()).map_err(Failure::stdout);
    }
    let kinds: BTreeSet<_> = differences.iter().map(|one| one.kind).collect();
    let kinds: Vec<_> = kinds.iter().map(|kind| kind.as_str()).collect();
    writeln!(out, "changed: {}", kinds.join(", ")).map_err(Failure::stdout)?;
    Err(Failure::Differs)
}

fn is_dirty(envelope: &Envelope) -> bool {
    let commit = envelope.code().git.as_ref();
    commit.is_some_and(|commit| commit.dirty)
}

fn value(value: Option<&Json>) -> String {
    value.map_or("absent".to_owned(), summary_json)
}

fn read(path: &Path) -> Result<Envelope, EnvelopeFileError> {
    let bytes = fs::read(path).map_err(|source| EnvelopeFileError::Io {
        path: path.to_owned(),
        source,
    })?;
    Envelope::parse(&bytes).map_err(|source| EnvelopeFileError::Envelope {
        path: path.to_owned(),
        source,
    })
}
