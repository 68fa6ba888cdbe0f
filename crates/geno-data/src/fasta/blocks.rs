//! The blocks of a bgzip file, and the `.gzi` index that lists them.
//!
//! The index holds a count and pairs of offsets, compressed and uncompressed, as little-endian
//! `u64`; the first block, at `(0, 0)`, is left out (htslib's `bgzip(1)`).

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
};

use crate::compression::{Compression, HEAD_LEN};

/// Most bytes that one block holds, uncompressed.
const MAX_BLOCK: u64 = 1 << 16;

/// Where the blocks of a bgzip file begin.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Blocks {
    /// Begin of each block, compressed and uncompressed; the first is `(0, 0)`.
    starts: Vec<(u64, u64)>,
    /// Length of the file, uncompressed.
    total: u64,
}

/// One block of a bgzip file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Block {
    /// Place of its header in the file.
    pub(crate) compressed: u64,
    /// Place of its first byte in the uncompressed file.
    pub(crate) uncompressed: u64,
    /// Bytes it holds, uncompressed.
    pub(crate) len: u64,
}

impl Blocks {
    /// Finds the blocks of a file from their headers, without decompressing them.
    ///
    /// # Errors
    ///
    /// Of reading; [`io::ErrorKind::InvalidData`] where no block begins, and
    /// [`io::ErrorKind::UnexpectedEof`] where one is cut off.
    pub(crate) fn scan(file: &mut File) -> io::Result<Self> {
        let mut blocks = Self {
            starts: vec![(0, 0)],
            total: 0,
        };
        blocks.walk(file, 0, 0)?;
        Ok(blocks)
    }

    /// Reads an index of this file.
    ///
    /// `None` if its length differs from what it says, if its offsets do not rise or lie past the
    /// file, or if no block begins at the last of them.
    pub(crate) fn from_gzi(index: &[u8], file: &mut File) -> Option<Self> {
        let (count, pairs) = index.split_first_chunk()?;
        let (pairs, rest) = pairs.as_chunks::<16>();
        if u64::from_le_bytes(*count) != pairs.len() as u64 || !rest.is_empty() {
            return None;
        }
        let file_len = file.metadata().ok()?.len();
        let number = |bytes: &[u8]| bytes.iter().rev().fold(0, |n, &b| n << 8 | u64::from(b));
        let mut starts = vec![(0, 0)];
        for pair in pairs {
            let (compressed, uncompressed) = (number(&pair[..8]), number(&pair[8..]));
            let (before, held_before) = *starts.last()?;
            let held = uncompressed.checked_sub(held_before)?;
            if compressed <= before || compressed >= file_len || held > MAX_BLOCK {
                return None;
            }
            starts.push((compressed, uncompressed));
        }
        let (compressed, uncompressed) = *starts.last()?;
        let mut blocks = Self { starts, total: 0 };
        blocks.walk(file, compressed, uncompressed).ok()?;
        Some(blocks)
    }

    /// Adds the blocks after the last one known, which begins at these offsets.
    fn walk(&mut self, file: &mut File, compressed: u64, uncompressed: u64) -> io::Result<()> {
        let file_len = file.metadata()?.len();
        let (mut place, mut held) = (compressed, uncompressed);
        while place < file_len {
            let mut head = [0; HEAD_LEN];
            file.seek(SeekFrom::Start(place))?;
            file.read_exact(&mut head)?;
            if Compression::of(&head) != Compression::Bgzip {
                return Err(io::ErrorKind::InvalidData.into());
            }
            let block_len = u64::from(u16::from_le_bytes([head[16], head[17]])) + 1;
            if block_len < HEAD_LEN as u64 + 8 {
                return Err(io::ErrorKind::InvalidData.into());
            }
            let mut held_by_block = [0; 4];
            let end = place + block_len;
            file.seek(SeekFrom::Start(end - 4))?;
            file.read_exact(&mut held_by_block)?;
            let held_by_block = u64::from(u32::from_le_bytes(held_by_block));
            if held_by_block > MAX_BLOCK {
                return Err(io::ErrorKind::InvalidData.into());
            }
            if held_by_block > 0 && place > compressed {
                self.starts.push((place, held));
            }
            (place, held) = (end, held + held_by_block);
        }
        self.total = held;
        Ok(())
    }

    /// Writes the index.
    pub(crate) fn to_gzi(&self) -> Vec<u8> {
        let pairs = &self.starts[1..];
        let numbers = pairs.iter().flat_map(|&(c, u)| [c, u]);
        [pairs.len() as u64]
            .into_iter()
            .chain(numbers)
            .flat_map(u64::to_le_bytes)
            .collect()
    }

    /// Length of the file, uncompressed.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// The block that holds a byte of the uncompressed file, which must not lie past its end.
    pub(crate) fn of(&self, place: u64) -> Block {
        let next = self.starts.partition_point(|&(_, begin)| begin <= place);
        let (compressed, uncompressed) = self.starts[next - 1];
        let end = self.starts.get(next).map_or(self.total, |&(_, end)| end);
        Block {
            compressed,
            uncompressed,
            len: end - uncompressed,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use noodles_bgzf as bgzf;
    use proptest::prelude::*;

    use super::*;

    fn bgzip(parts: &[&[u8]]) -> File {
        let mut writer = bgzf::io::Writer::new(tempfile::tempfile().unwrap());
        for part in parts {
            writer.write_all(part).unwrap();
            writer.flush().unwrap();
        }
        writer.finish().unwrap()
    }

    #[test]
    fn an_index_reads_back_as_the_scanned_blocks() {
        let mut file = bgzip(&[b"hello ", b"wor", b"ld"]);
        let blocks = Blocks::scan(&mut file).unwrap();
        assert_eq!(blocks.total(), 11);
        assert_eq!((blocks.of(0).len, blocks.of(6).uncompressed), (6, 6));
        assert_eq!(blocks.of(10).uncompressed, 9);
        let again = Blocks::from_gzi(&blocks.to_gzi(), &mut file);
        assert_eq!(again, Some(blocks));
    }

    #[test]
    fn an_index_that_stops_early_is_continued() {
        let mut file = bgzip(&[b"hello ", b"world"]);
        let blocks = Blocks::from_gzi(&[0; 8], &mut file);
        assert_eq!(blocks, Some(Blocks::scan(&mut file).unwrap()));
    }

    #[test]
    fn an_index_of_another_file_is_refused() {
        let mut file = bgzip(&[b"hello ", b"world"]);
        let index =
            |numbers: &[u64]| -> Vec<u8> { numbers.iter().flat_map(|n| n.to_le_bytes()).collect() };
        for numbers in [
            &[][..],
            &[2, 34, 6],
            &[1, 33, 6],
            &[1, 1 << 20, 6],
            &[1, 34, 1 << 17],
            &[2, 34, 6, 34, 6],
            &[u64::MAX],
        ] {
            assert_eq!(
                Blocks::from_gzi(&index(numbers), &mut file),
                None,
                "{numbers:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(index: Vec<u8>, text in prop::collection::vec(0u8..4, 0..40)) {
            let mut file = bgzip(&[b"hello"]);
            let _ = Blocks::from_gzi(&index, &mut file);
            file.seek(SeekFrom::Start(16)).unwrap();
            file.write_all(&text).unwrap();
            let _ = Blocks::scan(&mut file);
        }
    }
}
