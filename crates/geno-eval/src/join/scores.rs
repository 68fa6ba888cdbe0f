//! Scores of the labelled variants.

use std::{ops::ControlFlow, path::PathBuf};

use geno_data::{Progress, VariantKeys};
use geno_provenance::Label;

use super::labels::{Labelled, PROGRESS_ROWS};
use crate::variant_rows::{Number, ReadVariantsError, RowFault, VariantRow, VariantRows};

/// A file of scores.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreSource {
    /// Its name in documents.
    pub name: Label,
    /// JSON lines, a table with a header or a VCF, plain, gzip or bgzip.
    pub path: PathBuf,
    /// The field, column or INFO key that holds a score. Of a VCF that `geno-lewm score` wrote it may
    /// be called as in the other formats.
    pub field: String,
    /// From which score on a variant counts as positive, if metrics of that are wanted.
    pub threshold: Option<f64>,
    /// What a row that names its producer has to name.
    pub producer: Option<&'static str>,
}

/// Scores of labelled variants, with the lines they stand on.
pub(super) struct Column<'a> {
    pub(super) source: &'a ScoreSource,
    scores: Vec<Option<(f64, u64)>>,
    /// Scores of other variants.
    pub(super) extra: u64,
}

impl<'a> Column<'a> {
    /// Reads scores; none if `on_progress` breaks off.
    pub(super) fn read(
        source: &'a ScoreSource,
        labelled: &Labelled,
        keys: &mut VariantKeys<'_>,
        on_progress: &mut impl FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Option<Self>, ReadVariantsError> {
        let mut rows = VariantRows::open(&source.path)?;
        if !rows.may_have(&source.field) {
            return Err(ReadVariantsError::NoColumn {
                path: source.path.clone(),
                column: source.field.clone(),
            });
        }
        let mut column = Self {
            source,
            scores: vec![None; labelled.n()],
            extra: 0,
        };
        let info_key = format!("GENO_LEWM_{}", source.field.to_ascii_uppercase());
        let fields: &[&str] = match rows.is_vcf() {
            true => &[&source.field, &info_key],
            false => &[&source.field],
        };
        let mut n_rows = 0u64;
        while let Some(row) = rows.next()? {
            column
                .check_producer(&row)
                .map_err(|fault| rows.at(fault))?;
            for allele in 0..row.alternates.len() {
                match labelled.find(&rows, &row, allele, keys)? {
                    Some(place) => column
                        .add(&row, allele, fields, place)
                        .map_err(|fault| rows.at(fault))?,
                    None => column.extra += 1,
                }
            }
            n_rows += 1;
            if n_rows.is_multiple_of(PROGRESS_ROWS) && on_progress(rows.progress()).is_break() {
                return Ok(None);
            }
        }
        Ok(Some(column))
    }

    /// The score of a labelled variant.
    pub(super) fn score(&self, place: usize) -> Option<f64> {
        self.scores[place].map(|(score, _)| score)
    }

    fn check_producer(&self, row: &VariantRow) -> Result<(), RowFault> {
        let Some(expected) = self.source.producer else {
            return Ok(());
        };
        match row.text("generated_by", 0) {
            Some(found) if found != expected => Err(RowFault::Producer { expected }),
            _ => Ok(()),
        }
    }

    fn add(
        &mut self,
        row: &VariantRow,
        allele: usize,
        fields: &[&str],
        place: usize,
    ) -> Result<(), RowFault> {
        let field = || self.source.field.clone();
        let mut numbers = fields.iter().map(|field| row.number(field, allele));
        let number = numbers.find(|number| *number != Number::Missing);
        let score = match number.unwrap_or(Number::Missing) {
            Number::Given(score) => score,
            Number::Unusable => return Err(RowFault::NotANumber { field: field() }),
            Number::Missing if row.is_json() => return Err(RowFault::Missing { field: field() }),
            // A cell without a value is no score.
            Number::Missing => return Ok(()),
        };
        if let Some((_, first)) = self.scores[place] {
            return Err(RowFault::Duplicate { first });
        }
        self.scores[place] = Some((score, row.line));
        Ok(())
    }
}
