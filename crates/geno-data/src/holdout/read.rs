//! Reads what files name: JSON, JSON Lines, BED and VCF.

mod bed;
mod error;
mod json;
mod vcf;

use std::path::Path;

pub use self::error::{EntryFault, ReadEntriesError};
use super::entry::Entry;
use crate::input::Input;

/// Longest line of a BED or JSON Lines file: a window's sequence stands on one.
const MAX_LINE_LEN: usize = 1 << 26;

/// What a file holds, by the end of its name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Format {
    Json,
    JsonLines,
    Bed,
    Vcf,
}

impl Format {
    fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let name = name
            .strip_suffix(".gz")
            .or(name.strip_suffix(".bgz"))
            .unwrap_or(&name);
        match name.rsplit_once('.')?.1 {
            "json" => Some(Self::Json),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            "bed" => Some(Self::Bed),
            "vcf" => Some(Self::Vcf),
            _ => None,
        }
    }
}

/// Calls `visit` for everything that a file names, in its order and in constant memory but for a
/// `.json` file, which is read whole.
///
/// A row that cannot be read is an error and not passed over: what it names would go unseen.
pub(crate) fn read_entries<E: From<ReadEntriesError>>(
    path: &Path,
    mut visit: impl FnMut(Entry) -> Result<(), E>,
) -> Result<(), E> {
    match Format::of(path) {
        None => Err(ReadEntriesError::UnknownFormat {
            path: path.to_owned(),
        }
        .into()),
        Some(Format::Vcf) => vcf::read(path, visit),
        Some(Format::Json) => {
            for entry in json::read_policy(path)? {
                visit(entry)?;
            }
            Ok(())
        }
        Some(Format::Bed) => read_bed(path, visit),
        Some(Format::JsonLines) => read_lines(path, |line| {
            for entry in json::entries(line)? {
                if let Err(error) = visit(entry) {
                    return Ok(Err(error));
                }
            }
            Ok(Ok(()))
        }),
    }
}

/// As [`read_entries`], of a BED file by any name: intervals.
pub(crate) fn read_bed<E: From<ReadEntriesError>>(
    path: &Path,
    mut visit: impl FnMut(Entry) -> Result<(), E>,
) -> Result<(), E> {
    read_lines(path, |line| {
        bed::entry(line)?.map_or(Ok(Ok(())), |entry| Ok(visit(entry)))
    })
}

/// Calls `parse` for every line that is not empty; its outer error is the line's fault.
fn read_lines<E: From<ReadEntriesError>>(
    path: &Path,
    mut parse: impl FnMut(&[u8]) -> Result<Result<(), E>, EntryFault>,
) -> Result<(), E> {
    let io = |source| ReadEntriesError::Io {
        path: path.to_owned(),
        source,
    };
    let mut input = Input::open(path).map_err(io)?;
    let mut text = Vec::new();
    let mut n_lines = 0;
    while let Some(line) = input.read_line(&mut text, MAX_LINE_LEN).map_err(io)? {
        n_lines += 1;
        let fault = |fault| ReadEntriesError::Line {
            path: path.to_owned(),
            line: n_lines,
            source: fault,
        };
        if line.len > MAX_LINE_LEN as u64 {
            return Err(fault(EntryFault::TooLong).into());
        }
        if !text.trim_ascii().is_empty() {
            parse(&text).map_err(fault)??;
        }
    }
    Ok(())
}
