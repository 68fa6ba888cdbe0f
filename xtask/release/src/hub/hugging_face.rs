//! Repositories of Hugging Face: one commit for all files.

mod commit;
mod lfs;
mod tree;

use geno_app::Commit;
use serde::Deserialize;
use serde_json::json;
use ureq::http::Method;

use super::{
    Hub, HubError, Published, RemoteFile, Revision,
    plan::Plan,
    target::Repo,
    wire::{Body, Request},
};

/// The branch that is published to.
const BRANCH: &str = "main";

/// The part of a revision that is read.
#[derive(Deserialize)]
struct Head {
    sha: String,
}

/// What a new commit does.
#[derive(Default)]
struct Change {
    add: Vec<String>,
    remove: Vec<String>,
}

impl Hub {
    /// Publishes files in one commit, or finds that the newest commit holds exactly these.
    pub(super) fn publish_repo(
        &self,
        repo: Repo<'_>,
        plan: &Plan<'_>,
        message: &str,
        published: Published,
    ) -> Result<Commit, HubError> {
        let head = match self.head(repo)? {
            Some(head) => head,
            None => self.create(repo)?,
        };
        let there = self.tree(repo, &head)?;
        let change = self.change(repo, &head, &there, plan, published)?;
        if change.add.is_empty() && change.remove.is_empty() {
            return Ok(head);
        }
        let modes = self.upload(repo, plan, &change.add)?;
        let commit = self.commit(repo, &head, plan, &modes, &change.remove, message)?;
        match self.first_difference(repo, &commit, plan)? {
            None => Ok(commit),
            Some(name) => Err(HubError::Unsettled {
                target: repo.target.clone(),
                name,
            }),
        }
    }

    /// The newest commit of the branch, if the repository is there.
    pub(super) fn head(&self, repo: Repo<'_>) -> Result<Option<Commit>, HubError> {
        let request = self.api(repo, Method::GET, &["revision", BRANCH], Body::None);
        let head: Option<Head> = self.find(&request)?;
        head.map(|head| self.commit_of(&request, &head.sha))
            .transpose()
    }

    fn commit_of(&self, request: &Request<'_>, text: &str) -> Result<Commit, HubError> {
        Commit::new(text).map_err(|_| HubError::Answer {
            url: super::wire::shown(&request.url),
            reason: "no commit",
        })
    }

    /// Creates the repository, and returns its first commit.
    fn create(&self, repo: Repo<'_>) -> Result<Commit, HubError> {
        let body = json!({
            "type": repo.kind,
            "organization": repo.id.owner(),
            "name": repo.id.name(),
            "private": false,
        });
        let body = body.to_string();
        let request = Request {
            method: Method::POST,
            url: self.endpoints.hugging_face.at(["api", "repos", "create"]),
            headers: vec![content_type("application/json")],
            token: self.tokens.hugging_face.as_ref(),
            body: Body::Bytes(body.as_bytes()),
        };
        // 409: it is there, which its head will show.
        let send = || self.once(&request, &[409]).map(|_| ());
        self.settle(send, || Ok(self.head(repo)?.map(|_| ())))?;
        self.head(repo)?.ok_or_else(|| HubError::Absent {
            target: repo.target.clone(),
        })
    }

    /// What it takes for the branch to hold exactly the plan.
    fn change(
        &self,
        repo: Repo<'_>,
        head: &Commit,
        there: &[RemoteFile],
        plan: &Plan<'_>,
        published: Published,
    ) -> Result<Change, HubError> {
        let mut change = Change::default();
        for file in there {
            let (target, name) = (repo.target.clone(), file.path.to_string());
            match (plan.get(&name), published) {
                (None, Published::Keep) => return Err(HubError::Unplanned { target, name }),
                (None, Published::Replace) => change.remove.push(name),
                (Some(_), _) if self.equals(repo, head, file, plan)? => {}
                (Some(_), Published::Keep) => return Err(HubError::Different { target, name }),
                (Some(_), Published::Replace) => change.add.push(name),
            }
        }
        let is_there = |name: &String| there.iter().any(|file| file.path.as_str() == name);
        change
            .add
            .extend(plan.keys().filter(|name| !is_there(name)).cloned());
        change.add.sort();
        Ok(change)
    }

    /// Whether a file has the bytes that are planned for it. Its host names digests of large files
    /// only; small ones are read.
    fn equals(
        &self,
        repo: Repo<'_>,
        commit: &Commit,
        file: &RemoteFile,
        plan: &Plan<'_>,
    ) -> Result<bool, HubError> {
        let Some(planned) = plan.get(file.path.as_str()) else {
            return Ok(false);
        };
        if planned.size != file.size {
            return Ok(false);
        }
        let digest = match file.digest {
            Some(digest) => digest,
            None => {
                let revision = Revision::Commit(commit.clone());
                let url = self.endpoints.file(repo.target, &revision, &file.path)?;
                let token = self.tokens.hugging_face.as_ref();
                self.digest_of(&url, &[], token, file.size)?
            }
        };
        Ok(digest == planned.digest)
    }

    /// The first file by which a commit differs from the plan.
    fn first_difference(
        &self,
        repo: Repo<'_>,
        commit: &Commit,
        plan: &Plan<'_>,
    ) -> Result<Option<String>, HubError> {
        let there = self.tree(repo, commit)?;
        for file in &there {
            if !self.equals(repo, commit, file, plan)? {
                return Ok(Some(file.path.to_string()));
            }
        }
        let is_there = |name: &String| there.iter().any(|file| file.path.as_str() == name);
        Ok(plan.keys().find(|name| !is_there(name)).cloned())
    }

    /// A request to the API of the repository.
    fn api<'a>(
        &'a self,
        repo: Repo<'_>,
        method: Method,
        parts: &[&str],
        body: Body<'a>,
    ) -> Request<'a> {
        let kind = format!("{}s", repo.kind);
        let base = ["api", &kind, repo.id.owner(), repo.id.name()];
        let parts = base.into_iter().chain(parts.iter().copied());
        Request {
            method,
            url: self.endpoints.hugging_face.at(parts),
            headers: Vec::new(),
            token: self.tokens.hugging_face.as_ref(),
            body,
        }
    }
}

fn content_type(value: &str) -> (String, String) {
    ("Content-Type".to_owned(), value.to_owned())
}
