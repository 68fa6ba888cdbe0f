//! Opening a FASTA file: its compression, and the indexes beside it.

use std::{
    fs::{self, File},
    io::{self, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};

use geno_core::{Coded, ErrorCode};
use noodles_bgzf as bgzf;

use super::{
    blocks::Blocks,
    contig::Contig,
    fai,
    scan::{ScanFastaError, scan},
    source::Source,
};
use crate::compression::{BGZIP_EOF, Compression, HEAD_LEN};

/// Why a FASTA file could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenFastaError {
    /// The file could not be opened or read.
    #[error("cannot read FASTA file `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A folder, a pipe or a device, none of which can be read at any place.
    #[error("`{}` is not a regular file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// The file has no bytes.
    #[error("FASTA file `{}` is empty", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// Compressed with gzip, of which no part can be read without all before it.
    #[error(
        "`{}` is compressed with gzip, which cannot be read from the middle: decompress it, or \
         compress it again with `bgzip`",
        path.display()
    )]
    PlainGzip {
        /// The file.
        path: PathBuf,
    },
    /// A bgzip file without the block that marks its end.
    #[error("bgzip file `{}` ends before its end", path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
    },
    /// The blocks of a bgzip file contradict themselves.
    #[error("bgzip file `{}` is corrupt", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What the decompressor said.
        source: io::Error,
    },
    /// The contents are not FASTA.
    #[error("`{}` is no FASTA file that can be indexed", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: ScanFastaError,
    },
}

impl Coded for OpenFastaError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Io { source, .. } => ErrorCode::of_io(source),
            Self::Empty { .. } => ErrorCode::InputEmpty,
            Self::Truncated { .. } => ErrorCode::InputTruncated,
            Self::NotAFile { .. }
            | Self::PlainGzip { .. }
            | Self::Corrupt { .. }
            | Self::Malformed { .. } => ErrorCode::InputFasta,
        }
    }
}

/// What becomes of an index that had to be made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum MadeIndex {
    /// It is written beside the file.
    Beside,
    /// It stays in memory.
    InMemory,
}

impl MadeIndex {
    fn keep(self, path: &Path, contents: &[u8]) {
        if self == Self::Beside {
            write_beside(path, contents);
        }
    }
}

/// Opens a file and finds its contigs, through its indexes where they can be trusted.
///
/// An index that is absent, older than the FASTA, malformed, or reaching past it is made anew, and
/// written beside it if that is wanted and the folder allows.
pub(crate) fn open(path: &Path, made: MadeIndex) -> Result<(Source, Vec<Contig>), OpenFastaError> {
    let owned = || path.to_owned();
    let io_error = |source: io::Error| match source.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
            let path = owned();
            OpenFastaError::Corrupt { path, source }
        }
        _ => OpenFastaError::Io {
            path: owned(),
            source,
        },
    };
    let mut file = File::open(path).map_err(io_error)?;
    let metadata = file.metadata().map_err(io_error)?;
    if !metadata.is_file() {
        return Err(OpenFastaError::NotAFile { path: owned() });
    }
    let total = metadata.len();
    let modified = metadata.modified().map_err(io_error)?;
    if total == 0 {
        return Err(OpenFastaError::Empty { path: owned() });
    }

    let fai_path = beside(path, ".fai");
    let (source, contigs) = match compression(&mut file).map_err(io_error)? {
        Compression::Gzip => return Err(OpenFastaError::PlainGzip { path: owned() }),
        Compression::None => {
            let contigs = fresh(&fai_path, modified).and_then(|text| fai::parse(&text, total));
            (Source::Plain { file, total }, contigs)
        }
        Compression::Bgzip => {
            if !ends_with_marker(&mut file, total).map_err(io_error)? {
                return Err(OpenFastaError::Truncated { path: owned() });
            }
            let gzi_path = beside(path, ".gzi");
            let indexed = fresh(&gzi_path, modified)
                .and_then(|index| Blocks::from_gzi(&index, &mut file))
                .and_then(|blocks| {
                    let contigs = fai::parse(&fresh(&fai_path, modified)?, blocks.total())?;
                    Some((blocks, contigs))
                });
            let (blocks, contigs) = match indexed {
                Some((blocks, contigs)) => (blocks, Some(contigs)),
                None => {
                    let blocks = Blocks::scan(&mut file).map_err(io_error)?;
                    made.keep(&gzi_path, &blocks.to_gzi());
                    (blocks, None)
                }
            };
            let reader = bgzf::io::Reader::new(file);
            (Source::Bgzip { reader, blocks }, contigs)
        }
    };
    match contigs {
        Some(contigs) => Ok((source, contigs)),
        None => {
            let (source, contigs) = index(source).map_err(|source| match source {
                ScanFastaError::Io(source) => io_error(source),
                source => OpenFastaError::Malformed {
                    path: owned(),
                    source,
                },
            })?;
            made.keep(&fai_path, fai::write(&contigs).as_bytes());
            Ok((source, contigs))
        }
    }
}

/// Reads the whole file for its contigs.
fn index(mut source: Source) -> Result<(Source, Vec<Contig>), ScanFastaError> {
    let contigs = match &mut source {
        Source::Plain { file, .. } => {
            file.seek(SeekFrom::Start(0)).map_err(ScanFastaError::Io)?;
            scan(BufReader::with_capacity(1 << 16, file))?
        }
        Source::Bgzip { reader, .. } => {
            reader
                .seek(bgzf::VirtualPosition::MIN)
                .map_err(ScanFastaError::Io)?;
            scan(reader)?
        }
    };
    Ok((source, contigs))
}

fn compression(file: &mut File) -> io::Result<Compression> {
    let mut head = Vec::new();
    file.take(HEAD_LEN as u64).read_to_end(&mut head)?;
    Ok(Compression::of(&head))
}

fn ends_with_marker(file: &mut File, total: u64) -> io::Result<bool> {
    let mut tail = [0; BGZIP_EOF.len()];
    let Some(place) = total.checked_sub(tail.len() as u64) else {
        return Ok(false);
    };
    file.seek(SeekFrom::Start(place))?;
    file.read_exact(&mut tail)?;
    Ok(tail == BGZIP_EOF)
}

/// `path` with a suffix after its extension.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// The contents of an index that is not older than its FASTA.
fn fresh(index: &Path, fasta_modified: SystemTime) -> Option<Vec<u8>> {
    let index_modified = fs::metadata(index).and_then(|m| m.modified()).ok()?;
    let is_fresh = index_modified >= fasta_modified;
    is_fresh.then(|| fs::read(index).ok()).flatten()
}

/// Writes an index under its final name, whole or not at all.
///
/// A folder that cannot be written to is no error: the index stays in memory.
fn write_beside(path: &Path, contents: &[u8]) {
    let unfinished = beside(path, &format!(".{}.tmp", std::process::id()));
    let write = || {
        let mut file = File::create_new(&unfinished)?;
        let written = file
            .write_all(contents)
            .and_then(|()| file.sync_all())
            .and_then(|()| fs::rename(&unfinished, path));
        if written.is_err() {
            fs::remove_file(&unfinished)?;
        }
        written
    };
    let _: io::Result<()> = write();
}
