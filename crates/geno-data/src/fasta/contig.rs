//! One sequence of a FASTA file, and where its bases lie.

/// A sequence of a FASTA file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Contig {
    pub(crate) name: String,
    pub(crate) len: u64,
    /// Place of the first base in the uncompressed file.
    pub(crate) offset: u64,
    /// Bases on every line but the last.
    pub(crate) line_bases: u64,
    /// Bytes of every line but the last, terminator included.
    pub(crate) line_width: u64,
}

impl Contig {
    /// The name, the first word of the header line.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Length in bases.
    #[expect(
        clippy::len_without_is_empty,
        reason = "an empty contig is nothing to ask for"
    )]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Place of a base in the uncompressed file; `None` if it lies past the largest file.
    pub(crate) fn place(&self, base: u64) -> Option<u64> {
        let line = base.checked_div(self.line_bases)?;
        line.checked_mul(self.line_width)?
            .checked_add(base % self.line_bases)?
            .checked_add(self.offset)
    }

    /// One past the place of the last base; the offset of an empty contig.
    pub(crate) fn end(&self) -> Option<u64> {
        match self.len {
            0 => Some(self.offset),
            len => self.place(len - 1)?.checked_add(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_skip_the_line_ends() {
        let contig = Contig {
            name: "1".into(),
            len: 9,
            offset: 3,
            line_bases: 4,
            line_width: 6,
        };
        assert_eq!(
            [0, 3, 4, 8].map(|base| contig.place(base)),
            [3, 6, 9, 15].map(Some)
        );
        assert_eq!(contig.end(), Some(16));
        assert_eq!(contig.place(u64::MAX), None);
    }
}
