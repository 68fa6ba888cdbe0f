//! A file that grows by chunks.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufWriter, Read, Seek, SeekFrom, Write},
    path::PathBuf,
};

use geno_core::{Digest, DigestHasher};

/// What a chunk added to a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Part {
    pub(crate) len: u64,
    pub(crate) digest: Digest,
}

impl Default for Part {
    fn default() -> Self {
        Self {
            len: 0,
            digest: Digest::of(b""),
        }
    }
}

/// A file of lines, its open chunk hashed as it is written.
pub(crate) struct Spool {
    path: PathBuf,
    file: BufWriter<File>,
    hasher: DigestHasher,
    chunk_len: u64,
    /// Of a file that was opened again: what was read of it, and what of that is kept.
    read: u64,
    kept: u64,
}

impl Spool {
    /// Begins a file.
    pub(crate) fn create(path: PathBuf) -> io::Result<Self> {
        let file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .open(&path)?;
        Ok(Self::of(path, file))
    }

    /// Opens a file whose chunks are to be checked.
    pub(crate) fn reopen(path: PathBuf) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).append(true).open(&path)?;
        Ok(Self::of(path, file))
    }

    fn of(path: PathBuf, file: File) -> Self {
        Self {
            path,
            file: BufWriter::with_capacity(1 << 16, file),
            hasher: DigestHasher::default(),
            chunk_len: 0,
            read: 0,
            kept: 0,
        }
    }

    /// Reads the next chunk and says whether it is what was written.
    pub(crate) fn check(&mut self, part: &Part) -> io::Result<bool> {
        let file = self.file.get_mut();
        file.seek(SeekFrom::Start(self.read))?;
        let digest = Digest::of_reader(file.take(part.len))?;
        self.read = file.stream_position()?;
        Ok(digest == part.digest)
    }

    /// Keeps what was read.
    pub(crate) fn keep(&mut self) {
        self.kept = self.read;
    }

    /// Cuts off what is not kept.
    pub(crate) fn cut(&mut self) -> io::Result<()> {
        self.file.get_mut().set_len(self.kept)
    }

    /// Makes the chunk durable and begins another.
    pub(crate) fn close_chunk(&mut self) -> io::Result<Part> {
        self.file.flush()?;
        let len = std::mem::take(&mut self.chunk_len);
        if len > 0 {
            self.file.get_ref().sync_data()?;
        }
        let digest = std::mem::take(&mut self.hasher).finish();
        Ok(Part { len, digest })
    }

    /// Opens the whole file to be read.
    pub(crate) fn read(&mut self) -> io::Result<File> {
        self.file.flush()?;
        File::open(&self.path)
    }
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.file.write(bytes)?;
        self.hasher.update(&bytes[..n]);
        self.chunk_len += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
