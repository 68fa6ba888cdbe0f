//! The assets of a release.

use geno_core::Digest;
use geno_provenance::PublicPath;
use serde::Deserialize;
use serde_json::Value;
use ureq::http::Method;

use super::{
    super::{
        Hub, HubError, PlannedFile, RemoteFile,
        plan::Plan,
        target::Tagged,
        wire::{Body, shown},
    },
    repo_parts,
};

/// The state of an asset that has arrived whole.
const UPLOADED: &str = "uploaded";

/// One row of a listing.
#[derive(Deserialize)]
struct Asset {
    id: u64,
    name: String,
    state: String,
    size: u64,
    digest: Option<Digest>,
}

/// What has to be done for a release to hold the plan.
pub(super) struct Work<'a> {
    place: Tagged<'a>,
    /// Assets that did not arrive whole.
    broken: Vec<u64>,
    /// Names of files that are to be sent.
    pub(super) missing: Vec<&'a String>,
}

impl Hub {
    /// The assets of a published release.
    pub(in super::super) fn published_assets(
        &self,
        place: Tagged<'_>,
        release: u64,
    ) -> Result<Vec<RemoteFile>, HubError> {
        let assets = self.assets(place, release)?.into_iter();
        let file = |asset: Asset| {
            let path = PublicPath::new(asset.name).map_err(|_| HubError::Answer {
                url: place.target.page(),
                reason: "an asset with a name that leads out of its folder",
            });
            Ok(RemoteFile {
                path: path?,
                size: asset.size,
                digest: asset.digest,
            })
        };
        assets
            .filter(|asset| asset.state == UPLOADED)
            .map(file)
            .collect()
    }

    fn assets(&self, place: Tagged<'_>, release: u64) -> Result<Vec<Asset>, HubError> {
        let id = release.to_string();
        let parts = ["releases", id.as_str(), "assets"];
        let mut request = self.github(place, Method::GET, &parts, Body::None);
        request.url.set_query(Some("per_page=100"));
        self.pages(request)
    }

    /// Compares the assets of a release with the plan.
    pub(super) fn asset_work<'a>(
        &self,
        place: Tagged<'a>,
        release: u64,
        plan: &'a Plan<'_>,
    ) -> Result<Work<'a>, HubError> {
        let mut missing: Vec<_> = plan.keys().collect();
        let mut broken = Vec::new();
        for asset in self.assets(place, release)? {
            let (target, name) = (place.target.clone(), asset.name.clone());
            let Some(planned) = plan.get(&name) else {
                return Err(HubError::Unplanned { target, name });
            };
            if asset.state != UPLOADED {
                broken.push(asset.id);
            } else if self.asset_equals(place, &asset, planned)? {
                missing.retain(|other| **other != name);
            } else {
                return Err(HubError::Different { target, name });
            }
        }
        Ok(Work {
            place,
            broken,
            missing,
        })
    }

    /// Whether an asset has the bytes that are planned for it. Where its host names no digest, it is
    /// read: through the API, since a draft is nowhere else.
    fn asset_equals(
        &self,
        place: Tagged<'_>,
        asset: &Asset,
        planned: &PlannedFile,
    ) -> Result<bool, HubError> {
        if asset.size != planned.size {
            return Ok(false);
        }
        let digest = match asset.digest {
            Some(digest) => digest,
            None => {
                let id = asset.id.to_string();
                let parts = repo_parts(place, &["releases", "assets", &id]);
                let url = self.endpoints.github_api.at(parts);
                let accept = ("Accept".to_owned(), "application/octet-stream".to_owned());
                let token = self.tokens.github.as_ref();
                self.digest_of(&url, &[accept], token, asset.size)?
            }
        };
        Ok(digest == planned.digest)
    }

    /// Deletes what is broken and sends what is missing, up to the first fault.
    pub(super) fn work_off(
        &self,
        release: u64,
        plan: &Plan<'_>,
        work: &Work<'_>,
    ) -> Result<(), HubError> {
        for id in &work.broken {
            let id = id.to_string();
            let parts = ["releases", "assets", id.as_str()];
            let request = self.github(work.place, Method::DELETE, &parts, Body::None);
            self.ask(&request, &[404])?;
        }
        let id = release.to_string();
        for name in &work.missing {
            let file = plan[*name];
            let parts = repo_parts(work.place, &["releases", &id, "assets"]);
            let mut url = self.endpoints.github_uploads.at(parts);
            url.query_pairs_mut().append_pair("name", name);
            let body = Body::File {
                path: &file.source,
                size: file.size,
            };
            let request = self.to_github(Method::POST, url, body);
            let answer = self.once(&request, &[422])?;
            if answer.status != 422 {
                continue;
            }
            let complaint: Value = answer.json()?;
            if complaint["errors"][0]["code"] == "already_exists" {
                // By an asset that the listing did not show.
                return Err(HubError::Answer {
                    url: shown(&request.url),
                    reason: "the name is taken",
                });
            }
            return Err(HubError::Refused {
                target: work.place.target.clone(),
                name: (*name).clone(),
                said: self.said(&answer.body),
            });
        }
        Ok(())
    }
}
