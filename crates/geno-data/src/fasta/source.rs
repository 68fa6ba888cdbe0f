//! Reading any part of a FASTA file, plain or bgzip.

use std::{
    fs::File,
    io::{self, BufRead, Read, Seek, SeekFrom},
};

use noodles_bgzf::{self as bgzf, VirtualPosition};

use super::blocks::Blocks;

/// An open FASTA file.
pub(crate) enum Source {
    /// Text.
    Plain { file: File, total: u64 },
    /// Text in compressed blocks.
    Bgzip {
        reader: bgzf::io::Reader<File>,
        blocks: Blocks,
    },
}

impl Source {
    /// Length in bytes, uncompressed.
    pub(crate) fn total(&self) -> u64 {
        match self {
            Self::Plain { total, .. } => *total,
            Self::Bgzip { blocks, .. } => blocks.total(),
        }
    }

    /// Fills `buffer` from the byte at `place` of the uncompressed file on.
    ///
    /// # Errors
    ///
    /// Of reading; [`io::ErrorKind::UnexpectedEof`] if the file is too short or its blocks are not
    /// where the index says, and [`io::ErrorKind::InvalidData`] if a block is corrupt.
    pub(crate) fn read_at(&mut self, place: u64, buffer: &mut [u8]) -> io::Result<()> {
        match self {
            Self::Plain { file, .. } => {
                file.seek(SeekFrom::Start(place))?;
                file.read_exact(buffer)
            }
            Self::Bgzip { reader, blocks } => read_blocks(reader, blocks, place, buffer),
        }
    }
}

fn read_blocks(
    reader: &mut bgzf::io::Reader<File>,
    blocks: &Blocks,
    mut place: u64,
    mut buffer: &mut [u8],
) -> io::Result<()> {
    while !buffer.is_empty() {
        if place >= blocks.total() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let block = blocks.of(place);
        let start = VirtualPosition::new(block.compressed, 0).ok_or(io::ErrorKind::InvalidData)?;
        reader.seek(start)?;
        let held = reader.fill_buf()?;
        if held.len() as u64 != block.len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let wanted = &held[(place - block.uncompressed) as usize..];
        let n = wanted.len().min(buffer.len());
        buffer[..n].copy_from_slice(&wanted[..n]);
        buffer = &mut buffer[n..];
        place += n as u64;
    }
    Ok(())
}
