//! Reference genomes, read a region at a time.

pub(crate) mod alphabet;
mod blocks;
mod chunk;
mod contig;
mod fai;
mod fetch;
mod open;
mod scan;
mod source;

use std::{
    collections::HashMap,
    fs::File,
    io::{self, Seek},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use geno_core::{Digest, Window, WindowSpan, contig_aliases};

use self::chunk::Reader;
use self::open::MadeIndex;
pub use self::{contig::Contig, fetch::FetchError, open::OpenFastaError, scan::ScanFastaError};

/// A FASTA file, plain or bgzip, of which any region can be read.
///
/// The indexes beside it (`.fai`, and `.gzi` for bgzip) are used where they fit the file and made
/// where they do not: without them, or when they are older than the FASTA, malformed or reach past
/// it. They are written where the folder allows and otherwise kept in memory.
///
/// Threads may share one `Fasta`. It keeps the last stretch it read, so regions in genome order
/// cost little more than a copy.
///
/// # Examples
///
/// ```
/// use geno_data::Fasta;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("ref.fa");
/// std::fs::write(&path, ">chr20 a toy\nACGTac\nRTA\n")?;
///
/// let fasta = Fasta::open(&path)?;
/// let contig = fasta.resolve("20").unwrap();
/// assert_eq!((contig.name(), contig.len()), ("chr20", 9));
/// assert_eq!(fasta.fetch(contig, 3, 8)?, b"TacNT");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Fasta {
    path: PathBuf,
    contigs: Vec<Contig>,
    by_name: HashMap<String, usize>,
    reader: Mutex<Reader>,
    /// The file once more, to be read as it is stored.
    stored: Mutex<File>,
}

impl Fasta {
    /// Opens a FASTA file. Without an index this reads all of it once.
    ///
    /// # Errors
    ///
    /// [`OpenFastaError`] if the file cannot be read, is empty, is compressed with gzip and not
    /// with bgzip, ends early, or is no FASTA. Never for an index that cannot be written.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenFastaError> {
        Self::open_with(path.as_ref(), MadeIndex::Beside)
    }

    /// Opens a FASTA file and writes nothing: an index that has to be made stays in memory.
    ///
    /// # Errors
    ///
    /// As of [`Fasta::open`].
    pub fn open_untouched(path: impl AsRef<Path>) -> Result<Self, OpenFastaError> {
        Self::open_with(path.as_ref(), MadeIndex::InMemory)
    }

    fn open_with(path: &Path, made: MadeIndex) -> Result<Self, OpenFastaError> {
        let (source, contigs) = open::open(path, made)?;
        let stored = File::open(path).map_err(|source| OpenFastaError::Io {
            path: path.to_owned(),
            source,
        })?;
        let by_name = contigs
            .iter()
            .enumerate()
            .map(|(i, contig)| (contig.name.clone(), i))
            .collect();
        Ok(Self {
            path: path.to_owned(),
            reader: Mutex::new(Reader::new(source, contigs.len())),
            stored: Mutex::new(stored),
            contigs,
            by_name,
        })
    }

    /// The digest and size of the file as it is stored, compressed or not. Reads all of it.
    ///
    /// # Errors
    ///
    /// Of reading.
    pub fn digest(&self) -> io::Result<(Digest, u64)> {
        let mut stored = self.stored.lock().unwrap_or_else(PoisonError::into_inner);
        stored.rewind()?;
        let digest = Digest::of_reader(&*stored)?;
        Ok((digest, stored.stream_position()?))
    }

    /// The digest and size of the `.fai` index in use, the same whether it was read or made.
    pub fn index_digest(&self) -> (Digest, u64) {
        let index = fai::write(&self.contigs);
        (Digest::of(index.as_bytes()), index.len() as u64)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The contigs, in file order.
    pub fn contigs(&self) -> &[Contig] {
        &self.contigs
    }

    /// Finds a contig by its name, or else by another spelling of it ([`contig_aliases`]).
    pub fn resolve(&self, name: &str) -> Option<&Contig> {
        let find = |name: &str| self.by_name.get(name).map(|&i| &self.contigs[i]);
        find(name).or_else(|| contig_aliases(name).iter().find_map(|alias| find(alias)))
    }

    /// Which of [`Fasta::contigs`] a contig is.
    pub(crate) fn index_of(&self, contig: &Contig) -> usize {
        self.by_name[&contig.name]
    }

    /// The bases `start..end` of a contig, 0-based: `ACGTN`, lower case where they are
    /// soft-masked. Other IUPAC codes are `N` (or `n`).
    ///
    /// # Errors
    ///
    /// [`FetchError`] if the region reaches past the contig, the file cannot be read or does not
    /// fit its index, or the region holds a byte that is no IUPAC code.
    ///
    /// # Panics
    ///
    /// If `start > end`, or the contig is of another file.
    pub fn fetch(&self, contig: &Contig, start: u64, end: u64) -> Result<Vec<u8>, FetchError> {
        assert!(start <= end, "region ends before it begins");
        let i = self.index_of(contig);
        assert!(self.contigs[i] == *contig, "contig of another file");
        if end > contig.len {
            let contig = contig.name.clone();
            return Err(FetchError::PastContig { contig });
        }
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        reader
            .bases(i, contig, start, end)
            .map_err(|fault| fault.into_error(&self.path, contig))
    }

    /// The window over a span of a contig, in upper case, with up to `flank` bases right of it.
    ///
    /// What the span lacks on a contig shorter than the window ([`WindowSpan::missing`]) is not
    /// made up for.
    ///
    /// # Errors
    ///
    /// As [`Fasta::fetch`].
    ///
    /// # Panics
    ///
    /// As [`Fasta::fetch`], and if the span holds no base.
    pub fn window(
        &self,
        contig: &Contig,
        span: WindowSpan,
        flank: u64,
    ) -> Result<Window, FetchError> {
        let flank_end = span.end.saturating_add(flank).min(contig.len).max(span.end);
        let mut bases = self.fetch(contig, span.start, flank_end)?;
        let right_flank = bases.split_off((span.end - span.start) as usize);
        let window = Window::new(span.start, bases)
            .and_then(|window| window.with_right_flank(right_flank))
            .expect("a span of decoded bases that is not empty");
        Ok(window)
    }
}
