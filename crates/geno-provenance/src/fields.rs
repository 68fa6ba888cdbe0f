//! Taking a JSON object apart, field by field, until nothing is left.

mod error;
mod maps;

use std::collections::{BTreeMap, BTreeSet};

use geno_core::Digest;

pub use self::error::FieldError;
use crate::{Finite, GitSha, Integer, Json, JsonKind, Label, PublicPath, Timestamp};

/// The fields of an object that were not yet taken: a document is taken apart field by field, and
/// [`Fields::finish`] refuses what is left.
///
/// ```
/// use geno_provenance::{FieldError, Fields, Json};
///
/// let document = Json::parse(br#"{"steps": 5, "sed": 1}"#)?;
/// let mut fields = Fields::of_document(document)?;
/// assert_eq!(fields.unsigned("steps")?, 5);
/// let unknown = FieldError::Unknown { field: "sed".to_owned() };
/// assert_eq!(fields.finish(), Err(unknown));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Fields {
    path: String,
    rest: BTreeMap<String, Json>,
}

impl Fields {
    /// Opens a document.
    ///
    /// # Errors
    ///
    /// [`FieldError`].
    pub fn of_document(document: Json) -> Result<Self, FieldError> {
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
    ///
    /// # Errors
    ///
    /// [`FieldError`].
    pub fn value(&mut self, key: &str) -> Result<Json, FieldError> {
        let value = self.rest.remove(key);
        value.ok_or_else(|| FieldError::Missing {
            field: self.name(key),
        })
    }

    /// Takes an object.
    ///
    /// # Errors
    ///
    /// [`FieldError`].
    pub fn object(&mut self, key: &str) -> Result<Self, FieldError> {
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
    ///
    /// # Errors
    ///
    /// [`FieldError`].
    pub fn nullable_object(&mut self, key: &str) -> Result<Option<Self>, FieldError> {
        self.take_null(key);
        self.optional_object(key)
    }

    fn take_null(&mut self, key: &str) {
        if self.rest.get(key) == Some(&Json::Null) {
            self.rest.remove(key);
        }
    }

    /// Whether a field was not yet taken.
    pub fn contains(&self, key: &str) -> bool {
        self.rest.contains_key(key)
    }

    /// Takes a text.
    ///
    /// # Errors
    ///
    /// [`FieldError`].
    pub fn string(&mut self, key: &str) -> Result<String, FieldError> {
        match self.value(key)? {
            Json::String(text) => Ok(text),
            _ => Err(self.wrong_type(key, JsonKind::String)),
        }
    }

    /// Takes a label.
    ///
    /// # Errors
    ///
    /// [`FieldError`].
    pub fn label(&mut self, key: &str) -> Result<Label, FieldError> {
        Label::new(self.string(key)?).map_err(|source| FieldError::Label {
            field: self.name(key),
            source,
        })
    }

    /// Takes a label that may be absent or null.
    ///
    /// # Errors
    ///
    /// [`FieldError`].
    pub fn optional_label(&mut self, key: &str) -> Result<Option<Label>, FieldError> {
        self.take_null(key);
        match self.contains(key) {
            true => self.label(key).map(Some),
            false => Ok(None),
        }
    }

    /// Takes a digest.
    ///
    /// # Errors
    ///
    /// [`FieldError`].
    pub fn digest(&mut self, key: &str) -> Result<Digest, FieldError> {
        let text = self.string(key)?;
        text.parse().map_err(|source| FieldError::Digest {
            field: self.name(key),
            source,
        })
    }

    /// Takes a digest that may be absent or null.
    ///
    /// # Errors
    ///
    /// [`FieldError`].
    pub fn optional_digest(&mut self, key: &str) -> Result<Option<Digest>, FieldError> {
        self.take_null(key);
        match self.contains(key) {
            true => self.digest(key).map(Some),
            false => Ok(None),
        }
    }

    pub(crate) fn git_sha(&mut self, key: &str) -> Result<GitSha, FieldError> {
        let text = self.string(key)?;
        text.parse().map_err(|source| FieldError::GitSha {
            field: self.name(key),
            source,
        })
    }

    /// Takes a time.
    ///
    /// # Errors
    ///
    /// [`FieldError`].
    pub fn timestamp(&mut self, key: &str) -> Result<Timestamp, FieldError> {
        let text = self.string(key)?;
        text.parse().map_err(|source| FieldError::Timestamp {
            field: self.name(key),
            source,
        })
    }

    pub(crate) fn digests(&mut self, key: &str) -> Result<Vec<Digest>, FieldError> {
        let digest = |(field, text): (_, String)| {
            let digest = text.parse();
            digest.map_err(|source| FieldError::Digest { field, source })
        };
        self.texts(key)?.into_iter().map(digest).collect()
    }

    fn array(&mut self, key: &str) -> Result<Vec<Json>, FieldError> {
        match self.value(key)? {
            Json::Array(items) => Ok(items),
            _ => Err(self.wrong_type(key, JsonKind::Array)),
        }
    }

    /// Takes a list of texts.
    fn texts(&mut self, key: &str) -> Result<Vec<(String, String)>, FieldError> {
        let items = self.array(key)?.into_iter().enumerate();
        let text = |(i, item)| {
            let field = format!("{}[{i}]", self.name(key));
            match item {
                Json::String(text) => Ok((field, text)),
                _ => Err(FieldError::WrongType {
                    field,
                    expected: JsonKind::String,
                }),
            }
        };
        items.map(text).collect()
    }

    /// Takes a list of labels, in their order.
    ///
    /// # Errors
    ///
    /// [`FieldError`].
    pub fn labels(&mut self, key: &str) -> Result<Vec<Label>, FieldError> {
        let label =
            |(field, text)| Label::new(text).map_err(|source| FieldError::Label { field, source });
        self.texts(key)?.into_iter().map(label).collect()
    }

    /// Takes a list of paths inside a folder, in their order.
    ///
    /// # Errors
    ///
    /// [`FieldError`].
    pub fn paths(&mut self, key: &str) -> Result<Vec<PublicPath>, FieldError> {
        let path = |(field, text)| {
            PublicPath::new(text).map_err(|source| FieldError::Path { field, source })
        };
        self.texts(key)?.into_iter().map(path).collect()
    }

    /// Takes a list of objects.
    ///
    /// # Errors
    ///
    /// [`FieldError`].
    pub fn objects(&mut self, key: &str) -> Result<Vec<Self>, FieldError> {
        let items = self.array(key)?.into_iter().enumerate();
        let open = |(i, item)| {
            let name = format!("{}[{i}]", self.name(key));
            let path = format!("{name}.");
            Self::open(item, &name, path)
        };
        items.map(open).collect()
    }

    /// Takes a path inside a folder.
    ///
    /// # Errors
    ///
    /// [`FieldError`].
    pub fn path(&mut self, key: &str) -> Result<PublicPath, FieldError> {
        PublicPath::new(self.string(key)?).map_err(|source| FieldError::Path {
            field: self.name(key),
            source,
        })
    }

    /// Takes a path inside a folder that may be absent or null.
    ///
    /// # Errors
    ///
    /// [`FieldError`].
    pub fn optional_path(&mut self, key: &str) -> Result<Option<PublicPath>, FieldError> {
        self.take_null(key);
        match self.contains(key) {
            true => self.path(key).map(Some),
            false => Ok(None),
        }
    }

    /// Takes an unsigned integer that may be absent or null.
    ///
    /// # Errors
    ///
    /// [`FieldError`].
    pub fn optional_unsigned(&mut self, key: &str) -> Result<Option<u64>, FieldError> {
        self.take_null(key);
        match self.contains(key) {
            true => self.unsigned(key).map(Some),
            false => Ok(None),
        }
    }

    /// Takes a time that may be absent or null.
    ///
    /// # Errors
    ///
    /// [`FieldError`].
    pub fn optional_timestamp(&mut self, key: &str) -> Result<Option<Timestamp>, FieldError> {
        self.take_null(key);
        match self.contains(key) {
            true => self.timestamp(key).map(Some),
            false => Ok(None),
        }
    }

    /// Takes `true` or `false`.
    ///
    /// # Errors
    ///
    /// [`FieldError`].
    pub fn bool(&mut self, key: &str) -> Result<bool, FieldError> {
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

    /// Takes an integer of at least zero.
    ///
    /// # Errors
    ///
    /// [`FieldError`].
    pub fn unsigned(&mut self, key: &str) -> Result<u64, FieldError> {
        let value = self.value(key)?;
        let expected = JsonKind::Unsigned;
        value.as_u64().ok_or_else(|| self.wrong_type(key, expected))
    }

    /// Takes a finite number: the double nearest to it.
    ///
    /// # Errors
    ///
    /// [`FieldError`].
    pub fn finite(&mut self, key: &str) -> Result<Finite, FieldError> {
        self.number(key).map(|(_, double)| double)
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
        let mut labels = BTreeSet::new();
        for label in self.labels(key)? {
            if labels.last().is_some_and(|last| *last >= label) {
                let field = self.name(key);
                return Err(FieldError::Unsorted { field });
            }
            labels.insert(label);
        }
        Ok(labels)
    }

    /// Takes all fields left.
    pub(crate) fn into_rest(self) -> BTreeMap<String, Json> {
        self.rest
    }

    /// Checks that every field was taken.
    ///
    /// # Errors
    ///
    /// [`FieldError`].
    pub fn finish(self) -> Result<(), FieldError> {
        match self.rest.keys().next() {
            None => Ok(()),
            Some(key) => Err(FieldError::Unknown {
                field: self.name(key),
            }),
        }
    }
}
