//! Windows cut from a genome.

use std::collections::HashSet;

use geno_core::{Window, WindowSpan};

use super::{cut::WindowCutter, regions::Region, window::CorpusWindow};
use crate::{Fasta, FetchError};

/// Cuts the windows of one region after the other.
pub(super) struct GenomeCutter<'f> {
    pub(super) fasta: &'f Fasta,
    /// What the windows are called, and where their names begin.
    pub(super) source: &'f str,
    /// Windows cut so far, by contig and start; kept where regions may overlap.
    pub(super) seen: Option<HashSet<(&'f str, u64)>>,
}

impl<'f> GenomeCutter<'f> {
    /// The windows of a region: those that lie in it, or the one around its middle where it is
    /// shorter than a window with its margins.
    pub(super) fn starts(
        &self,
        region: &Region<'f>,
        cutter: &mut WindowCutter,
    ) -> Box<dyn Iterator<Item = u64>> {
        cutter.counts_mut().records += 1;
        let layout = cutter.options().layout;
        let (contig, len) = (region.contig, region.end - region.start);
        let is_whole = len == contig.len();
        if layout.phases(len) > 0 || is_whole {
            let name = format!("{}:{}-{}", contig.name(), region.start, region.end);
            let first = region.start;
            return Box::new(cutter.starts(&name, len).map(move |start| first + start));
        }
        let middle = region.start + len / 2;
        let span = WindowSpan::centered(contig.len(), middle, layout.window_bp());
        if span.missing > 0 {
            cutter.counts_mut().too_short += 1;
            return Box::new(std::iter::empty());
        }
        Box::new(std::iter::once(span.start))
    }

    /// The window of a contig that begins at `start`, unless it is left out.
    pub(super) fn window(
        &mut self,
        region: &Region<'f>,
        start: u64,
        cutter: &mut WindowCutter,
    ) -> Result<Option<CorpusWindow>, FetchError> {
        let name = region.contig.name();
        let end = start + cutter.options().layout.window_bp();
        let record_id = format!("{}:{name}:{}-{end}", self.source, start + 1);
        let subset = cutter.options().subset;
        if subset.is_some_and(|subset| !subset.includes(&record_id)) {
            cutter.counts_mut().outside_subset += 1;
            return Ok(None);
        }
        let is_new = self
            .seen
            .as_mut()
            .is_none_or(|seen| seen.insert((name, start)));
        if !is_new {
            cutter.counts_mut().duplicates += 1;
            return Ok(None);
        }
        let mut bases = self.fasta.fetch(region.contig, start, end)?;
        bases.make_ascii_uppercase();
        Ok(cutter.admits(self.source, &bases).then(|| CorpusWindow {
            record_id,
            source: self.source.to_owned(),
            chrom: Some(name.to_owned()),
            window: Window::new(start, bases).expect("decoded bases, at least one"),
        }))
    }
}
