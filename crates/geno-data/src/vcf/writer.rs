//! VCF files, written whole or not at all, with an index.

mod error;
mod indexer;

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use geno_provenance::{AtomicFile, write_atomic};
use memchr::memchr;
use noodles_bgzf as bgzf;

pub use self::error::WriteVcfError;
use self::indexer::{Indexer, Outcome};
use super::header::VcfHeader;

/// What a finished file has for an index.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum VcfIndex {
    /// A tabix index (`.tbi`).
    Tabix(PathBuf),
    /// A CSI index (`.csi`), for a contig of more than 512 Mb.
    Csi(PathBuf),
    /// None, for the file is not compressed.
    Plain,
    /// None, for the rows are not in the order of contigs and positions.
    Unsorted {
        /// The first row out of order, from 1.
        row: u64,
    },
    /// None, for a position lies beyond 4 Gb, where no index reaches.
    OutOfRange {
        /// The first such row, from 1.
        row: u64,
    },
}

/// Writes a VCF file: bgzip with an index if its name ends in `.gz` or `.bgz`, plain otherwise.
///
/// Neither the file nor its index appears before [`VcfWriter::finish`], and the bytes follow from
/// the header and the rows alone.
///
/// # Examples
///
/// ```
/// use geno_data::{VcfHeader, VcfIndex, VcfWriter};
///
/// # let directory = tempfile::tempdir()?;
/// let path = directory.path().join("calls.vcf.gz");
/// let header = VcfHeader::new(["##contig=<ID=20>"], &[]);
/// let mut writer = VcfWriter::create(&path, &header)?;
/// writer.write_row(b"20\t1000226\trs6111385\tA\tG\t.\tPASS\t.")?;
/// let index = writer.finish()?;
///
/// assert_eq!(index, VcfIndex::Tabix(directory.path().join("calls.vcf.gz.tbi")));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct VcfWriter {
    path: PathBuf,
    out: Out,
    n_rows: u64,
}

enum Out {
    Plain(Box<AtomicFile>),
    Bgzip(Box<bgzf::io::Writer<AtomicFile>>, Box<Indexer>),
}

impl VcfWriter {
    /// Begins a file and writes its header.
    ///
    /// # Errors
    ///
    /// [`WriteVcfError::File`] and [`WriteVcfError::Write`].
    pub fn create(path: &Path, header: &VcfHeader) -> Result<Self, WriteVcfError> {
        let file = AtomicFile::create(path)?;
        let out = match is_compressed(path) {
            false => Out::Plain(file.into()),
            true => Out::Bgzip(bgzf::io::Writer::new(file).into(), Box::default()),
        };
        let mut writer = Self {
            path: path.to_owned(),
            out,
            n_rows: 0,
        };
        let written = writer.write_text(&header.to_bytes());
        written.map_err(|source| writer.error(source))?;
        Ok(writer)
    }

    /// Writes a row: at least eight columns with tabs between them, without a line break.
    ///
    /// # Errors
    ///
    /// [`WriteVcfError::Row`] for anything else, and [`WriteVcfError::Write`].
    pub fn write_row(&mut self, row: &[u8]) -> Result<(), WriteVcfError> {
        self.n_rows += 1;
        let number = self.n_rows;
        let Some(span) = Span::of(row) else {
            return Err(WriteVcfError::Row { row: number });
        };
        let written = match &mut self.out {
            Out::Plain(file) => file.write_all(row).and_then(|()| file.write_all(b"\n")),
            Out::Bgzip(file, indexer) => {
                let start = file.virtual_position();
                let written = file.write_all(row).and_then(|()| file.write_all(b"\n"));
                written.map(|()| indexer.add(number, span, start, file.virtual_position()))
            }
        };
        written.map_err(|source| self.error(source))
    }

    /// Gives the file and its index their names. An index that an earlier file of that name had and
    /// this one has not is removed.
    ///
    /// # Errors
    ///
    /// [`WriteVcfError::File`] and [`WriteVcfError::Write`].
    pub fn finish(self) -> Result<VcfIndex, WriteVcfError> {
        let path = self.path;
        let write = |source| WriteVcfError::Write {
            path: path.clone(),
            source,
        };
        let (file, outcome) = match self.out {
            Out::Plain(file) => (*file, None),
            Out::Bgzip(file, indexer) => (file.finish().map_err(write)?, Some(indexer.finish())),
        };
        // An old index beside a new file would send readers astray, so it goes first.
        let [tabix, csi] = [".tbi", ".csi"].map(|ending| beside(&path, ending));
        for stale in [&tabix, &csi] {
            match fs::remove_file(stale) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(write(error)),
                _ => {}
            }
        }
        file.commit()?;
        match outcome {
            None => Ok(VcfIndex::Plain),
            Some(Outcome::Tabix(index)) => {
                write_atomic(&tabix, |file| {
                    let mut writer = noodles_tabix::io::Writer::new(file);
                    writer.write_index(&index)?;
                    writer.try_finish()
                })?;
                Ok(VcfIndex::Tabix(tabix))
            }
            Some(Outcome::Csi(index)) => {
                write_atomic(&csi, |file| {
                    let mut writer = noodles_csi::io::Writer::new(file);
                    writer.write_index(&index)?;
                    writer.get_mut().try_finish()
                })?;
                Ok(VcfIndex::Csi(csi))
            }
            Some(Outcome::Unsorted { row }) => Ok(VcfIndex::Unsorted { row }),
            Some(Outcome::OutOfRange { row }) => Ok(VcfIndex::OutOfRange { row }),
        }
    }

    fn write_text(&mut self, text: &[u8]) -> io::Result<()> {
        match &mut self.out {
            Out::Plain(file) => file.write_all(text),
            Out::Bgzip(file, _) => file.write_all(text),
        }
    }

    fn error(&self, source: io::Error) -> WriteVcfError {
        WriteVcfError::Write {
            path: self.path.clone(),
            source,
        }
    }
}

/// The bases that a row is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Span<'a> {
    contig: &'a str,
    /// 1-based; 0 stands for the telomere before the first base.
    start: u64,
    /// The last base.
    end: u64,
}

impl<'a> Span<'a> {
    /// From CHROM, POS, REF and the `END` of INFO; `None` if the row is none.
    fn of(row: &'a [u8]) -> Option<Self> {
        if memchr(b'\n', row).is_some() {
            return None;
        }
        let mut columns = row.split(|&byte| byte == b'\t');
        let contig = std::str::from_utf8(columns.next()?).ok()?;
        let start: u64 = std::str::from_utf8(columns.next()?).ok()?.parse().ok()?;
        let reference = columns.nth(1)?;
        let info = columns.nth(3)?;
        let last = start
            .saturating_add(reference.len() as u64)
            .saturating_sub(1);
        let end = info_end(info).unwrap_or(0).max(last).max(start);
        (!contig.is_empty()).then_some(Self { contig, start, end })
    }
}

/// The last base of a block or a structural variant.
fn info_end(info: &[u8]) -> Option<u64> {
    let mut fields = info.split(|&byte| byte == b';');
    let end = fields.find_map(|field| field.strip_prefix(b"END="))?;
    std::str::from_utf8(end).ok()?.parse().ok()
}

fn is_compressed(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        extension.eq_ignore_ascii_case("gz") || extension.eq_ignore_ascii_case("bgz")
    })
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_reaches_over_its_reference_or_to_its_end() {
        let span = |row: &str| Span::of(row.as_bytes()).map(|span| (span.start, span.end));
        assert_eq!(span("1\t5\t.\tACG\tA\t.\t.\t."), Some((5, 7)));
        assert_eq!(
            span("1\t5\t.\tA\t<NON_REF>\t.\t.\tEND=90\tGT"),
            Some((5, 90))
        );
        assert_eq!(span("1\t5\t.\tACG\tA\t.\t.\tDP=3;END=4"), Some((5, 7)));
        assert_eq!(span("1\t0\t.\tN\t<DUP>\t.\t.\tCIEND=1;END=x"), Some((0, 0)));
    }

    #[test]
    fn what_is_no_row_has_no_span() {
        for row in [
            "",
            "1\t5\t.\tA\tC",
            "1\tx\t.\tA\tC\t.\t.\t.",
            "\t5\t.\tA\tC\t.\t.\t.",
        ] {
            assert_eq!(Span::of(row.as_bytes()), None, "{row:?}");
        }
        assert_eq!(Span::of(b"1\t5\t.\tA\tC\t.\t.\t.\n1"), None);
    }
}
