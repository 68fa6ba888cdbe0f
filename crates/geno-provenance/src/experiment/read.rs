//! Whether a document is the manifest of an experiment.

use geno_core::{Coded, ErrorCode};

use super::{DataProvenance, EXPERIMENT_SCHEMA, EXTENSION_KEY, ExperimentManifest};
use crate::{FieldError, GitState, Json, JsonError, Timestamp, fields::Fields};

/// The fields that every manifest has.
const REQUIRED: [&str; 7] = [
    "data_provenance",
    "env",
    "experiment_id",
    "git",
    "manifest_schema_version",
    "params",
    "timestamp_utc",
];

/// Whose manifests are read: the key of their extensions, and how much of the rest is fixed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ExperimentDialect {
    /// Ours. Extensions stand under `geno_lewm`, and the type of every field is checked.
    #[default]
    GenoLewm,
    /// That of the Python package `pytyche`. Extensions stand under `pytyche`; of the other fields
    /// it fixes nothing but the kind, the seed and the hashes of `data_provenance`.
    Pytyche,
}

/// Why a document is no experiment manifest.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ExperimentError {
    /// The bytes are not JSON.
    #[error("experiment manifest is not JSON")]
    Json(#[from] JsonError),
    /// The document is a list, a number or the like.
    #[error("experiment manifest is not an object")]
    NotAnObject,
    /// Fields are not there.
    #[error("experiment manifest lacks {}", quoted(fields))]
    Missing {
        /// All of them, in order.
        fields: Vec<String>,
    },
    /// Top-level fields that no manifest has.
    #[error(
        "experiment manifest has unknown top-level {}: extensions belong under `{extension_key}`",
        quoted(fields)
    )]
    Foreign {
        /// All of them, in order.
        fields: Vec<String>,
        /// Where extensions belong.
        extension_key: &'static str,
    },
    /// The manifest follows another version of the schema.
    #[error("field `manifest_schema_version` is not {EXPERIMENT_SCHEMA}")]
    Version {
        /// What stands in its place.
        found: Json,
    },
    /// The time is not one in UTC.
    #[error("field `timestamp_utc` is no time in UTC, such as `2026-05-31T00:00:00Z`")]
    Time,
    /// The data came from somewhere else.
    #[error("field `data_provenance.kind` is neither `synthetic` nor `external`")]
    Kind {
        /// What stands in its place.
        found: Json,
    },
    /// The data came from files, of which none is named.
    #[error("field `data_provenance.hashes` is empty")]
    NoHashes,
    /// A field is missing, unknown or mistyped.
    #[error("experiment manifest does not follow its schema")]
    Field(#[from] FieldError),
}

impl ExperimentError {
    /// The fields the error is about, by their paths; none if it is about the whole document.
    pub fn fields(&self) -> Vec<&str> {
        match self {
            Self::Json(_) | Self::NotAnObject => Vec::new(),
            Self::Missing { fields } | Self::Foreign { fields, .. } => {
                fields.iter().map(String::as_str).collect()
            }
            Self::Version { .. } => vec!["manifest_schema_version"],
            Self::Time => vec!["timestamp_utc"],
            Self::Kind { .. } => vec!["data_provenance.kind"],
            Self::NoHashes => vec!["data_provenance.hashes"],
            Self::Field(error) => vec![error.field()],
        }
    }
}

impl Coded for ExperimentError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Version { .. } => ErrorCode::ConfigSchemaIncompat,
            _ => ErrorCode::InputGeneric,
        }
    }
}

fn quoted(fields: &[String]) -> String {
    format!("`{}`", fields.join("`, `"))
}

impl ExperimentDialect {
    /// The top-level key under which extensions stand.
    pub fn extension_key(self) -> &'static str {
        match self {
            Self::GenoLewm => EXTENSION_KEY,
            Self::Pytyche => "pytyche",
        }
    }
}

/// Checks a manifest: all required fields, no other top-level one, then what stands in them.
///
/// # Errors
///
/// [`ExperimentError`] for the first of these that does not hold, with every field it is about.
///
/// # Examples
///
/// ```
/// use geno_provenance::{ExperimentDialect, Json, validate_experiment};
///
/// let document = Json::parse(br#"{"git": 1, "note": 2}"#)?;
/// let error = validate_experiment(&document, ExperimentDialect::GenoLewm).unwrap_err();
/// assert_eq!(error.fields()[..2], ["data_provenance", "env"]);
/// # Ok::<_, geno_provenance::JsonError>(())
/// ```
pub fn validate_experiment(
    document: &Json,
    dialect: ExperimentDialect,
) -> Result<(), ExperimentError> {
    match dialect {
        ExperimentDialect::GenoLewm => ExperimentManifest::from_json(document).map(drop),
        ExperimentDialect::Pytyche => check_shape(document, dialect),
    }
}

/// Checks what all dialects share.
fn check_shape(document: &Json, dialect: ExperimentDialect) -> Result<(), ExperimentError> {
    let Json::Object(top) = document else {
        return Err(ExperimentError::NotAnObject);
    };
    let missing = REQUIRED.iter().filter(|key| !top.contains_key(**key));
    let missing: Vec<String> = missing.map(|key| (*key).to_owned()).collect();
    if !missing.is_empty() {
        return Err(ExperimentError::Missing { fields: missing });
    }
    let extension_key = dialect.extension_key();
    let is_known = |key: &str| key == extension_key || REQUIRED.contains(&key);
    let foreign: Vec<String> = top.keys().filter(|key| !is_known(key)).cloned().collect();
    if !foreign.is_empty() {
        return Err(ExperimentError::Foreign {
            fields: foreign,
            extension_key,
        });
    }
    check_provenance(Fields::of_document(document.clone())?.object("data_provenance")?)
}

fn check_provenance(mut fields: Fields) -> Result<(), ExperimentError> {
    match fields.value("kind")? {
        Json::Null => Err(FieldError::Missing {
            field: "data_provenance.kind".to_owned(),
        }
        .into()),
        Json::String(kind) if kind == "synthetic" => {
            fields.integer("seed")?;
            Ok(())
        }
        Json::String(kind) if kind == "external" => {
            match fields.object("hashes")?.into_rest().is_empty() {
                true => Err(ExperimentError::NoHashes),
                false => Ok(()),
            }
        }
        found => Err(ExperimentError::Kind { found }),
    }
}

impl ExperimentManifest {
    /// Reads a manifest of ours from a value.
    ///
    /// # Errors
    ///
    /// [`ExperimentError`], with every field it is about.
    pub fn from_json(document: &Json) -> Result<Self, ExperimentError> {
        check_shape(document, ExperimentDialect::GenoLewm)?;
        let mut fields = Fields::of_document(document.clone())?;
        let version = fields.value("manifest_schema_version")?;
        if version.as_u64() != Some(EXPERIMENT_SCHEMA) {
            return Err(ExperimentError::Version { found: version });
        }
        let manifest = Self {
            experiment_id: fields.label("experiment_id")?.to_string(),
            timestamp_utc: fields.string("timestamp_utc")?,
            git: GitState::take(fields.object("git")?)?,
            env: fields.object("env")?.into_texts()?,
            params: fields.object("params")?.into_rest(),
            data_provenance: DataProvenance::take(fields.object("data_provenance")?)?,
            extensions: match fields.optional_object(EXTENSION_KEY)? {
                Some(extensions) => extensions.into_rest(),
                None => [].into(),
            },
        };
        fields.finish()?;
        if !is_utc(&manifest.timestamp_utc) {
            return Err(ExperimentError::Time);
        }
        Ok(manifest)
    }
}

impl DataProvenance {
    /// Takes what [`check_provenance`] let pass.
    fn take(mut fields: Fields) -> Result<Self, FieldError> {
        let provenance = match fields.string("kind")?.as_str() {
            "synthetic" => Self::Synthetic {
                seed: fields.integer("seed")?,
            },
            _ => Self::External {
                hashes: fields.object("hashes")?.into_hashes()?,
            },
        };
        fields.finish()?;
        Ok(provenance)
    }
}

/// Whether a text is a [`Timestamp`], but for a fraction of a second and `+00:00` in place of `Z`.
fn is_utc(text: &str) -> bool {
    let Some(local) = text.strip_suffix('Z').or(text.strip_suffix("+00:00")) else {
        return false;
    };
    let second = match local.split_once('.') {
        Some((second, fraction)) => {
            let is_digits = fraction.bytes().all(|byte| byte.is_ascii_digit());
            if !is_digits || !(1..=9).contains(&fraction.len()) {
                return false;
            }
            second
        }
        None => local,
    };
    format!("{second}Z").parse::<Timestamp>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc_to_the_nanosecond_at_most() {
        for text in [
            "2026-01-02T03:04:05Z",
            "2026-01-02T03:04:05+00:00",
            "2026-01-02T03:04:05.000001+00:00",
            "2026-01-02T03:04:05.123456789Z",
        ] {
            assert!(is_utc(text), "{text}");
        }
        for text in [
            "",
            "2026-01-02",
            "2026-01-02T03:04:05",
            "2026-01-02T03:04:05+01:00",
            "2026-01-02T03:04:05.Z",
            "2026-01-02T03:04:05.1234567890Z",
            "2026-01-02T03:04:05.1.1Z",
            "2026-02-30T03:04:05Z",
            "2026-01-02T03:04:05ZZ",
        ] {
            assert!(!is_utc(text), "{text}");
        }
    }
}
