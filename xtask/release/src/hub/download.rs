//! A published file: streamed to a neighbour, taken up where it broke off, checked, then named.

use std::{
    io::{ErrorKind, Read},
    path::Path,
};

use geno_app::PartialFile;
use geno_provenance::Artifact;
use ureq::http::{HeaderMap, header};
use url::Url;

use super::{Hub, HubError, Revision, Target, exchange::text, wire::shown};

/// Bytes that must arrive between two faults for the count of faults to begin anew.
const PROGRESS: u64 = 1 << 20;

/// What is fetched, and from where.
struct Fetch<'a> {
    url: Url,
    file: &'a Artifact,
    is_hugging_face: bool,
}

impl Hub {
    /// Fetches a file of a revision, of this size and digest, under a name whose folder exists.
    ///
    /// What arrives goes to `.NAME.partial` beside the name. When the connection is lost it stays
    /// there, and the rest is asked for, now or in a later run. A file that is there already is
    /// left alone if it is the one.
    ///
    /// # Errors
    ///
    /// [`HubError`]. What is too large or has another digest is removed.
    pub(crate) fn download(
        &self,
        target: &Target,
        revision: &Revision,
        file: &Artifact,
        to: &Path,
    ) -> Result<(), HubError> {
        if to.exists() {
            let there = Artifact::of_file(to, file.path.clone())?;
            if there.size == file.size && there.digest == file.digest {
                return Ok(());
            }
        }
        let fetch = Fetch {
            url: self.endpoints.file(target, revision, &file.path)?,
            file,
            is_hugging_face: !matches!(target, Target::Release { .. }),
        };
        let location = shown(&fetch.url);
        let partial = PartialFile::open(to, &location, Some(file.digest))?;
        let partial = partial.fill(
            Some(file.digest),
            |partial| self.complete(&fetch, partial),
            |error| matches!(error, HubError::TooLarge { .. }),
            |found| HubError::Digest {
                url: location.clone(),
                expected: file.digest,
                found,
            },
        )?;
        Ok(partial.into_staged(to)?.publish()?)
    }

    /// Fetches what is missing, over as many connections as it takes. Tells whether bytes of more
    /// than one connection may be in the file.
    fn complete(&self, fetch: &Fetch<'_>, partial: &mut PartialFile) -> Result<bool, HubError> {
        let (mut n_failed, mut is_of_parts) = (0, false);
        loop {
            let before = partial.len();
            is_of_parts |= before > 0;
            let error = match self.transfer(fetch, partial) {
                Ok(()) => return Ok(is_of_parts),
                Err(error) => error,
            };
            let moved_on = partial.len() >= before + PROGRESS;
            n_failed = if moved_on { 1 } else { n_failed + 1 };
            match self.retry.pause(n_failed, error.fault()) {
                Some(pause) => std::thread::sleep(pause),
                None => return Err(error),
            }
        }
    }

    /// Fetches what is missing over one connection.
    fn transfer(&self, fetch: &Fetch<'_>, partial: &mut PartialFile) -> Result<(), HubError> {
        let url = || shown(&fetch.url);
        let limit = fetch.file.size;
        if partial.len() >= limit {
            // It has another digest, or it would not be fetched.
            partial.restart(None)?;
        }
        let start = partial.len();
        let range = ("Range".to_owned(), format!("bytes={start}-"));
        let range: &[_] = if start > 0 { &[range] } else { &[] };
        // Assets of GitHub are fetched as anybody fetches them.
        let token = self.tokens.hugging_face.as_ref();
        let token = token.filter(|_| fetch.is_hugging_face);
        let mut response = self.open(&fetch.url, range, token)?;
        match response.status {
            200 if start > 0 => partial.restart(None)?,
            206 if range_start(&response.headers) != Some(start) => {
                partial.restart(None)?;
                let reason = "another part than was asked for";
                return Err(HubError::Answer { url: url(), reason });
            }
            416 => {
                partial.restart(None)?;
                let reason = "it has less than it had";
                return Err(HubError::Answer { url: url(), reason });
            }
            _ => {}
        }
        let announced = text(&response.headers, header::CONTENT_LENGTH);
        let announced = announced.and_then(|length| length.parse::<u64>().ok());
        if announced.is_some_and(|length| length > limit - partial.len()) {
            return Err(HubError::TooLarge { url: url(), limit });
        }
        let mut buffer = vec![0; 1 << 16];
        loop {
            let n = match response.body.read(&mut buffer) {
                Ok(0) => break,
                Ok(n) => n,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(source) => return Err(HubError::Broken { url: url(), source }),
            };
            if partial.len() + n as u64 > limit {
                return Err(HubError::TooLarge { url: url(), limit });
            }
            partial.append(&buffer[..n])?;
        }
        match partial.len() == limit {
            true => Ok(()),
            false => Err(HubError::Short {
                url: url(),
                expected: limit,
                found: partial.len(),
            }),
        }
    }
}

/// The first byte of `Content-Range: bytes FIRST-LAST/TOTAL`.
fn range_start(headers: &HeaderMap) -> Option<u64> {
    let range = text(headers, header::CONTENT_RANGE)?.strip_prefix("bytes ")?;
    range.split_once('-')?.0.parse().ok()
}
