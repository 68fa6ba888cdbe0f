//! Uploads of large files, keyed by their digests: what the host has is not sent.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read},
    path::Path,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::json;
use ureq::http::Method;
use url::Url;

use super::{
    super::{
        Hub, HubError, PlannedFile,
        plan::Plan,
        target::Repo,
        wire::{Body, Request, shown},
    },
    BRANCH, content_type,
};

/// Files that one request may ask about.
const BATCH: usize = 100;
/// Bytes of a file by which the host tells text from other files.
const SAMPLE: u64 = 512;
/// The form of requests about large files.
const LFS_JSON: &str = "application/vnd.git-lfs+json";

/// How a file is committed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Mode {
    /// With its bytes.
    Regular,
    /// By its digest, after its bytes were uploaded.
    Large,
}

#[derive(Deserialize)]
struct Modes {
    files: Vec<ModeRow>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ModeRow {
    path: String,
    upload_mode: String,
    #[serde(default)]
    should_ignore: bool,
}

#[derive(Deserialize)]
struct Batch {
    objects: Vec<Object>,
}

#[derive(Deserialize)]
struct Object {
    oid: String,
    #[serde(default)]
    actions: Actions,
    error: Option<Complaint>,
}

#[derive(Default, Deserialize)]
struct Actions {
    upload: Option<Action>,
    verify: Option<Action>,
}

#[derive(Deserialize)]
struct Action {
    href: String,
    #[serde(default)]
    header: BTreeMap<String, String>,
}

impl Action {
    fn url(&self) -> Result<Url, HubError> {
        Url::parse(&self.href).map_err(|_| HubError::Answer {
            url: "upload".to_owned(),
            reason: "no address",
        })
    }
}

#[derive(Deserialize)]
struct Complaint {
    message: String,
}

impl Hub {
    /// Uploads what is missing of large files, and says how each file is to be committed.
    pub(super) fn upload(
        &self,
        repo: Repo<'_>,
        plan: &Plan<'_>,
        names: &[String],
    ) -> Result<BTreeMap<String, Mode>, HubError> {
        let mut modes = BTreeMap::new();
        for names in names.chunks(BATCH) {
            modes.extend(self.modes(repo, plan, names)?);
        }
        let is_large = |name: &&String| modes[*name] == Mode::Large;
        let large: Vec<_> = names.iter().filter(is_large).collect();
        for names in large.chunks(BATCH) {
            self.upload_batch(repo, plan, names)?;
        }
        Ok(modes)
    }

    /// Asks how files are to be committed.
    fn modes(
        &self,
        repo: Repo<'_>,
        plan: &Plan<'_>,
        names: &[String],
    ) -> Result<BTreeMap<String, Mode>, HubError> {
        let mut files = Vec::new();
        for name in names {
            let file = plan[name];
            let sample = sample(&file.source).map_err(|source| HubError::File {
                path: file.source.clone(),
                source,
            })?;
            let sample = STANDARD.encode(sample);
            files.push(json!({"path": name, "sample": sample, "size": file.size}));
        }
        let body = json!({ "files": files }).to_string();
        let body = Body::Bytes(body.as_bytes());
        let mut request = self.api(repo, Method::POST, &["preupload", BRANCH], body);
        request.headers.push(content_type("application/json"));
        let answer: Modes = self.json(&request)?;
        let mut modes = BTreeMap::new();
        for name in names {
            let row = answer.files.iter().find(|row| row.path == *name);
            let mode = match row.map(|row| (row.upload_mode.as_str(), row.should_ignore)) {
                Some((_, true)) => {
                    return Err(HubError::Refused {
                        target: repo.target.clone(),
                        name: name.clone(),
                        said: self.quote("its `.gitignore` names it"),
                    });
                }
                // The storage takes no empty objects.
                Some(("lfs", _)) if plan[name].size > 0 => Mode::Large,
                Some(("lfs" | "regular", _)) => Mode::Regular,
                _ => {
                    return Err(HubError::Answer {
                        url: shown(&request.url),
                        reason: "a file without its mode",
                    });
                }
            };
            modes.insert(name.clone(), mode);
        }
        Ok(modes)
    }

    fn upload_batch(
        &self,
        repo: Repo<'_>,
        plan: &Plan<'_>,
        names: &[&String],
    ) -> Result<(), HubError> {
        let object = |name: &&String| {
            let file = plan[*name];
            json!({"oid": file.digest.to_hex(), "size": file.size})
        };
        let objects: Vec<_> = names.iter().map(object).collect();
        let body = json!({
            "operation": "upload",
            "transfers": ["basic"],
            "hash_algo": "sha256",
            "ref": {"name": format!("refs/heads/{BRANCH}")},
            "objects": objects,
        });
        let body = body.to_string();
        let git = format!("{}.git", repo.id.name());
        let kind = (repo.kind == "dataset").then_some("datasets");
        let parts = [repo.id.owner(), &git, "info", "lfs", "objects", "batch"];
        let request = Request {
            method: Method::POST,
            url: self
                .endpoints
                .hugging_face
                .at(kind.into_iter().chain(parts)),
            headers: vec![
                ("Accept".to_owned(), LFS_JSON.to_owned()),
                content_type(LFS_JSON),
            ],
            token: self.tokens.hugging_face.as_ref(),
            body: Body::Bytes(body.as_bytes()),
        };
        let batch: Batch = self.json(&request)?;
        let mut done = Vec::new();
        for name in names {
            let file = plan[*name];
            if done.contains(&file.digest) {
                continue;
            }
            done.push(file.digest);
            let hex = file.digest.to_hex();
            let object = batch.objects.iter().find(|object| object.oid == hex);
            let object = object.ok_or_else(|| HubError::Answer {
                url: shown(&request.url),
                reason: "an object was asked for, and nothing is said of it",
            })?;
            if let Some(Complaint { message }) = &object.error {
                return Err(HubError::Refused {
                    target: repo.target.clone(),
                    name: (*name).clone(),
                    said: self.quote(message),
                });
            }
            self.upload_object(file, &object.actions)?;
        }
        Ok(())
    }

    /// Uploads an object, if that is asked for.
    fn upload_object(&self, file: &PlannedFile, actions: &Actions) -> Result<(), HubError> {
        let Some(upload) = &actions.upload else {
            return Ok(());
        };
        if upload.header.contains_key("chunk_size") {
            return Err(HubError::Answer {
                url: shown(&upload.url()?),
                reason: "an upload in parts, which was not offered",
            });
        }
        let put = Request {
            method: Method::PUT,
            url: upload.url()?,
            headers: upload.header.clone().into_iter().collect(),
            // The address itself is the permission.
            token: None,
            body: Body::File {
                path: &file.source,
                size: file.size,
            },
        };
        self.ask(&put, &[])?;
        let Some(verify) = &actions.verify else {
            return Ok(());
        };
        let body = json!({"oid": file.digest.to_hex(), "size": file.size}).to_string();
        let url = verify.url()?;
        let is_home = self.endpoints.hugging_face.has(&url);
        let mut headers: Vec<_> = verify.header.clone().into_iter().collect();
        headers.push(content_type(LFS_JSON));
        let post = Request {
            method: Method::POST,
            url,
            headers,
            token: self.tokens.hugging_face.as_ref().filter(|_| is_home),
            body: Body::Bytes(body.as_bytes()),
        };
        self.ask(&post, &[]).map(|_| ())
    }
}

fn sample(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(SAMPLE).read_to_end(&mut bytes)?;
    Ok(bytes)
}
