//! Alleles that a shard holds already.

use std::collections::HashSet;

/// The alleles taken at the position of the last row.
///
/// Files are sorted, so a second row for an allele comes behind the first before the position
/// changes. In a file that is not sorted only such neighbours are found.
#[derive(Default)]
pub(super) struct Positions {
    chrom: String,
    pos: i64,
    taken: HashSet<String>,
}

impl Positions {
    /// Goes to the position of a row.
    pub(super) fn enter(&mut self, chrom: &str, pos: i64) {
        if self.pos != pos || self.chrom != chrom {
            self.pos = pos;
            self.chrom.clear();
            self.chrom.push_str(chrom);
            self.taken.clear();
        }
    }

    /// Takes an allele; `false` if it was taken before.
    pub(super) fn take(&mut self, reference: &str, alternate: &str) -> bool {
        self.taken.insert(format!("{reference}>{alternate}"))
    }
}
