//! Both hosts on a folder: what is published there, and requests as they arrive.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use geno_core::Digest;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{github, hugging_face};

/// Which host, and which part of it, a request is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Service {
    /// Hugging Face.
    HuggingFace,
    /// The API of GitHub.
    GithubApi,
    /// Uploads to GitHub.
    GithubUploads,
    /// The pages of GitHub, and what is downloaded there.
    GithubPages,
}

/// Whose token came along.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Bearer {
    /// Nobody's.
    None,
    /// One that begins as those of Hugging Face do.
    HuggingFace,
    /// One that begins as those of GitHub do.
    Github,
    /// Another.
    Other,
}

/// A request that has arrived whole.
pub(crate) struct Incoming {
    pub(crate) service: Service,
    pub(crate) method: String,
    /// Its address without the query.
    pub(crate) url: String,
    /// The parts of its path under the base of the service.
    pub(crate) parts: Vec<String>,
    pub(crate) query: BTreeMap<String, String>,
    /// The first byte asked for.
    pub(crate) start: Option<u64>,
    pub(crate) accept: String,
    pub(crate) bearer: Bearer,
    pub(crate) upload: Upload,
}

/// The body of a request, in a file.
pub(crate) struct Upload {
    pub(crate) path: PathBuf,
    pub(crate) size: u64,
    pub(crate) digest: Digest,
    /// Whether the file stays where it is.
    pub(crate) is_borrowed: bool,
}

/// An answer.
pub(crate) struct Outgoing {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Payload,
}

/// What is sent back.
pub(crate) enum Payload {
    /// Bytes.
    Bytes(Vec<u8>),
    /// A file from a byte on.
    File {
        path: PathBuf,
        start: u64,
        size: u64,
    },
}

/// Everything that is published, and what is on its way.
#[derive(Default, Deserialize, Serialize)]
pub(super) struct State {
    /// Repositories of Hugging Face, by `models/OWNER/NAME`.
    pub(super) repos: BTreeMap<String, Repo>,
    /// Releases of GitHub, by `OWNER/NAME`.
    pub(super) releases: BTreeMap<String, Vec<Release>>,
    /// Numbers that were given out.
    pub(super) n_ids: u64,
}

/// A repository of Hugging Face.
#[derive(Deserialize, Serialize)]
pub(super) struct Repo {
    pub(super) head: String,
    /// The files of each commit, by path.
    pub(super) commits: BTreeMap<String, BTreeMap<String, Blob>>,
}

/// A file of a commit.
#[derive(Clone, Deserialize, Serialize)]
pub(super) struct Blob {
    pub(super) digest: Digest,
    pub(super) size: u64,
    pub(super) is_large: bool,
}

/// A release of GitHub.
#[derive(Deserialize, Serialize)]
pub(super) struct Release {
    pub(super) id: u64,
    pub(super) tag: String,
    pub(super) name: String,
    pub(super) is_draft: bool,
    pub(super) assets: Vec<Asset>,
}

/// An asset of a release.
#[derive(Clone, Deserialize, Serialize)]
pub(super) struct Asset {
    pub(super) id: u64,
    pub(super) name: String,
    /// None until it has arrived whole.
    pub(super) blob: Option<Blob>,
}

/// Both hosts.
pub(crate) struct Host {
    folder: PathBuf,
    borrowed: BTreeMap<Digest, PathBuf>,
    pub(super) state: State,
    /// Rows of a page of a listing.
    pub(crate) page_size: usize,
    /// Whether digests of assets are told, as GitHub does since 2025.
    pub(crate) tells_digests: bool,
}

impl Host {
    /// Opens a folder, with what was published there before.
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder.join("objects"))?;
        fs::create_dir_all(folder.join("arriving"))?;
        let state = match fs::read(folder.join("state.json")) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => State::default(),
            Err(error) => return Err(error),
        };
        Ok(Self {
            folder: folder.to_owned(),
            borrowed: BTreeMap::new(),
            state,
            page_size: 100,
            tells_digests: true,
        })
    }

    /// Does what a request asks for.
    pub(crate) fn answer(&mut self, request: &Incoming) -> io::Result<Outgoing> {
        let answer = match request.service {
            Service::HuggingFace => hugging_face::answer(self, request),
            _ => github::answer(self, request),
        }?;
        if request.method != "GET" {
            let bytes = serde_json::to_vec_pretty(&self.state)?;
            let arriving = self.folder.join("arriving").join("state.json");
            fs::write(&arriving, bytes)?;
            fs::rename(arriving, self.folder.join("state.json"))?;
        }
        Ok(answer)
    }

    /// Keeps a body under its digest.
    pub(super) fn keep(&mut self, upload: &Upload) -> io::Result<()> {
        match upload.is_borrowed {
            true => {
                self.borrowed.insert(upload.digest, upload.path.clone());
                Ok(())
            }
            false => fs::rename(&upload.path, self.object_path(upload.digest)),
        }
    }

    /// Keeps bytes under their digest.
    pub(super) fn keep_bytes(&mut self, bytes: &[u8]) -> io::Result<Digest> {
        let digest = Digest::of(bytes);
        fs::write(self.object_path(digest), bytes)?;
        Ok(digest)
    }

    /// Where the bytes of a digest are, if they are there.
    pub(super) fn object(&self, digest: Digest) -> Option<PathBuf> {
        let path = self.borrowed.get(&digest).cloned();
        let path = path.unwrap_or_else(|| self.object_path(digest));
        path.is_file().then_some(path)
    }

    fn object_path(&self, digest: Digest) -> PathBuf {
        self.folder.join("objects").join(digest.to_hex())
    }

    pub(super) fn next_id(&mut self) -> u64 {
        self.state.n_ids += 1;
        self.state.n_ids
    }

    /// A page of a listing, and where the next one is.
    pub(super) fn page(&self, request: &Incoming, rows: Vec<Value>) -> Outgoing {
        let number = |key: &str| request.query.get(key)?.parse::<usize>().ok();
        let page = number("page").unwrap_or(1).max(1);
        let from = (page - 1).saturating_mul(self.page_size).min(rows.len());
        let to = from.saturating_add(self.page_size).min(rows.len());
        let mut answer = Outgoing::json(200, &Value::from(rows[from..to].to_vec()));
        if to < rows.len() {
            let next = page + 1;
            let link = format!(r#"<{}?page={next}>; rel="next""#, request.url);
            answer.headers.push(("Link", link));
        }
        answer
    }

    /// The bytes of a file of a commit, or of an asset.
    pub(super) fn blob(&self, request: &Incoming, blob: &Blob) -> Outgoing {
        let Some(path) = self.object(blob.digest) else {
            return Outgoing::error(500, "object is lost");
        };
        let (start, size) = (request.start.unwrap_or(0), blob.size);
        if request.start.is_some_and(|start| start >= size) {
            return Outgoing::error(416, "nothing is there");
        }
        let mut answer = Outgoing {
            status: 200,
            headers: Vec::new(),
            body: Payload::File { path, start, size },
        };
        if request.start.is_some() {
            answer.status = 206;
            let range = format!("bytes {start}-{}/{size}", size - 1);
            answer.headers.push(("Content-Range", range));
        }
        answer
    }
}

impl Outgoing {
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: vec![("Content-Type", "application/json".to_owned())],
            body: Payload::Bytes(body.to_string().into_bytes()),
        }
    }

    pub(super) fn error(status: u16, message: &str) -> Self {
        Self::json(
            status,
            &serde_json::json!({"error": message, "message": message}),
        )
    }

    pub(super) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Payload::Bytes(Vec::new()),
        }
    }
}

impl Upload {
    /// The body as JSON. What is none is `null`.
    pub(super) fn json(&self) -> io::Result<Value> {
        Ok(serde_json::from_slice(&fs::read(&self.path)?).unwrap_or_default())
    }
}
