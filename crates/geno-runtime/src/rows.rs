//! Score rows, as they are written to files.

use std::{
    io::{self, Write},
    path::Path,
};

use geno_action::EditSpec;
use geno_core::{Coded, ErrorCode};
use geno_provenance::{Json, float_repr, summary_json};
use geno_surprise::SurpriseResult;

use crate::{
    number_column::{NumberColumn, NumberValue},
    row_sink::{RowSink, WriteRowsError},
    windows_per_variant::WindowSpread,
};

/// The format of a file of scores.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RowFormat {
    /// One JSON object a line, keys sorted, as the Python package writes it.
    Jsonl,
    /// Tab-separated values under one line of column names.
    Tsv,
    /// A Parquet table, see [`ScoreTable`](geno_data::ScoreTable).
    Parquet,
    /// The VCF that was scored, with scores in its INFO column; bgzip with an index if the name
    /// ends in `.gz` or `.bgz`.
    Vcf,
}

/// A file name that says nothing about its format.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "cannot tell a format from `{name}`, expected a name that ends in .jsonl, .tsv, .parquet, \
     .vcf or .vcf.gz"
)]
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
    /// The format that the ending of a path names.
    ///
    /// # Errors
    ///
    /// [`UnknownFormat`].
    pub fn of_path(path: &Path) -> Result<Self, UnknownFormat> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let formats = [
            (".jsonl", Self::Jsonl),
            (".tsv", Self::Tsv),
            (".parquet", Self::Parquet),
            (".vcf", Self::Vcf),
            (".vcf.gz", Self::Vcf),
            (".vcf.bgz", Self::Vcf),
        ];
        let found = formats.iter().find(|(ending, _)| name.ends_with(ending));
        found.map(|&(_, format)| format).ok_or(UnknownFormat {
            name: path.display().to_string(),
        })
    }

    /// Writes a whole file of rows, which appears when it is complete. Each has these further columns.
    ///
    /// # Errors
    ///
    /// [`WriteRowsError`], for [`RowFormat::Vcf`] in any case.
    pub fn write_file<'a>(
        self,
        path: &Path,
        extra: &ExtraColumns,
        rows: impl IntoIterator<Item = ScoreRow<'a>>,
    ) -> Result<(), WriteRowsError> {
        let mut sink = RowSink::create(path, self, extra)?;
        rows.into_iter().try_for_each(|row| sink.push(&row))?;
        sink.commit()
    }

    /// Whether rows are lines of text, each for itself.
    pub(crate) fn is_text(self) -> bool {
        matches!(self, Self::Jsonl | Self::Tsv)
    }

    /// Writes what stands before the first line of a text.
    pub(crate) fn write_header(self, extra: &ExtraColumns, mut out: impl Write) -> io::Result<()> {
        match self {
            Self::Tsv => {
                let columns: Vec<_> = COLUMNS.into_iter().chain(extra.names()).collect();
                writeln!(out, "{}", columns.join("\t"))
            }
            Self::Jsonl | Self::Parquet | Self::Vcf => Ok(()),
        }
    }

    /// Writes one line of a text.
    ///
    /// # Panics
    ///
    /// For a format that is no text.
    pub(crate) fn write_row(self, row: &ScoreRow<'_>, mut out: impl Write) -> io::Result<()> {
        match self {
            Self::Jsonl => writeln!(out, "{}", row.to_json()),
            Self::Tsv => row.write_tsv(out),
            Self::Parquet | Self::Vcf => panic!("{self:?} has no lines"),
        }
    }
}

/// Columns of a file that not every file has, behind the others.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ExtraColumns {
    /// How many windows a variant has and how far they are apart, as `n_windows` and
    /// `sigma_raw_spread`.
    pub has_windows: bool,
    /// Columns of numbers.
    pub numbers: Vec<NumberColumn>,
    /// The variant as it was written, as `notation`.
    pub has_notation: bool,
}

impl ExtraColumns {
    fn names(&self) -> impl Iterator<Item = &'static str> {
        let windows = WINDOWS.into_iter().filter(|_| self.has_windows);
        let numbers = self.numbers.iter().map(|column| column.as_str());
        windows
            .chain(numbers)
            .chain(self.has_notation.then_some(NOTATION))
    }
}

/// The column of variants as they were written.
const NOTATION: &str = "notation";

/// The columns of what several windows say.
const WINDOWS: [&str; 2] = ["n_windows", "sigma_raw_spread"];

/// Columns of tab-separated scores; [`ExtraColumns`] follow.
pub const COLUMNS: [&str; 10] = [
    "chrom",
    "pos",
    "ref",
    "alt",
    "sigma_raw",
    "sigma_calibrated",
    "bucket_id",
    "confidence",
    "low_confidence",
    "n_calibration",
];

/// What JSON lines and Parquet files say of themselves.
pub(crate) const SCHEMA_VERSION: &str = "1.0.0";
pub(crate) const GENERATED_BY: &str = "geno-lewm-score";

/// One scored alternate.
#[derive(Clone, Copy, Debug)]
pub struct ScoreRow<'a> {
    /// The edit, its contig named as in the VCF.
    pub edit: &'a EditSpec,
    /// Its score.
    pub score: &'a SurpriseResult,
    /// What several windows say, if there are several.
    pub windows: Option<WindowSpread>,
    /// What else is known of it, in the order of the columns.
    pub numbers: &'a [NumberValue],
    /// The variant as it was written, where it comes from a list.
    pub notation: Option<&'a str>,
}

impl ScoreRow<'_> {
    /// The row as a line of tab-separated values.
    pub(crate) fn write_tsv(self, mut out: impl Write) -> io::Result<()> {
        let (edit, score) = (self.edit, self.score);
        write!(
            out,
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
            edit.chrom(),
            edit.pos(),
            edit.reference(),
            edit.alternate(),
            float_repr(score.sigma_raw),
            float_repr(score.sigma_calibrated),
            score.bucket_id,
            float_repr(score.confidence),
            score.low_confidence,
            score.n_calibration,
        )?;
        if let Some(WindowSpread { n, spread }) = self.windows {
            write!(out, "\t{n}\t{}", float_repr(spread))?;
        }
        for number in self.numbers {
            write!(out, "\t{}", float_repr(number.value))?;
        }
        if let Some(notation) = self.notation {
            write!(out, "\t{notation}")?;
        }
        writeln!(out)
    }

    /// The row as one line of JSON, without a newline.
    pub fn to_json(self) -> String {
        let (edit, score) = (self.edit, self.score);
        let fields: [(&str, Json); 12] = [
            ("schema_version", SCHEMA_VERSION.into()),
            ("generated_by", GENERATED_BY.into()),
            ("chrom", edit.chrom().into()),
            ("pos", edit.pos().into()),
            ("ref", edit.reference().into()),
            ("alt", edit.alternate().into()),
            ("sigma_raw", finite(score.sigma_raw)),
            ("sigma_calibrated", finite(score.sigma_calibrated)),
            ("bucket_id", score.bucket_id.to_string().into()),
            ("confidence", finite(score.confidence)),
            ("low_confidence", score.low_confidence.into()),
            ("n_calibration", score.n_calibration.into()),
        ];
        let windows = self.windows.map(|WindowSpread { n, spread }| {
            let [n_windows, sigma_raw_spread] = WINDOWS;
            [
                (n_windows, (n as u64).into()),
                (sigma_raw_spread, finite(spread)),
            ]
        });
        let numbers = self.numbers.iter();
        let numbers = numbers.map(|one| (one.column.as_str(), finite(one.value)));
        let notation = self.notation.map(|text| (NOTATION, text.into()));
        summary_json(&Json::object(
            fields
                .into_iter()
                .chain(windows.into_iter().flatten())
                .chain(numbers)
                .chain(notation),
        ))
    }
}

fn finite(value: f64) -> Json {
    Json::float(value).expect("scoring refuses numbers that are not finite")
}
