//! Files as slices of memory.

use std::{
    fs::{self, File, Metadata},
    io,
    ops::Deref,
    path::{Path, PathBuf},
    time::SystemTime,
};

use memmap2::{Advice, Mmap, MmapOptions};

/// Bytes that are read between two calls of [`MappedFile::release`], a multiple of any page.
const CHUNK: usize = 16 << 20;

/// A file, mapped to be read.
///
/// Its bytes are read from disk when they are looked at, shared with every other process that maps
/// the same file, and take no memory of this one that the system could not take back.
///
/// # What another process can do
///
/// The slice is sound as long as nobody writes to the file. Nothing on Linux, macOS or Windows can
/// promise that, so this is a rule for whoever uses a model: its files are replaced by a rename,
/// never written in place. A file that was cut while it is mapped ends the process with `SIGBUS`
/// where the missing part is read; one that was written gives other numbers, none of which is used
/// as an index or a length after it has been checked. [`is_unchanged`](Self::is_unchanged) finds
/// either after the fact.
///
/// # Examples
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("weights");
/// std::fs::write(&path, b"0123456789")?;
///
/// let file = geno_kernels::MappedFile::open(&path)?;
/// assert_eq!(&file[2..5], b"234");
/// assert!(file.is_unchanged()?);
/// # Ok::<_, std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct MappedFile {
    path: PathBuf,
    map: Mmap,
    stamp: Stamp,
}

/// What changes when a file is written or replaced.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Stamp {
    len: u64,
    modified: Option<SystemTime>,
    /// Device, number and time of the last change of any kind, which no program can set.
    #[cfg(unix)]
    inode: (u64, u64, i64, i64),
}

impl MappedFile {
    /// Maps a file.
    ///
    /// # Errors
    ///
    /// Any error of the system, and [`io::ErrorKind::InvalidInput`] for what is no regular file.
    pub fn open(path: &Path) -> io::Result<Self> {
        // Looked at first, since opening a pipe waits for its other end.
        if !fs::metadata(path)?.is_file() {
            return Err(io::Error::from(io::ErrorKind::InvalidInput));
        }
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        // SAFETY: The mapping is read-only, and nothing in this process writes to the file. What
        // other processes may do is said above; no length or index that was checked is read again
        // from the mapping.
        let map = unsafe { MmapOptions::new().map(&file) }?;
        Ok(Self {
            path: path.to_owned(),
            map,
            stamp: Stamp::of(&metadata),
        })
    }

    /// The path it was opened by.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether its path still leads to this file, and nobody has written to it.
    ///
    /// Compares length and time of modification, and on Unix device, inode number and the time of
    /// the last change of any kind.
    ///
    /// # Errors
    ///
    /// Any error of the system.
    pub fn is_unchanged(&self) -> io::Result<bool> {
        Ok(Stamp::of(&fs::metadata(&self.path)?) == self.stamp)
    }

    /// The bytes as little-endian numbers, without a copy. None if they are no whole number of them,
    /// or this machine has another order of bytes.
    pub fn as_f32(&self) -> Option<&[f32]> {
        if cfg!(target_endian = "big") || !self.map.len().is_multiple_of(size_of::<f32>()) {
            return None;
        }
        // SAFETY: Any four bytes are an `f32`.
        let (before, numbers, after) = unsafe { self.map.align_to::<f32>() };
        // A mapping begins at a page.
        (before.is_empty() && after.is_empty()).then_some(numbers)
    }

    /// Hands all bytes on in their order, in chunks that leave memory again.
    ///
    /// Memory grows by one chunk of 16 MiB, whatever the length.
    pub fn read_through(&self, mut read: impl FnMut(&[u8])) {
        // Advice is a hint: without it all is as right and a little slower.
        let _ = self.map.advise(Advice::Sequential);
        for chunk in self.map.chunks(CHUNK) {
            read(chunk);
            self.release(chunk);
        }
        let _ = self.map.advise(Advice::Normal);
    }

    /// Says that a part of this file is not needed for now. Pages that lie wholly in it leave the
    /// memory of this process; looked at again, they come back from the page cache or the disk.
    ///
    /// A part of something else is left alone.
    pub fn release(&self, part: &[u8]) {
        let all = self.map.as_ptr_range();
        let part = part.as_ptr_range();
        if part.start < all.start || part.end > all.end {
            return;
        }
        #[cfg(unix)]
        {
            use memmap2::UncheckedAdvice;

            let offset = |at: *const u8| at.addr() - all.start.addr();
            let start = offset(part.start).next_multiple_of(PAGE);
            let end = match part.end == all.end {
                true => self.map.len(),
                false => offset(part.end) / PAGE * PAGE,
            };
            if start < end {
                let len = end - start;
                // SAFETY: The mapping is read-only and has a file behind it, so a page that was
                // dropped is read from the file again and has the same bytes. No memory of any
                // other kind lies in the range, which is inside the mapping.
                let _ = unsafe {
                    self.map
                        .unchecked_advise_range(UncheckedAdvice::DontNeed, start, len)
                };
            }
        }
    }
}

/// A multiple of the size of a page on the systems there are: 4, 16 or 64 KiB.
#[cfg(unix)]
const PAGE: usize = 1 << 16;

impl Deref for MappedFile {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.map
    }
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            len: metadata.len(),
            modified: metadata.modified().ok(),
            #[cfg(unix)]
            inode: {
                use std::os::unix::fs::MetadataExt;
                (
                    metadata.dev(),
                    metadata.ino(),
                    metadata.ctime(),
                    metadata.ctime_nsec(),
                )
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn file(contents: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, contents).unwrap();
        (folder, path)
    }

    fn numbered(len: usize) -> Vec<u8> {
        (0..len).map(|i| (i * 31 % 251) as u8).collect()
    }

    #[test]
    fn every_byte_is_there_before_and_after_its_pages_were_given_back() {
        for len in [0, 1, PAGE, 3 * PAGE + 5, CHUNK + 1] {
            let contents = numbered(len);
            let (_folder, path) = file(&contents);
            let mapped = MappedFile::open(&path).unwrap();
            let mut read = Vec::new();
            mapped.read_through(|chunk| read.extend_from_slice(chunk));
            assert!(read == contents && mapped[..] == contents, "{len} bytes");
            mapped.release(&mapped[len / 3..]);
            mapped.release(&numbered(10));
            assert!(mapped[..] == contents, "{len} bytes");
        }
    }

    #[test]
    fn numbers_are_those_that_were_written() {
        let numbers = [0.5f32, -3.25, f32::MIN_POSITIVE];
        let bytes: Vec<u8> = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
        let read = |bytes: &[u8]| {
            let (_folder, path) = file(bytes);
            let mapped = MappedFile::open(&path).unwrap();
            mapped.as_f32().map(<[f32]>::to_vec)
        };
        let is_little = cfg!(target_endian = "little");
        assert_eq!(read(&bytes), is_little.then(|| numbers.to_vec()));
        assert_eq!(read(&[]), is_little.then(Vec::new));
        assert_eq!(read(&bytes[1..]), None);
    }

    #[test]
    fn a_file_that_was_written_or_replaced_is_found() {
        let (folder, path) = file(b"0123456789");
        let open = || MappedFile::open(&path).unwrap();
        let mapped = open();
        assert!(mapped.is_unchanged().unwrap());
        let mut handle = File::options().append(true).open(&path).unwrap();
        handle.write_all(b"x").unwrap();
        assert!(!mapped.is_unchanged().unwrap(), "it grew");

        let mapped = open();
        let other = folder.path().join("other");
        fs::write(&other, b"0123456789x").unwrap();
        let time = fs::metadata(&path).unwrap().modified().unwrap();
        let handle = File::options().append(true).open(&other).unwrap();
        handle.set_modified(time).unwrap();
        fs::rename(&other, &path).unwrap();
        assert_eq!(mapped.is_unchanged().unwrap(), !cfg!(unix), "another file");

        let mapped = open();
        fs::remove_file(&path).unwrap();
        assert!(mapped.is_unchanged().is_err());
    }

    #[test]
    fn what_is_no_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(MappedFile::open(folder.path()).is_err());
        assert!(MappedFile::open(&folder.path().join("none")).is_err());
    }
}
