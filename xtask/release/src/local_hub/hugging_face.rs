//! The part of Hugging Face that a release needs.

use std::{collections::BTreeMap, fs, io};

use base64::{Engine, engine::general_purpose::STANDARD};
use geno_core::Digest;
use serde_json::{Value, json};

use super::host::{Bearer, Blob, Host, Incoming, Outgoing, Repo};

/// The file that every repository begins with.
const GIT_ATTRIBUTES: &str = ".gitattributes";
/// Bytes of the largest file that is kept in the repository itself.
const LARGEST_REGULAR: u64 = 10_000_000;
/// Files that are never kept in the repository itself.
const LARGE: &[&str] = &[
    "bin",
    "bz2",
    "gz",
    "model",
    "npy",
    "npz",
    "onnx",
    "parquet",
    "pt",
    "safetensors",
    "tar",
    "zip",
    "zst",
];

/// Does what a request asks for.
pub(super) fn answer(host: &mut Host, request: &Incoming) -> io::Result<Outgoing> {
    match (request.bearer, request.method.as_str()) {
        (Bearer::HuggingFace, _) | (Bearer::None, "GET" | "PUT") => {}
        _ => return Ok(Outgoing::error(401, "invalid credentials")),
    }
    let parts: Vec<&str> = request.parts.iter().map(String::as_str).collect();
    match (request.method.as_str(), &parts[..]) {
        ("POST", ["api", "repos", "create"]) => create(host, request),
        (
            method,
            [
                "api",
                kind @ ("models" | "datasets"),
                owner,
                name,
                rest @ ..,
            ],
        ) => {
            let key = format!("{kind}/{owner}/{name}");
            if !host.state.repos.contains_key(&key) {
                return Ok(Outgoing::error(404, "repository not found"));
            }
            match (method, rest) {
                ("GET", ["revision", revision]) => Ok(head(host, &key, revision)),
                ("GET", ["tree", revision]) => Ok(tree(host, request, &key, revision)),
                ("POST", ["preupload", "main"]) => preupload(request),
                ("POST", ["commit", "main"]) => commit(host, request, &key),
                _ => Ok(Outgoing::error(404, "no such method")),
            }
        }
        ("POST", ["datasets", _, _, "info", "lfs", "objects", "batch"])
        | ("POST", [_, _, "info", "lfs", "objects", "batch"]) => batch(host, request),
        ("PUT", ["lfs-storage", hex]) => match request.upload.digest.to_hex() == **hex {
            true => host.keep(&request.upload).map(|()| Outgoing::empty(200)),
            false => Ok(Outgoing::error(400, "content does not match its digest")),
        },
        ("POST", ["lfs-verify"]) => {
            let body = request.upload.json()?;
            let is_there = digest(&body["oid"])
                .and_then(|digest| host.object(digest))
                .is_some();
            Ok(Outgoing::empty(if is_there { 200 } else { 404 }))
        }
        ("GET", ["datasets", owner, name, "resolve", revision, path @ ..]) => {
            let key = format!("datasets/{owner}/{name}");
            Ok(resolve(host, request, &key, revision, &path.join("/")))
        }
        ("GET", [owner, name, "resolve", revision, path @ ..]) => {
            let key = format!("models/{owner}/{name}");
            Ok(resolve(host, request, &key, revision, &path.join("/")))
        }
        _ => Ok(Outgoing::error(404, "no such page")),
    }
}

/// Whether a file is kept outside the repository, under its digest.
fn is_large(path: &str, size: u64, sample: &[u8]) -> bool {
    let extension = path.rsplit('.').next().unwrap_or_default();
    size > LARGEST_REGULAR || LARGE.contains(&extension) || sample.contains(&0)
}

fn digest(hex: &Value) -> Option<Digest> {
    format!("sha256:{}", hex.as_str()?).parse().ok()
}

fn files<'a>(host: &'a Host, key: &str, revision: &str) -> Option<&'a BTreeMap<String, Blob>> {
    let repo = host.state.repos.get(key)?;
    let commit = if revision == "main" {
        &repo.head
    } else {
        revision
    };
    repo.commits.get(commit)
}

fn create(host: &mut Host, request: &Incoming) -> io::Result<Outgoing> {
    let body = request.upload.json()?;
    let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    let key = format!(
        "{}s/{}/{}",
        text("type"),
        text("organization"),
        text("name")
    );
    if host.state.repos.contains_key(&key) {
        return Ok(Outgoing::error(409, "you already created this repository"));
    }
    let bytes = b"*.safetensors filter=lfs diff=lfs merge=lfs -text\n";
    let blob = Blob {
        digest: host.keep_bytes(bytes)?,
        size: bytes.len() as u64,
        is_large: false,
    };
    let mut repo = Repo {
        head: String::new(),
        commits: BTreeMap::new(),
    };
    add_commit(&mut repo, [(GIT_ATTRIBUTES.to_owned(), blob)].into());
    host.state.repos.insert(key, repo);
    Ok(Outgoing::json(200, &json!({ "url": text("name") })))
}

/// Adds a commit, named by its parent and its files.
fn add_commit(repo: &mut Repo, files: BTreeMap<String, Blob>) {
    let mut text = repo.head.clone();
    for (path, blob) in &files {
        text += &format!("\n{} {path}", blob.digest);
    }
    repo.head = Digest::of(text.as_bytes()).to_hex()[..40].to_owned();
    repo.commits.insert(repo.head.clone(), files);
}

fn head(host: &Host, key: &str, revision: &str) -> Outgoing {
    let repo = &host.state.repos[key];
    let commit = if revision == "main" {
        &repo.head
    } else {
        revision
    };
    match repo.commits.contains_key(commit) {
        true => Outgoing::json(200, &json!({ "sha": commit })),
        false => Outgoing::error(404, "revision not found"),
    }
}

fn tree(host: &Host, request: &Incoming, key: &str, revision: &str) -> Outgoing {
    let Some(files) = files(host, key, revision) else {
        return Outgoing::error(404, "revision not found");
    };
    let row = |(path, blob): (&String, &Blob)| {
        let mut row = json!({"type": "file", "path": path, "size": blob.size});
        if blob.is_large {
            let oid = blob.digest.to_hex();
            row["lfs"] = json!({"oid": oid, "size": blob.size, "pointerSize": 130});
        }
        row
    };
    host.page(request, files.iter().map(row).collect())
}

fn preupload(request: &Incoming) -> io::Result<Outgoing> {
    let body = request.upload.json()?;
    let mode = |file: &Value| {
        let path = file["path"].as_str().unwrap_or_default();
        let sample = file["sample"].as_str().unwrap_or_default();
        let sample = STANDARD.decode(sample).unwrap_or_default();
        let is_large = is_large(path, file["size"].as_u64().unwrap_or(0), &sample);
        let mode = if is_large { "lfs" } else { "regular" };
        json!({"path": path, "uploadMode": mode, "shouldIgnore": false})
    };
    let files: Vec<_> = body["files"]
        .as_array()
        .into_iter()
        .flatten()
        .map(mode)
        .collect();
    Ok(Outgoing::json(200, &json!({ "files": files })))
}

fn batch(host: &Host, request: &Incoming) -> io::Result<Outgoing> {
    let body = request.upload.json()?;
    let origin: Vec<_> = request.url.split('/').take(3).collect();
    let origin = origin.join("/");
    let object = |object: &Value| {
        let mut row = object.clone();
        if digest(&object["oid"])
            .and_then(|digest| host.object(digest))
            .is_none()
        {
            let oid = object["oid"].as_str().unwrap_or_default();
            row["actions"] = json!({
                "upload": {"href": format!("{origin}/lfs-storage/{oid}")},
                "verify": {"href": format!("{origin}/lfs-verify")},
            });
        }
        row
    };
    let objects: Vec<_> = body["objects"]
        .as_array()
        .into_iter()
        .flatten()
        .map(object)
        .collect();
    Ok(Outgoing::json(
        200,
        &json!({"transfer": "basic", "objects": objects}),
    ))
}

fn commit(host: &mut Host, request: &Incoming, key: &str) -> io::Result<Outgoing> {
    let text = fs::read_to_string(&request.upload.path)?;
    let mut files = host.state.repos[key].commits[&host.state.repos[key].head].clone();
    for line in text.lines() {
        let line: Value = serde_json::from_str(line)?;
        let value = &line["value"];
        let path = value["path"].as_str().unwrap_or_default().to_owned();
        match line["key"].as_str() {
            Some("header") => {
                let parent = value["parentCommit"].as_str();
                if parent.is_some_and(|parent| parent != host.state.repos[key].head) {
                    return Ok(Outgoing::error(412, "a commit has happened since"));
                }
            }
            Some("file") => {
                let content = value["content"].as_str().unwrap_or_default();
                let bytes = STANDARD.decode(content).map_err(io::Error::other)?;
                let blob = Blob {
                    digest: host.keep_bytes(&bytes)?,
                    size: bytes.len() as u64,
                    is_large: false,
                };
                files.insert(path, blob);
            }
            Some("lfsFile") => match digest(&value["oid"]) {
                Some(digest) if host.object(digest).is_some() => {
                    let size = value["size"].as_u64().unwrap_or(0);
                    let is_large = true;
                    files.insert(
                        path,
                        Blob {
                            digest,
                            size,
                            is_large,
                        },
                    );
                }
                _ => return Ok(Outgoing::error(400, "object was not uploaded")),
            },
            Some("deletedFile") => {
                files.remove(&path);
            }
            _ => return Ok(Outgoing::error(400, "unknown line")),
        }
    }
    let Some(repo) = host.state.repos.get_mut(key) else {
        return Ok(Outgoing::error(404, "repository not found"));
    };
    add_commit(repo, files);
    Ok(Outgoing::json(200, &json!({ "commitOid": repo.head })))
}

fn resolve(host: &Host, request: &Incoming, key: &str, revision: &str, path: &str) -> Outgoing {
    match files(host, key, revision).and_then(|files| files.get(path)) {
        Some(blob) => host.blob(request, blob),
        None => Outgoing::error(404, "entry not found"),
    }
}
