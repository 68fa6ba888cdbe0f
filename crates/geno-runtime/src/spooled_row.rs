//! Scores as they are kept until a run is complete.

use std::io::{self, BufRead, Write};

use geno_action::EditSpec;
use geno_data::Variant;
use geno_surprise::SurpriseResult;

use crate::{
    number_column::NumberValue,
    rows::{ExtraColumns, ScoreRow},
    windows_per_variant::WindowSpread,
};

/// A score and the alternate of the VCF that it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SpooledRow {
    /// The row of the VCF, from 0.
    pub(crate) record: u64,
    /// The alternate allele of that row, from 1.
    pub(crate) allele: usize,
    edit: EditSpec,
    score: SurpriseResult,
    windows: Option<WindowSpread>,
    numbers: Vec<NumberValue>,
    notation: Option<String>,
}

impl SpooledRow {
    /// The row as it is written to any file.
    pub(crate) fn row(&self) -> ScoreRow<'_> {
        ScoreRow {
            edit: &self.edit,
            score: &self.score,
            windows: self.windows,
            numbers: &self.numbers,
            notation: self.notation.as_deref(),
        }
    }

    /// Writes the row of a variant as a line: two numbers, and the columns of a table.
    pub(crate) fn write(
        row: &ScoreRow<'_>,
        variant: &Variant,
        mut out: impl Write,
    ) -> io::Result<()> {
        write!(out, "{}\t{}\t", variant.record(), variant.allele())?;
        row.write_tsv(out)
    }

    fn parse(line: &str, extra: &ExtraColumns) -> Option<Self> {
        let mut columns = line.split('\t');
        let mut column = || columns.next();
        let (record, allele) = (column()?.parse().ok()?, column()?.parse().ok()?);
        let (chrom, pos) = (column()?, column()?.parse().ok()?);
        Some(Self {
            record,
            allele,
            edit: EditSpec::new(chrom, pos, column()?, column()?).ok()?,
            score: SurpriseResult {
                sigma_raw: column()?.parse().ok()?,
                sigma_calibrated: column()?.parse().ok()?,
                bucket_id: column()?.parse().ok()?,
                confidence: column()?.parse().ok()?,
                low_confidence: column()?.parse().ok()?,
                n_calibration: column()?.parse().ok()?,
            },
            windows: match extra.has_windows {
                true => Some(WindowSpread {
                    n: column()?.parse().ok()?,
                    spread: column()?.parse().ok()?,
                }),
                false => None,
            },
            numbers: {
                let value = |name| {
                    let (column, value) = (name, column()?.parse().ok()?);
                    Some(NumberValue { column, value })
                };
                extra
                    .numbers
                    .iter()
                    .copied()
                    .map(value)
                    .collect::<Option<_>>()?
            },
            notation: match extra.has_notation {
                true => Some(column()?.to_owned()),
                false => None,
            },
        })
    }
}

/// Reads the lines that [`SpooledRow::write`] wrote.
pub(crate) struct SpooledRows<'a, R> {
    reader: R,
    extra: &'a ExtraColumns,
    line: String,
}

impl<'a, R: BufRead> SpooledRows<'a, R> {
    pub(crate) fn new(reader: R, extra: &'a ExtraColumns) -> Self {
        Self {
            reader,
            extra,
            line: String::new(),
        }
    }
}

impl<R: BufRead> Iterator for SpooledRows<'_, R> {
    type Item = io::Result<SpooledRow>;

    fn next(&mut self) -> Option<Self::Item> {
        self.line.clear();
        match self.reader.read_line(&mut self.line) {
            Ok(0) => None,
            Ok(_) => {
                let row = SpooledRow::parse(self.line.trim_end_matches('\n'), self.extra);
                Some(row.ok_or_else(|| io::ErrorKind::InvalidData.into()))
            }
            Err(error) => Some(Err(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use geno_data::{VcfReader, VcfRow};
    use geno_surprise::BucketId;

    use super::*;
    use crate::{number_column::NumberColumn, signal::Signal};

    #[test]
    fn a_line_holds_a_score_to_its_last_bit() {
        let text = "#CHROM\tPOS\tID\tREF\tALT\n1\t7\t.\tA\tC\nHLA-A*01:01 x\t9\t.\tA\t*,GT\n";
        let variant = VcfReader::new(text.as_bytes())
            .unwrap()
            .filter_map(|row| match row.unwrap() {
                VcfRow::Variant(variant) => Some(variant),
                VcfRow::Rejected(_) => None,
            })
            .last()
            .unwrap();
        let score = SurpriseResult {
            sigma_raw: 1. / 3. * 1e-9,
            sigma_calibrated: 0.1 + 0.2,
            bucket_id: BucketId::All,
            confidence: 1.,
            low_confidence: true,
            n_calibration: u64::MAX,
        };
        let extra = ExtraColumns {
            has_windows: true,
            numbers: vec![
                NumberColumn::Signal(Signal::Displacement),
                NumberColumn::Percentile(Signal::LikelihoodDelta),
                NumberColumn::Ensemble,
            ],
            has_notation: false,
        };
        let values = extra.numbers.iter().map(|&column| NumberValue {
            column,
            value: 0.1 + 0.7,
        });
        let values: Vec<_> = values.collect();
        let mut line = Vec::new();
        let row = ScoreRow {
            edit: variant.edit(),
            score: &score,
            windows: Some(WindowSpread {
                n: 6,
                spread: 0.1 + 0.6,
            }),
            numbers: &values,
            notation: None,
        };
        SpooledRow::write(&row, &variant, &mut line).unwrap();
        let rows: Vec<_> = SpooledRows::new(&line[..], &extra)
            .map(Result::unwrap)
            .collect();
        assert_eq!(
            rows,
            [SpooledRow {
                record: 1,
                allele: 2,
                edit: variant.edit().clone(),
                score,
                windows: row.windows,
                numbers: values.clone(),
                notation: None,
            }]
        );
    }

    #[test]
    fn another_text_is_no_row() {
        let none = ExtraColumns::default();
        let mut rows = SpooledRows::new(&b"1\t2\t3\n"[..], &none);
        assert!(rows.next().unwrap().is_err());
    }
}
