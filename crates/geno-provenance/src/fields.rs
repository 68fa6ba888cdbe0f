//! Taking a JSON object apart, field by field, until nothing is left.

use std::collections::{BTreeMap, BTreeSet};

use geno_core::{Coded, Digest, ErrorCode, ParseDigestError};

use crate::{
    ArtifactPath, ArtifactPathError, Finite, GitSha, Integer, Json, JsonKind, Label, LabelError,
    ParseGitShaError, Timestamp, TimestampError,
};

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
    /// The field holds no commit.
    #[error("field `{field}` is no commit")]
    GitSha {
        /// The field.
        field: String,
        /// Why not.
        source: ParseGitShaError,
    },
    /// The field holds no time.
    #[error("field `{field}` is no time")]
    Timestamp {
        /// The field.
        field: String,
        /// Why not.
        source: TimestampError,
    },
    /// The field holds names out of order, or one twice.
    #[error("field `{field}` is not sorted, each name once")]
    Unsorted {
        /// The field.
        field: String,
    },
}

impl FieldError {
    /// The path of the field.
    pub fn field(&self) -> &str {
        match self {
            Self::Missing { field }
            | Self::Unknown { field }
            | Self::WrongType { field, .. }
            | Self::Label { field, .. }
            | Self::Digest { field, .. }
            | Self::Path { field, .. }
            | Self::GitSha { field, .. }
            | Self::Timestamp { field, .. }
            | Self::Unsorted { field } => field,
        }
    }
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

    pub(crate) fn git_sha(&mut self, key: &str) -> Result<GitSha, FieldError> {
        let text = self.string(key)?;
        text.parse().map_err(|source| FieldError::GitSha {
            field: self.name(key),
            source,
        })
    }

    pub(crate) fn timestamp(&mut self, key: &str) -> Result<Timestamp, FieldError> {
        let text = self.string(key)?;
        text.parse().map_err(|source| FieldError::Timestamp {
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

    pub(crate) fn integer(&mut self, key: &str) -> Result<Integer, FieldError> {
        match self.value(key)? {
            Json::Int(value) => Ok(value),
            _ => Err(self.wrong_type(key, JsonKind::Integer)),
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

    /// Takes a list of labels that is sorted and names each once.
    pub(crate) fn label_set(&mut self, key: &str) -> Result<BTreeSet<Label>, FieldError> {
        let Json::Array(items) = self.value(key)? else {
            return Err(self.wrong_type(key, JsonKind::Array));
        };
        let mut labels = BTreeSet::new();
        for (i, item) in items.into_iter().enumerate() {
            let field = format!("{}[{i}]", self.name(key));
            let Json::String(text) = item else {
                let expected = JsonKind::String;
                return Err(FieldError::WrongType { field, expected });
            };
            let label = Label::new(text).map_err(|source| FieldError::Label { field, source })?;
            if labels.last().is_some_and(|last| *last >= label) {
                let field = self.name(key);
                return Err(FieldError::Unsorted { field });
            }
            labels.insert(label);
        }
        Ok(labels)
    }

    /// Takes all fields left, as labels by label.
    pub(crate) fn into_labels(self) -> Result<BTreeMap<Label, Label>, FieldError> {
        self.into_map(Self::key_label, Self::label)
    }

    /// Takes all fields left, as texts.
    pub(crate) fn into_texts(self) -> Result<BTreeMap<String, String>, FieldError> {
        self.into_map(|_, key| Ok(key.to_owned()), Self::string)
    }

    /// Takes all fields left, as digests by label. A digest may lack its prefix.
    pub(crate) fn into_hashes(self) -> Result<BTreeMap<Label, Digest>, FieldError> {
        self.into_map(Self::key_label, |fields, key| {
            let text = fields.string(key)?;
            let digest = text.parse().or(format!("sha256:{text}").parse());
            digest.map_err(|source| FieldError::Digest {
                field: fields.name(key),
                source,
            })
        })
    }

    /// Takes all fields left, by path, each with `take`.
    pub(crate) fn into_paths<V>(
        self,
        take: impl Fn(&mut Self, &str) -> Result<V, FieldError>,
    ) -> Result<BTreeMap<ArtifactPath, V>, FieldError> {
        let key_path = |fields: &Self, key: &str| {
            ArtifactPath::new(key).map_err(|source| FieldError::Path {
                field: fields.name(key),
                source,
            })
        };
        self.into_map(key_path, take)
    }

    fn into_map<K: Ord, V>(
        mut self,
        key_of: impl Fn(&Self, &str) -> Result<K, FieldError>,
        take: impl Fn(&mut Self, &str) -> Result<V, FieldError>,
    ) -> Result<BTreeMap<K, V>, FieldError> {
        let keys: Vec<String> = self.rest.keys().cloned().collect();
        let mut map = BTreeMap::new();
        for key in keys {
            let value = take(&mut self, &key)?;
            map.insert(key_of(&self, &key)?, value);
        }
        Ok(map)
    }

    fn key_label(&self, key: &str) -> Result<Label, FieldError> {
        Label::new(key).map_err(|source| FieldError::Label {
            field: self.name(key),
            source,
        })
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
