//! The two hosts of a release: publishing, listing and fetching what is published.
//!
//! Everything may be done again: what is there already, with equal bytes, is left alone, and what
//! is there with other bytes is never replaced unless that is asked for. Models and data sets go to
//! Hugging Face in one commit each; releases go to GitHub as a draft that is published last. So a
//! reader sees all files of a target or none, whenever a run was cut off.

mod download;
mod dry_run;
mod endpoints;
mod error;
mod exchange;
mod github;
mod http;
mod hugging_face;
mod plan;
mod target;
#[cfg(test)]
mod tests;
mod tokens;
mod told;
mod wire;

use std::time::Duration;

use geno_app::RetryPolicy;

use self::target::Place;
pub(crate) use self::{
    dry_run::plan_requests,
    endpoints::{EndpointError, Endpoints},
    error::HubError,
    http::HttpTransport,
    plan::{PlannedFile, RemoteFile},
    target::{Revision, Tag, Target, TargetError},
    tokens::Tokens,
    told::RequestLine,
    wire::{Body, Request, Response, Transport, TransportError},
};

/// The two hosts, with what it takes to speak to them.
pub(crate) struct Hub {
    /// Where they are.
    pub(crate) endpoints: Endpoints,
    /// What they know us by.
    pub(crate) tokens: Tokens,
    /// Who makes the exchanges.
    pub(crate) transport: Box<dyn Transport>,
    /// When a request is repeated.
    pub(crate) retry: RetryPolicy,
}

/// What becomes of files that are published under other bytes, or are not planned.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Published {
    /// They stay, and nothing is published.
    Keep,
    /// On Hugging Face a new commit replaces or removes them; older revisions keep them. Releases of
    /// GitHub have no revisions: there they stay.
    Replace,
}

/// Longest time for a host to send or take nothing. A commit of many files takes its time.
const TIMEOUT: Duration = Duration::from_secs(120);

impl Hub {
    /// The hosts over the network, with the usual repetitions.
    pub(crate) fn new(endpoints: Endpoints, tokens: Tokens) -> Self {
        Self {
            endpoints,
            tokens,
            transport: Box::new(HttpTransport::new(TIMEOUT)),
            retry: RetryPolicy::default(),
        }
    }

    /// Publishes files, and returns the revision that holds exactly these.
    ///
    /// Files of one target are published in one call: what it has beside them is an error.
    /// `message` is the summary of the commit, or the name of the release.
    ///
    /// # Errors
    ///
    /// [`HubError`]; before anything is sent: [`HubError::NoToken`], and whatever is wrong with the
    /// plan or its files. After any error the same call takes up where this one ended.
    pub(crate) fn publish(
        &self,
        target: &Target,
        files: &[PlannedFile],
        message: &str,
        published: Published,
    ) -> Result<Revision, HubError> {
        self.tokens.require(target)?;
        let plan = plan::check(target, files)?;
        match target.place() {
            Place::HuggingFace(repo) => {
                let commit = self.publish_repo(repo, &plan, message, published)?;
                Ok(Revision::Commit(commit))
            }
            Place::Github(release) => {
                let id = self.publish_release(release, &plan, message)?;
                let tag = release.tag.clone();
                Ok(Revision::Release { id, tag })
            }
        }
    }

    /// The revision that is public now, if there is one: the head of the main branch, or the release
    /// of the tag.
    ///
    /// # Errors
    ///
    /// [`HubError`].
    pub(crate) fn current(&self, target: &Target) -> Result<Option<Revision>, HubError> {
        match target.place() {
            Place::HuggingFace(repo) => Ok(self.head(repo)?.map(Revision::Commit)),
            Place::Github(release) => {
                let id = self.published_release(release)?;
                let tag = release.tag.clone();
                Ok(id.map(|id| Revision::Release { id, tag }))
            }
        }
    }

    /// The files of a revision, sorted by path.
    ///
    /// # Errors
    ///
    /// [`HubError`].
    pub(crate) fn list(
        &self,
        target: &Target,
        revision: &Revision,
    ) -> Result<Vec<RemoteFile>, HubError> {
        let mut files = match (target.place(), revision) {
            (Place::HuggingFace(repo), Revision::Commit(commit)) => self.tree(repo, commit)?,
            (Place::Github(release), Revision::Release { id, tag }) if tag == release.tag => {
                self.published_assets(release, *id)?
            }
            _ => {
                let target = target.clone();
                return Err(HubError::Revision { target });
            }
        };
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }
}
