//! The part of GitHub that a release needs.

use std::io;

use serde_json::{Value, json};

use super::host::{Asset, Bearer, Blob, Host, Incoming, Outgoing, Release, Service};

/// Does what a request asks for.
pub(super) fn answer(host: &mut Host, request: &Incoming) -> io::Result<Outgoing> {
    let may_write = match request.bearer {
        Bearer::Github => true,
        Bearer::None if request.method == "GET" => false,
        _ => return Ok(Outgoing::error(401, "Bad credentials")),
    };
    let parts: Vec<&str> = request.parts.iter().map(String::as_str).collect();
    let method = request.method.as_str();
    match (request.service, &parts[..]) {
        (Service::GithubPages, [owner, name, "releases", "download", tag, file]) => {
            let releases = host.state.releases.get(&format!("{owner}/{name}"));
            let mut releases = releases.into_iter().flatten();
            let release = releases.find(|release| !release.is_draft && release.tag == *tag);
            let mut assets = release.into_iter().flat_map(|release| &release.assets);
            let blob = assets.find(|asset| asset.name == *file);
            Ok(match blob.and_then(|asset| asset.blob.as_ref()) {
                Some(blob) => host.blob(request, blob),
                None => Outgoing::error(404, "Not Found"),
            })
        }
        (Service::GithubUploads, ["repos", owner, name, "releases", id, "assets"]) => {
            upload(host, request, &format!("{owner}/{name}"), id)
        }
        (Service::GithubApi, ["repos", owner, name, "releases", rest @ ..]) => {
            let key = format!("{owner}/{name}");
            match (method, rest) {
                ("GET", []) => Ok(list(host, request, &key, may_write)),
                ("POST", []) => create(host, request, &key),
                ("GET", ["tags", tag]) => {
                    let is_it = |release: &&Release| release.tag == *tag && !release.is_draft;
                    Ok(one(host, &key, is_it))
                }
                ("GET", ["assets", id]) => Ok(asset(host, request, &key, id)),
                ("DELETE", ["assets", id]) => {
                    for release in host.state.releases.get_mut(&key).into_iter().flatten() {
                        release.assets.retain(|asset| asset.id.to_string() != *id);
                    }
                    Ok(Outgoing::empty(204))
                }
                ("GET", [id]) => Ok(one(host, &key, |release| release.id.to_string() == *id)),
                ("PATCH", [id]) => {
                    let is_draft = request.upload.json()?["draft"] != json!(false);
                    if let Some(release) = find(host, &key, id) {
                        release.is_draft = is_draft;
                    }
                    Ok(one(host, &key, |release| release.id.to_string() == *id))
                }
                ("GET", [id, "assets"]) => {
                    let releases = host.state.releases.get(&key).into_iter().flatten();
                    let mut found = releases.filter(|release| release.id.to_string() == *id);
                    let assets = found.next().into_iter().flat_map(|release| &release.assets);
                    let rows = assets.map(|asset| row(host, asset)).collect();
                    Ok(host.page(request, rows))
                }
                _ => Ok(Outgoing::error(404, "Not Found")),
            }
        }
        _ => Ok(Outgoing::error(404, "Not Found")),
    }
}

/// Leaves what stands for an asset whose upload broke off.
pub(super) fn broken_upload(host: &mut Host, key: &str, id: &str, name: &str) {
    let asset = host.next_id();
    let is_free = |release: &&mut Release| release.assets.iter().all(|asset| asset.name != name);
    if let Some(release) = find(host, key, id).filter(is_free) {
        release.assets.push(Asset {
            id: asset,
            name: name.to_owned(),
            blob: None,
        });
    }
}

fn find<'a>(host: &'a mut Host, key: &str, id: &str) -> Option<&'a mut Release> {
    let mut releases = host.state.releases.get_mut(key)?.iter_mut();
    releases.find(|release| release.id.to_string() == id)
}

fn one(host: &Host, key: &str, is_it: impl Fn(&&Release) -> bool) -> Outgoing {
    let mut releases = host.state.releases.get(key).into_iter().flatten();
    match releases.find(is_it) {
        Some(release) => Outgoing::json(200, &release_row(release)),
        None => Outgoing::error(404, "Not Found"),
    }
}

fn release_row(release: &Release) -> Value {
    json!({"id": release.id, "tag_name": release.tag, "name": release.name, "draft": release.is_draft})
}

fn row(host: &Host, asset: &Asset) -> Value {
    let blob = asset.blob.as_ref();
    let digest = blob.filter(|_| host.tells_digests).map(|blob| blob.digest);
    json!({
        "id": asset.id,
        "name": asset.name,
        "state": if blob.is_some() { "uploaded" } else { "starter" },
        "size": blob.map_or(0, |blob| blob.size),
        "digest": digest,
    })
}

fn list(host: &Host, request: &Incoming, key: &str, sees_drafts: bool) -> Outgoing {
    let releases = host.state.releases.get(key).into_iter().flatten();
    let seen = releases.filter(|release| sees_drafts || !release.is_draft);
    host.page(request, seen.map(release_row).collect())
}

fn create(host: &mut Host, request: &Incoming, key: &str) -> io::Result<Outgoing> {
    let body = request.upload.json()?;
    let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    let release = Release {
        id: host.next_id(),
        tag: text("tag_name"),
        name: text("name"),
        is_draft: body["draft"] == json!(true),
        assets: Vec::new(),
    };
    let answer = Outgoing::json(201, &release_row(&release));
    host.state
        .releases
        .entry(key.to_owned())
        .or_default()
        .push(release);
    Ok(answer)
}

fn upload(host: &mut Host, request: &Incoming, key: &str, id: &str) -> io::Result<Outgoing> {
    let Some(name) = request.query.get("name") else {
        return Ok(Outgoing::error(400, "no name"));
    };
    let asset = Asset {
        id: host.next_id(),
        name: name.clone(),
        blob: Some(Blob {
            digest: request.upload.digest,
            size: request.upload.size,
            is_large: true,
        }),
    };
    let Some(release) = find(host, key, id) else {
        return Ok(Outgoing::error(404, "Not Found"));
    };
    if release.assets.iter().any(|other| other.name == *name) {
        let errors = json!([{"resource": "ReleaseAsset", "code": "already_exists"}]);
        let body = json!({"message": "Validation Failed", "errors": errors});
        return Ok(Outgoing::json(422, &body));
    }
    release.assets.push(asset.clone());
    host.keep(&request.upload)?;
    Ok(Outgoing::json(201, &row(host, &asset)))
}

fn asset(host: &Host, request: &Incoming, key: &str, id: &str) -> Outgoing {
    let releases = host.state.releases.get(key).into_iter().flatten();
    let mut assets = releases.flat_map(|release| &release.assets);
    match assets.find(|asset| asset.id.to_string() == id) {
        Some(Asset {
            blob: Some(blob), ..
        }) if request.accept.contains("octet-stream") => host.blob(request, blob),
        Some(asset) => Outgoing::json(200, &row(host, asset)),
        None => Outgoing::error(404, "Not Found"),
    }
}
