//! The one commit: a line for each file.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufWriter, Read, Write},
    path::Path,
};

use base64::{engine::general_purpose::STANDARD, write::EncoderWriter};
use geno_app::Commit;
use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use ureq::http::Method;

use super::{
    super::{Hub, HubError, plan::Plan, target::Repo, wire::Body},
    BRANCH, content_type,
    lfs::Mode,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Committed {
    commit_oid: String,
}

impl Hub {
    /// Commits files on top of a commit. If the branch has moved on, it must have moved to exactly
    /// the plan: then an earlier attempt took effect whose answer was lost.
    pub(super) fn commit(
        &self,
        repo: Repo<'_>,
        parent: &Commit,
        plan: &Plan<'_>,
        modes: &BTreeMap<String, Mode>,
        remove: &[String],
        message: &str,
    ) -> Result<Commit, HubError> {
        let lines = lines(parent, plan, modes, remove, message)?;
        let path = lines.path();
        let size = std::fs::metadata(path)
            .map_err(|source| unusable(path, source))?
            .len();
        let body = Body::File { path, size };
        let mut request = self.api(repo, Method::POST, &["commit", BRANCH], body);
        request.headers.push(content_type("application/x-ndjson"));

        let look = || {
            let moved = || HubError::Moved {
                target: repo.target.clone(),
            };
            match self.head(repo)? {
                Some(head) if head == *parent => Ok(None),
                Some(head) if self.first_difference(repo, &head, plan)?.is_none() => Ok(Some(head)),
                _ => Err(moved()),
            }
        };
        // 409, 412: the parent is not the newest commit any more.
        let send = || {
            let answer = self.once(&request, &[409, 412])?;
            match answer.status {
                409 | 412 => look()?.ok_or_else(|| HubError::Moved {
                    target: repo.target.clone(),
                }),
                _ => {
                    let committed: Committed = answer.json()?;
                    self.commit_of(&request, &committed.commit_oid)
                }
            }
        };
        self.settle(send, look)
    }
}

/// The lines of a commit, in a file: the bytes of small files are among them.
fn lines(
    parent: &Commit,
    plan: &Plan<'_>,
    modes: &BTreeMap<String, Mode>,
    remove: &[String],
    message: &str,
) -> Result<NamedTempFile, HubError> {
    let file = NamedTempFile::new();
    let file = file.map_err(|source| unusable(&std::env::temp_dir(), source))?;
    let mut out = BufWriter::new(file.as_file());
    let at = |source| unusable(file.path(), source);
    let header = json!({
        "summary": message,
        "description": "",
        "parentCommit": parent.to_string(),
    });
    line(&mut out, "header", &header).map_err(at)?;
    for (name, mode) in modes {
        let planned = plan[name];
        match mode {
            Mode::Large => {
                let value = json!({
                    "path": name,
                    "algo": "sha256",
                    "oid": planned.digest.to_hex(),
                    "size": planned.size,
                });
                line(&mut out, "lfsFile", &value).map_err(at)?;
            }
            Mode::Regular => {
                let source = File::open(&planned.source);
                let source = source.map_err(|error| unusable(&planned.source, error))?;
                regular(&mut out, name, source.take(planned.size)).map_err(at)?;
            }
        }
    }
    for name in remove {
        line(&mut out, "deletedFile", &json!({ "path": name })).map_err(at)?;
    }
    out.flush().map_err(at)?;
    drop(out);
    Ok(file)
}

fn line(out: &mut impl Write, key: &str, value: &Value) -> io::Result<()> {
    writeln!(out, "{}", json!({"key": key, "value": value}))
}

/// Writes the line of a small file, its bytes in a stream.
fn regular(out: &mut impl Write, name: &str, mut source: impl Read) -> io::Result<()> {
    let name = Value::from(name);
    write!(
        out,
        r#"{{"key":"file","value":{{"path":{name},"encoding":"base64","content":""#
    )?;
    let mut encoder = EncoderWriter::new(&mut *out, &STANDARD);
    io::copy(&mut source, &mut encoder)?;
    encoder.finish()?;
    drop(encoder);
    writeln!(out, "\"}}}}")
}

fn unusable(path: &Path, source: io::Error) -> HubError {
    let path = path.to_owned();
    HubError::File { path, source }
}
