//! From corpora and genomes to a file of windows.

use std::{
    collections::{BTreeMap, HashSet},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use geno_core::{Coded, ErrorCode};
use geno_provenance::{AtomicFile, AtomicWriteError, Json, summary_json};

use super::{
    cut::{CutCounts, CutOptions, WindowCutter},
    error::CorpusError,
    genome::GenomeCutter,
    read_corpus::CorpusReader,
    record::{CorpusFields, CorpusRow, RecordFault, RejectedRecord},
    regions::{Region, Regions},
    window::CorpusWindow,
    write_windows::{WindowFormat, WindowFormatError, WindowWriter},
};
use crate::{Fasta, FetchError};

/// What windows are cut from.
pub enum WindowInput<'a> {
    /// A corpus, as [`CorpusReader`] reads it.
    Corpus {
        /// The file.
        path: &'a Path,
        /// How its fields are called.
        fields: CorpusFields,
    },
    /// A genome, or regions of it.
    Genome {
        /// The genome.
        fasta: &'a Fasta,
        /// A BED file of regions; all contigs if there is none.
        bed: Option<&'a Path>,
        /// What the windows are called.
        source: &'a str,
    },
}

/// A file of windows to be made.
pub struct CutWindows<'a> {
    /// What windows are cut from.
    pub input: WindowInput<'a>,
    /// Which windows are cut.
    pub options: CutOptions,
    /// Where the windows go; its name says in which form ([`WindowFormat::of_path`]).
    pub output: &'a Path,
    /// Where rows go that cannot be used; nowhere if there is none.
    pub rejected: Option<&'a Path>,
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct CutProgress {
    /// Bytes of a corpus, or bases of a genome, that were passed.
    pub done: u64,
    /// How many there are, where that is known.
    pub total: Option<u64>,
    /// Windows cut.
    pub windows: u64,
    /// Rows rejected.
    pub rejected: u64,
}

/// What a run did.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CutReport {
    /// What was cut and what was not.
    pub counts: CutCounts,
    /// Rows that could not be used, by code.
    pub rejected: BTreeMap<&'static str, u64>,
    /// How many windows each source falls short of its part of the mix.
    pub missing: BTreeMap<String, u64>,
}

/// Why windows could not be cut.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CutWindowsError {
    /// The corpus or the regions could not be read.
    #[error(transparent)]
    Corpus(#[from] CorpusError),
    /// No row of the input can be used.
    #[error("no row of `{}` can be used", path.display())]
    NothingUsable {
        /// The corpus or the BED file.
        path: PathBuf,
        /// What is wrong with the first row.
        source: RecordFault,
    },
    /// The genome could not be read.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The output's name says no form.
    #[error(transparent)]
    Format(#[from] WindowFormatError),
    /// An output could not be made.
    #[error(transparent)]
    Output(#[from] AtomicWriteError),
    /// An output could not be written.
    #[error("cannot write {what}")]
    Write {
        /// Which one.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

impl Coded for CutWindowsError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Corpus(error) => error.code(),
            Self::NothingUsable { source, .. } => source.code(),
            Self::Fetch(error) => error.code(),
            Self::Format(error) => error.code(),
            Self::Output(error) => error.code(),
            Self::Write { source, .. } => ErrorCode::of_io(source),
        }
    }
}

/// Cuts windows and writes them; none if it was interrupted, and then nothing has a final name.
///
/// Rows that cannot be used are counted, and written to the sidecar in file order. Memory holds one
/// record or one window.
///
/// # Errors
///
/// [`CutWindowsError`] for an input that cannot be read to its end and an output that cannot be
/// written.
pub fn cut_windows(
    request: CutWindows<'_>,
    mut on_progress: impl FnMut(CutProgress),
    interrupted: &AtomicBool,
) -> Result<Option<CutReport>, CutWindowsError> {
    let format = WindowFormat::of_path(request.output)?;
    let file = AtomicFile::create(request.output)?;
    let mut run = Run {
        cutter: WindowCutter::new(request.options),
        windows: WindowWriter::new(file, format).map_err(cannot_write("windows"))?,
        rejected: request.rejected.map(AtomicFile::create).transpose()?,
        report: CutReport::default(),
        first_fault: None,
        on_progress: &mut on_progress,
        interrupted,
    };
    let rows_path = match &request.input {
        WindowInput::Corpus { path, .. } => Some(*path),
        WindowInput::Genome { bed, .. } => *bed,
    };
    let is_whole = match request.input {
        WindowInput::Corpus { path, fields } => run.corpus(path, fields)?,
        WindowInput::Genome { fasta, bed, source } => run.genome(fasta, bed, source)?,
    };
    if !is_whole {
        return Ok(None);
    }
    if let (Some(path), Some(source), 0) = (rows_path, run.first_fault, run.cutter.counts().records)
    {
        let path = path.to_owned();
        return Err(CutWindowsError::NothingUsable { path, source });
    }
    let windows = run.windows.finish().map_err(cannot_write("windows"))?;
    windows.commit()?;
    if let Some(rejected) = run.rejected {
        rejected.commit()?;
    }
    Ok(Some(CutReport {
        missing: run.cutter.missing(),
        counts: run.cutter.counts().clone(),
        ..run.report
    }))
}

struct Run<'a> {
    cutter: WindowCutter,
    windows: WindowWriter<AtomicFile>,
    rejected: Option<AtomicFile>,
    report: CutReport,
    first_fault: Option<RecordFault>,
    on_progress: &'a mut dyn FnMut(CutProgress),
    interrupted: &'a AtomicBool,
}

impl Run<'_> {
    /// False if it was interrupted.
    fn corpus(&mut self, path: &Path, fields: CorpusFields) -> Result<bool, CutWindowsError> {
        let mut rows = CorpusReader::open(path, fields)?;
        while !self.cutter.is_full()
            && let Some(row) = rows.next()
        {
            match row? {
                CorpusRow::Rejected(row) => self.reject(&row)?,
                CorpusRow::Record(record) => {
                    for window in self.cutter.cut(&record) {
                        write(&mut self.windows, window)?;
                    }
                }
            }
            let progress = rows.progress();
            if self.tell(progress.read, progress.total) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn genome(
        &mut self,
        fasta: &Fasta,
        bed: Option<&Path>,
        source: &str,
    ) -> Result<bool, CutWindowsError> {
        let mut genome = GenomeCutter {
            fasta,
            source,
            seen: bed.map(|_| HashSet::new()),
        };
        let total = fasta.contigs().iter().map(|contig| contig.len()).sum();
        let mut done = 0;
        match bed.map(Regions::open).transpose()? {
            None => {
                for contig in fasta.contigs() {
                    let (start, end) = (0, contig.len());
                    let region = Region { contig, start, end };
                    if !self.region(&mut genome, &region, done, Some(total))? {
                        return Ok(false);
                    }
                    done += contig.len();
                }
            }
            Some(mut regions) => {
                while !self.cutter.is_full()
                    && let Some(region) = regions.next(fasta)?
                {
                    match region {
                        Err(row) => self.reject(&row)?,
                        Ok(region) => {
                            if !self.region(&mut genome, &region, done, None)? {
                                return Ok(false);
                            }
                            done += region.end - region.start;
                        }
                    }
                }
            }
        }
        Ok(true)
    }

    /// Cuts the windows of a region; false if it was interrupted.
    fn region<'f>(
        &mut self,
        genome: &mut GenomeCutter<'f>,
        region: &Region<'f>,
        done: u64,
        total: Option<u64>,
    ) -> Result<bool, CutWindowsError> {
        for start in genome.starts(region, &mut self.cutter) {
            if self.cutter.is_full() {
                break;
            }
            if let Some(window) = genome.window(region, start, &mut self.cutter)? {
                write(&mut self.windows, window)?;
            }
            if self.tell(done + start.saturating_sub(region.start), total) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Tells how far the run is; true if it was interrupted.
    fn tell(&mut self, done: u64, total: Option<u64>) -> bool {
        (self.on_progress)(CutProgress {
            done,
            total,
            windows: self.cutter.counts().windows,
            rejected: self.report.rejected.values().sum(),
        });
        self.interrupted.load(Ordering::Relaxed)
    }

    fn reject(&mut self, row: &RejectedRecord) -> Result<(), CutWindowsError> {
        self.first_fault.get_or_insert_with(|| row.reason.clone());
        *self.report.rejected.entry(row.code().as_str()).or_default() += 1;
        let Some(sidecar) = &mut self.rejected else {
            return Ok(());
        };
        let line = summary_json(&Json::object([
            ("line", row.line.into()),
            ("code", row.code().as_str().into()),
            ("reason", row.reason.to_string().into()),
            ("id", row.id.as_deref().map_or(Json::Null, Json::from)),
        ]));
        writeln!(sidecar, "{line}").map_err(cannot_write("rejected rows"))
    }
}

fn write(
    windows: &mut WindowWriter<AtomicFile>,
    window: CorpusWindow,
) -> Result<(), CutWindowsError> {
    windows.write(window).map_err(cannot_write("windows"))
}

fn cannot_write(what: &'static str) -> impl Fn(io::Error) -> CutWindowsError {
    move |source| CutWindowsError::Write { what, source }
}
