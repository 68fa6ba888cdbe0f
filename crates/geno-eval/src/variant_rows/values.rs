//! What a row says of a variant.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use geno_provenance::{Json, float_repr};

/// A variant, or several alternates at one place, with what a file says of them.
pub(crate) struct VariantRow {
    /// The line of the file, 1-based.
    pub(crate) line: u64,
    /// As written.
    pub(crate) chrom: String,
    /// 1-based.
    pub(crate) pos: u64,
    /// In upper case.
    pub(crate) reference: String,
    /// In upper case.
    pub(crate) alternates: Vec<String>,
    pub(super) values: Values,
}

/// Values by name.
pub(super) enum Values {
    Json(BTreeMap<String, Json>),
    /// Cells of a table.
    Cells(BTreeMap<String, String>),
    /// Keys of an INFO column, which may have a value for each alternate.
    Info(BTreeMap<String, String>),
}

/// A value that should be a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    /// A finite number.
    Given(f64),
    /// No value.
    Missing,
    /// Something else, NaN and infinities among it.
    Unusable,
}

impl Values {
    pub(super) fn of_cells(names: &[String], cells: &[&str]) -> Self {
        let cells = names.iter().zip(cells);
        let cells = cells.filter(|(_, cell)| !is_missing(cell));
        Self::Cells(
            cells
                .map(|(name, cell)| (name.clone(), (*cell).to_owned()))
                .collect(),
        )
    }

    pub(super) fn of_info(text: &str) -> Self {
        let pairs = text.split(';').filter_map(|entry| entry.split_once('='));
        let pairs = pairs.filter(|(_, value)| !is_missing(value));
        Self::Info(
            pairs
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect(),
        )
    }
}

/// How tables write that there is no value.
fn is_missing(text: &str) -> bool {
    matches!(text.trim(), "" | "." | "NA")
}

impl VariantRow {
    /// Whether the row is a line of JSON, where a value that is wanted has to be there.
    pub(crate) fn is_json(&self) -> bool {
        matches!(self.values, Values::Json(_))
    }

    /// A value as text, of one of the alternates; none where there is no value.
    pub(crate) fn text(&self, name: &str, allele: usize) -> Option<Cow<'_, str>> {
        match &self.values {
            Values::Json(fields) => match fields.get(name)? {
                Json::String(text) if text.trim().is_empty() => None,
                Json::String(text) => Some(text.into()),
                Json::Int(integer) => Some(integer.as_str().into()),
                Json::Float(value) => Some(float_repr(value.get()).into()),
                Json::Bool(value) => Some(value.to_string().into()),
                Json::Null | Json::Array(_) | Json::Object(_) => None,
            },
            Values::Cells(cells) => cells.get(name).map(|text| text.as_str().into()),
            Values::Info(info) => {
                let text = info.get(name)?;
                let n_alleles = self.alternates.len();
                let own = match n_alleles > 1 && text.split(',').count() == n_alleles {
                    true => text.split(',').nth(allele)?,
                    false => text,
                };
                (!is_missing(own)).then_some(own.into())
            }
        }
    }

    /// A value as a number, of one of the alternates.
    pub(crate) fn number(&self, name: &str, allele: usize) -> Number {
        if let Values::Json(fields) = &self.values {
            return match fields.get(name) {
                None | Some(Json::Null) => Number::Missing,
                Some(value) => value.as_f64().map_or(Number::Unusable, Number::Given),
            };
        }
        let Some(text) = self.text(name, allele) else {
            return Number::Missing;
        };
        let value = text
            .trim()
            .parse()
            .ok()
            .filter(|value: &f64| value.is_finite());
        value.map_or(Number::Unusable, Number::Given)
    }
}

/// Shows the line alone.
impl fmt::Debug for VariantRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VariantRow")
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}
