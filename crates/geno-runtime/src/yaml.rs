//! Reading a YAML document into a type.

use geno_core::{Coded, ErrorCode};
use serde::de::DeserializeOwned;

/// Why bytes are not the YAML of a type.
#[derive(Debug, thiserror::Error)]
pub enum ReadYamlError {
    /// Not UTF-8.
    #[error("not UTF-8")]
    NotUtf8(#[from] std::str::Utf8Error),
    /// Not YAML.
    #[error(transparent)]
    Syntax(Box<serde_saphyr::Error>),
    /// An unknown key or a value of the wrong type; the source says where.
    #[error(transparent)]
    Schema(Box<serde_saphyr::Error>),
}

impl Coded for ReadYamlError {
    fn code(&self) -> ErrorCode {
        ErrorCode::ConfigGeneric
    }
}

/// Reads one document; nothing for an empty one.
///
/// # Errors
///
/// [`ReadYamlError`].
///
/// # Examples
///
/// ```
/// use std::collections::BTreeMap;
///
/// use geno_runtime::read_yaml;
///
/// let sizes: Option<BTreeMap<String, usize>> = read_yaml(b"d_state: 512\n")?;
/// assert_eq!(sizes.unwrap()["d_state"], 512);
/// # Ok::<_, geno_runtime::ReadYamlError>(())
/// ```
pub fn read_yaml<T: DeserializeOwned>(bytes: &[u8]) -> Result<Option<T>, ReadYamlError> {
    let text = std::str::from_utf8(bytes)?;
    let document: Option<serde::de::IgnoredAny> =
        serde_saphyr::from_str(text).map_err(|error| ReadYamlError::Syntax(Box::new(error)))?;
    if document.is_none() {
        return Ok(None);
    }
    let value = serde_saphyr::from_str(text);
    value.map_err(|error| ReadYamlError::Schema(Box::new(error)))
}
