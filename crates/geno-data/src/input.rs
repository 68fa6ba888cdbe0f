//! The text of a file, decompressed on the way.

use std::{
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

use flate2::bufread::MultiGzDecoder;
use geno_core::{Digest, DigestHasher};
use noodles_bgzf as bgzf;

use crate::{
    compression::{BGZIP_EOF, Compression, HEAD_LEN},
    lines::{Line, read_line},
};

const BUFFER_LEN: usize = 1 << 16;

/// Bytes read at once of the file itself: what is in this buffer counts as read, so it is small
/// enough for progress over a small file to move.
const RAW_BUFFER_LEN: usize = 1 << 13;

/// How far a file has been read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Progress {
    /// Bytes read of the file as it is stored, compressed or not.
    pub read: u64,
    /// Its size in bytes; `None` where nobody knows, as for a pipe.
    pub total: Option<u64>,
}

/// Text, whatever the compression of the file.
pub(crate) enum Input {
    Plain(BufReader<Raw>),
    Gzip(BufReader<MultiGzDecoder<BufReader<Raw>>>),
    Bgzip(bgzf::io::Reader<BufReader<Raw>>),
}

/// The file as it is stored, with what was read of it.
pub(crate) struct Raw {
    /// Bytes looked at to find the compression, not yet handed out.
    head: Vec<u8>,
    file: Box<dyn Read + Send>,
    progress: Progress,
    /// The last bytes read, at most as many as the end marker has.
    tail: Vec<u8>,
    hasher: DigestHasher,
    /// Whether nothing is left to read.
    ended: bool,
}

impl Input {
    /// Opens a file, or the standard input for `-`.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let (compression, raw) = Raw::open(path)?;
        Ok(Self::of(compression, raw))
    }

    /// Reads enough to know the compression.
    pub(crate) fn new(file: Box<dyn Read + Send>, total: Option<u64>) -> io::Result<Self> {
        let (compression, raw) = Raw::new(file, total)?;
        Ok(Self::of(compression, raw))
    }

    pub(crate) fn of(compression: Compression, raw: Raw) -> Self {
        let raw = BufReader::with_capacity(RAW_BUFFER_LEN, raw);
        match compression {
            Compression::None => Self::Plain(raw),
            Compression::Gzip => Self::Gzip(BufReader::with_capacity(
                BUFFER_LEN,
                MultiGzDecoder::new(raw),
            )),
            Compression::Bgzip => Self::Bgzip(bgzf::io::Reader::new(raw)),
        }
    }

    fn raw(&self) -> &Raw {
        match self {
            Self::Plain(reader) => reader.get_ref(),
            Self::Gzip(reader) => reader.get_ref().get_ref().get_ref(),
            Self::Bgzip(reader) => reader.get_ref().get_ref(),
        }
    }

    pub(crate) fn progress(&self) -> Progress {
        self.raw().progress()
    }

    /// The digest of the file as it is stored, once it was read to its end.
    pub(crate) fn digest(&self) -> Option<Digest> {
        self.raw().digest()
    }

    /// Reads one line and keeps its first `limit` bytes; `None` at the end of the file.
    ///
    /// # Errors
    ///
    /// As of [`read_line`]; [`io::ErrorKind::UnexpectedEof`] where a compressed file is cut off, at
    /// a line that was not ended.
    pub(crate) fn read_line(
        &mut self,
        kept: &mut Vec<u8>,
        limit: usize,
    ) -> io::Result<Option<Line>> {
        let line = read_line(self, kept, limit)?;
        let is_last = line.is_none_or(|line| line.terminator == 0);
        match is_last && !self.is_whole() {
            true => Err(io::ErrorKind::UnexpectedEof.into()),
            false => Ok(line),
        }
    }

    /// Whether a file that was read to its end may be whole: a bgzip file has an end marker.
    pub(crate) fn is_whole(&self) -> bool {
        !matches!(self, Self::Bgzip(_)) || self.raw().ends_bgzip()
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(reader) => reader.read(buffer),
            Self::Gzip(reader) => reader.read(buffer),
            Self::Bgzip(reader) => reader.read(buffer),
        }
    }
}

impl BufRead for Input {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self {
            Self::Plain(reader) => reader.fill_buf(),
            Self::Gzip(reader) => reader.fill_buf(),
            Self::Bgzip(reader) => reader.fill_buf(),
        }
    }

    fn consume(&mut self, n: usize) {
        match self {
            Self::Plain(reader) => reader.consume(n),
            Self::Gzip(reader) => reader.consume(n),
            Self::Bgzip(reader) => reader.consume(n),
        }
    }
}

impl Raw {
    /// Opens a file, or the standard input for `-`, and reads enough to know the compression.
    pub(crate) fn open(path: &Path) -> io::Result<(Compression, Self)> {
        if path == Path::new("-") {
            return Self::new(Box::new(io::stdin()), None);
        }
        let file = std::fs::File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let total = metadata.is_file().then_some(metadata.len());
        Self::new(Box::new(file), total)
    }

    fn new(mut file: Box<dyn Read + Send>, total: Option<u64>) -> io::Result<(Compression, Self)> {
        let mut head = Vec::new();
        file.by_ref().take(HEAD_LEN as u64).read_to_end(&mut head)?;
        let compression = Compression::of(&head);
        let raw = Self {
            head,
            file,
            progress: Progress { read: 0, total },
            tail: Vec::new(),
            hasher: DigestHasher::default(),
            ended: false,
        };
        Ok((compression, raw))
    }

    /// How much was read.
    pub(crate) fn progress(&self) -> Progress {
        self.progress
    }

    /// The digest of what was read, once that is everything.
    pub(crate) fn digest(&self) -> Option<Digest> {
        self.ended.then(|| self.hasher.clone().finish())
    }

    /// Whether the last bytes read are those that end a bgzip file.
    pub(crate) fn ends_bgzip(&self) -> bool {
        self.tail == BGZIP_EOF
    }
}

impl Read for Raw {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = if self.head.is_empty() {
            self.file.read(buffer)?
        } else {
            let n = self.head.len().min(buffer.len());
            buffer[..n].copy_from_slice(&self.head[..n]);
            self.head.drain(..n);
            n
        };
        self.progress.read += n as u64;
        self.hasher.update(&buffer[..n]);
        self.ended = n == 0 && !buffer.is_empty();

        let kept = BGZIP_EOF.len();
        self.tail
            .extend_from_slice(&buffer[n.saturating_sub(kept)..n]);
        let surplus = self.tail.len().saturating_sub(kept);
        self.tail.drain(..surplus);
        Ok(n)
    }
}
