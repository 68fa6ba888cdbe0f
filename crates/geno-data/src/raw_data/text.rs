//! The text of a raw-data file, unpacked on the way.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Cursor, Read, Seek},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use zip::ZipArchive;

use super::{
    MAX_TEXT_LEN,
    error::{ImportError, Stop},
};
use crate::input::Input;

/// Reads the text of a file, plain, gzip, bgzip or the one file of a zip archive, which is told by
/// its contents. `-` is the standard input. A byte order mark is left out.
///
/// `read` counts the bytes that were read of the file as it is stored.
pub(crate) fn with_text<T>(
    path: &Path,
    read: &Arc<AtomicU64>,
    parse: impl FnOnce(&mut dyn BufRead) -> Result<T, Stop>,
) -> Result<T, Stop> {
    let error = |source| ImportError::of_read(path, source);
    if path == Path::new("-") {
        return with_stream(path, Box::new(counted(io::stdin(), read)), parse);
    }
    let mut file = File::open(path).map_err(error)?;
    if file.metadata().map_err(error)?.is_dir() {
        return Err(error(io::ErrorKind::IsADirectory.into()).into());
    }
    let mut head = Vec::new();
    if file.metadata().map_err(error)?.is_file() {
        file.by_ref()
            .take(4)
            .read_to_end(&mut head)
            .map_err(error)?;
        file.rewind().map_err(error)?;
    }
    match head.starts_with(ZIP_HEAD) {
        true => with_zip(path, counted(file, read), parse),
        false => with_stream(path, Box::new(counted(file, read)), parse),
    }
}

const ZIP_HEAD: &[u8] = b"PK\x03\x04";

fn with_stream<T>(
    path: &Path,
    file: Box<dyn Read + Send>,
    parse: impl FnOnce(&mut dyn BufRead) -> Result<T, Stop>,
) -> Result<T, Stop> {
    let error = |source| ImportError::of_read(path, source);
    let mut input = Input::new(file, None).map_err(error)?;
    let parsed = with_limit(path, &mut input, parse)?;
    match input.is_whole() {
        true => Ok(parsed),
        false => Err(error(io::ErrorKind::UnexpectedEof.into()).into()),
    }
}

fn with_zip<T>(
    path: &Path,
    file: impl Read + Seek,
    parse: impl FnOnce(&mut dyn BufRead) -> Result<T, Stop>,
) -> Result<T, Stop> {
    let error = |source: io::Error| ImportError::Corrupt {
        path: path.to_owned(),
        source,
    };
    let mut archive = ZipArchive::new(file).map_err(|source| error(source.into()))?;
    // Names are looked at and never used: nothing is unpacked to a place that an archive chooses.
    let is_file = |name: &[u8]| !name.ends_with(b"/") && !name.starts_with(b"__MACOSX/");
    let names = archive.file_names_raw().enumerate();
    let files: Vec<usize> = names
        .filter_map(|(i, name)| is_file(name).then_some(i))
        .collect();
    let [file] = files[..] else {
        return Err(ImportError::ZipMembers {
            path: path.to_owned(),
            files: files.len(),
        }
        .into());
    };
    let member = archive
        .by_index(file)
        .map_err(|source| error(source.into()))?;
    with_limit(path, member, parse)
}

/// Hands the text on without its byte order mark, and ends it with an error where it is too long.
fn with_limit<T>(
    path: &Path,
    text: impl Read,
    parse: impl FnOnce(&mut dyn BufRead) -> Result<T, Stop>,
) -> Result<T, Stop> {
    let mut text = BufReader::with_capacity(
        1 << 16,
        Limited {
            text,
            left: MAX_TEXT_LEN,
        },
    );
    let mut head = Vec::new();
    let read = text.by_ref().take(4).read_to_end(&mut head);
    read.map_err(|source| ImportError::of_read(path, source))?;
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
        let path = path.to_owned();
        return Err(ImportError::Utf16 { path }.into());
    }
    if head.starts_with(ZIP_HEAD) {
        return Err(ImportError::ZipStream.into());
    }
    if head.starts_with(&[0xef, 0xbb, 0xbf]) {
        head.drain(..3);
    }
    parse(&mut Cursor::new(head).chain(text))
}

struct Limited<R> {
    text: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.text.read(buffer)?;
        match self.left.checked_sub(n as u64) {
            Some(left) => self.left = left,
            None => return Err(io::ErrorKind::FileTooLarge.into()),
        }
        Ok(n)
    }
}

struct Counted<R> {
    file: R,
    read: Arc<AtomicU64>,
}

fn counted<R>(file: R, read: &Arc<AtomicU64>) -> Counted<R> {
    let read = Arc::clone(read);
    Counted { file, read }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.file.read(buffer)?;
        self.read.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

impl<R: Seek> Seek for Counted<R> {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}
