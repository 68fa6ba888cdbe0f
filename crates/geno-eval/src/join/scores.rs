//! Scores of the labelled variants.

use std::{collections::BTreeSet, ops::ControlFlow, path::PathBuf};

use geno_data::{Progress, VariantKeys};
use geno_provenance::Label;

use super::labels::{Labelled, PROGRESS_ROWS};
use crate::variant_rows::{Number, ReadVariantsError, RowFault, RowPlace, VariantRow, VariantRows};

/// A file of scores.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreSource {
    /// Its name in documents.
    pub name: Label,
    /// What [`VariantRows`] reads.
    pub path: PathBuf,
    /// The field, column or INFO key that holds a score. Of a VCF that `geno-lewm score` wrote it may
    /// be called as in the other formats.
    pub field: String,
    /// From which score on a variant counts as positive, if metrics of that are wanted.
    pub threshold: Option<f64>,
    /// What a row that names its producer has to name.
    pub producer: Option<&'static str>,
}

/// Scores of labelled variants, with the rows they stand on.
pub(super) struct Column<'a> {
    pub(super) source: &'a ScoreSource,
    /// What the field is called in a VCF that `geno-lewm score` wrote.
    info_key: String,
    scores: Vec<Option<(f64, RowPlace)>>,
    /// Labelled variants that are in the file without a score.
    pub(super) blank: BTreeSet<usize>,
    /// Scores of other variants.
    extra: u64,
}

/// Scores of the labelled variants, from whatever source.
pub(super) struct ReadColumn {
    pub(super) name: Label,
    pub(super) field: String,
    pub(super) threshold: Option<f64>,
    pub(super) scores: Vec<Option<f64>>,
    /// Scores of other variants.
    pub(super) extra: u64,
    /// Variants whose score follows from that they are not in the file.
    pub(super) absent: u64,
}

impl<'a> Column<'a> {
    pub(super) fn new(source: &'a ScoreSource, labelled: &Labelled) -> Self {
        Self {
            source,
            info_key: format!("GENO_LEWM_{}", source.field.to_ascii_uppercase()),
            scores: vec![None; labelled.n()],
            blank: BTreeSet::new(),
            extra: 0,
        }
    }

    /// Reads all scores of the file; none if `on_progress` breaks off.
    pub(super) fn read(
        &mut self,
        labelled: &Labelled,
        keys: &mut VariantKeys<'_>,
        on_progress: &mut impl FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Option<()>, ReadVariantsError> {
        let source = self.source;
        let mut rows = VariantRows::open(&source.path)?;
        if !rows.may_have(&source.field) {
            return Err(ReadVariantsError::NoColumn {
                path: source.path.clone(),
                column: source.field.clone(),
            });
        }
        let mut n_rows = 0u64;
        while let Some(row) = rows.next()? {
            for allele in 0..row.alternates.len() {
                self.add(labelled, keys, &rows, &row, allele)?;
            }
            n_rows += 1;
            if n_rows.is_multiple_of(PROGRESS_ROWS) && on_progress(rows.progress()).is_break() {
                return Ok(None);
            }
        }
        Ok(Some(()))
    }

    /// Takes the score of a row; where its variant stands among the labels.
    pub(super) fn add(
        &mut self,
        labelled: &Labelled,
        keys: &mut VariantKeys<'_>,
        rows: &VariantRows,
        row: &VariantRow,
        allele: usize,
    ) -> Result<Option<usize>, ReadVariantsError> {
        self.check_producer(row).map_err(|fault| rows.at(fault))?;
        let place = labelled.find(rows, row, allele, keys)?;
        match place {
            Some(place) => self
                .put(row, allele, rows.is_vcf(), place)
                .map_err(|fault| rows.at(fault))?,
            None => self.extra += 1,
        }
        Ok(place)
    }

    /// Scores, with the rows they stand on.
    pub(super) fn given(&self) -> impl Iterator<Item = (f64, RowPlace)> {
        self.scores.iter().copied().flatten()
    }

    /// The scores alone.
    pub(super) fn finish(self) -> ReadColumn {
        let scores = self.scores.into_iter();
        ReadColumn {
            name: self.source.name.clone(),
            field: self.source.field.clone(),
            threshold: self.source.threshold,
            scores: scores.map(|score| Some(score?.0)).collect(),
            extra: self.extra,
            absent: 0,
        }
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

    fn put(
        &mut self,
        row: &VariantRow,
        allele: usize,
        is_vcf: bool,
        place: usize,
    ) -> Result<(), RowFault> {
        let field = || self.source.field.clone();
        let fields = [self.source.field.as_str(), &self.info_key];
        let fields = if is_vcf { &fields[..] } else { &fields[..1] };
        let mut numbers = fields.iter().map(|field| row.number(field, allele));
        let number = numbers.find(|number| *number != Number::Missing);
        let score = match number.unwrap_or(Number::Missing) {
            Number::Given(score) => score,
            Number::Unusable => return Err(RowFault::NotANumber { field: field() }),
            Number::Missing if row.is_json() => return Err(RowFault::Missing { field: field() }),
            // A cell without a value is no score.
            Number::Missing => {
                self.blank.insert(place);
                return Ok(());
            }
        };
        if let Some((_, first)) = self.scores[place] {
            return Err(RowFault::Duplicate { first });
        }
        self.scores[place] = Some((score, row.place));
        Ok(())
    }
}
