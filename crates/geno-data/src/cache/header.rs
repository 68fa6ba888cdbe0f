//! The head of a shard: what its rows are, and how many.
//!
//! ```text
//! 0   magic `GLWSTATE`     24  rows, u64
//! 8   version, u32         32  bytes of a row, u64
//! 12  bytes of head, u32   40  bytes of text, u32
//! 16  values of a row, u32 64  text: recipe, `backend=` and `contig=` lines
//! 20  bytes of a value, u32    last 32 bytes: BLAKE3 of all before
//! ```
//!
//! Numbers are little-endian, the head is a multiple of 64 bytes, and what is not named is zero.

use super::{
    recipe::StateRecipe,
    row::{ALIGNMENT, stride},
};

const MAGIC: &[u8; 8] = b"GLWSTATE";
const VERSION: u32 = 1;
/// Bytes before the text.
pub(crate) const FIXED_LEN: usize = 64;
/// A longer head is a lie: it would name over a hundred thousand contigs.
pub(crate) const MAX_LEN: usize = 16 << 20;
/// More values than any encoder's state has.
pub(crate) const MAX_DIM: usize = 1 << 20;

/// What the rows of a shard are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Header {
    pub(crate) recipe: StateRecipe,
    /// The backend that computed the states.
    pub(crate) backend: String,
    /// The contigs that rows name by number.
    pub(crate) contigs: Vec<String>,
    /// Values of a state.
    pub(crate) dim: usize,
    /// Rows.
    pub(crate) count: u64,
}

/// Why bytes are no shard.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ShardFault {
    /// The file does not begin as a shard does.
    #[error("it is no shard of states")]
    NotAShard,
    /// A later version of the format.
    #[error("its format has version {found}, this program reads {VERSION}")]
    Version {
        /// The version found.
        found: u32,
    },
    /// The head contradicts itself or its digest.
    #[error("its head is damaged")]
    Head,
    /// The file is longer or shorter than its head says.
    #[error("it has {found} bytes, its head says {expected}")]
    Length {
        /// Bytes of the file.
        found: u64,
        /// Bytes that the head says.
        expected: u64,
    },
    /// The contents are not those that the name is the digest of.
    #[error("its contents are not those of its name")]
    Contents,
    /// A row does not hold what its digest says.
    #[error("row {row} is damaged")]
    Row {
        /// The row, from 0.
        row: u64,
    },
    /// A row has another key than was looked up or than follows from its contents.
    #[error("row {row} is not that of its key")]
    Key {
        /// The row, from 0.
        row: u64,
    },
}

impl Header {
    /// Bytes of one row.
    pub(crate) fn stride(&self) -> usize {
        stride(self.dim, self.recipe.stored)
    }

    fn text(&self) -> String {
        let mut text = format!("{}backend={}\n", self.recipe.text(), self.backend);
        for contig in &self.contigs {
            text += &format!("contig={contig}\n");
        }
        text
    }

    /// The head of a file, or nothing if it would be too long.
    pub(crate) fn to_bytes(&self) -> Option<Vec<u8>> {
        let text = self.text();
        let len = (FIXED_LEN + text.len() + 32).next_multiple_of(ALIGNMENT);
        if len > MAX_LEN {
            return None;
        }
        let mut bytes = Vec::with_capacity(len);
        bytes.extend(MAGIC);
        let width = self.recipe.stored.width();
        for number in [VERSION as usize, len, self.dim, width] {
            bytes.extend((number as u32).to_le_bytes());
        }
        bytes.extend(self.count.to_le_bytes());
        bytes.extend((self.stride() as u64).to_le_bytes());
        bytes.extend((text.len() as u32).to_le_bytes());
        bytes.resize(FIXED_LEN, 0);
        bytes.extend(text.as_bytes());
        bytes.resize(len - 32, 0);
        let digest = *blake3::hash(&bytes).as_bytes();
        bytes.extend(digest);
        Some(bytes)
    }

    /// Bytes of the head, as the first [`FIXED_LEN`] bytes of a file say.
    pub(crate) fn len(fixed: &[u8; FIXED_LEN]) -> Result<usize, ShardFault> {
        if fixed[..8] != *MAGIC {
            return Err(ShardFault::NotAShard);
        }
        match number(fixed, 8) {
            VERSION => {}
            found => return Err(ShardFault::Version { found }),
        }
        let len = number(fixed, 12) as usize;
        let is_possible =
            (FIXED_LEN + 32..=MAX_LEN).contains(&len) && len.is_multiple_of(ALIGNMENT);
        is_possible.then_some(len).ok_or(ShardFault::Head)
    }

    /// Reads a whole head and compares it with the length of its file.
    pub(crate) fn parse(bytes: &[u8], file_len: u64) -> Result<Self, ShardFault> {
        let header = Self::parse_head(bytes).ok_or(ShardFault::Head)?;
        let rows = header.count.checked_mul(header.stride() as u64);
        let expected = rows.and_then(|rows| rows.checked_add(bytes.len() as u64));
        match expected {
            Some(expected) if expected == file_len => Ok(header),
            Some(expected) => Err(ShardFault::Length {
                found: file_len,
                expected,
            }),
            None => Err(ShardFault::Head),
        }
    }

    /// Reads a whole head, whatever the length of its file.
    pub(crate) fn parse_head(bytes: &[u8]) -> Option<Self> {
        let (contents, digest) = bytes.split_last_chunk::<32>()?;
        if blake3::hash(contents) != *digest {
            return None;
        }
        let text_len = number(bytes, 40) as usize;
        let text = contents.get(FIXED_LEN..FIXED_LEN.checked_add(text_len)?)?;
        let (recipe, rest) = StateRecipe::parse(str::from_utf8(text).ok()?)?;
        let (backend, rest) = rest.split_once('\n')?;
        let contigs = rest.split_terminator('\n');
        let contigs = contigs.map(|line| Some(line.strip_prefix("contig=")?.to_owned()));
        let dim = number(bytes, 16) as usize;
        let header = Self {
            recipe,
            backend: backend.strip_prefix("backend=")?.to_owned(),
            contigs: contigs.collect::<Option<_>>()?,
            dim,
            count: u64::from_le_bytes(bytes[24..32].try_into().ok()?),
        };
        // A head has one spelling, so whatever else is in it is a lie.
        let is_sound = (1..=MAX_DIM).contains(&dim) && header.to_bytes()? == bytes;
        is_sound.then_some(header)
    }
}

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("4 bytes"))
}

/// Whether a text can stand in a line of a head.
pub(crate) fn is_line(text: &str) -> bool {
    !text.is_empty() && !text.contains('\n')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cache::recipe::tests::recipe;

    fn header() -> Header {
        Header {
            recipe: recipe(),
            backend: "flex".into(),
            contigs: vec!["20".into(), "HLA-A*01:01".into()],
            dim: 32,
            count: 5,
        }
    }

    /// A head whose digest holds, with four bytes of it replaced.
    fn with_number(at: usize, number: u32) -> Vec<u8> {
        let mut bytes = header().to_bytes().unwrap();
        bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
        let end = bytes.len() - 32;
        let digest = *blake3::hash(&bytes[..end]).as_bytes();
        bytes[end..].copy_from_slice(&digest);
        bytes
    }

    fn parse(bytes: &[u8], file_len: u64) -> Result<Header, ShardFault> {
        let fixed = bytes.first_chunk().ok_or(ShardFault::NotAShard)?;
        let len = Header::len(fixed)?;
        Header::parse(bytes.get(..len).ok_or(ShardFault::Head)?, file_len)
    }

    #[test]
    fn a_head_reads_back() {
        let bytes = header().to_bytes().unwrap();
        let file_len = bytes.len() as u64 + 5 * 256;
        assert_eq!(parse(&bytes, file_len), Ok(header()));
    }

    #[test]
    fn a_head_that_lies_about_sizes_is_refused() {
        let file_len = header().to_bytes().unwrap().len() as u64 + 5 * 256;
        let lies = [
            (8, 2),
            (12, 0),
            (12, 96),
            (12, u32::MAX),
            (16, 0),
            (16, 33),
            (16, u32::MAX),
            (20, 2),
            (24, 4),
            (28, u32::MAX),
            (32, 64),
            (40, u32::MAX),
            (44, 1),
        ];
        for (at, number) in lies {
            let fault = parse(&with_number(at, number), file_len).unwrap_err();
            let is_named = match at {
                8 => matches!(fault, ShardFault::Version { found: 2 }),
                24 => matches!(fault, ShardFault::Length { .. }),
                _ => matches!(fault, ShardFault::Head),
            };
            assert!(is_named, "{at} {number}: {fault}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_parse_or_fail(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let mut head = header().to_bytes().unwrap();
            for (i, byte) in bytes.iter().enumerate().take(head.len()) {
                head[i] ^= byte & 1;
            }
            let is_same = head == header().to_bytes().unwrap();
            prop_assert_eq!(parse(&head, 0).is_err(), true);
            prop_assert_eq!(parse(&head, head.len() as u64 + 5 * 256).is_ok(), is_same);
        }
    }
}
