//! Reading a document, strictly.

use std::collections::{BTreeMap, BTreeSet};

use geno_core::{Coded, ErrorCode};
use geno_provenance::{
    FieldError, Fields, Json, JsonError, JsonKind, Label, LabelError, PublicPath, PublicPathError,
};

use super::{Comparison, DocumentProducer, MetricRow, MetricsDocument, StratumRow, row::RowError};
use crate::{
    join::Coverage,
    report::{ReportIdentity, SCHEMA_VERSION},
};

/// Why bytes are no document of metrics.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadDocumentError {
    /// It is not JSON.
    #[error("it is not JSON")]
    Json(#[from] JsonError),
    /// A field is not what the schema says.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// It is of another version.
    #[error("`schema_version` is not `{SCHEMA_VERSION}`")]
    SchemaVersion,
    /// Another program wrote it.
    #[error("`generated_by` is neither `geno-lewm-eval` nor `geno-lewm-eval-all`")]
    Producer,
    /// A list that must say something is empty.
    #[error("`{field}` is empty")]
    Empty {
        /// The list.
        field: &'static str,
    },
    /// A row is not as it should be.
    #[error("`{list}`, row {row}")]
    Row {
        /// The list.
        list: &'static str,
        /// The row, counted from 1.
        row: usize,
        /// What is wrong.
        source: RowError,
    },
    /// A metric of a split comes twice.
    #[error("`{name}` on `{split}` comes twice")]
    Twice {
        /// The metric.
        name: Label,
        /// The split.
        split: Label,
    },
    /// The key of an artifact is no name.
    #[error("`artifacts` has a key that is no name")]
    ArtifactKey(#[source] LabelError),
    /// An artifact is no path inside a folder.
    #[error("artifact `{key}` is no path inside the folder")]
    PublicPath {
        /// Its key.
        key: Label,
        /// Why not.
        source: PublicPathError,
    },
}

impl Coded for ReadDocumentError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::SchemaVersion => ErrorCode::ConfigSchemaIncompat,
            _ => ErrorCode::InputGeneric,
        }
    }
}

impl MetricsDocument {
    /// Reads a document of this program or of the Python package.
    ///
    /// # Errors
    ///
    /// [`ReadDocumentError`], which names the field or the row.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReadDocumentError> {
        let mut fields = Fields::of_document(Json::parse(bytes)?)?;
        if fields.string("schema_version")? != SCHEMA_VERSION {
            return Err(ReadDocumentError::SchemaVersion);
        }
        let producer = DocumentProducer::of_name(&fields.string("generated_by")?);
        let document = Self {
            generated_by: producer.ok_or(ReadDocumentError::Producer)?,
            generated_at: fields.label("generated_at")?,
            identity: identity(&mut fields)?,
            metrics: rows(&mut fields, "metrics", MetricRow::read)?,
            comparisons: own_rows(&mut fields, "comparisons", Comparison::read)?,
            strata: own_rows(&mut fields, "strata", StratumRow::read)?,
            coverage: coverage(&mut fields)?,
            rollout_strata: rollout_strata(&mut fields)?,
            artifacts: artifacts(&mut fields)?,
            limitations: said(&mut fields, "limitations")?,
            negative_findings: said(&mut fields, "negative_findings")?,
            conclusions: said(&mut fields, "conclusions")?,
        };
        fields.finish()?;
        if document.metrics.is_empty() {
            return Err(ReadDocumentError::Empty { field: "metrics" });
        }
        let mut seen = BTreeSet::new();
        for MetricRow { name, split, .. } in &document.metrics {
            if !seen.insert((split, name)) {
                let (name, split) = (name.clone(), split.clone());
                return Err(ReadDocumentError::Twice { name, split });
            }
        }
        Ok(document)
    }
}

fn identity(fields: &mut Fields) -> Result<ReportIdentity, FieldError> {
    Ok(ReportIdentity {
        model_id: match fields.contains("model_id") {
            true => Some(fields.digest("model_id")?),
            false => None,
        },
        model_release: fields.optional_label("model_release")?,
        dataset_snapshot: fields.optional_label("dataset_snapshot")?,
        commit: fields.optional_label("commit")?,
        hardware: fields.optional_label("hardware")?,
    })
}

fn rows<T>(
    fields: &mut Fields,
    list: &'static str,
    read: impl Fn(Fields) -> Result<T, RowError>,
) -> Result<Vec<T>, ReadDocumentError> {
    let rows = fields.objects(list)?.into_iter().enumerate();
    let read = |(i, fields)| {
        let row = i + 1;
        read(fields).map_err(|source| ReadDocumentError::Row { list, row, source })
    };
    rows.map(read).collect()
}

/// As [`rows`], of a list that the Python package does not write.
fn own_rows<T>(
    fields: &mut Fields,
    list: &'static str,
    read: impl Fn(Fields) -> Result<T, RowError>,
) -> Result<Vec<T>, ReadDocumentError> {
    match fields.contains(list) {
        true => rows(fields, list, read),
        false => Ok(Vec::new()),
    }
}

fn coverage(fields: &mut Fields) -> Result<BTreeMap<Label, Coverage>, ReadDocumentError> {
    if !fields.contains("coverage") {
        return Ok(BTreeMap::new());
    }
    let Json::Object(splits) = fields.value("coverage")? else {
        return Err(wrong_type("coverage", JsonKind::Object).into());
    };
    let read = |(split, value)| {
        let split = Label::new(split).map_err(ReadDocumentError::ArtifactKey)?;
        Ok((split, Coverage::read(Fields::of_document(value)?)?))
    };
    splits.into_iter().map(read).collect()
}

fn rollout_strata(fields: &mut Fields) -> Result<Vec<Json>, ReadDocumentError> {
    let list = "rollout_stratification";
    if !fields.contains(list) {
        return Ok(Vec::new());
    }
    match fields.value(list)? {
        Json::Array(rows) => Ok(rows),
        _ => Err(wrong_type(list, JsonKind::Array).into()),
    }
}

fn artifacts(fields: &mut Fields) -> Result<BTreeMap<Label, PublicPath>, ReadDocumentError> {
    let Json::Object(all) = fields.value("artifacts")? else {
        return Err(wrong_type("artifacts", JsonKind::Object).into());
    };
    let read = |(key, value): (String, Json)| {
        let key = Label::new(key).map_err(ReadDocumentError::ArtifactKey)?;
        let Json::String(path) = value else {
            return Err(wrong_type(&format!("artifacts.{key}"), JsonKind::String).into());
        };
        match PublicPath::new(path) {
            Ok(path) => Ok((key, path)),
            Err(source) => Err(ReadDocumentError::PublicPath { key, source }),
        }
    };
    all.into_iter().map(read).collect()
}

fn said(fields: &mut Fields, field: &'static str) -> Result<Vec<Label>, ReadDocumentError> {
    let said = fields.labels(field)?;
    match said.is_empty() {
        true => Err(ReadDocumentError::Empty { field }),
        false => Ok(said),
    }
}

fn wrong_type(field: &str, expected: JsonKind) -> FieldError {
    let field = field.to_owned();
    FieldError::WrongType { field, expected }
}
