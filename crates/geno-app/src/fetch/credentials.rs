//! A bearer token, and the one origin it is sent to.

use geno_provenance::Secret;

use super::Location;

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
        is_origin.then(|| format!("Bearer {}", self.token.reveal()))
    }
}
