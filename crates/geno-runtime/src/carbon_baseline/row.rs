//! Rows of a baseline, as they are written to files.

use std::path::Path;

use geno_action::EditSpec;
use geno_core::{Coded, Digest, ErrorCode, Window};
use geno_encoder::TokenDomain;
use geno_provenance::{Json, NotFiniteError, float_repr, summary_json};

use super::Recipe;
use crate::likelihood::EditLikelihood;

/// What rows and caches say of themselves, in the words of the Python package.
pub(super) const SCHEMA_VERSION: &str = "1.0.0";
pub(super) const GENERATED_BY: &str = "geno-lewm-carbon-baseline";

/// The field that a row is compared by.
pub(super) const SCORE_FIELD: &str = "carbon_zero_shot_score";

/// The format of a file of baseline scores.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BaselineFormat {
    /// One JSON object a line, keys sorted, those of the Python package among them.
    Jsonl,
    /// Tab-separated values under one line of column names; what a recipe does not have is `.`.
    Tsv,
}

/// A file name that says nothing about its format.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("cannot tell a format from `{name}`, expected a name that ends in .jsonl or .tsv")]
pub struct UnknownBaselineFormat {
    /// The file's name.
    pub name: String,
}

impl Coded for UnknownBaselineFormat {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

/// Columns of tab-separated values: the fields of a row, in an order for people.
const COLUMNS: [&str; 18] = [
    "chrom",
    "pos",
    "ref",
    "alt",
    "carbon_ref_log_likelihood",
    "carbon_alt_log_likelihood",
    "carbon_alt_minus_ref_log_likelihood",
    SCORE_FIELD,
    "window_start_bp",
    "window_bp",
    "recipe",
    "level",
    "strands",
    "phases",
    "softmax",
    "reference_window_sha256",
    "alternate_window_sha256",
    "generated_by",
];

/// A scored alternate.
pub(super) struct BaselineRow<'a> {
    pub(super) edit: &'a EditSpec,
    pub(super) window: &'a Window,
    pub(super) found: EditLikelihood,
    pub(super) recipe: &'a Recipe,
    pub(super) domain: TokenDomain,
}

impl BaselineFormat {
    /// The format that the ending of a path names.
    ///
    /// # Errors
    ///
    /// [`UnknownBaselineFormat`].
    pub fn of_path(path: &Path) -> Result<Self, UnknownBaselineFormat> {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("jsonl") => Ok(Self::Jsonl),
            Some("tsv") => Ok(Self::Tsv),
            _ => Err(UnknownBaselineFormat {
                name: path.display().to_string(),
            }),
        }
    }

    /// `jsonl` or `tsv`.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Tsv => "tsv",
        }
    }

    /// What stands before the first line, with its newline.
    pub(super) fn header(self) -> String {
        match self {
            Self::Jsonl => String::new(),
            Self::Tsv => COLUMNS.join("\t") + "\n",
        }
    }

    /// A line of the file, with its newline.
    pub(super) fn line(self, row: &BaselineRow<'_>) -> Result<String, NotFiniteError> {
        let json = row.to_json()?;
        let mut line = match self {
            Self::Jsonl => summary_json(&json),
            Self::Tsv => COLUMNS.map(|name| column(json.get(name))).join("\t"),
        };
        line.push('\n');
        Ok(line)
    }
}

fn column(value: Option<&Json>) -> String {
    match value {
        None => ".".to_owned(),
        Some(Json::String(text)) => text.clone(),
        Some(Json::Float(value)) => float_repr(value.get()),
        Some(value) => summary_json(value),
    }
}

impl BaselineRow<'_> {
    fn to_json(&self) -> Result<Json, NotFiniteError> {
        let (start, reference) = self.recipe.reference(self.window);
        let relative = self.edit.relative_to(self.window.start());
        let relative = relative.expect("an edit in its window");
        let alternate = self.recipe.alternate(self.window, &relative);
        let mut fields = vec![
            ("schema_version", SCHEMA_VERSION.into()),
            ("generated_by", GENERATED_BY.into()),
            ("chrom", self.edit.chrom().into()),
            ("pos", self.edit.pos().into()),
            ("ref", self.edit.reference().into()),
            ("alt", self.edit.alternate().into()),
            (
                "carbon_ref_log_likelihood",
                Json::float(self.found.reference)?,
            ),
            (
                "carbon_alt_log_likelihood",
                Json::float(self.found.alternate)?,
            ),
            (
                "carbon_alt_minus_ref_log_likelihood",
                Json::float(self.found.delta())?,
            ),
            (SCORE_FIELD, Json::float(self.recipe.score(self.found))?),
            ("window_start_bp", start.into()),
            ("window_bp", (reference.len() as u64).into()),
            (
                "reference_window_sha256",
                Digest::of(reference).to_hex().into(),
            ),
            (
                "alternate_window_sha256",
                Digest::of(&alternate).to_hex().into(),
            ),
            ("recipe", self.recipe.as_str().into()),
            ("softmax", self.recipe.softmax(self.domain).into()),
        ];
        if let Some(delta) = self.recipe.delta() {
            fields.push(("level", delta.level.as_str().into()));
            fields.push(("strands", delta.strands.as_str().into()));
            fields.push(("phases", (delta.phases.get() as u64).into()));
        }
        Ok(Json::object(fields))
    }
}
