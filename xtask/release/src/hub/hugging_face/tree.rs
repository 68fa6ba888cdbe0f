//! The files of a commit.

use geno_app::Commit;
use geno_core::Digest;
use geno_provenance::PublicPath;
use serde::Deserialize;
use ureq::http::Method;

use super::super::{
    Hub, HubError, RemoteFile,
    plan::GIT_ATTRIBUTES,
    target::Repo,
    wire::{Body, shown},
};

/// One row of a listing.
#[derive(Deserialize)]
struct Row {
    #[serde(rename = "type")]
    kind: String,
    path: String,
    #[serde(default)]
    size: u64,
    lfs: Option<Pointer>,
}

/// What stands in the repository for a large file.
#[derive(Deserialize)]
struct Pointer {
    oid: String,
    size: u64,
}

impl Hub {
    /// The files of a commit, without the one that every repository has.
    pub(in super::super) fn tree(
        &self,
        repo: Repo<'_>,
        commit: &Commit,
    ) -> Result<Vec<RemoteFile>, HubError> {
        let commit = commit.to_string();
        let mut request = self.api(repo, Method::GET, &["tree", &commit], Body::None);
        request.url.set_query(Some("recursive=true"));
        let url = shown(&request.url);
        let wrong = |reason| HubError::Answer {
            url: url.clone(),
            reason,
        };
        let mut files = Vec::new();
        for row in self.pages::<Row>(request)? {
            if row.kind != "file" || row.path == GIT_ATTRIBUTES {
                continue;
            }
            let path = PublicPath::new(row.path);
            let digest = row.lfs.as_ref().map(|lfs| digest(&lfs.oid));
            files.push(RemoteFile {
                path: path.map_err(|_| wrong("a path that leads out of its folder"))?,
                size: row.lfs.as_ref().map_or(row.size, |lfs| lfs.size),
                digest: match digest {
                    Some(None) => return Err(wrong("a digest that is none")),
                    Some(digest) => digest,
                    None => None,
                },
            });
        }
        Ok(files)
    }
}

/// A digest in 64 hexadecimal digits.
pub(super) fn digest(hex: &str) -> Option<Digest> {
    format!("sha256:{hex}").parse().ok()
}
