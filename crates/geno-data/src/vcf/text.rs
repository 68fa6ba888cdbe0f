//! The text of a VCF file in large pieces, decompressed on all threads where the format allows it.

use std::{
    io::{self, BufReader, Read},
    ops::ControlFlow,
    path::Path,
};

use geno_core::Digest;
use noodles_bgzf as bgzf;
use rayon::prelude::*;

use super::{VcfError, error::Context};
use crate::{
    compression::{Compression, HEAD_LEN},
    input::{Input, Progress, Raw},
};

/// Bytes of text that one call adds, more or less.
const PIECE: usize = 1 << 22;

/// Bytes read at once of a bgzip file.
const RAW_BUFFER_LEN: usize = 1 << 18;

/// Blocks that one thread decompresses at a time.
const RUN: usize = 8;

/// Bytes of a block's checksum and length, which end it.
const TRAILER_LEN: usize = 8;

/// Most bytes that one block holds, uncompressed.
const MAX_BLOCK: usize = 1 << 16;

/// Text, whatever the compression of the file.
pub(crate) enum Text {
    /// Plain, or gzip, which only one thread can decompress.
    Stream(Input),
    /// bgzip.
    Blocks {
        file: BufReader<Raw>,
        compressed: Vec<u8>,
    },
}

/// One block among others.
struct Block {
    /// Length in the file.
    len: usize,
    /// Length of what it holds.
    held: usize,
}

impl Text {
    /// Opens a file, or the standard input for `-`.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(match Raw::open(path)? {
            (Compression::Bgzip, raw) => Self::Blocks {
                file: BufReader::with_capacity(RAW_BUFFER_LEN, raw),
                compressed: Vec::new(),
            },
            (compression, raw) => Self::Stream(Input::of(compression, raw)),
        })
    }

    /// Appends some text; `false` at the end of the file.
    ///
    /// # Errors
    ///
    /// Of reading; [`io::ErrorKind::InvalidData`] where a block does not hold what it says, and
    /// [`io::ErrorKind::UnexpectedEof`] where the file is cut off.
    pub(crate) fn append(&mut self, text: &mut Vec<u8>) -> io::Result<bool> {
        match self {
            Self::Stream(input) => {
                let n = input.take(PIECE as u64).read_to_end(text)?;
                Ok(n > 0)
            }
            Self::Blocks { file, compressed } => {
                compressed.clear();
                let blocks = read_blocks(file, compressed)?;
                decompress(&blocks, compressed, text)?;
                let is_cut = blocks.is_empty() && !file.get_ref().ends_bgzip();
                match is_cut {
                    true => Err(io::ErrorKind::UnexpectedEof.into()),
                    false => Ok(!blocks.is_empty()),
                }
            }
        }
    }

    /// How much of the file has been read.
    pub(crate) fn progress(&self) -> Progress {
        match self {
            Self::Stream(input) => input.progress(),
            Self::Blocks { file, .. } => file.get_ref().progress(),
        }
    }

    /// The digest of the file as it is stored, once it was read to its end.
    pub(crate) fn digest(&self) -> Option<Digest> {
        match self {
            Self::Stream(input) => input.digest(),
            Self::Blocks { file, .. } => file.get_ref().digest(),
        }
    }
}

/// Reads whole blocks until they hold enough, or the file ends.
fn read_blocks(file: &mut impl Read, compressed: &mut Vec<u8>) -> io::Result<Vec<Block>> {
    let mut blocks = Vec::new();
    let mut total = 0;
    // An empty block is no end, so their number is limited too.
    while total < PIECE && compressed.len() < PIECE {
        let begin = compressed.len();
        let head_len = file.take(HEAD_LEN as u64).read_to_end(compressed)?;
        if head_len == 0 {
            break;
        }
        let head = &compressed[begin..];
        if head_len < HEAD_LEN {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if Compression::of(head) != Compression::Bgzip {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let len = usize::from(u16::from_le_bytes([head[16], head[17]])) + 1;
        let Some(rest) = len.checked_sub(HEAD_LEN).filter(|&n| n >= TRAILER_LEN) else {
            return Err(io::ErrorKind::InvalidData.into());
        };
        if file.take(rest as u64).read_to_end(compressed)? < rest {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let trailer = compressed.last_chunk().copied().unwrap_or_default();
        let held = u32::from_le_bytes(trailer) as usize;
        if held > MAX_BLOCK {
            return Err(io::ErrorKind::InvalidData.into());
        }
        total += held;
        blocks.push(Block { len, held });
    }
    Ok(blocks)
}

/// Appends what blocks hold.
fn decompress(blocks: &[Block], mut compressed: &[u8], text: &mut Vec<u8>) -> io::Result<()> {
    let begin = text.len();
    let held: usize = blocks.iter().map(|block| block.held).sum();
    text.resize(begin + held, 0);

    let mut room = &mut text[begin..];
    let mut runs = Vec::new();
    for run in blocks.chunks(RUN) {
        let (bytes, rest) = compressed.split_at(run.iter().map(|block| block.len).sum());
        let (out, rest_of_room) = room.split_at_mut(run.iter().map(|block| block.held).sum());
        (compressed, room) = (rest, rest_of_room);
        runs.push((bytes, out));
    }
    runs.into_par_iter().try_for_each(|(bytes, out)| {
        let corrupt = |_| io::Error::from(io::ErrorKind::InvalidData);
        let mut reader = bgzf::io::Reader::new(bytes);
        reader.read_exact(out).map_err(corrupt)?;
        // Empty blocks at the end are decompressed as well, for their checksums.
        match reader.read(&mut [0]).map_err(corrupt)? {
            0 => Ok(()),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    })
}

/// The digest of a file as it is stored; `None` if `on_progress` breaks off.
pub(crate) fn raw_digest(
    path: &Path,
    mut on_progress: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<Option<Digest>, VcfError> {
    let context = Context(path);
    let (_, mut raw) = Raw::open(path).map_err(|error| context.of(error))?;
    let mut buffer = vec![0; 1 << 20];
    loop {
        match raw.read(&mut buffer) {
            Ok(0) => return Ok(raw.digest()),
            Ok(_) if on_progress(raw.progress()).is_break() => return Ok(None),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(context.of(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;
    use crate::compression::BGZIP_EOF;

    fn bgzip(text: &[u8]) -> Vec<u8> {
        let mut writer = bgzf::io::Writer::new(Vec::new());
        writer.write_all(text).unwrap();
        writer.finish().unwrap()
    }

    fn read(file: &[u8]) -> io::Result<Vec<u8>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("text");
        std::fs::write(&path, file)?;
        let mut text = Text::open(&path)?;
        let mut out = Vec::new();
        while text.append(&mut out)? {}
        assert_eq!(text.digest(), Some(Digest::of(file)));
        Ok(out)
    }

    #[test]
    fn blocks_come_out_in_their_order() {
        let expected: Vec<u8> = (0..3_000_000u32).flat_map(u32::to_le_bytes).collect();
        assert!(expected.len() > 2 * PIECE);
        assert_eq!(read(&bgzip(&expected)).unwrap(), expected);
    }

    #[test]
    fn a_file_cut_anywhere_is_no_file() {
        let file = bgzip(&[b'A'; 100_000]);
        for len in [file.len() - 1, file.len() - 28, file.len() - 30, 40] {
            let kind = read(&file[..len]).unwrap_err().kind();
            assert_eq!(kind, io::ErrorKind::UnexpectedEof, "{len}");
        }
    }

    proptest! {
        #[test]
        fn a_changed_block_is_refused_or_holds_the_same_text(at: usize, flip in 1u8..) {
            let text: Vec<u8> = (0..=255).collect();
            let mut file = bgzip(&text);
            let places = file.len() - BGZIP_EOF.len() - HEAD_LEN;
            file[HEAD_LEN + at % places] ^= flip;
            // Deflate has bits that mean nothing: those that fill a byte.
            if let Ok(read) = read(&file) {
                prop_assert_eq!(read, text);
            }
        }
    }
}
