//! Addresses that anybody may see.

use std::fmt;

use geno_core::{Coded, ErrorCode};

use crate::Json;

/// An `https` address without a user, a password, a query or a fragment: nothing in it can hold a
/// secret by convention.
///
/// ```
/// use geno_provenance::release::{PublicUrl, PublicUrlError};
///
/// let url = PublicUrl::new("https://huggingface.co/owner/name")?;
/// assert_eq!(url.host(), "huggingface.co");
/// let token = PublicUrl::new("https://token@github.com/owner/name");
/// assert_eq!(token, Err(PublicUrlError::User));
/// # Ok::<_, PublicUrlError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PublicUrl(String);

/// Why a text is no [`PublicUrl`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PublicUrlError {
    /// The address has another scheme, or none.
    #[error("address does not begin with `https://`")]
    Scheme,
    /// There is no host, or one that no name server knows.
    #[error("address names no host")]
    Host,
    /// The address holds a user, and perhaps a password.
    #[error("address holds a user")]
    User,
    /// The address holds a query or a fragment.
    #[error("address holds a query or a fragment")]
    Query,
    /// The address holds a character that has to be escaped, or one that leaves its folder.
    #[error("path of the address holds what has no place in one")]
    Path,
}

impl Coded for PublicUrlError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

const SCHEME: &str = "https://";

impl PublicUrl {
    /// Checks an address.
    ///
    /// # Errors
    ///
    /// [`PublicUrlError`].
    pub fn new(text: impl Into<String>) -> Result<Self, PublicUrlError> {
        let text = text.into();
        let rest = text.strip_prefix(SCHEME).ok_or(PublicUrlError::Scheme)?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        if host.contains('@') {
            return Err(PublicUrlError::User);
        }
        if rest.contains(['?', '#']) {
            return Err(PublicUrlError::Query);
        }
        let (name, port) = host.split_once(':').unwrap_or((host, "443"));
        let is_host = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let is_label = |label: &str| !label.is_empty() && label.bytes().all(is_host);
        if !name.split('.').all(is_label) || port.parse::<u16>().is_err() {
            return Err(PublicUrlError::Host);
        }
        let plain =
            |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%+@/!$&'()*,;=:".contains(&byte);
        let dots = |part: &str| matches!(part, "." | "..");
        if !path.bytes().all(plain) || path.split('/').any(dots) {
            return Err(PublicUrlError::Path);
        }
        Ok(Self(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the host, without a port.
    pub fn host(&self) -> &str {
        let rest = &self.0[SCHEME.len()..];
        let end = rest.find(['/', ':']).unwrap_or(rest.len());
        &rest[..end]
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&PublicUrl> for Json {
    fn from(url: &PublicUrl) -> Self {
        Self::from(url.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_may_hold_secrets_are_refused() {
        use PublicUrlError::*;
        for (text, error) in [
            ("http://host/a", Scheme),
            ("file:///etc", Scheme),
            ("host/a", Scheme),
            ("https:///a", Host),
            ("https://Host/a", Host),
            ("https://host:99999/a", Host),
            ("https://user:word@host/a", User),
            ("https://host/a?token=1", Query),
            ("https://host?token=1", Query),
            ("https://host/a#b", Query),
            ("https://host/a b", Path),
            ("https://host/a/../b", Path),
            ("https://host/a\\b", Path),
        ] {
            assert_eq!(PublicUrl::new(text), Err(error), "{text}");
        }
        for text in ["https://a.b", "https://a.b:8443/c/d@1.0/e%20f"] {
            assert_eq!(
                PublicUrl::new(text).map(|url| url.to_string()),
                Ok(text.to_owned())
            );
        }
    }
}
