//! One score of a file.

use geno_eval::{Number, Value as Given, VariantRow};

/// A score as its file gives it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) contig: String,
    /// 1-based.
    pub(crate) pos: u64,
    pub(crate) reference: String,
    pub(crate) alternate: String,
    pub(crate) sigma_raw: f64,
    pub(crate) percentile: f64,
    pub(crate) bucket: String,
    pub(crate) confidence: f64,
    pub(crate) low_confidence: bool,
    /// What else the file says, by column.
    pub(crate) extras: Vec<(String, Value)>,
}

/// What a further column holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Number(f64),
    Text(String),
}

/// Why a row of a score file is no score.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ScoreRowFault {
    /// A column that every score has is not there.
    #[error("`{column}` is missing")]
    Missing {
        /// The column.
        column: &'static str,
    },
    /// A column holds something else than it should.
    #[error("`{column}` is no {expected}")]
    Type {
        /// The column.
        column: &'static str,
        /// What belongs there.
        expected: &'static str,
    },
    /// The rows are of a later schema, or of none.
    #[error("`schema_version` is not 1.x")]
    Schema,
}

/// Columns that every score has, and those that say of which form it is.
const KNOWN: [&str; 11] = [
    "chrom",
    "pos",
    "ref",
    "alt",
    "sigma_raw",
    "sigma_calibrated",
    "bucket_id",
    "confidence",
    "low_confidence",
    "schema_version",
    "generated_by",
];

impl Row {
    /// Reads the first alternate of a row. Columns that hold an array or an object go to `left_out`.
    pub(crate) fn of(
        row: VariantRow,
        left_out: &mut impl FnMut(&str),
    ) -> Result<Self, ScoreRowFault> {
        let version = row.text("schema_version", 0);
        if version.is_some_and(|version| !version.starts_with("1.")) {
            return Err(ScoreRowFault::Schema);
        }
        let mut extras = Vec::new();
        for (column, value) in row.values().filter(|(column, _)| !KNOWN.contains(column)) {
            let value = match value {
                Given::Number(number) => Value::Number(number),
                Given::Text(text) => Value::Text(text.into_owned()),
                Given::Other => {
                    left_out(column);
                    continue;
                }
            };
            extras.push((column.to_owned(), value));
        }
        let low_confidence = text(&row, "low_confidence")?;
        Ok(Self {
            sigma_raw: number(&row, "sigma_raw")?,
            percentile: part(&row, "sigma_calibrated")?,
            bucket: text(&row, "bucket_id")?,
            confidence: part(&row, "confidence")?,
            low_confidence: match low_confidence.as_str() {
                "true" => true,
                "false" => false,
                _ => return Err(wrong("low_confidence", "truth value")),
            },
            extras,
            contig: row.chrom,
            pos: row.pos,
            reference: row.reference,
            alternate: row.alternates.into_iter().next().unwrap_or_default(),
        })
    }

    /// Sets a further column, whatever the file says there.
    pub(super) fn set(&mut self, column: &str, text: &str) {
        self.extras.retain(|(name, _)| name != column);
        let value = Value::Text(text.to_owned());
        self.extras.push((column.to_owned(), value));
    }
}

fn wrong(column: &'static str, expected: &'static str) -> ScoreRowFault {
    ScoreRowFault::Type { column, expected }
}

fn number(row: &VariantRow, column: &'static str) -> Result<f64, ScoreRowFault> {
    match row.number(column, 0) {
        Number::Given(number) => Ok(number),
        Number::Missing => Err(ScoreRowFault::Missing { column }),
        Number::Unusable => Err(wrong(column, "finite number")),
    }
}

fn part(row: &VariantRow, column: &'static str) -> Result<f64, ScoreRowFault> {
    let part = number(row, column)?;
    match (0.0..=1.0).contains(&part) {
        true => Ok(part),
        false => Err(wrong(column, "number between 0 and 1")),
    }
}

fn text(row: &VariantRow, column: &'static str) -> Result<String, ScoreRowFault> {
    let text = row.text(column, 0);
    let text = text.ok_or(ScoreRowFault::Missing { column })?;
    Ok(text.into_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use geno_eval::VariantRows;

    use super::*;

    const LINE: &str = r#"{"alt": "G", "bucket_id": "other", "chrom": "20", "confidence": 1.0, "low_confidence": false, "n_calibration": 12, "of": null, "path": [1], "pos": 30, "ref": "A", "schema_version": "1.0.0", "sigma_calibrated": 0.25, "sigma_raw": 1}"#;

    fn read(text: &str) -> (Result<Row, ScoreRowFault>, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("scores");
        fs::write(&path, text).unwrap();
        let row = VariantRows::open(&path).unwrap().next().unwrap().unwrap();
        let mut left_out = Vec::new();
        let row = Row::of(row, &mut |column| left_out.push(column.to_owned()));
        (row, left_out)
    }

    #[test]
    fn a_line_of_json_and_one_of_a_table_say_the_same() {
        let (json, left_out) = read(LINE);
        let heading = "chrom pos ref alt sigma_raw sigma_calibrated bucket_id confidence low_confidence n_calibration of";
        let heading = heading.replace(' ', "\t");
        let (table, _) = read(&format!(
            "{heading}\n20\t30\tA\tG\t1.0\t0.25\tother\t1.0\tfalse\t12\t.\n"
        ));
        assert_eq!(json, table);
        assert_eq!(left_out, ["path"]);
        let extras = json.unwrap().extras;
        assert_eq!(extras, [("n_calibration".to_owned(), Value::Number(12.0))]);
    }

    #[test]
    fn what_is_no_score_is_named() {
        let fault = |from: &str, to: &str| {
            let (row, _) = read(&LINE.replace(from, to));
            row.unwrap_err().to_string()
        };
        assert_eq!(
            fault("\"confidence\": 1.0", "\"c\": 1"),
            "`confidence` is missing"
        );
        assert_eq!(
            fault("\"sigma_raw\": 1", "\"sigma_raw\": \"1\""),
            "`sigma_raw` is no finite number"
        );
        assert_eq!(
            fault("0.25", "1.25"),
            "`sigma_calibrated` is no number between 0 and 1"
        );
        assert_eq!(
            fault("false", "\"no\""),
            "`low_confidence` is no truth value"
        );
        assert_eq!(fault("1.0.0", "2.0.0"), "`schema_version` is not 1.x");
    }
}
