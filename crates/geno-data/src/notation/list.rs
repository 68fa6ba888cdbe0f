//! A list of variants as people write them, one a line.

use std::path::{Path, PathBuf};

use geno_core::{Coded, ErrorCode};

use super::{ParseNotationError, WrittenVariant, alleles, number_of};
use crate::{
    fasta::{Fasta, FetchError},
    text_lines::{ReadLinesError, TextLines},
    vcf::{RejectReason, RejectedRow, StatedContext, Variant, VcfRow, shorten},
};

/// Reads a list of variants in file order and constant memory: plain, gzip or bgzip.
///
/// A line holds one variant in any notation of [`WrittenVariant`], up to its first tab or space; what stands behind is
/// not read. Or it holds contig, 1-based position and both alleles in four columns. Empty lines and those that begin
/// with `#` are passed over, and so is a first line of column names, `chrom` and `pos`. Every variant comes placed on
/// the reference, see [`WrittenVariant::place`]; one that cannot be placed is a [`VcfRow::Rejected`].
pub struct VariantList<'a> {
    lines: TextLines,
    fasta: &'a Fasta,
    n_records: u64,
    is_done: bool,
}

/// Why a list could not be read, or not to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadListError {
    /// The file.
    #[error(transparent)]
    Lines(#[from] ReadLinesError),
    /// The reference.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// There is no variant in it.
    #[error("list `{}` has no variants", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

impl Coded for ReadListError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Lines(source) => source.code(),
            Self::Fetch(source) => source.code(),
            Self::Empty { .. } => ErrorCode::InputEmpty,
        }
    }
}

impl<'a> VariantList<'a> {
    /// Opens a file, or the standard input for `-`.
    ///
    /// # Errors
    ///
    /// [`ReadListError`] if it cannot be read.
    pub fn open(path: impl AsRef<Path>, fasta: &'a Fasta) -> Result<Self, ReadListError> {
        Ok(Self {
            lines: TextLines::open(path.as_ref())?,
            fasta,
            n_records: 0,
            is_done: false,
        })
    }

    /// The lines, for example to ask for their progress.
    pub fn lines(&self) -> &TextLines {
        &self.lines
    }

    fn next_row(&mut self) -> Result<Option<VcfRow>, ReadListError> {
        loop {
            let Some(line) = self.lines.next_line()? else {
                return match self.n_records {
                    0 => Err(ReadListError::Empty {
                        path: self.lines.path().to_owned(),
                    }),
                    _ => Ok(None),
                };
            };
            let columns: Vec<_> = line.split_ascii_whitespace().take(4).collect();
            let (text, parsed) = match columns[..] {
                [] => continue,
                [first, ..] if first.starts_with('#') => continue,
                [first, second, ..] if self.n_records == 0 && are_names(first, second) => continue,
                [contig, position, reference, alternate] if number_of(position) => (
                    columns.join(":"),
                    alleles(contig, position, reference, alternate),
                ),
                [text, ..] => (text.to_owned(), text.parse()),
            };
            let (line, record) = (self.lines.line(), self.n_records);
            self.n_records += 1;
            let row = self.row(&text, parsed)?;
            return Ok(Some(match row {
                Ok(edit) => VcfRow::Variant(Variant {
                    line,
                    record,
                    allele: 1,
                    id: ".".to_owned(),
                    edit,
                    context: StatedContext::default(),
                    notation: Some(text),
                }),
                Err(reason) => VcfRow::Rejected(RejectedRow {
                    line,
                    reason,
                    chrom: None,
                    pos: None,
                    reference: None,
                    alternate: None,
                    notation: Some(shorten(&text)),
                }),
            }));
        }
    }

    fn row(
        &self,
        text: &str,
        parsed: Result<WrittenVariant, ParseNotationError>,
    ) -> Result<Result<geno_action::EditSpec, RejectReason>, FetchError> {
        // Rows keep the text whole, so it has to be one of sense.
        if text.len() > MAX_TEXT_LEN {
            return Ok(Err(ParseNotationError::Notation.into()));
        }
        Ok(match parsed {
            Ok(variant) => variant.place(self.fasta)?.map_err(RejectReason::from),
            Err(fault) => Err(fault.into()),
        })
    }
}

/// Longest text of a variant.
const MAX_TEXT_LEN: usize = 1 << 13;

fn are_names(first: &str, second: &str) -> bool {
    first.to_ascii_lowercase().starts_with("chrom")
        && second.to_ascii_lowercase().starts_with("pos")
}

impl Iterator for VariantList<'_> {
    type Item = Result<VcfRow, ReadListError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_done {
            return None;
        }
        let row = self.next_row().transpose();
        self.is_done = !matches!(row, Some(Ok(_)));
        row
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<String>, ReadListError> {
        let folder = tempfile::tempdir().unwrap();
        let (fasta, list) = (folder.path().join("ref.fa"), folder.path().join("list.txt"));
        std::fs::write(&fasta, ">20\nGATTTCA\n").unwrap();
        std::fs::write(&list, text).unwrap();
        let fasta = Fasta::open(&fasta).unwrap();
        let rows = VariantList::open(&list, &fasta)?.map(|row| {
            Ok(match row? {
                VcfRow::Variant(variant) => format!(
                    "{} {}:{}>{} {}",
                    variant.line(),
                    variant.edit().pos(),
                    variant.edit().reference(),
                    variant.edit().alternate(),
                    variant.notation().unwrap(),
                ),
                VcfRow::Rejected(row) => row.to_json(),
            })
        });
        rows.collect()
    }

    #[test]
    fn every_notation_may_stand_in_one_list() {
        let text = "# a list\nchrom\tpos\tref\talt\tgene\nchr20\t2\tA\tG\tX\n\n20:g.5dup my note\r\nrs7\n20-1-G-T\n";
        let rows = read(text).unwrap();
        assert_eq!(rows[0], "3 2:A>G chr20:2:A:G");
        assert_eq!(rows[1], "5 2:A>AT 20:g.5dup");
        assert!(
            rows[2].contains("\"line\": 6") && rows[2].contains("\"notation\": \"rs7\""),
            "{}",
            rows[2]
        );
        assert_eq!(rows[3], "7 1:G>T 20-1-G-T");
    }

    #[test]
    fn a_list_of_nothing_is_an_error() {
        assert!(matches!(
            read("# none\n\n"),
            Err(ReadListError::Empty { .. })
        ));
    }
}
