//! Where the two hosts are: the public ones, or others for a rehearsal.

use std::net::IpAddr;

use geno_core::{Coded, ErrorCode};
use geno_provenance::PublicPath;
use url::{Host, Url};

use super::{HubError, Revision, Target};

/// A base address: `https`, or `http` on this machine.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Endpoint(Url);

/// Why a text is no [`Endpoint`].
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum EndpointError {
    /// The text is no address of a host.
    #[error("`{text}` is no address of a host")]
    Malformed {
        /// The text, without what may be secret.
        text: String,
    },
    /// What is sent could be read on the way.
    #[error("`{text}` is not https, and only this machine is spoken to without")]
    Insecure {
        /// The text.
        text: String,
    },
}

impl Coded for EndpointError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl Endpoint {
    /// Reads a base address.
    ///
    /// # Errors
    ///
    /// [`EndpointError`], also for an address with a user, a query or a fragment.
    pub(crate) fn parse(text: &str) -> Result<Self, EndpointError> {
        let shown = text.split(['?', '#']).next().unwrap_or_default();
        let malformed = || EndpointError::Malformed {
            text: shown.rsplit('@').next().unwrap_or_default().to_owned(),
        };
        let url = Url::parse(text).map_err(|_| malformed())?;
        let is_plain = url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        match is_plain {
            false => Err(malformed()),
            true if is_secure(&url) => Ok(Self(url)),
            true => Err(EndpointError::Insecure {
                text: shown.to_owned(),
            }),
        }
    }

    /// The address of a path under the base, each part escaped.
    pub(super) fn at<'a>(&self, parts: impl IntoIterator<Item = &'a str>) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(parts);
        }
        url
    }

    /// The path of an address under the base, escaped.
    pub(crate) fn strip<'a>(&self, url: &'a Url) -> Option<&'a str> {
        let rest = url
            .path()
            .strip_prefix(self.0.path().trim_end_matches('/'))?;
        let is_under = self.has(url) && (rest.is_empty() || rest.starts_with('/'));
        is_under.then_some(rest)
    }

    /// Whether an address has scheme, host and port of this one.
    pub(super) fn has(&self, url: &Url) -> bool {
        self.0.origin() == url.origin()
    }
}

/// Whether nobody on the way can read what is sent to an address.
pub(super) fn is_secure(url: &Url) -> bool {
    match url.scheme() {
        "https" => true,
        "http" => is_this_machine(url),
        _ => false,
    }
}

/// Whether an address is one of this machine.
pub(super) fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Where the hosts of a release are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Endpoints {
    pub(super) hugging_face: Endpoint,
    pub(super) github: Endpoint,
    pub(super) github_api: Endpoint,
    pub(super) github_uploads: Endpoint,
}

impl Endpoints {
    /// Other hosts in the place of the public ones, where they are named.
    ///
    /// The API of another GitHub is under `/api/v3`, its uploads under `/api/uploads`, as GitHub
    /// Enterprise has them.
    ///
    /// # Errors
    ///
    /// [`EndpointError`].
    pub(crate) fn new(
        hugging_face: Option<&str>,
        github: Option<&str>,
    ) -> Result<Self, EndpointError> {
        let public = "https://github.com";
        let (github, api, uploads) = match github.filter(|text| *text != public) {
            None => (
                Endpoint::parse(public)?,
                Endpoint::parse("https://api.github.com")?,
                Endpoint::parse("https://uploads.github.com")?,
            ),
            Some(text) => {
                let base = Endpoint::parse(text)?;
                let api = Endpoint(base.at(["api", "v3"]));
                let uploads = Endpoint(base.at(["api", "uploads"]));
                (base, api, uploads)
            }
        };
        Ok(Self {
            hugging_face: Endpoint::parse(hugging_face.unwrap_or("https://huggingface.co"))?,
            github,
            github_api: api,
            github_uploads: uploads,
        })
    }

    /// Whether these are the hosts that readers of a release know.
    pub(crate) fn is_public(&self) -> bool {
        Self::new(None, None).as_ref() == Ok(self)
    }

    /// The bases: of Hugging Face, of GitHub's API, uploads and pages.
    pub(crate) fn bases(&self) -> [&Endpoint; 4] {
        [
            &self.hugging_face,
            &self.github_api,
            &self.github_uploads,
            &self.github,
        ]
    }

    /// The address of a file of a revision.
    ///
    /// # Errors
    ///
    /// [`HubError::Revision`] for a revision of another kind of host.
    pub(super) fn file(
        &self,
        target: &Target,
        revision: &Revision,
        path: &PublicPath,
    ) -> Result<Url, HubError> {
        match (target, revision) {
            (Target::Model(repo) | Target::Dataset(repo), Revision::Commit(commit)) => {
                let commit = commit.to_string();
                let kind = matches!(target, Target::Dataset(_)).then_some("datasets");
                let repo = [repo.owner(), repo.name(), "resolve", &commit];
                let parts = kind.into_iter().chain(repo);
                Ok(self.hugging_face.at(parts.chain(path.as_str().split('/'))))
            }
            (Target::Release { repo, tag }, Revision::Release { tag: of, .. }) if tag == of => {
                let release = [
                    repo.owner(),
                    repo.name(),
                    "releases",
                    "download",
                    tag.as_str(),
                ];
                Ok(self
                    .github
                    .at(release.into_iter().chain([asset_name(path)])))
            }
            _ => Err(HubError::Revision {
                target: target.clone(),
            }),
        }
    }
}

/// The name of a file among the assets of a release.
pub(super) fn asset_name(path: &PublicPath) -> &str {
    path.as_str().rsplit('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_spoken_to_without_tls() {
        for text in [
            "https://host",
            "http://127.0.0.1:8080",
            "http://localhost:1/hub",
            "http://[::1]:1",
        ] {
            assert!(Endpoint::parse(text).is_ok(), "{text}");
        }
        for text in [
            "http://host",
            "http://localhost.example",
            "http://127.0.0.1.example",
            "ftp://localhost",
            "https://user:word@host",
            "https://host?token=word",
            "host",
        ] {
            let error = Endpoint::parse(text).unwrap_err();
            assert!(!error.to_string().contains("word"), "{error}");
        }
    }

    #[test]
    fn other_hosts_are_not_public() {
        assert!(
            Endpoints::new(None, Some("https://github.com"))
                .unwrap()
                .is_public()
        );
        assert!(Endpoints::new(None, None).unwrap().is_public());
        let local = Some("http://127.0.0.1:1");
        assert!(!Endpoints::new(local, None).unwrap().is_public());
        assert!(!Endpoints::new(None, local).unwrap().is_public());
    }
}
