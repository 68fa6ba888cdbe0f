//! Where a file is fetched from: `https` on a host, or `file` on this machine.

use std::{fmt, path::Path, path::PathBuf};

use geno_core::{Coded, ErrorCode};
use geno_provenance::PublicPath;
use url::Url;

/// An `https` or `file` URL.
///
/// What it shows leaves out the query, which may hold a signature.
///
/// ```
/// use geno_app::{Location, LocationError};
///
/// let index = Location::parse("https://models.example/geno/releases.json")?;
/// let manifest = index.resolve("v1/manifest.json?signature=abc")?;
/// assert_eq!(manifest.to_string(), "https://models.example/geno/v1/manifest.json");
/// assert!(matches!(index.resolve("file:///etc/passwd"), Err(LocationError::LeavesHttps { .. })));
/// # Ok::<_, LocationError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Location(Url);

/// Why a text is no [`Location`].
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum LocationError {
    /// The text is no URL.
    #[error("`{text}` is no URL")]
    Malformed {
        /// The text.
        text: String,
        /// Why not.
        source: url::ParseError,
    },
    /// The URL has another scheme than `https` and `file`.
    #[error("a URL of scheme `{scheme}` is refused, only https and file are read")]
    Scheme {
        /// The scheme.
        scheme: String,
    },
    /// The URL holds a user name or a password, which would end up in messages.
    #[error("a URL that holds a user name or a password is refused")]
    Credentials,
    /// A `file` URL names another machine.
    #[error("a file URL names another machine")]
    OtherMachine,
    /// Something fetched over `https` leads elsewhere than to `https`.
    #[error("an https address leads to scheme `{scheme}`")]
    LeavesHttps {
        /// The scheme.
        scheme: String,
    },
}

impl Coded for LocationError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl Location {
    /// Reads a URL.
    ///
    /// # Errors
    ///
    /// [`LocationError`] for anything but an `https` URL with a host or a `file` URL of this
    /// machine, and for one that holds credentials.
    pub fn parse(text: &str) -> Result<Self, LocationError> {
        let url = Url::parse(text).map_err(|source| malformed(text, source))?;
        Self::of(url)
    }

    fn of(mut url: Url) -> Result<Self, LocationError> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(LocationError::Credentials);
        }
        match url.scheme() {
            "https" => {}
            "file" if url.to_file_path().is_ok() => {}
            "file" => return Err(LocationError::OtherMachine),
            scheme => {
                let scheme = scheme.to_owned();
                return Err(LocationError::Scheme { scheme });
            }
        }
        url.set_fragment(None);
        Ok(Self(url))
    }

    /// Reads a reference that was found in the document at this location: a whole URL or a part.
    ///
    /// # Errors
    ///
    /// [`LocationError`], among them [`LocationError::LeavesHttps`]: what a server says never
    /// leads to a file of this machine.
    pub fn resolve(&self, reference: &str) -> Result<Self, LocationError> {
        let joined = self.0.join(reference);
        let url = joined.map_err(|source| malformed(reference, source))?;
        if self.0.scheme() == "https" && url.scheme() != "https" {
            let scheme = url.scheme().to_owned();
            return Err(LocationError::LeavesHttps { scheme });
        }
        Self::of(url)
    }

    /// The folder that holds the file at this location.
    pub fn parent(&self) -> Self {
        let mut url = self.0.clone();
        url.set_query(None);
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop();
        }
        Self(url)
    }

    /// A file under this folder, whether the folder ends in `/` or not.
    pub fn file(&self, path: &PublicPath) -> Self {
        let mut url = self.0.clone();
        url.set_query(None);
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path.as_str().split('/'));
        }
        Self(url)
    }

    /// Whether both have scheme, host and port in common.
    pub fn same_origin(&self, other: &Self) -> bool {
        self.0.origin() == other.0.origin()
    }

    /// The host, if this is no file.
    pub fn host(&self) -> Option<&str> {
        self.0.host_str()
    }

    /// The path on this machine, if this is a file.
    pub(super) fn local(&self) -> Option<PathBuf> {
        let is_file = self.0.scheme() == "file";
        is_file.then(|| self.0.to_file_path().ok()).flatten()
    }

    /// The URL with its query.
    pub(super) fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl TryFrom<&Path> for Location {
    type Error = LocationError;

    /// A file of this machine; the path must be absolute.
    fn try_from(path: &Path) -> Result<Self, LocationError> {
        let url = Url::from_file_path(path);
        url.map(Self).map_err(|()| LocationError::Malformed {
            text: path.display().to_string(),
            source: url::ParseError::RelativeUrlWithoutBase,
        })
    }
}

fn malformed(text: &str, source: url::ParseError) -> LocationError {
    let text = text.split('?').next().unwrap_or_default().to_owned();
    LocationError::Malformed { text, source }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.as_str();
        f.write_str(text.split('?').next().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_schemes_and_credentials_are_refused() {
        for text in [
            "http://host/a",
            "ftp://host/a",
            "data:,a",
            "a/b",
            "",
            "https://user@host/a",
            "https://user:word@host/a",
            "file://host/share/a",
        ] {
            assert!(Location::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_file_may_lead_to_https_but_https_to_nothing_else() {
        let file = Location::parse("file:///models/releases.json").unwrap();
        assert!(file.resolve("https://host/manifest.json").is_ok());
        assert!(file.resolve("http://host/manifest.json").is_err());

        let https = Location::parse("https://host/releases.json").unwrap();
        for target in ["http://host/a", "file:///a", "//user@host/a"] {
            assert!(https.resolve(target).is_err(), "{target}");
        }
    }

    #[test]
    fn a_path_stays_under_its_folder_whatever_it_holds() {
        let path = PublicPath::new("a b/%2e%2e/c?d#e").unwrap();
        for base in ["https://host/v1", "https://host/v1/", "https://host/v1?q"] {
            let url = Location::parse(base).unwrap().file(&path);
            assert_eq!(url.as_str(), "https://host/v1/a%20b/%252e%252e/c%3Fd%23e");
        }
    }

    #[test]
    fn a_location_shows_no_query() {
        let location = Location::parse("https://host/a?signature=s").unwrap();
        assert_eq!(location.to_string(), "https://host/a");
    }
}
