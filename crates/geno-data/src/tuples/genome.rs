//! Windows of a genome, cut when they are asked for.

use std::{ops::Range, path::Path};

use geno_action::MAX_ALLELE_LEN;
use geno_core::{Coded, ErrorCode, StateContract, WindowSpan};

use super::{TupleError, WindowSource};
use crate::{
    corpus::CorpusWindow,
    fasta::{Contig, Fasta},
    holdout::{ReadEntriesError, entry::Entry, read_entries},
};

/// Windows over a genome, in 16 bytes each, cut from its FASTA when they are asked for.
#[derive(Debug)]
pub struct GenomeWindows<'a> {
    fasta: &'a Fasta,
    source: String,
    window_bp: u64,
    flank: u64,
    max_n_fraction: f64,
    /// Contig and start.
    places: Vec<(u32, u64)>,
}

/// Why regions give no windows.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegionsError {
    /// The file.
    #[error(transparent)]
    Read(#[from] ReadEntriesError),
    /// The genome has no such contig.
    #[error("reference has no contig `{contig}`, which regions name")]
    UnknownContig {
        /// The contig.
        contig: String,
    },
}

impl Coded for RegionsError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Read(error) => error.code(),
            Self::UnknownContig { .. } => ErrorCode::InputUnknownContig,
        }
    }
}

impl<'a> GenomeWindows<'a> {
    /// No window yet. Windows are `window_bp` long; one with more than `max_n_fraction` of unknown
    /// bases is passed over.
    ///
    /// # Panics
    ///
    /// If `window_bp` is 0.
    pub fn new(
        fasta: &'a Fasta,
        window_bp: u64,
        max_n_fraction: f64,
        contract: StateContract,
    ) -> Self {
        assert!(window_bp > 0, "windows hold a base");
        let flank = match contract {
            StateContract::L2NormalizedV2 => 16 * (MAX_ALLELE_LEN as u64 - 1),
            StateContract::LegacyRawV1 => 0,
        };
        Self {
            fasta,
            source: "genome".to_owned(),
            window_bp,
            flank,
            max_n_fraction,
            places: Vec::new(),
        }
    }

    /// Adds the windows of every contig that has room for one, `stride` bases apart.
    ///
    /// # Panics
    ///
    /// If `stride` is 0.
    pub fn tile_genome(&mut self, stride: u64) {
        for contig in self.fasta.contigs() {
            self.tile(contig, 0..contig.len(), stride);
        }
    }

    /// Adds the windows of a stretch of a contig, `stride` bases apart, or the one around its
    /// middle if it is shorter than a window. On a contig shorter than that there is none.
    ///
    /// # Panics
    ///
    /// If `stride` is 0 or the contig is of another file.
    pub fn tile(&mut self, contig: &Contig, range: Range<u64>, stride: u64) {
        let contigs = self.fasta.contigs();
        let i = contigs.iter().position(|other| other == contig);
        let i = i.expect("contig of this file") as u32;
        let end = range.end.min(contig.len());
        if contig.len() < self.window_bp || range.start >= end {
            return;
        }
        if end - range.start < self.window_bp {
            let middle = range.start + (end - range.start) / 2;
            let span = WindowSpan::centered(contig.len(), middle, self.window_bp);
            self.places.push((i, span.start));
            return;
        }
        let starts = (range.start..=end - self.window_bp).step_by(stride as usize);
        self.places.extend(starts.map(|start| (i, start)));
    }

    /// Adds the windows of every interval that a file names, as [`tile`](Self::tile) does; each
    /// window once.
    ///
    /// # Errors
    ///
    /// [`RegionsError`] if the file cannot be read or names a contig that the genome has not.
    ///
    /// # Panics
    ///
    /// If `stride` is 0.
    pub fn tile_regions(&mut self, path: &Path, stride: u64) -> Result<(), RegionsError> {
        let fasta = self.fasta;
        read_entries(path, |entry| {
            let Entry::Interval { contig, range } = entry else {
                return Ok(());
            };
            let Some(contig) = fasta.resolve(&contig) else {
                return Err(RegionsError::UnknownContig { contig });
            };
            self.tile(contig, range, stride);
            Ok(())
        })?;
        self.places.sort_unstable();
        self.places.dedup();
        Ok(())
    }
}

impl WindowSource for GenomeWindows<'_> {
    fn n_windows(&self) -> u32 {
        u32::try_from(self.places.len()).expect("fewer windows than four billion")
    }

    fn window(&self, index: u32) -> Result<Option<CorpusWindow>, TupleError> {
        let (contig, start) = self.places[index as usize];
        let contig = &self.fasta.contigs()[contig as usize];
        let end = start + self.window_bp;
        let span = WindowSpan {
            start,
            end,
            missing: 0,
        };
        let window = self.fasta.window(contig, span, self.flank)?;
        let unknown = memchr::memchr_iter(b'N', window.bases()).count();
        let is_known = unknown as f64 <= self.max_n_fraction * window.len() as f64;
        Ok(is_known.then(|| CorpusWindow {
            record_id: format!("{}:{}:{}-{end}", self.source, contig.name(), start + 1),
            source: self.source.clone(),
            chrom: Some(contig.name().to_owned()),
            window,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_tile_contigs_and_surround_short_regions() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ref.fa");
        std::fs::write(
            &path,
            format!(">a\n{}\n>b\nACG\n>c\nNNNNACGTACGT\n", "ACGT".repeat(5)),
        )
        .unwrap();
        let fasta = Fasta::open(&path).unwrap();
        let mut windows = GenomeWindows::new(&fasta, 8, 0.25, StateContract::L2NormalizedV2);
        windows.tile_genome(6);
        let bed = folder.path().join("regions.bed");
        std::fs::write(&bed, "chra\t13\t15\na\t13\t15\n").unwrap();
        windows.tile_regions(&bed, 6).unwrap();
        let ids: Vec<_> = (0..windows.n_windows())
            .map(|i| windows.window(i).unwrap().map(|window| window.record_id))
            .collect();
        let named = |id: &str| Some(format!("genome:{id}"));
        let expected = [
            named("a:1-8"),
            named("a:7-14"),
            named("a:11-18"),
            named("a:13-20"),
            None,
        ];
        assert_eq!(ids, expected);
        let window = windows.window(2).unwrap().unwrap();
        assert_eq!(
            (window.start_bp(), window.window.right_flank()),
            (10, b"GT".as_slice())
        );
    }
}
