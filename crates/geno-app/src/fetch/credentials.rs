//! A bearer token, and the one origin it is sent to.

use std::fmt;

use super::Location;

/// A text that nothing shows.
///
/// ```
/// let token = geno_app::Secret::new("hf_abc");
/// assert_eq!(format!("{token:?}"), "Secret");
/// ```
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// A token and whom it is for.
#[derive(Clone, Debug)]
pub struct Credentials {
    token: Secret,
    origin: Location,
}

impl Credentials {
    /// Binds a token to the scheme, host and port of a location. It goes nowhere else.
    pub fn new(token: Secret, origin: Location) -> Self {
        Self { token, origin }
    }

    /// The value of `Authorization` for a request, if the request goes to the origin.
    pub(super) fn header(&self, to: &Location) -> Option<String> {
        let is_origin = self.origin.same_origin(to) && to.local().is_none();
        is_origin.then(|| format!("Bearer {}", self.token.0))
    }
}
