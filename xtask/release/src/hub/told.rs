//! Requests as they are told: on the way, or before the first.

use std::fmt;

use ureq::http::Method;
use url::Url;

use super::{
    Endpoints, Hub,
    wire::{Request, Response, Transport, TransportError},
};

/// A request in a line that anybody may see.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct RequestLine {
    /// What it does.
    pub(crate) method: Method,
    /// With what; none where a host's answer names it, often with a permission.
    pub(crate) url: Option<Url>,
    /// Bytes of its body.
    pub(crate) size: u64,
    /// Whether a token goes along.
    pub(crate) has_token: bool,
}

impl fmt::Display for RequestLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.method)?;
        match &self.url {
            Some(url) => write!(f, "{url}")?,
            None => f.write_str("<address that the host names>")?,
        }
        match self.size {
            0 => {}
            size => write!(f, ", {size} bytes")?,
        }
        match self.has_token {
            true => f.write_str(", authorization <redacted>"),
            false => Ok(()),
        }
    }
}

/// Tells each request, and passes it on.
struct Told<F> {
    endpoints: Endpoints,
    inner: Box<dyn Transport>,
    tell: F,
}

impl<F: Fn(&RequestLine)> Transport for Told<F> {
    fn send(&self, request: &Request<'_>) -> Result<Response, TransportError> {
        let mut bases = self.endpoints.bases().into_iter();
        let is_ours = bases.any(|base| base.has(&request.url));
        (self.tell)(&RequestLine {
            method: request.method.clone(),
            url: is_ours.then(|| request.url.clone()),
            size: request.body.size(),
            has_token: request.token.is_some(),
        });
        self.inner.send(request)
    }
}

impl Hub {
    /// Tells each request before it is sent, repetitions and redirects too.
    pub(crate) fn telling(self, tell: impl Fn(&RequestLine) + 'static) -> Self {
        let told = Told {
            endpoints: self.endpoints.clone(),
            inner: self.transport,
            tell,
        };
        Self {
            transport: Box::new(told),
            ..self
        }
    }
}
