//! Requests with everything around them: statuses, repetitions, pages, redirects.

use std::{
    io::{self, Read},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use geno_app::retry_after;
use geno_core::{Digest, DigestHasher};
use geno_provenance::Secret;
use serde::de::DeserializeOwned;
use serde_json::Value;
use ureq::http::{HeaderMap, Method, header};
use url::Url;

use super::{
    Hub, HubError,
    error::Said,
    tokens::{GITHUB, HUGGING_FACE},
    wire::{Body, Request, Response, shown},
};

/// Redirects that are followed.
const MAX_REDIRECTS: usize = 5;
/// Pages of a listing that are read.
const MAX_PAGES: usize = 1000;
/// Bytes of an answer that is no file.
const MAX_ANSWER: u64 = 64 << 20;
/// Bytes of an answer that says what went wrong.
const MAX_COMPLAINT: u64 = 64 << 10;

/// An answer that was read whole.
pub(super) struct Answer {
    pub(super) status: u16,
    url: String,
    headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, HubError> {
        serde_json::from_slice(&self.body).map_err(|_| self.is_wrong("not the JSON it should be"))
    }

    fn is_wrong(&self, reason: &'static str) -> HubError {
        let url = self.url.clone();
        HubError::Answer { url, reason }
    }
}

impl Hub {
    /// Sends a request once. Other statuses than success are errors, but for those `allowed`.
    pub(super) fn once(&self, request: &Request<'_>, allowed: &[u16]) -> Result<Answer, HubError> {
        let mut response = self.transport.send(request)?;
        let is_wanted = (200..300).contains(&response.status);
        if !is_wanted && !allowed.contains(&response.status) {
            return Err(self.complaint(&request.url, response));
        }
        let url = shown(&request.url);
        let mut body = Vec::new();
        match response
            .body
            .as_mut()
            .take(MAX_ANSWER + 1)
            .read_to_end(&mut body)
        {
            Err(source) => return Err(HubError::Broken { url, source }),
            Ok(n) if n as u64 > MAX_ANSWER => {
                let limit = MAX_ANSWER;
                return Err(HubError::TooLarge { url, limit });
            }
            Ok(_) => {}
        }
        Ok(Answer {
            status: response.status,
            url,
            headers: response.headers,
            body,
        })
    }

    /// Sends a request that may be made any number of times, until it succeeds.
    pub(super) fn ask(&self, request: &Request<'_>, allowed: &[u16]) -> Result<Answer, HubError> {
        let once = || self.once(request, allowed);
        self.retry.run(HubError::fault, once)
    }

    /// As [`Self::ask`], and reads what is answered.
    pub(super) fn json<T: DeserializeOwned>(&self, request: &Request<'_>) -> Result<T, HubError> {
        let once = || self.once(request, &[])?.json();
        self.retry.run(HubError::fault, once)
    }

    /// As [`Self::json`] for something that may not be there.
    pub(super) fn find<T: DeserializeOwned>(
        &self,
        request: &Request<'_>,
    ) -> Result<Option<T>, HubError> {
        let once = || {
            let answer = self.once(request, &[404])?;
            match answer.status {
                404 => Ok(None),
                _ => answer.json().map(Some),
            }
        };
        self.retry.run(HubError::fault, once)
    }

    /// Reads all pages of a listing. They stay at the host of the first.
    pub(super) fn pages<T: DeserializeOwned>(
        &self,
        mut request: Request<'_>,
    ) -> Result<Vec<T>, HubError> {
        let first = request.url.clone();
        let mut items = Vec::new();
        for _ in 0..MAX_PAGES {
            let page = || {
                let answer = self.once(&request, &[])?;
                let items: Vec<T> = answer.json()?;
                Ok((items, next_page(&request.url, &answer)?))
            };
            let (page, next) = self.retry.run(HubError::fault, page)?;
            items.extend(page);
            match next {
                Some(next) => request.url = next,
                None => return Ok(items),
            }
        }
        Err(HubError::Redirect { url: shown(&first) })
    }

    /// Sends a request that must take effect once. After a fault that leaves this open, looks
    /// whether it did before it is sent again.
    pub(super) fn settle<T>(
        &self,
        mut send: impl FnMut() -> Result<T, HubError>,
        mut look: impl FnMut() -> Result<Option<T>, HubError>,
    ) -> Result<T, HubError> {
        let mut n_failed = 0;
        loop {
            let error = match send() {
                Ok(value) => return Ok(value),
                Err(error) if error.fault() == geno_app::Fault::Final => return Err(error),
                Err(error) => error,
            };
            n_failed += 1;
            let pause = self.retry.pause(n_failed, error.fault());
            std::thread::sleep(pause.unwrap_or_default());
            match (look()?, pause) {
                (Some(done), _) => return Ok(done),
                (None, Some(_)) => {}
                (None, None) => return Err(error),
            }
        }
    }

    /// Asks for a file, wherever redirects lead. The token stays at its host.
    pub(super) fn open(
        &self,
        url: &Url,
        headers: &[(String, String)],
        token: Option<&Secret>,
    ) -> Result<Response, HubError> {
        let (first, mut url, mut token) = (url, url.clone(), token);
        for _ in 0..=MAX_REDIRECTS {
            let request = Request {
                method: Method::GET,
                url: url.clone(),
                headers: headers.to_vec(),
                token,
                body: Body::None,
            };
            let response = self.transport.send(&request)?;
            match response.status {
                200 | 206 | 416 => return Ok(response),
                301 | 302 | 303 | 307 | 308 => {}
                _ => return Err(self.complaint(&url, response)),
            }
            let target = text(&response.headers, header::LOCATION);
            let target = target.and_then(|target| url.join(target).ok());
            let Some(target) = target else {
                break;
            };
            if target.origin() != url.origin() {
                // Once a redirect has led away, the token stays at home, even on the way back.
                token = None;
            }
            url = target;
        }
        Err(HubError::Redirect { url: shown(first) })
    }

    /// The digest of a file of this size, which is not kept.
    pub(super) fn digest_of(
        &self,
        url: &Url,
        headers: &[(String, String)],
        token: Option<&Secret>,
        size: u64,
    ) -> Result<Digest, HubError> {
        let once = || {
            let response = self.open(url, headers, token)?;
            let mut hasher = DigestHasher::default();
            let mut body = response.body.take(size + 1);
            let url = || shown(url);
            match io::copy(&mut body, &mut hasher) {
                Err(source) => Err(HubError::Broken { url: url(), source }),
                Ok(found) if found != size => Err(HubError::Short {
                    url: url(),
                    expected: size,
                    found,
                }),
                Ok(_) => Ok(hasher.finish()),
            }
        };
        self.retry.run(HubError::fault, once)
    }

    /// The words of an answer that says what went wrong: its `error` or `message`, and a code.
    pub(super) fn said(&self, bytes: &[u8]) -> Said {
        let json: Value = serde_json::from_slice(bytes).unwrap_or_default();
        let words = ["error", "message"]
            .into_iter()
            .find_map(|key| json[key].as_str());
        let words: Vec<_> = words
            .into_iter()
            .chain(json["errors"][0]["code"].as_str())
            .collect();
        self.quote(&words.join(": "))
    }

    /// Words of a host, short and without control characters; none if they hold a token.
    pub(super) fn quote(&self, words: &str) -> Said {
        match self.tokens.are_in(words.as_bytes()) {
            true => Said::default(),
            false => Said(
                words
                    .chars()
                    .filter(|char| !char.is_control())
                    .take(200)
                    .collect(),
            ),
        }
    }

    /// Names what is wrong with an answer.
    fn complaint(&self, url: &Url, response: Response) -> HubError {
        let Response {
            status,
            headers,
            body,
        } = response;
        let mut bytes = Vec::new();
        // Half a complaint, or none, is as good.
        let _ = body.take(MAX_COMPLAINT).read_to_end(&mut bytes);
        let said = self.said(&bytes);
        let asked = asked(&headers);
        let is_limit = status == 403 && asked.is_some();
        let at = &self.endpoints;
        let variable = match status {
            401 | 403 if is_limit => None,
            401 | 403 if at.hugging_face.has(url) => Some(HUGGING_FACE[0]),
            401 | 403 if at.github_api.has(url) || at.github_uploads.has(url) => Some(GITHUB[0]),
            _ => None,
        };
        let url = shown(url);
        match variable {
            Some(variable) => HubError::Denied {
                url,
                status,
                variable,
                said,
            },
            None => HubError::Status {
                url,
                status,
                asked,
                said,
            },
        }
    }
}

/// How long a host asks to wait: `Retry-After`, or the end of GitHub's hour.
fn asked(headers: &HeaderMap) -> Option<Duration> {
    let now = SystemTime::now();
    if let Some(asked) = text(headers, header::RETRY_AFTER) {
        return retry_after(asked, now);
    }
    let number = |name: &str| headers.get(name)?.to_str().ok()?.parse::<u64>().ok();
    let reset = number("x-ratelimit-reset").filter(|_| number("x-ratelimit-remaining") == Some(0));
    let reset = UNIX_EPOCH + Duration::from_secs(reset?);
    Some(reset.duration_since(now).unwrap_or_default())
}

/// `Link: <https://host/next>; rel="next"`.
fn next_page(url: &Url, answer: &Answer) -> Result<Option<Url>, HubError> {
    let links = text(&answer.headers, header::LINK).unwrap_or_default();
    let next = links.split(',').find_map(|link| {
        let (target, rest) = link.trim().strip_prefix('<')?.split_once('>')?;
        rest.contains("rel=\"next\"").then_some(target)
    });
    let next = next.map(|next| url.join(next));
    match next.transpose() {
        Ok(Some(next)) if next.origin() != url.origin() => {
            Err(answer.is_wrong("its next page is on another host"))
        }
        Ok(next) => Ok(next),
        Err(_) => Err(answer.is_wrong("its next page has no address")),
    }
}

pub(super) fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}
