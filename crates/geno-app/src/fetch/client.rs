//! One request: redirects followed by hand, faults named.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use ureq::{
    Agent,
    http::{HeaderMap, HeaderValue, Response, header},
};

use super::{Credentials, FetchError, Location, RetryPolicy, retry_after, tls};

/// Redirects that are followed.
const MAX_REDIRECTS: usize = 5;

/// How files are fetched.
#[derive(Clone, Debug)]
pub struct ClientSettings {
    /// Root certificates in PEM format, trusted in place of the Mozilla roots.
    pub ca_file: Option<PathBuf>,
    /// Longest time for a connection to be made, and for a host to send nothing.
    pub timeout: Duration,
    /// When a request is repeated.
    pub retry: RetryPolicy,
    /// A token and its host.
    pub credentials: Option<Credentials>,
}

impl Default for ClientSettings {
    /// Mozilla roots, 30 seconds, no token.
    fn default() -> Self {
        Self {
            ca_file: None,
            timeout: Duration::from_secs(30),
            retry: RetryPolicy::default(),
            credentials: None,
        }
    }
}

/// Fetches files from `https` and `file` locations.
#[derive(Debug)]
pub struct Client {
    agent: Agent,
    pub(super) settings: ClientSettings,
}

/// From where on, and of which version, the rest of a file is asked for.
pub(super) struct Rest<'a> {
    pub(super) start: u64,
    pub(super) validator: Option<&'a str>,
}

/// What a host sent back.
pub(super) struct Answer {
    pub(super) extent: Extent,
    /// Bytes of the body, if announced.
    pub(super) length: Option<u64>,
    /// Whether the end of the body can be told from a lost connection.
    pub(super) is_framed: bool,
    /// A strong entity tag.
    pub(super) validator: Option<String>,
    pub(super) body: Box<dyn Read>,
}

/// Which part of a file an answer holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Extent {
    Whole,
    From(u64),
    /// There is nothing where the rest should begin.
    Nothing,
}

impl Client {
    /// Sets up a client. Proxies are taken from the environment (`HTTPS_PROXY`, `NO_PROXY`).
    ///
    /// # Errors
    ///
    /// [`FetchError::CaFile`].
    pub fn new(settings: ClientSettings) -> Result<Self, FetchError> {
        let agent = Agent::config_builder()
            .tls_config(tls::config(settings.ca_file.as_deref())?)
            .https_only(true)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("geno-lewm/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(settings.timeout))
            .timeout_recv_response(Some(settings.timeout))
            .timeout_per_read(Some(settings.timeout))
            .timeout_per_write(Some(settings.timeout))
            .build()
            .new_agent();
        Ok(Self { agent, settings })
    }

    /// Reads a small file whole.
    ///
    /// # Errors
    ///
    /// [`FetchError`], among them [`FetchError::TooLarge`] for more than `limit` bytes.
    pub fn read(&self, location: &Location, limit: u64) -> Result<Vec<u8>, FetchError> {
        self.settings.retry.run(FetchError::fault, || {
            let answer = self.open(location, None)?;
            let mut bytes = Vec::new();
            let mut body = answer.body.take(limit.saturating_add(1));
            body.read_to_end(&mut bytes)
                .map_err(|error| self.fault(location, error))?;
            match bytes.len() as u64 > limit {
                true => Err(too_large(location, limit)),
                false => Ok(bytes),
            }
        })
    }

    /// Asks once for a file, or for the rest of one.
    pub(super) fn open(
        &self,
        location: &Location,
        rest: Option<&Rest<'_>>,
    ) -> Result<Answer, FetchError> {
        match location.local() {
            Some(path) => open_file(&path),
            None => self.get(location, rest),
        }
    }

    fn get(&self, first: &Location, rest: Option<&Rest<'_>>) -> Result<Answer, FetchError> {
        let mut location = first.clone();
        // Once a redirect has led away, the token stays at home, even on the way back.
        let mut credentials = self.settings.credentials.as_ref();
        for _ in 0..=MAX_REDIRECTS {
            let mut request = self.agent.get(location.as_str());
            request = request.header(header::ACCEPT_ENCODING, "identity");
            if let Some(value) = credentials.and_then(|them| them.header(&location)) {
                request = request.header(header::AUTHORIZATION, sensitive(&location, &value)?);
            }
            if let Some(rest) = rest {
                request = request.header(header::RANGE, format!("bytes={}-", rest.start));
                if let Some(validator) = rest.validator {
                    request = request.header(header::IF_RANGE, validator);
                }
            }
            let response = request
                .call()
                .map_err(|error| self.fault(&location, error.into_io()))?;
            if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
                return answer(&location, response);
            }
            let target = redirect_target(&location, response.headers())?;
            if !target.same_origin(&location) {
                credentials = None;
            }
            location = target;
        }
        Err(FetchError::TooManyRedirects {
            location: first.to_string(),
            limit: MAX_REDIRECTS,
        })
    }

    /// Names what went wrong on the way.
    pub(super) fn fault(&self, location: &Location, error: io::Error) -> FetchError {
        let location = location.to_string();
        let error = ureq::Error::from(error);
        if tls::is_about_certificate(&error) {
            let source = error.into_io();
            return FetchError::Certificate { location, source };
        }
        match error {
            ureq::Error::Timeout(_) => FetchError::Stalled {
                location,
                after: self.settings.timeout,
            },
            ureq::Error::Io(_) | ureq::Error::ConnectionFailed | ureq::Error::HostNotFound => {
                let source = error.into_io();
                FetchError::Connection { location, source }
            }
            other => FetchError::Protocol {
                location,
                reason: other.to_string(),
            },
        }
    }
}

fn open_file(path: &Path) -> Result<Answer, FetchError> {
    let unusable = |source| FetchError::file(path, source);
    let file = File::open(path).map_err(unusable)?;
    let metadata = file.metadata().map_err(unusable)?;
    if !metadata.is_file() {
        return Err(unusable(io::Error::other("not a regular file")));
    }
    Ok(Answer {
        extent: Extent::Whole,
        length: Some(metadata.len()),
        is_framed: true,
        validator: None,
        body: Box::new(file),
    })
}

fn sensitive(location: &Location, value: &str) -> Result<HeaderValue, FetchError> {
    let mut value = HeaderValue::from_str(value).map_err(|_| FetchError::Protocol {
        location: location.to_string(),
        reason: "the token holds characters that no header may hold".to_owned(),
    })?;
    value.set_sensitive(true);
    Ok(value)
}

fn redirect_target(location: &Location, headers: &HeaderMap) -> Result<Location, FetchError> {
    let target = text(headers, header::LOCATION).ok_or_else(|| FetchError::Protocol {
        location: location.to_string(),
        reason: "a redirect without a target".to_owned(),
    })?;
    location
        .resolve(target)
        .map_err(|source| FetchError::Redirect {
            location: location.to_string(),
            source,
        })
}

fn answer(location: &Location, response: Response<ureq::Body>) -> Result<Answer, FetchError> {
    let headers = response.headers();
    let length = text(headers, header::CONTENT_LENGTH).and_then(|text| text.parse().ok());
    let extent = match response.status().as_u16() {
        200 => Extent::Whole,
        206 => match range_start(headers) {
            Some(start) => Extent::From(start),
            None => {
                return Err(FetchError::Protocol {
                    location: location.to_string(),
                    reason: "a part without its range".to_owned(),
                });
            }
        },
        416 => Extent::Nothing,
        status => {
            return Err(FetchError::Status {
                location: location.to_string(),
                status,
                retry_after: text(headers, header::RETRY_AFTER)
                    .and_then(|text| retry_after(text, SystemTime::now())),
            });
        }
    };
    let is_weak = |tag: &&str| tag.starts_with("W/");
    Ok(Answer {
        extent,
        length,
        is_framed: length.is_some() || headers.contains_key(header::TRANSFER_ENCODING),
        validator: text(headers, header::ETAG)
            .filter(|tag| !is_weak(tag))
            .map(str::to_owned),
        body: Box::new(response.into_body().into_reader()),
    })
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// The first byte of `Content-Range: bytes FIRST-LAST/TOTAL`.
fn range_start(headers: &HeaderMap) -> Option<u64> {
    let range = text(headers, header::CONTENT_RANGE)?.strip_prefix("bytes ")?;
    range.split_once('-')?.0.parse().ok()
}

pub(super) fn too_large(location: &Location, limit: u64) -> FetchError {
    FetchError::TooLarge {
        location: location.to_string(),
        limit,
    }
}
