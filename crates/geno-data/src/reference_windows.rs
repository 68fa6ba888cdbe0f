//! Windows whose reference states are wanted: along a genome, in regions of it, or from a file.

use std::{collections::BTreeMap, path::Path};

use geno_core::{Coded, ErrorCode, Window};

use crate::{
    CorpusError, Fasta, FetchError, Progress, SiteWindows, WindowReader, WindowRow,
    corpus::regions::{Region, Regions},
};

/// Where reference states are wanted.
#[derive(Clone, Copy)]
pub enum ReferenceLoci<'a> {
    /// The first base of every contig, or of every region, and every so many bases from there, each
    /// in the window that scoring a variant there would take. Unknown bases are passed over.
    Genome {
        /// The genome.
        fasta: &'a Fasta,
        /// A BED file of regions; all contigs if there is none.
        bed: Option<&'a Path>,
        /// Bases from one locus to the next, at least 1.
        every: u64,
        /// How windows are laid.
        windows: SiteWindows,
    },
    /// The middle of each window of a file, as [`WindowReader`] reads it.
    File(&'a Path),
}

/// A window and the locus in it.
#[derive(Clone, Eq, PartialEq)]
pub struct ReferenceWindow {
    /// The contig, or the record that the window was cut from.
    pub contig: String,
    /// The window.
    pub window: Window,
    /// Where its state is pooled, 0-based in the window.
    pub locus: usize,
}

/// Why windows could not be read any further.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReferenceWindowsError {
    /// The regions or the file of windows.
    #[error(transparent)]
    File(#[from] CorpusError),
    /// The genome.
    #[error(transparent)]
    Fetch(#[from] FetchError),
}

impl Coded for ReferenceWindowsError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::File(error) => error.code(),
            Self::Fetch(error) => error.code(),
        }
    }
}

/// The windows of [`ReferenceLoci`], in order, one in memory at a time.
pub struct ReferenceWindows<'a> {
    input: Input<'a>,
    rejected: BTreeMap<&'static str, u64>,
    is_done: bool,
}

enum Input<'a> {
    Contigs {
        next: usize,
        passed: u64,
        cursor: Cursor<'a>,
    },
    Regions {
        regions: Box<Regions>,
        cursor: Cursor<'a>,
    },
    File(WindowReader),
}

/// A place in a region.
struct Cursor<'a> {
    fasta: &'a Fasta,
    windows: SiteWindows,
    every: u64,
    open: Option<Region<'a>>,
    /// Loci passed over.
    unknown: u64,
}

impl Cursor<'_> {
    /// The window of the next known base; none at the end of the region.
    fn next(&mut self) -> Result<Option<ReferenceWindow>, FetchError> {
        while let Some(region) = &mut self.open {
            let (contig, locus) = (region.contig, region.start);
            let next = locus.checked_add(self.every);
            match next.filter(|next| *next < region.end) {
                Some(next) => region.start = next,
                None => self.open = None,
            }
            let window = self.windows.window(self.fasta, contig, locus)?;
            let locus = (locus - window.start()) as usize;
            if window.bases()[locus] != b'N' {
                let contig = contig.name().to_owned();
                return Ok(Some(ReferenceWindow {
                    contig,
                    window,
                    locus,
                }));
            }
            self.unknown += 1;
        }
        Ok(None)
    }
}

impl<'a> ReferenceWindows<'a> {
    /// Opens what windows come from.
    ///
    /// # Errors
    ///
    /// [`CorpusError`] for a BED file or a file of windows that cannot be read.
    ///
    /// # Panics
    ///
    /// If the loci are 0 bases apart.
    pub fn open(loci: ReferenceLoci<'a>) -> Result<Self, CorpusError> {
        let input = match loci {
            ReferenceLoci::File(path) => Input::File(WindowReader::open(path)?),
            ReferenceLoci::Genome {
                fasta,
                bed,
                every,
                windows,
            } => {
                assert!(every > 0, "loci are at least one base apart");
                let cursor = Cursor {
                    fasta,
                    windows,
                    every,
                    open: None,
                    unknown: 0,
                };
                match bed {
                    Some(bed) => Input::Regions {
                        regions: Box::new(Regions::open(bed)?),
                        cursor,
                    },
                    None => Input::Contigs {
                        next: 0,
                        passed: 0,
                        cursor,
                    },
                }
            }
        };
        Ok(Self {
            input,
            rejected: BTreeMap::new(),
            is_done: false,
        })
    }

    /// Rows and regions that could not be used so far, by code.
    pub fn rejected(&self) -> &BTreeMap<&'static str, u64> {
        &self.rejected
    }

    /// Loci passed over so far because their base is unknown.
    pub fn unknown(&self) -> u64 {
        match &self.input {
            Input::Contigs { cursor, .. } | Input::Regions { cursor, .. } => cursor.unknown,
            Input::File(_) => 0,
        }
    }

    /// How far the input has been read: bases of a genome, bytes of a file, rows of a table.
    pub fn progress(&self) -> Progress {
        match &self.input {
            Input::File(reader) => reader.progress(),
            Input::Regions { regions, .. } => regions.progress(),
            Input::Contigs { passed, cursor, .. } => {
                let contigs = cursor.fasta.contigs().iter();
                let left = cursor.open.as_ref();
                Progress {
                    read: passed - left.map_or(0, |region| region.end - region.start),
                    total: Some(contigs.map(|contig| contig.len()).sum()),
                }
            }
        }
    }

    fn advance(&mut self) -> Result<Option<ReferenceWindow>, ReferenceWindowsError> {
        loop {
            let fault = match &mut self.input {
                Input::Contigs {
                    next,
                    passed,
                    cursor,
                } => {
                    if let Some(window) = cursor.next()? {
                        return Ok(Some(window));
                    }
                    let Some(contig) = cursor.fasta.contigs().get(*next) else {
                        return Ok(None);
                    };
                    (*next, *passed) = (*next + 1, *passed + contig.len());
                    let (start, end) = (0, contig.len());
                    cursor.open = (end > 0).then_some(Region { contig, start, end });
                    continue;
                }
                Input::Regions { regions, cursor } => {
                    if let Some(window) = cursor.next()? {
                        return Ok(Some(window));
                    }
                    match regions.next(cursor.fasta)? {
                        None => return Ok(None),
                        Some(Ok(region)) => {
                            cursor.open = Some(region);
                            continue;
                        }
                        Some(Err(row)) => row,
                    }
                }
                Input::File(reader) => match reader.next().transpose()? {
                    None => return Ok(None),
                    Some(WindowRow::Window(window)) => {
                        return Ok(Some(ReferenceWindow {
                            contig: window.chrom.unwrap_or(window.record_id),
                            locus: window.window.len() / 2,
                            window: window.window,
                        }));
                    }
                    Some(WindowRow::Rejected(row)) => row,
                },
            };
            *self.rejected.entry(fault.code().as_str()).or_default() += 1;
        }
    }
}

impl Iterator for ReferenceWindows<'_> {
    type Item = Result<ReferenceWindow, ReferenceWindowsError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_done {
            return None;
        }
        let window = self.advance().transpose();
        self.is_done = !matches!(window, Some(Ok(_)));
        window
    }
}
