//! Taking a JSON object apart, field by field, until nothing is left.

use std::collections::BTreeMap;

use geno_core::{Coded, Digest, ErrorCode, ParseDigestError};

use crate::{ArtifactPath, ArtifactPathError, Finite, Json, JsonKind, Label, LabelError};

/// A field that is not what its schema says. Fields are named by their path, `predictor.hash`.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FieldError {
    /// The field is not there.
    #[error("field `{field}` is missing")]
    Missing {
        /// The field.
        field: String,
    },
    /// The schema has no such field.
    #[error("field `{field}` is unknown")]
    Unknown {
        /// The field.
        field: String,
    },
    /// The field is of another type.
    #[error("field `{field}` is not {expected}")]
    WrongType {
        /// The field, or `document` for the whole.
        field: String,
        /// What the schema says.
        expected: JsonKind,
    },
    /// The field holds no usable text.
    #[error("field `{field}` is no label")]
    Label {
        /// The field.
        field: String,
        /// Why not.
        source: LabelError,
    },
    /// The field holds no digest.
    #[error("field `{field}` is no digest")]
    Digest {
        /// The field.
        field: String,
        /// Why not.
        source: ParseDigestError,
    },
    /// The field holds a path that could leave its directory.
    #[error("field `{field}` is no path inside the directory")]
    Path {
        /// The field.
        field: String,
        /// Why not.
        source: ArtifactPathError,
    },
}

impl Coded for FieldError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

/// The fields of an object that were not yet taken.
pub(crate) struct Fields {
    path: String,
    rest: BTreeMap<String, Json>,
}

impl Fields {
    /// Opens a document.
    pub(crate) fn of_document(document: Json) -> Result<Self, FieldError> {
        Self::open(document, "document", String::new())
    }

    fn open(value: Json, name: &str, path: String) -> Result<Self, FieldError> {
        match value {
            Json::Object(rest) => Ok(Self { path, rest }),
            _ => Err(FieldError::WrongType {
                field: name.to_owned(),
                expected: JsonKind::Object,
            }),
        }
    }

    fn name(&self, key: &str) -> String {
        format!("{}{key}", self.path)
    }

    /// The error of a field of another type.
    pub(crate) fn wrong_type(&self, key: &str, expected: JsonKind) -> FieldError {
        let field = self.name(key);
        FieldError::WrongType { field, expected }
    }

    /// Takes a field.
    pub(crate) fn value(&mut self, key: &str) -> Result<Json, FieldError> {
        let value = self.rest.remove(key);
        value.ok_or_else(|| FieldError::Missing {
            field: self.name(key),
        })
    }

    pub(crate) fn object(&mut self, key: &str) -> Result<Self, FieldError> {
        let name = self.name(key);
        let path = format!("{name}.");
        Self::open(self.value(key)?, &name, path)
    }

    /// Takes an object that may be absent.
    pub(crate) fn optional_object(&mut self, key: &str) -> Result<Option<Self>, FieldError> {
        match self.contains(key) {
            true => self.object(key).map(Some),
            false => Ok(None),
        }
    }

    /// Takes an object that may be absent or null.
    pub(crate) fn nullable_object(&mut self, key: &str) -> Result<Option<Self>, FieldError> {
        self.take_null(key);
        self.optional_object(key)
    }

    fn take_null(&mut self, key: &str) {
        if self.rest.get(key) == Some(&Json::Null) {
            self.rest.remove(key);
        }
    }

    /// Whether a field was not yet taken.
    pub(crate) fn contains(&self, key: &str) -> bool {
        self.rest.contains_key(key)
    }

    pub(crate) fn string(&mut self, key: &str) -> Result<String, FieldError> {
        match self.value(key)? {
            Json::String(text) => Ok(text),
            _ => Err(self.wrong_type(key, JsonKind::String)),
        }
    }

    pub(crate) fn label(&mut self, key: &str) -> Result<Label, FieldError> {
        Label::new(self.string(key)?).map_err(|source| FieldError::Label {
            field: self.name(key),
            source,
        })
    }

    /// Takes a label that may be absent or null.
    pub(crate) fn optional_label(&mut self, key: &str) -> Result<Option<Label>, FieldError> {
        self.take_null(key);
        match self.contains(key) {
            true => self.label(key).map(Some),
            false => Ok(None),
        }
    }

    pub(crate) fn digest(&mut self, key: &str) -> Result<Digest, FieldError> {
        let text = self.string(key)?;
        text.parse().map_err(|source| FieldError::Digest {
            field: self.name(key),
            source,
        })
    }

    pub(crate) fn digests(&mut self, key: &str) -> Result<Vec<Digest>, FieldError> {
        let mut digests = Vec::new();
        for (i, item) in self.array(key)?.into_iter().enumerate() {
            let field = format!("{}[{i}]", self.name(key));
            let Json::String(text) = item else {
                let expected = JsonKind::String;
                return Err(FieldError::WrongType { field, expected });
            };
            let digest = text.parse();
            digests.push(digest.map_err(|source| FieldError::Digest { field, source })?);
        }
        Ok(digests)
    }

    fn array(&mut self, key: &str) -> Result<Vec<Json>, FieldError> {
        match self.value(key)? {
            Json::Array(items) => Ok(items),
            _ => Err(self.wrong_type(key, JsonKind::Array)),
        }
    }

    /// Takes a list of objects.
    pub(crate) fn objects(&mut self, key: &str) -> Result<Vec<Self>, FieldError> {
        let items = self.array(key)?.into_iter().enumerate();
        let open = |(i, item)| {
            let name = format!("{}[{i}]", self.name(key));
            let path = format!("{name}.");
            Self::open(item, &name, path)
        };
        items.map(open).collect()
    }

    pub(crate) fn path(&mut self, key: &str) -> Result<ArtifactPath, FieldError> {
        ArtifactPath::new(self.string(key)?).map_err(|source| FieldError::Path {
            field: self.name(key),
            source,
        })
    }

    pub(crate) fn bool(&mut self, key: &str) -> Result<bool, FieldError> {
        match self.value(key)? {
            Json::Bool(value) => Ok(value),
            _ => Err(self.wrong_type(key, JsonKind::Bool)),
        }
    }

    pub(crate) fn unsigned(&mut self, key: &str) -> Result<u64, FieldError> {
        let value = self.value(key)?;
        let expected = JsonKind::Unsigned;
        value.as_u64().ok_or_else(|| self.wrong_type(key, expected))
    }

    /// Takes a number as it was written, together with the double nearest to it.
    pub(crate) fn number(&mut self, key: &str) -> Result<(Json, Finite), FieldError> {
        let value = self.value(key)?;
        match value.as_f64().and_then(|double| Finite::new(double).ok()) {
            Some(double) => Ok((value, double)),
            None => Err(self.wrong_type(key, JsonKind::Number)),
        }
    }

    /// Takes all fields left, as labels by label.
    pub(crate) fn into_labels(mut self) -> Result<BTreeMap<Label, Label>, FieldError> {
        let keys: Vec<String> = self.rest.keys().cloned().collect();
        let mut labels = BTreeMap::new();
        for key in keys {
            let value = self.label(&key)?;
            let field = self.name(&key);
            let key = Label::new(key).map_err(|source| FieldError::Label { field, source })?;
            labels.insert(key, value);
        }
        Ok(labels)
    }

    /// Takes all fields left.
    pub(crate) fn into_rest(self) -> BTreeMap<String, Json> {
        self.rest
    }

    /// Checks that every field was taken.
    pub(crate) fn finish(self) -> Result<(), FieldError> {
        match self.rest.keys().next() {
            None => Ok(()),
            Some(key) => Err(FieldError::Unknown {
                field: self.name(key),
            }),
        }
    }
}
