//! Reading a file of scores, row by row.

use std::path::{Path, PathBuf};

use geno_action::EditSpec;
use geno_core::{Coded, ErrorCode, RegionClass};
use geno_data::{Annotation, Annotator, FetchError, ReadLinesError, TextLines};

use super::{Cell, Row, ScoreRowFault, ScoreTable, Scored, Value, Words, keep::Kept};
use crate::outputs::ComparedOutputs;

/// A file of scores: JSON lines or tab-separated values, as `geno-lewm score` writes them; plain, or compressed and named
/// `.gz`.
#[derive(Clone, Copy, Debug)]
pub struct ScoreFile<'a> {
    /// The file.
    pub path: &'a Path,
    /// How many rows are shown; of more, those with the highest percentiles are.
    pub max_rows: usize,
}

/// Why a file of scores cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadScoresError {
    /// The file could not be read, or not to its end.
    #[error(transparent)]
    Lines(#[from] ReadLinesError),
    /// The name is not that of a file that is read here.
    #[error(
        "`{}` is neither .jsonl nor .tsv: `geno-lewm score --output scores.jsonl` writes the one, \
         `scores.tsv` the other",
        path.display()
    )]
    Format {
        /// The file.
        path: PathBuf,
    },
    /// A line is no score.
    #[error("`{}`, line {line}, is no score", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// Why not.
        source: ScoreRowFault,
    },
    /// There is no score.
    #[error("`{}` holds no score", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The reference could not be read.
    #[error(transparent)]
    Fetch(#[from] FetchError),
}

impl Coded for ReadScoresError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Lines(source) => source.code(),
            Self::Fetch(source) => source.code(),
            _ => ErrorCode::InputGeneric,
        }
    }
}

impl ScoreFile<'_> {
    /// Reads it, and looks each variant up.
    ///
    /// Every row counts in the distributions, shown or not.
    ///
    /// # Errors
    ///
    /// [`ReadScoresError`].
    pub fn read(&self, annotator: Option<&mut Annotator>) -> Result<ScoreTable, ReadScoresError> {
        self.read_beside(annotator, &mut ComparedOutputs::nothing())
    }

    pub(crate) fn read_beside(
        &self,
        mut annotator: Option<&mut Annotator>,
        outputs: &mut ComparedOutputs,
    ) -> Result<ScoreTable, ReadScoresError> {
        let path = self.path.to_owned();
        let name = self
            .path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let plain = name.strip_suffix(".gz").unwrap_or(&name);
        let is_table = match (plain.ends_with(".jsonl"), plain.ends_with(".tsv")) {
            (true, _) => false,
            (_, true) => true,
            _ => return Err(ReadScoresError::Format { path }),
        };
        let mut lines = TextLines::open(self.path)?;
        let mut heading = Vec::new();
        if is_table && let Some(line) = lines.next_line()? {
            heading = line.split('\t').map(str::to_owned).collect();
        }
        let mut table = Filling::new(name, self.max_rows);
        while let Some(line) = lines.next_line()? {
            if line.is_empty() {
                continue;
            }
            let row = match is_table {
                true => Row::of_tsv(&heading, line),
                false => Row::of_json(line.as_bytes(), &mut |column| table.leave_out(column)),
            };
            let row = row.map_err(|source| ReadScoresError::Row {
                path: path.clone(),
                line: lines.line(),
                source,
            })?;
            outputs.compare(&row);
            let annotation = annotator
                .as_mut()
                .map(|annotator| annotate(annotator, &row));
            table.add(row, annotation.transpose()?);
        }
        outputs.finish();
        let table = table.finish();
        match table.n_rows {
            0 => Err(ReadScoresError::Empty { path }),
            _ => Ok(table),
        }
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
            count(&mut table.by_label, &label, row.percentile);
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
