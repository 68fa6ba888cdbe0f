//! Objects whose keys are data.

use std::collections::BTreeMap;

use geno_core::Digest;

use super::{FieldError, Fields};
use crate::{Label, PublicPath};

impl Fields {
    /// Takes an object of unsigned integers by name.
    ///
    /// # Errors
    ///
    /// [`FieldError`].
    pub fn counts(&mut self, key: &str) -> Result<BTreeMap<Label, u64>, FieldError> {
        self.object(key)?
            .into_map(Self::key_label, |fields, key| fields.unsigned(key))
    }

    /// Takes a list of unsigned integers.
    ///
    /// # Errors
    ///
    /// [`FieldError`].
    pub fn unsigneds(&mut self, key: &str) -> Result<Vec<u64>, FieldError> {
        let items = self.array(key)?.into_iter();
        let unsigned = |(i, item): (usize, crate::Json)| {
            let expected = crate::JsonKind::Unsigned;
            let wrong = || self.wrong_type(&format!("{key}[{i}]"), expected);
            item.as_u64().ok_or_else(wrong)
        };
        items.enumerate().map(unsigned).collect()
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
    ) -> Result<BTreeMap<PublicPath, V>, FieldError> {
        let key_path = |fields: &Self, key: &str| {
            PublicPath::new(key).map_err(|source| FieldError::Path {
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
}
