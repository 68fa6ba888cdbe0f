//! Reading a file of scores, row by row.

use std::path::{Path, PathBuf};

use geno_action::EditSpec;
use geno_core::{Coded, ErrorCode, RegionClass};
use geno_data::{Annotation, Annotator, FetchError};
use geno_eval::{OpenJoin, ReadVariantsError, RowPlace, VariantRows};

use super::{Cell, Row, ScoreRowFault, ScoreTable, Scored, Value, Words, keep::Kept};
use crate::outputs::ComparedOutputs;

/// A file of scores: JSON lines, tab-separated values, plain or compressed, or Parquet, as `geno-lewm score` writes
/// them; its contents tell.
#[derive(Clone, Copy, Debug)]
pub struct ScoreFile<'a> {
    /// The file.
    pub path: &'a Path,
    /// How many rows are shown; of more, those with the highest percentiles are.
    pub max_rows: usize,
}

/// What every score is looked up in, while the file is read once.
#[derive(Default)]
pub struct LookUps<'r, 'f> {
    /// Genes, regions and repeats.
    pub annotator: Option<&'r mut Annotator>,
    /// Labels. The rows get a column `label`, in place of one that the file has, and the join the scores.
    pub labels: Option<&'r mut OpenJoin<'f>>,
}

/// Why a file of scores cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadScoresError {
    /// The file could not be read, or not to its end.
    #[error(transparent)]
    Rows(#[from] ReadVariantsError),
    /// The file is a VCF.
    #[error(
        "`{}` is a VCF: a page takes what `geno-lewm score` writes as .jsonl, .tsv or .parquet",
        path.display()
    )]
    Vcf {
        /// The file.
        path: PathBuf,
    },
    /// A row is no score.
    #[error("`{}`, {place}, is no score", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// The row.
        place: RowPlace,
        /// Why not.
        source: ScoreRowFault,
    },
    /// The reference could not be read.
    #[error(transparent)]
    Fetch(#[from] FetchError),
}

impl Coded for ReadScoresError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Rows(source) => source.code(),
            Self::Fetch(source) => source.code(),
            Self::Row {
                source: ScoreRowFault::Schema,
                ..
            } => ErrorCode::ConfigSchemaIncompat,
            _ => ErrorCode::InputGeneric,
        }
    }
}

/// What a row is called that a label says something of.
const CLASSES: [&str; 2] = ["negative", "positive"];

impl ScoreFile<'_> {
    /// Reads it, and looks each variant up.
    ///
    /// Every row counts in the distributions, shown or not.
    ///
    /// # Errors
    ///
    /// [`ReadScoresError`].
    pub fn read(&self, look_ups: LookUps<'_, '_>) -> Result<ScoreTable, ReadScoresError> {
        self.read_beside(look_ups, &mut ComparedOutputs::nothing())
    }

    pub(crate) fn read_beside(
        &self,
        LookUps {
            mut annotator,
            mut labels,
        }: LookUps<'_, '_>,
        outputs: &mut ComparedOutputs,
    ) -> Result<ScoreTable, ReadScoresError> {
        let path = || self.path.to_owned();
        let name = self.path.file_name().unwrap_or_default();
        let mut rows = VariantRows::open(self.path)?;
        if rows.is_vcf() {
            return Err(ReadScoresError::Vcf { path: path() });
        }
        let mut table = Filling::new(name.to_string_lossy().into_owned(), self.max_rows);
        rows.left_out()
            .iter()
            .for_each(|column| table.leave_out(column));
        while let Some(row) = rows.next()? {
            let label = match &mut labels {
                Some(labels) => Some(labels.add(&rows, &row, 0)?),
                None => None,
            };
            let row = Row::of(row, &mut |column| table.leave_out(column));
            let mut row = row.map_err(|source| ReadScoresError::Row {
                path: path(),
                place: rows.place(),
                source,
            })?;
            outputs.compare(&row);
            if let Some(label) = label {
                let class = label.map_or("", |label| CLASSES[usize::from(label > 0.0)]);
                row.set("label", class);
            }
            let annotation = annotator
                .as_mut()
                .map(|annotator| annotate(annotator, &row));
            table.add(row, annotation.transpose()?);
        }
        outputs.finish();
        Ok(table.finish())
    }
}

/// What the sources say of a variant; nothing of one that does not fit the reference.
fn annotate(annotator: &mut Annotator, row: &Row) -> Result<Option<Annotation>, FetchError> {
    let edit = EditSpec::new(row.contig.as_str(), row.pos, &row.reference, &row.alternate);
    let Ok(edit) = edit else {
        return Ok(None);
    };
    Ok(annotator.annotate(&edit)?.ok())
}

/// A table in the making.
struct Filling {
    table: ScoreTable,
    kept: Kept,
}

impl Filling {
    fn new(name: String, max_rows: usize) -> Self {
        let table = ScoreTable {
            name,
            n_rows: 0,
            n_low_confidence: 0,
            n_misfits: 0,
            all: Default::default(),
            by_bucket: Default::default(),
            by_class: Default::default(),
            by_label: Default::default(),
            left_out: Default::default(),
            rows: Vec::new(),
            extras: Vec::new(),
            words: Words::default(),
        };
        let kept = Kept::new(max_rows);
        Self { table, kept }
    }

    fn leave_out(&mut self, column: &str) {
        if !self.table.left_out.contains(column) {
            self.table.left_out.insert(column.to_owned());
        }
    }

    /// `annotation` is there where variants are looked up, and has something to say unless the variant
    /// does not fit the reference.
    fn add(&mut self, mut row: Row, annotation: Option<Option<Annotation>>) {
        let table = &mut self.table;
        table.n_rows += 1;
        table.n_low_confidence += u64::from(row.low_confidence);
        table.n_misfits += u64::from(annotation == Some(None));
        let annotation = annotation.flatten();
        table.all.add(row.percentile);
        count(&mut table.by_bucket, &row.bucket, row.percentile);
        let of_bucket = || row.bucket.split('|').next()?.parse::<RegionClass>().ok();
        let class = annotation
            .as_ref()
            .and_then(|found| found.region)
            .or_else(of_bucket);
        if let Some(class) = class {
            table.by_class.entry(class).or_default().add(row.percentile);
        }
        if let Some((_, label)) = row.extras.iter().find(|(column, _)| column == "label") {
            let label = match label {
                Value::Text(text) => text.clone(),
                Value::Number(number) => number.to_string(),
            };
            if !label.is_empty() {
                count(&mut table.by_label, &label, row.percentile);
            }
        }
        if let Some(found) = annotation {
            add_annotation(&mut row, found);
        }
        let cells = row.extras.iter().map(|(column, value)| {
            let known = table.extras.iter().position(|name| name == column);
            let place = known.unwrap_or_else(|| {
                table.extras.push(column.clone());
                table.extras.len() - 1
            });
            let cell = match value {
                Value::Number(number) => Cell::Number(*number),
                Value::Text(text) => Cell::Text(table.words.number(text)),
            };
            (place, cell)
        });
        let mut extras = Vec::new();
        for (place, cell) in cells {
            extras.resize(extras.len().max(place + 1), Cell::Missing);
            extras[place] = cell;
        }
        self.kept.push(Scored {
            number: table.n_rows,
            contig: table.words.number(&row.contig),
            pos: row.pos,
            reference: table.words.number(&row.reference),
            alternate: table.words.number(&row.alternate),
            sigma_raw: row.sigma_raw,
            percentile: row.percentile,
            bucket: table.words.number(&row.bucket),
            confidence: row.confidence,
            low_confidence: row.low_confidence,
            extras,
        });
    }

    fn finish(self) -> ScoreTable {
        ScoreTable {
            rows: self.kept.finish(),
            ..self.table
        }
    }
}

fn count(
    groups: &mut std::collections::BTreeMap<String, super::Distribution>,
    name: &str,
    percentile: f64,
) {
    match groups.get_mut(name) {
        Some(group) => group.add(percentile),
        None => groups.entry(name.to_owned()).or_default().add(percentile),
    }
}

/// Adds what was found of a variant, unless the file itself says it.
fn add_annotation(row: &mut Row, found: Annotation) {
    let consequence = found.consequences.and_then(|all| all.worst());
    let columns = [
        ("gene", found.gene),
        (
            "consequence",
            consequence.map(|worst| worst.term().to_owned()),
        ),
        (
            "region",
            found.region.map(|class| class.as_str().to_owned()),
        ),
        (
            "repeat",
            found.repeat.map(|class| class.as_str().to_owned()),
        ),
    ];
    for (column, text) in columns {
        if let Some(text) = text
            && row.extras.iter().all(|(name, _)| name != column)
        {
            row.extras.push((column.to_owned(), Value::Text(text)));
        }
    }
}
