//! What a row says of a variant.

use std::{borrow::Cow, collections::BTreeMap, fmt, sync::Arc};

use geno_provenance::{Json, float_repr};

use super::RowPlace;

/// A variant, or several alternates at one place, with what a file says of them.
pub struct VariantRow {
    /// Where in the file it stands.
    pub place: RowPlace,
    /// As written.
    pub chrom: String,
    /// 1-based.
    pub pos: u64,
    /// In upper case.
    pub reference: String,
    /// In upper case.
    pub alternates: Vec<String>,
    pub(super) values: Values,
}

/// Values by name.
pub(super) enum Values {
    Json(BTreeMap<String, Json>),
    /// Cells of a table; null without a value.
    Cells {
        names: Arc<[String]>,
        cells: Vec<Json>,
    },
    /// Keys of an INFO column, which may have a value for each alternate.
    Info(BTreeMap<String, String>),
}

/// A value that should be a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A finite number.
    Given(f64),
    /// No value.
    Missing,
    /// Something else, NaN and infinities among it.
    Unusable,
}

/// A value, whatever it should be.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// A finite number.
    Number(f64),
    /// A text, or a truth value.
    Text(Cow<'a, str>),
    /// A list or an object.
    Other,
}

impl Values {
    /// Cells of text.
    pub(super) fn of_cells(names: Arc<[String]>, cells: &[&str]) -> Self {
        let cells = cells.iter().map(|cell| match is_missing(cell) {
            true => Json::Null,
            false => Json::from(*cell),
        });
        let cells = cells.collect();
        Self::Cells { names, cells }
    }

    /// Cells that have types; texts may say that there is no value.
    #[cfg(feature = "parquet")]
    pub(super) fn of_values(names: Arc<[String]>, mut cells: Vec<Json>) -> Self {
        for cell in &mut cells {
            if cell.as_str().is_some_and(is_missing) {
                *cell = Json::Null;
            }
        }
        Self::Cells { names, cells }
    }

    fn get(&self, name: &str) -> Option<&Json> {
        match self {
            Self::Json(fields) => fields.get(name),
            Self::Cells { names, cells } => {
                cells.get(names.iter().position(|column| column == name)?)
            }
            Self::Info(_) => None,
        }
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

impl<'a> Value<'a> {
    fn of(value: &'a Json) -> Option<Self> {
        Some(match value {
            Json::Null => return None,
            Json::Bool(value) => Self::Text(value.to_string().into()),
            Json::String(text) => Self::Text(text.into()),
            Json::Int(_) | Json::Float(_) => Self::Number(value.as_f64()?),
            Json::Array(_) | Json::Object(_) => Self::Other,
        })
    }

    fn of_text(text: &'a str) -> Self {
        finite(text).map_or(Self::Text(text.into()), Self::Number)
    }
}

fn finite(text: &str) -> Option<f64> {
    let value = text.trim().parse().ok();
    value.filter(|value: &f64| value.is_finite())
}

/// How tables write that there is no value.
fn is_missing(text: &str) -> bool {
    matches!(text.trim(), "" | "." | "NA")
}

impl VariantRow {
    /// Whether the row is a line of JSON, where a value that is wanted has to be there.
    pub fn is_json(&self) -> bool {
        matches!(self.values, Values::Json(_))
    }

    /// A value as text, of one of the alternates; none where there is no value.
    pub fn text(&self, name: &str, allele: usize) -> Option<Cow<'_, str>> {
        match &self.values {
            Values::Json(_) | Values::Cells { .. } => match self.values.get(name)? {
                Json::String(text) if text.trim().is_empty() => None,
                Json::String(text) => Some(text.into()),
                Json::Int(integer) => Some(integer.as_str().into()),
                Json::Float(value) => Some(float_repr(value.get()).into()),
                Json::Bool(value) => Some(value.to_string().into()),
                Json::Null | Json::Array(_) | Json::Object(_) => None,
            },
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
    pub fn number(&self, name: &str, allele: usize) -> Number {
        let value = match (self.values.get(name), &self.values) {
            (Some(Json::Null), _) | (None, Values::Json(_)) => return Number::Missing,
            // Cells of text hold numbers too.
            (Some(Json::String(text)), Values::Cells { .. }) => finite(text),
            (Some(value), _) => value.as_f64(),
            (None, _) => match self.text(name, allele) {
                Some(text) => finite(&text),
                None => return Number::Missing,
            },
        };
        value.map_or(Number::Unusable, Number::Given)
    }

    /// All values that the row has, by name: in the order of the columns of a table, else by name. A cell of text
    /// that is a number is one.
    pub fn values(&self) -> impl Iterator<Item = (&str, Value<'_>)> {
        let (json, cells, info) = match &self.values {
            Values::Json(fields) => (Some(fields), None, None),
            Values::Cells { names, cells } => (None, Some(names.iter().zip(cells)), None),
            Values::Info(info) => (None, None, Some(info)),
        };
        let json = json.into_iter().flatten();
        let json = json.filter_map(|(name, value)| Some((name.as_str(), Value::of(value)?)));
        let cells = cells.into_iter().flatten().filter_map(|(name, cell)| {
            let value = match cell {
                Json::String(text) => Value::of_text(text),
                cell => Value::of(cell)?,
            };
            Some((name.as_str(), value))
        });
        let info = info.into_iter().flatten();
        let info = info.map(|(name, text)| (name.as_str(), Value::of_text(text)));
        json.chain(cells).chain(info)
    }
}

/// Shows where it stands alone.
impl fmt::Debug for VariantRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VariantRow")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}
