//! Score rows, as they are written to files.

use std::{
    io::{self, Write},
    path::Path,
};

use geno_action::EditSpec;
use geno_core::{Coded, ErrorCode};
use geno_provenance::{Json, float_repr, summary_json};
use geno_surprise::SurpriseResult;

/// The format of a file of scores.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RowFormat {
    /// One JSON object a line, keys sorted, as the Python package writes it.
    Jsonl,
    /// Tab-separated values under one line of column names.
    Tsv,
}

/// A file name that says nothing about its format.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("cannot tell a format from `{name}`, expected a name that ends in .jsonl or .tsv")]
pub struct UnknownFormat {
    /// The file's name.
    pub name: String,
}

impl Coded for UnknownFormat {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl RowFormat {
    /// The format that the extension of a path names.
    ///
    /// # Errors
    ///
    /// [`UnknownFormat`].
    pub fn of_path(path: &Path) -> Result<Self, UnknownFormat> {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("jsonl") => Ok(Self::Jsonl),
            Some("tsv") => Ok(Self::Tsv),
            _ => Err(UnknownFormat {
                name: path.display().to_string(),
            }),
        }
    }

    /// Writes a whole file of rows.
    ///
    /// # Errors
    ///
    /// Any error of the writer.
    pub fn write_rows<'a>(
        self,
        rows: impl IntoIterator<Item = ScoreRow<'a>>,
        mut out: impl Write,
    ) -> io::Result<()> {
        self.write_header(&mut out)?;
        rows.into_iter()
            .try_for_each(|row| self.write_row(&row, &mut out))
    }

    /// Writes what stands before the first row.
    pub(crate) fn write_header(self, mut out: impl Write) -> io::Result<()> {
        match self {
            Self::Jsonl => Ok(()),
            Self::Tsv => writeln!(out, "{}", COLUMNS.join("\t")),
        }
    }

    /// Writes one row.
    pub(crate) fn write_row(self, row: &ScoreRow<'_>, mut out: impl Write) -> io::Result<()> {
        match self {
            Self::Jsonl => writeln!(out, "{}", row.to_json()),
            Self::Tsv => {
                let (edit, score) = (row.edit, row.score);
                writeln!(
                    out,
                    "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
                    edit.chrom(),
                    edit.pos(),
                    edit.reference(),
                    edit.alternate(),
                    float_repr(score.sigma_raw),
                    float_repr(score.sigma_calibrated),
                    score.bucket_id,
                    float_repr(score.confidence),
                    score.low_confidence,
                )
            }
        }
    }
}

/// Columns of tab-separated scores.
pub const COLUMNS: [&str; 9] = [
    "chrom",
    "pos",
    "ref",
    "alt",
    "sigma_raw",
    "sigma_calibrated",
    "bucket_id",
    "confidence",
    "low_confidence",
];

/// One scored alternate.
#[derive(Clone, Copy, Debug)]
pub struct ScoreRow<'a> {
    /// The edit, its contig named as in the VCF.
    pub edit: &'a EditSpec,
    /// Its score.
    pub score: &'a SurpriseResult,
}

impl ScoreRow<'_> {
    /// The row as one line of JSON, without a newline.
    pub fn to_json(self) -> String {
        let (edit, score) = (self.edit, self.score);
        let fields: [(&str, Json); 11] = [
            ("schema_version", "1.0.0".into()),
            ("generated_by", "geno-lewm-score".into()),
            ("chrom", edit.chrom().into()),
            ("pos", edit.pos().into()),
            ("ref", edit.reference().into()),
            ("alt", edit.alternate().into()),
            ("sigma_raw", finite(score.sigma_raw)),
            ("sigma_calibrated", finite(score.sigma_calibrated)),
            ("bucket_id", score.bucket_id.to_string().into()),
            ("confidence", finite(score.confidence)),
            ("low_confidence", score.low_confidence.into()),
        ];
        summary_json(&Json::object(fields))
    }
}

fn finite(value: f64) -> Json {
    Json::float(value).expect("scoring refuses numbers that are not finite")
}
