//! Labelled variants by the form that all their spellings share.

use std::{
    collections::{HashMap, hash_map::Entry},
    ops::ControlFlow,
    path::Path,
};

use geno_core::Digest;
use geno_data::{Progress, VariantKey, VariantKeys};

use super::{
    Coverage, EvaluatedVariant, Join, JoinError, JoinFiles, Labels, ScoreColumn, Unmatched,
    scores::ReadColumn,
};
use crate::{
    label_rule::{LabelRule, value},
    strata::Strata,
    variant_rows::{ReadVariantsError, RowFault, RowPlace, VariantRow, VariantRows},
};

/// Rows between two looks at the progress.
pub(super) const PROGRESS_ROWS: u64 = 1 << 12;

/// Lines of a background that an error names.
const MAX_LINES: usize = 10;

/// The variants of a file of labels.
pub(super) struct Labelled {
    places: HashMap<VariantKey, usize>,
    rows: Vec<LabelRow>,
    labels: Labels,
    not_comparable: Vec<Unmatched>,
    coverage: Coverage,
    digest: Option<Digest>,
}

struct LabelRow {
    place: RowPlace,
    variant: EvaluatedVariant,
}

impl Labelled {
    /// Reads labels; none if `on_progress` breaks off.
    pub(super) fn read(
        files: &JoinFiles<'_>,
        keys: &mut VariantKeys<'_>,
        on_progress: &mut impl FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Option<Self>, JoinError> {
        let mut rows = VariantRows::open(files.labels)?;
        let mut all = Self {
            places: HashMap::new(),
            rows: Vec::new(),
            labels: match files.rule {
                LabelRule::Class(_) => Labels::Classes(Vec::new()),
                LabelRule::Value { .. } => Labels::Values(Vec::new()),
            },
            not_comparable: Vec::new(),
            coverage: Coverage::default(),
            digest: None,
        };
        while let Some(row) = rows.next()? {
            for allele in 0..row.alternates.len() {
                all.add(files, &rows, &row, allele, keys)?;
            }
            if all.coverage.label_rows.is_multiple_of(PROGRESS_ROWS)
                && on_progress(rows.progress()).is_break()
            {
                return Ok(None);
            }
        }
        all.digest = rows.digest()?;
        let path = files.labels.to_owned();
        match all.rows.is_empty() && all.not_comparable.is_empty() {
            true => Err(JoinError::NoLabels { path }),
            false => Ok(Some(all)),
        }
    }

    fn add(
        &mut self,
        files: &JoinFiles<'_>,
        rows: &VariantRows,
        row: &VariantRow,
        allele: usize,
        keys: &mut VariantKeys<'_>,
    ) -> Result<(), ReadVariantsError> {
        self.coverage.label_rows += 1;
        let label = match files.rule {
            LabelRule::Class(rule) => rule
                .class(row, allele, rows.is_vcf())
                .map(|class| class.map(f64::from)),
            LabelRule::Value { field } => value(field, row, allele),
        };
        let Some(label) = label.map_err(|fault| rows.at(fault))? else {
            self.coverage.without_label += 1;
            return Ok(());
        };
        let alternate = &row.alternates[allele];
        let key = keys.add(&row.chrom, row.pos, &row.reference, alternate);
        let Some(key) = key.map_err(|source| reference_error(rows, source))? else {
            self.coverage.not_comparable += 1;
            self.not_comparable.push(Unmatched {
                line: row.place.number(),
                chrom: row.chrom.clone(),
                pos: row.pos,
                reference: row.reference.clone(),
                alternate: alternate.clone(),
                without_score: Vec::new(),
            });
            return Ok(());
        };
        match self.places.entry(key) {
            Entry::Occupied(place) => {
                let first = self.rows[*place.get()].place;
                return Err(rows.at(RowFault::Duplicate { first }));
            }
            Entry::Vacant(place) => place.insert(self.rows.len()),
        };
        match &mut self.labels {
            Labels::Classes(classes) => classes.push(label == 1.0),
            Labels::Values(values) => values.push(label),
        }
        self.coverage.labelled += 1;
        self.rows.push(LabelRow {
            place: row.place,
            variant: EvaluatedVariant {
                chrom: row.chrom.clone(),
                pos: row.pos,
                reference: row.reference.clone(),
                alternate: alternate.clone(),
                strata: Strata::of(row, allele),
            },
        });
        Ok(())
    }

    /// The variants.
    pub(super) fn variants(&self) -> impl Iterator<Item = &EvaluatedVariant> {
        self.rows.iter().map(|row| &row.variant)
    }

    /// Number of variants.
    pub(super) fn n(&self) -> usize {
        self.rows.len()
    }

    /// The label of a variant; of classes 1 is positive.
    pub(super) fn label(&self, place: usize) -> f64 {
        match &self.labels {
            Labels::Classes(all) => f64::from(all[place]),
            Labels::Values(all) => all[place],
        }
    }

    /// Where an allele of a row stands among the labels.
    pub(super) fn find(
        &self,
        rows: &VariantRows,
        row: &VariantRow,
        allele: usize,
        keys: &mut VariantKeys<'_>,
    ) -> Result<Option<usize>, ReadVariantsError> {
        let key = keys.find(&row.chrom, row.pos, &row.reference, &row.alternates[allele]);
        let key = key.map_err(|source| reference_error(rows, source))?;
        Ok(key.and_then(|key| self.places.get(&key)).copied())
    }

    /// Checks that no labelled variant is in a background; none if `on_progress` breaks off.
    pub(super) fn shared_with(
        &self,
        background: &Path,
        keys: &mut VariantKeys<'_>,
        on_progress: &mut impl FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Option<()>, JoinError> {
        let mut rows = VariantRows::open(background)?;
        let (mut shared, mut lines, mut n_rows) = (0, Vec::new(), 0u64);
        while let Some(row) = rows.next()? {
            for allele in 0..row.alternates.len() {
                if self.find(&rows, &row, allele, keys)?.is_some() {
                    shared += 1;
                    if lines.len() < MAX_LINES {
                        lines.push(row.place.number());
                    }
                }
            }
            n_rows += 1;
            if n_rows.is_multiple_of(PROGRESS_ROWS) && on_progress(rows.progress()).is_break() {
                return Ok(None);
            }
        }
        match shared {
            0 => Ok(Some(())),
            _ => Err(JoinError::InBackground {
                path: background.to_owned(),
                shared,
                lines,
            }),
        }
    }

    /// Keeps the variants that every source has a score of.
    pub(super) fn join(
        mut self,
        files: &JoinFiles<'_>,
        columns: Vec<ReadColumn>,
    ) -> Result<Join, JoinError> {
        let has_all = |i: &usize| columns.iter().all(|column| column.scores[*i].is_some());
        let (mut order, left_out): (Vec<usize>, Vec<usize>) = (0..self.n()).partition(has_all);
        if order.is_empty() {
            return Err(JoinError::NothingShared {
                path: files.labels.to_owned(),
                labelled: self.coverage.labelled,
            });
        }
        let mut unmatched = self.not_comparable;
        unmatched.extend(left_out.into_iter().map(|i| {
            let LabelRow { place, variant } = &self.rows[i];
            let without = columns.iter().filter(|column| column.scores[i].is_none());
            Unmatched {
                line: place.number(),
                chrom: variant.chrom.clone(),
                pos: variant.pos,
                reference: variant.reference.clone(),
                alternate: variant.alternate.clone(),
                without_score: without.map(|column| column.name.clone()).collect(),
            }
        }));
        unmatched.sort_by_key(|unmatched| unmatched.line);
        let rows = &self.rows;
        order.sort_by(|a, b| spelled(&rows[*a].variant).cmp(&spelled(&rows[*b].variant)));
        self.coverage.evaluated = order.len() as u64;
        for column in &columns {
            let name = &column.name;
            let missing = column.scores.iter().filter(|score| score.is_none());
            let missing = missing.count() as u64;
            self.coverage.without_score.insert(name.clone(), missing);
            let extra = &mut self.coverage.extra_scores;
            extra.insert(name.clone(), column.extra);
        }
        let columns = columns.into_iter().map(|column| ScoreColumn {
            values: order.iter().filter_map(|i| column.scores[*i]).collect(),
            name: column.name,
            field: column.field,
            threshold: column.threshold,
            absent: column.absent,
        });
        Ok(Join {
            labels: match &self.labels {
                Labels::Classes(all) => Labels::Classes(order.iter().map(|i| all[*i]).collect()),
                Labels::Values(all) => Labels::Values(order.iter().map(|i| all[*i]).collect()),
            },
            columns: columns.collect(),
            variants: order
                .iter()
                .map(|i| self.rows[*i].variant.clone())
                .collect(),
            coverage: self.coverage,
            unmatched,
            labels_digest: self.digest,
        })
    }
}

/// What the Python package sorts by.
fn spelled(variant: &EvaluatedVariant) -> (&str, u64, &str, &str) {
    let EvaluatedVariant {
        chrom,
        pos,
        reference,
        alternate,
        ..
    } = variant;
    (chrom, *pos, reference, alternate)
}

fn reference_error(rows: &VariantRows, source: geno_data::FetchError) -> ReadVariantsError {
    ReadVariantsError::Reference {
        path: rows.path().to_owned(),
        place: rows.place(),
        source,
    }
}
