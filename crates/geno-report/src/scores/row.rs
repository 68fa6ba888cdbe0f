//! One score of a file.

use geno_provenance::{Json, JsonError};

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

/// Why a line of a score file is no score.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ScoreRowFault {
    /// It is not JSON.
    #[error("it is not JSON")]
    Json(#[from] JsonError),
    /// It is JSON, but no object.
    #[error("it is no JSON object")]
    NoObject,
    /// It has another number of columns than the heading.
    #[error("it has {found} columns, and the heading {expected}")]
    Columns {
        /// Columns of the heading.
        expected: usize,
        /// Columns of the line.
        found: usize,
    },
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

const NUMBER: &str = "finite number";
const PART: &str = "number between 0 and 1";

impl Row {
    /// Reads a line of JSON. Columns that hold an array or an object go to `left_out`.
    pub(crate) fn of_json(
        line: &[u8],
        left_out: &mut impl FnMut(&str),
    ) -> Result<Self, ScoreRowFault> {
        let Json::Object(mut fields) = Json::parse(line)? else {
            return Err(ScoreRowFault::NoObject);
        };
        fields.remove("generated_by");
        if let Some(version) = fields.remove("schema_version") {
            let is_known = version.as_str().is_some_and(|text| text.starts_with("1."));
            is_known.then_some(()).ok_or(ScoreRowFault::Schema)?;
        }
        let mut take = |column: &'static str| {
            let value = fields.remove(column);
            value.ok_or(ScoreRowFault::Missing { column })
        };
        Ok(Self {
            contig: text(take("chrom")?, "chrom")?,
            pos: position(take("pos")?.as_u64())?,
            reference: text(take("ref")?, "ref")?,
            alternate: text(take("alt")?, "alt")?,
            sigma_raw: of(take("sigma_raw")?.as_f64(), "sigma_raw", NUMBER)?,
            percentile: part(take("sigma_calibrated")?.as_f64(), "sigma_calibrated")?,
            bucket: text(take("bucket_id")?, "bucket_id")?,
            confidence: part(take("confidence")?.as_f64(), "confidence")?,
            low_confidence: match take("low_confidence")? {
                Json::Bool(value) => value,
                _ => of(None, "low_confidence", "truth value")?,
            },
            extras: fields
                .into_iter()
                .filter_map(|(column, value)| {
                    let value = match value {
                        Json::Null => return None,
                        Json::Bool(value) => Value::Text(value.to_string()),
                        Json::String(text) => Value::Text(text),
                        Json::Int(_) | Json::Float(_) => Value::Number(value.as_f64()?),
                        Json::Array(_) | Json::Object(_) => {
                            left_out(&column);
                            return None;
                        }
                    };
                    Some((column, value))
                })
                .collect(),
        })
    }

    /// Reads tab-separated values under a heading.
    pub(crate) fn of_tsv(heading: &[String], line: &str) -> Result<Self, ScoreRowFault> {
        let values: Vec<&str> = line.split('\t').collect();
        let (expected, found) = (heading.len(), values.len());
        if expected != found {
            return Err(ScoreRowFault::Columns { expected, found });
        }
        let take = |column: &'static str| {
            let place = heading.iter().position(|name| name == column);
            let value = place.map(|place| values[place]);
            value.ok_or(ScoreRowFault::Missing { column })
        };
        let number = |column| take(column).map(finite);
        let known = [
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
        let extras = heading.iter().zip(&values);
        let extras = extras
            .filter(|(name, value)| !known.contains(&name.as_str()) && !["", "."].contains(value));
        Ok(Self {
            contig: take("chrom")?.to_owned(),
            pos: position(take("pos")?.parse().ok())?,
            reference: take("ref")?.to_owned(),
            alternate: take("alt")?.to_owned(),
            sigma_raw: of(number("sigma_raw")?, "sigma_raw", NUMBER)?,
            percentile: part(number("sigma_calibrated")?, "sigma_calibrated")?,
            bucket: take("bucket_id")?.to_owned(),
            confidence: part(number("confidence")?, "confidence")?,
            low_confidence: of(
                take("low_confidence")?.parse().ok(),
                "low_confidence",
                "truth value",
            )?,
            extras: extras
                .map(|(name, value)| {
                    let value = match finite(value) {
                        Some(number) => Value::Number(number),
                        None => Value::Text((*value).to_owned()),
                    };
                    (name.clone(), value)
                })
                .collect(),
        })
    }
}

fn finite(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

fn of<T>(
    value: Option<T>,
    column: &'static str,
    expected: &'static str,
) -> Result<T, ScoreRowFault> {
    value.ok_or(ScoreRowFault::Type { column, expected })
}

/// Positions count from 1.
fn position(value: Option<u64>) -> Result<u64, ScoreRowFault> {
    of(value.filter(|value| *value > 0), "pos", "position")
}

fn part(value: Option<f64>, column: &'static str) -> Result<f64, ScoreRowFault> {
    of(
        value.filter(|value| (0.0..=1.0).contains(value)),
        column,
        PART,
    )
}

fn text(value: Json, column: &'static str) -> Result<String, ScoreRowFault> {
    match value {
        Json::String(text) => Ok(text),
        _ => of(None, column, "text"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"alt": "G", "bucket_id": "other", "chrom": "20", "confidence": 1.0, "low_confidence": false, "n_calibration": 12, "of": null, "path": [1], "pos": 30, "ref": "A", "schema_version": "1.0.0", "sigma_calibrated": 0.25, "sigma_raw": 1}"#;

    #[test]
    fn a_line_of_json_and_one_of_a_table_say_the_same() {
        let mut left_out = Vec::new();
        let json = Row::of_json(LINE.as_bytes(), &mut |column| {
            left_out.push(column.to_owned())
        });
        let heading = "chrom pos ref alt sigma_raw sigma_calibrated bucket_id confidence low_confidence n_calibration of";
        let heading: Vec<String> = heading.split(' ').map(str::to_owned).collect();
        let table = Row::of_tsv(
            &heading,
            "20\t30\tA\tG\t1.0\t0.25\tother\t1.0\tfalse\t12\t.",
        );
        assert_eq!(json, table);
        assert_eq!(left_out, ["path"]);
        let extras = json.unwrap().extras;
        assert_eq!(extras, [("n_calibration".to_owned(), Value::Number(12.0))]);
    }

    #[test]
    fn what_is_no_score_is_named() {
        let fault = |from: &str, to: &str| {
            let line = LINE.replace(from, to);
            let fault = Row::of_json(line.as_bytes(), &mut |_| ()).unwrap_err();
            fault.to_string()
        };
        assert_eq!(fault("\"pos\": 30", "\"place\": 30"), "`pos` is missing");
        assert_eq!(fault("30", "-1"), "`pos` is no position");
        assert_eq!(fault("30", "0"), "`pos` is no position");
        assert_eq!(
            fault("0.25", "1.25"),
            "`sigma_calibrated` is no number between 0 and 1"
        );
        assert_eq!(
            fault("false", "\"no\""),
            "`low_confidence` is no truth value"
        );
        assert_eq!(fault("1.0.0", "2.0.0"), "`schema_version` is not 1.x");
        assert_eq!(fault("{", "["), "it is not JSON");
        let columns = Row::of_tsv(&["chrom".to_owned()], "20\t1").unwrap_err();
        assert_eq!(columns.to_string(), "it has 2 columns, and the heading 1");
    }
}
