//! The journal of an unfinished run: a header, and a line for each chunk.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{Read, Seek},
    path::Path,
};

use geno_core::ErrorCode;
use geno_provenance::{Json, Timestamp, canonical_json};

use super::{PartialError, RunKey, spool::Part};
use crate::outputs::RejectedCounts;

const KIND: &str = "geno_lewm.score_journal";
const SCHEMA_VERSION: &str = "1.0.0";

/// Names of the parts of a chunk.
const PARTS: [&str; 3] = ["scores", "receipts", "rejected"];

/// What the first line says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Header {
    pub(crate) key: RunKey,
    /// When the run began: the time in its receipts.
    pub(crate) timestamp: Timestamp,
}

/// What a run has done when a chunk is closed, and what the chunk added to the files.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Chunk {
    pub(crate) scored: u64,
    pub(crate) full_passes: u64,
    pub(crate) rejected: RejectedCounts,
    pub(crate) parts: [Part; 3],
}

/// A journal as it was found.
pub(crate) struct Journal {
    pub(crate) header: Header,
    pub(crate) header_len: u64,
    /// The chunks, each with where its line ends.
    pub(crate) chunks: Vec<(Chunk, u64)>,
}

impl Journal {
    /// Reads the lines that were written whole; `None` if not even the first was.
    pub(crate) fn read(folder: &Path, mut file: &File) -> Result<Option<Self>, PartialError> {
        let mut bytes = Vec::new();
        let read = file.rewind().and_then(|()| file.read_to_end(&mut bytes));
        read.map_err(|source| PartialError::io(folder, source))?;

        let mut lines = bytes
            .split_inclusive(|&byte| byte == b'\n')
            .filter(|line| line.ends_with(b"\n"));
        let Some(first) = lines.next() else {
            return Ok(None);
        };
        let header = Header::parse(first).ok_or_else(|| PartialError::Journal {
            folder: folder.to_owned(),
        })?;
        let header_len = first.len() as u64;
        let mut end = header_len;
        let chunks = lines.map_while(|line| {
            end += line.len() as u64;
            Some((Chunk::parse(line)?, end))
        });
        let chunks = chunks.collect();
        Ok(Some(Self {
            header,
            header_len,
            chunks,
        }))
    }
}

impl Header {
    pub(crate) fn to_line(&self) -> Vec<u8> {
        line(Json::object([
            ("kind", KIND.into()),
            ("run", self.key.to_json()),
            ("schema_version", SCHEMA_VERSION.into()),
            ("timestamp", self.timestamp.to_string().into()),
        ]))
    }

    fn parse(line: &[u8]) -> Option<Self> {
        let json = Json::parse(line).ok()?;
        let text = |name: &str| json.get(name).and_then(Json::as_str);
        let is_ours = text("kind") == Some(KIND) && text("schema_version") == Some(SCHEMA_VERSION);
        is_ours.then_some(())?;
        Some(Self {
            key: RunKey::from_json(json.get("run")?)?,
            timestamp: text("timestamp")?.parse().ok()?,
        })
    }
}

impl Chunk {
    pub(crate) fn to_line(&self) -> Vec<u8> {
        let rejected = self.rejected.iter().map(|(&code, &n)| (code, n.into()));
        let parts = PARTS.into_iter().zip(&self.parts).map(|(name, part)| {
            let fields = [("bytes", part.len.into()), ("digest", part.digest.into())];
            (name, Json::object(fields))
        });
        line(Json::object([
            ("files", Json::object(parts)),
            ("full_passes", self.full_passes.into()),
            ("rejected", Json::object(rejected)),
            ("scored", self.scored.into()),
        ]))
    }

    fn parse(line: &[u8]) -> Option<Self> {
        let json = Json::parse(line).ok()?;
        let number = |name: &str| json.get(name).and_then(Json::as_u64);
        let part = |name: &str| {
            let part = json.get("files")?.get(name)?;
            Some(Part {
                len: part.get("bytes")?.as_u64()?,
                digest: part.get("digest")?.as_str()?.parse().ok()?,
            })
        };
        let [scores, receipts, rejected] = PARTS.map(part);
        Some(Self {
            scored: number("scored")?,
            full_passes: number("full_passes")?,
            rejected: counts(json.get("rejected")?)?,
            parts: [scores?, receipts?, rejected?],
        })
    }
}

/// How often each code was given; `None` if one is none of ours.
fn counts(json: &Json) -> Option<RejectedCounts> {
    let Json::Object(fields) = json else {
        return None;
    };
    let counts = fields.iter().map(|(code, n)| {
        let code = ErrorCode::ALL.iter().find(|known| known.as_str() == code)?;
        Some((code.as_str(), n.as_u64()?))
    });
    counts.collect::<Option<BTreeMap<_, _>>>()
}

fn line(json: Json) -> Vec<u8> {
    let mut line = canonical_json(&json);
    line.push(b'\n');
    line
}
