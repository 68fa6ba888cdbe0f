//! What files name that training and evaluation must not share.

use std::ops::Range;

/// One thing a file names. Names of contigs are as written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Entry {
    /// A whole contig.
    Contig(String),
    /// A stretch of a contig, 0-based and half-open.
    Interval { contig: String, range: Range<u64> },
    /// A variant of `ACGT` alleles of any length, at a 1-based position.
    Variant {
        contig: String,
        pos: u64,
        reference: String,
        alternate: String,
    },
    /// A window of sequence, perhaps without a place on a genome.
    Window(WindowEntry),
    /// A record, by its id.
    Record(String),
    /// An allele that changes nothing, such as `.` or `<NON_REF>`.
    Nothing,
}

/// A window that a file names.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct WindowEntry {
    pub(crate) record_id: Option<String>,
    /// SHA-256 of its sequence, in hexadecimal.
    pub(crate) window_id: Option<String>,
    pub(crate) place: Option<(String, Range<u64>)>,
}
