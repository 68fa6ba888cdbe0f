//! A large file: streamed to a neighbour, taken up where it broke off, checked, then named.

use std::{
    io::{ErrorKind, Read},
    path::Path,
};

use geno_core::Digest;

use super::{
    Client, FetchError, Location, Staged,
    client::{Answer, Extent, Rest, too_large},
    partial::PartialFile,
};

/// Bytes that must arrive between two faults for the count of faults to begin anew.
const PROGRESS: u64 = 1 << 20;

/// A file to fetch.
#[derive(Clone, Copy, Debug)]
pub struct Download<'a> {
    /// Where it comes from.
    pub from: &'a Location,
    /// The name it will have. Its folder must exist.
    pub to: &'a Path,
    /// What its bytes must hash to, if that is known.
    pub expected: Option<Digest>,
    /// The most bytes it may have.
    pub limit: u64,
}

/// How far a download has come.
#[derive(Clone, Copy, Debug)]
pub struct Transfer {
    /// Bytes that have arrived, in this run or an earlier one.
    pub bytes: u64,
    /// Bytes of the whole, if announced.
    pub total: Option<u64>,
}

impl Client {
    /// Fetches a file in constant memory, and checks it.
    ///
    /// What arrives goes to `.NAME.partial` beside the final name. When the connection is lost it
    /// stays there, and the rest is asked for, now or in a later run; a host that sends the whole
    /// again is heard from the start. If the parts do not fit together, the file is fetched once
    /// more from its beginning.
    ///
    /// # Errors
    ///
    /// [`FetchError`]. A file that is too large or does not hash to what was expected is removed.
    pub fn download(
        &self,
        download: &Download<'_>,
        progress: &mut dyn FnMut(Transfer),
    ) -> Result<Staged, FetchError> {
        let location = download.from.to_string();
        let partial = PartialFile::open(download.to, &location, download.expected)?;
        let partial = partial.fill(
            download.expected,
            |partial| self.complete(download, partial, progress),
            |error| matches!(error, FetchError::TooLarge { .. }),
            |found| FetchError::Hash {
                location: location.clone(),
                expected: download.expected.unwrap_or(found),
                found,
            },
        )?;
        partial.into_staged(download.to)
    }

    /// Fetches what is missing, over as many connections as it takes. Tells whether bytes of
    /// more than one connection are in the file.
    fn complete(
        &self,
        download: &Download<'_>,
        partial: &mut PartialFile,
        progress: &mut dyn FnMut(Transfer),
    ) -> Result<bool, FetchError> {
        let mut n_failed = 0;
        loop {
            let before = partial.len();
            let error = match self.transfer(download, partial, progress) {
                Ok(resumed) => return Ok(resumed),
                Err(error) => error,
            };
            let moved_on = partial.len() >= before + PROGRESS;
            n_failed = if moved_on { 1 } else { n_failed + 1 };
            match self.settings.retry.pause(n_failed, error.fault()) {
                Some(pause) => std::thread::sleep(pause),
                None => return Err(error),
            }
        }
    }

    fn transfer(
        &self,
        download: &Download<'_>,
        partial: &mut PartialFile,
        progress: &mut dyn FnMut(Transfer),
    ) -> Result<bool, FetchError> {
        let Download { from, limit, .. } = *download;
        let mut answer = self.ask(from, partial)?;
        let resumed = answer.extent == Extent::From(partial.len()) && partial.len() > 0;
        if !resumed {
            if answer.extent != Extent::Whole {
                partial.restart(None)?;
                answer = self.ask(from, partial)?;
            }
            if answer.extent != Extent::Whole {
                return Err(FetchError::Protocol {
                    location: from.to_string(),
                    reason: "a part where the whole was asked for".to_owned(),
                });
            }
            partial.restart(answer.validator.take())?;
        }
        if download.expected.is_none() && !answer.is_framed {
            return Err(FetchError::Protocol {
                location: from.to_string(),
                reason: "neither a length nor a digest tells where the file ends".to_owned(),
            });
        }
        let total = answer
            .length
            .map(|length| partial.len().saturating_add(length));
        if total.is_some_and(|total| total > limit) {
            return Err(too_large(from, limit));
        }

        let mut buffer = vec![0; 1 << 16];
        loop {
            let n = match answer.body.read(&mut buffer) {
                Ok(0) => break,
                Ok(n) => n,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.fault(from, error)),
            };
            if partial.len() + n as u64 > limit {
                return Err(too_large(from, limit));
            }
            partial.append(&buffer[..n])?;
            let bytes = partial.len();
            progress(Transfer { bytes, total });
        }
        match total {
            Some(total) if partial.len() < total => {
                Err(self.fault(from, ErrorKind::UnexpectedEof.into()))
            }
            _ => Ok(resumed),
        }
    }

    /// Asks for the rest of the version that is there in part, or for the whole.
    fn ask(&self, from: &Location, partial: &PartialFile) -> Result<Answer, FetchError> {
        let rest = Rest {
            start: partial.len(),
            validator: partial.validator(),
        };
        let mut answer = self.open(from, (rest.start > 0).then_some(&rest))?;
        let is_other = answer.validator.as_deref() != rest.validator;
        if matches!(answer.extent, Extent::From(_)) && rest.validator.is_some() && is_other {
            answer.extent = Extent::Nothing;
        }
        Ok(answer)
    }
}
