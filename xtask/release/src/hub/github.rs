//! Releases of GitHub: a draft until all assets are there, published last.

mod assets;

use geno_app::Fault;
use serde::Deserialize;
use serde_json::json;
use ureq::http::Method;
use url::Url;

use super::{
    Hub, HubError,
    plan::Plan,
    target::Tagged,
    wire::{Body, Request},
};

/// The part of a release that is read.
#[derive(Clone, Deserialize)]
struct Release {
    id: u64,
    tag_name: String,
    draft: bool,
}

impl Hub {
    /// Publishes assets, or finds that the published release holds exactly these.
    pub(super) fn publish_release(
        &self,
        place: Tagged<'_>,
        plan: &Plan<'_>,
        name: &str,
    ) -> Result<u64, HubError> {
        let release = match self.release(place)? {
            Some(release) => release,
            None => self.create_draft(place, name)?,
        };
        self.send_assets(place, &release, plan)?;
        if release.draft {
            self.publish_draft(place, release.id)?;
        }
        Ok(release.id)
    }

    /// Deletes what is broken and sends what is missing, until the release lists all assets.
    fn send_assets(
        &self,
        place: Tagged<'_>,
        release: &Release,
        plan: &Plan<'_>,
    ) -> Result<(), HubError> {
        let (mut n_failed, mut n_left, mut fault) = (0, None, None);
        loop {
            let work = self.asset_work(place, release.id, plan)?;
            let Some(first) = work.missing.first() else {
                return Ok(());
            };
            let (target, name) = (place.target.clone(), (*first).clone());
            if !release.draft {
                return Err(HubError::Published { target, name });
            }
            if let Some(n_left) = n_left.replace(work.missing.len()) {
                // The last pass broke off, or the listing does not show yet what was sent.
                let error = fault.take().unwrap_or(HubError::Unsettled { target, name });
                n_failed = if work.missing.len() < n_left {
                    1
                } else {
                    n_failed + 1
                };
                match self.retry.pause(n_failed, error.fault()) {
                    Some(pause) => std::thread::sleep(pause),
                    None => return Err(error),
                }
            }
            let sent = self.work_off(release.id, plan, &work);
            match sent {
                Err(error) if error.fault() == Fault::Final => return Err(error),
                sent => fault = sent.err(),
            }
        }
    }

    /// The release or draft of the tag, if there is one. A search by tag finds no draft.
    fn release(&self, place: Tagged<'_>) -> Result<Option<Release>, HubError> {
        let mut request = self.github(place, Method::GET, &["releases"], Body::None);
        request.url.set_query(Some("per_page=100"));
        let releases: Vec<Release> = self.pages(request)?;
        let found: Vec<_> = releases
            .into_iter()
            .filter(|it| it.tag_name == place.tag.as_str())
            .collect();
        match &found[..] {
            [] => Ok(None),
            [release] => Ok(Some(release.clone())),
            several => Err(HubError::Ambiguous {
                target: place.target.clone(),
                ids: several.iter().map(|release| release.id).collect(),
            }),
        }
    }

    /// The number of the published release of the tag, which anybody may ask for.
    pub(super) fn published_release(&self, place: Tagged<'_>) -> Result<Option<u64>, HubError> {
        let parts = ["releases", "tags", place.tag.as_str()];
        let request = self.github(place, Method::GET, &parts, Body::None);
        let release: Option<Release> = self.find(&request)?;
        Ok(release
            .filter(|release| !release.draft)
            .map(|release| release.id))
    }

    fn create_draft(&self, place: Tagged<'_>, name: &str) -> Result<Release, HubError> {
        let body = json!({"tag_name": place.tag.as_str(), "name": name, "draft": true}).to_string();
        let body = Body::Bytes(body.as_bytes());
        let request = self.github(place, Method::POST, &["releases"], body);
        let send = || self.once(&request, &[])?.json();
        self.settle(send, || self.release(place))
    }

    fn publish_draft(&self, place: Tagged<'_>, id: u64) -> Result<(), HubError> {
        let id = id.to_string();
        let parts = ["releases", id.as_str()];
        let body = json!({ "draft": false }).to_string();
        let body = Body::Bytes(body.as_bytes());
        let publish = self.github(place, Method::PATCH, &parts, body);
        let get = self.github(place, Method::GET, &parts, Body::None);
        let look = || {
            let release: Release = self.json(&get)?;
            Ok((!release.draft).then_some(()))
        };
        self.settle(|| self.once(&publish, &[]).map(|_| ()), look)
    }

    /// A request to the API of the repository.
    fn github<'a>(
        &'a self,
        place: Tagged<'_>,
        method: Method,
        parts: &[&str],
        body: Body<'a>,
    ) -> Request<'a> {
        let url = self.endpoints.github_api.at(repo_parts(place, parts));
        self.to_github(method, url, body)
    }

    /// A request to an address of GitHub's API or of its uploads.
    fn to_github<'a>(&'a self, method: Method, url: Url, body: Body<'a>) -> Request<'a> {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut headers = vec![
            header("Accept", "application/vnd.github+json"),
            header("X-GitHub-Api-Version", "2022-11-28"),
        ];
        match body {
            Body::None => {}
            Body::Bytes(_) => headers.push(header("Content-Type", "application/json")),
            Body::File { .. } => headers.push(header("Content-Type", "application/octet-stream")),
        }
        Request {
            method,
            url,
            headers,
            token: self.tokens.github.as_ref(),
            body,
        }
    }
}

/// `repos/OWNER/NAME/…`.
fn repo_parts<'a>(place: Tagged<'a>, parts: &[&'a str]) -> Vec<&'a str> {
    let repo = ["repos", place.repo.owner(), place.repo.name()];
    repo.into_iter().chain(parts.iter().copied()).collect()
}
