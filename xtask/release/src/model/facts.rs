//! What people say of a model.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use geno_provenance::{FieldError, Fields, Json, release::Statement};

/// The schema version of such files.
const SCHEMA: &str = "1.1.0";

/// What people say of a model. Everything else in its card follows from files.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Facts {
    pub(crate) summary: Statement,
    pub(crate) license: Statement,
    pub(crate) intended_use: Statement,
    pub(crate) limitations: Vec<Statement>,
    pub(crate) release_notes: Vec<Statement>,
}

impl Facts {
    /// Reads a file of facts.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let at = || format!("`{}`", path.display());
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", at()))?;
        let document = Json::parse(&bytes).with_context(at)?;
        let mut fields = Fields::of_document(document).with_context(at)?;
        let version = fields.string("schema_version").with_context(at)?;
        ensure!(
            version == SCHEMA,
            "{}: `schema_version` is `{version}`, not {SCHEMA}",
            at()
        );
        let facts = Self::take(&mut fields).with_context(at)?;
        fields.finish().with_context(at)?;
        ensure!(
            !facts.limitations.is_empty(),
            "{}: `limitations` is empty",
            at()
        );
        Ok(facts)
    }

    pub(crate) fn take(fields: &mut Fields) -> Result<Self, FieldError> {
        Ok(Self {
            summary: Statement::take(fields, "summary")?,
            license: Statement::take(fields, "license")?,
            intended_use: Statement::take(fields, "intended_use")?,
            limitations: Statement::take_all(fields, "limitations")?,
            release_notes: Statement::take_all(fields, "release_notes")?,
        })
    }

    /// The fields of a document.
    pub(crate) fn fields(&self) -> Vec<(&'static str, Json)> {
        let list = |texts: &[Statement]| Json::Array(texts.iter().map(Json::from).collect());
        vec![
            ("summary", Json::from(&self.summary)),
            ("license", Json::from(&self.license)),
            ("intended_use", Json::from(&self.intended_use)),
            ("limitations", list(&self.limitations)),
            ("release_notes", list(&self.release_notes)),
        ]
    }
}
