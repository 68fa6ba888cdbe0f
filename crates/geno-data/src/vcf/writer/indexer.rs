//! The index of a bgzip VCF, made while it is written.

use std::collections::HashMap;

use noodles_bgzf::VirtualPosition;
use noodles_core::Position;
use noodles_csi::{
    self as csi,
    binning_index::{
        self,
        index::{
            Header,
            header::Builder,
            reference_sequence::{
                bin::Chunk,
                index::{BinnedIndex, LinearIndex},
            },
        },
    },
};

use super::Span;

/// Smallest bins of 16 kb, as tabix has them, in six levels more: up to 4 Gb.
const CSI_SHIFT: u8 = 14;
const CSI_DEPTH: u8 = 6;

/// Makes both indexes, since which one fits is known at the end.
pub(crate) struct Indexer {
    tabix: Option<binning_index::Indexer<LinearIndex>>,
    csi: binning_index::Indexer<BinnedIndex>,
    /// The contigs by name; a contig's number is its place among the names.
    numbers: HashMap<String, usize>,
    names: Vec<String>,
    last_start: u64,
    /// Why there will be no index.
    fault: Option<Fault>,
}

enum Fault {
    Unsorted { row: u64 },
    OutOfRange { row: u64 },
}

/// What came of it.
pub(crate) enum Outcome {
    Tabix(noodles_tabix::Index),
    Csi(csi::Index),
    Unsorted { row: u64 },
    OutOfRange { row: u64 },
}

impl Default for Indexer {
    fn default() -> Self {
        let csi = binning_index::Indexer::new(CSI_SHIFT, CSI_DEPTH);
        Self {
            tabix: Some(binning_index::Indexer::default()),
            csi: csi.expect("6 levels of 8 bins over 16 kb fit a position"),
            numbers: HashMap::new(),
            names: Vec::new(),
            last_start: 0,
            fault: None,
        }
    }
}

impl Indexer {
    /// Adds a row that was written from `start` to `end` of the file.
    pub(crate) fn add(
        &mut self,
        row: u64,
        span: Span<'_>,
        start: VirtualPosition,
        end: VirtualPosition,
    ) {
        if self.fault.is_some() {
            return;
        }
        let Some(number) = self.number(span) else {
            self.fault = Some(Fault::Unsorted { row });
            return;
        };
        // The telomere is in the bin of the first base.
        let position = |base: u64| usize::try_from(base.max(1)).ok().and_then(Position::new);
        let (Some(first), Some(last)) = (position(span.start), position(span.end)) else {
            self.fault = Some(Fault::OutOfRange { row });
            return;
        };
        let (place, chunk) = (Some((number, first, last, true)), Chunk::new(start, end));
        if self.csi.add_record(place, chunk).is_err() {
            self.fault = Some(Fault::OutOfRange { row });
        }
        if let Some(tabix) = &mut self.tabix
            && tabix.add_record(place, chunk).is_err()
        {
            self.tabix = None;
        }
    }

    /// The number of the contig, if the row may stand after those before it.
    fn number(&mut self, span: Span<'_>) -> Option<usize> {
        let known = self.numbers.get(span.contig).copied();
        let is_current = known.is_some_and(|number| number + 1 == self.names.len());
        let is_sorted = match known {
            Some(_) => is_current && span.start >= self.last_start,
            None => true,
        };
        if !is_sorted {
            return None;
        }
        self.last_start = span.start;
        Some(known.unwrap_or_else(|| {
            self.numbers
                .insert(span.contig.to_owned(), self.names.len());
            self.names.push(span.contig.to_owned());
            self.names.len() - 1
        }))
    }

    /// The index that fits.
    pub(crate) fn finish(self) -> Outcome {
        match self.fault {
            Some(Fault::Unsorted { row }) => return Outcome::Unsorted { row },
            Some(Fault::OutOfRange { row }) => return Outcome::OutOfRange { row },
            None => {}
        }
        let n_contigs = self.names.len();
        let header = header(self.names);
        match self.tabix {
            Some(tabix) => Outcome::Tabix(tabix.set_header(header).build(n_contigs)),
            None => Outcome::Csi(self.csi.set_header(header).build(n_contigs)),
        }
    }
}

/// How the columns of a VCF are told to readers that know none.
fn header(names: Vec<String>) -> Header {
    let names = names.into_iter().map(Into::into).collect();
    Builder::vcf().set_reference_sequence_names(names).build()
}
