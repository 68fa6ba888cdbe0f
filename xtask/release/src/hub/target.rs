//! What is published: a repository of Hugging Face, or a release of GitHub.

use std::fmt;

use geno_app::{Commit, HubRepo};
use geno_core::{Coded, ErrorCode};
use geno_provenance::{
    PublicPath,
    release::{PublicUrl, PublicUrlError},
};

use super::{Endpoints, HubError};

/// The tag of a release: letters, digits, `.`, `_`, `+` and `-`, the first a letter or digit.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Tag(String);

/// Where the files of one group are published.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Target {
    /// A model of Hugging Face.
    Model(HubRepo),
    /// A data set of Hugging Face.
    Dataset(HubRepo),
    /// A release of GitHub.
    Release {
        /// The repository.
        repo: HubRepo,
        /// The tag.
        tag: Tag,
    },
}

/// A target by its host.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    HuggingFace(Repo<'a>),
    Github(Tagged<'a>),
}

/// A repository of Hugging Face.
#[derive(Clone, Copy)]
pub(super) struct Repo<'a> {
    pub(super) target: &'a Target,
    pub(super) kind: &'static str,
    pub(super) id: &'a HubRepo,
}

/// A release of GitHub.
#[derive(Clone, Copy)]
pub(super) struct Tagged<'a> {
    pub(super) target: &'a Target,
    pub(super) repo: &'a HubRepo,
    pub(super) tag: &'a Tag,
}

/// The state of a target that was published, which nothing changes any more.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Revision {
    /// A commit of a repository of Hugging Face.
    Commit(Commit),
    /// A release of GitHub.
    Release {
        /// Its number.
        id: u64,
        /// Its tag.
        tag: Tag,
    },
}

/// Why a text names no target.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum TargetError {
    /// The text is no tag.
    #[error("`{text}` is no tag of a release")]
    Tag {
        /// The text.
        text: String,
    },
    /// The text is no address.
    #[error("target is no public address")]
    Url(#[from] PublicUrlError),
    /// The address is of another page.
    #[error(
        "`{url}` is no page of a model or data set of huggingface.co and of no release of github.com"
    )]
    Page {
        /// The address.
        url: PublicUrl,
    },
}

impl Coded for TargetError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

/// First parts of addresses of huggingface.co that are no owners.
const RESERVED: &[&str] = &[
    "api",
    "datasets",
    "docs",
    "models",
    "organizations",
    "spaces",
];

impl Tag {
    /// Reads a tag.
    ///
    /// # Errors
    ///
    /// [`TargetError::Tag`].
    pub(crate) fn new(text: &str) -> Result<Self, TargetError> {
        let plain = |char: char| char.is_ascii_alphanumeric() || "._+-".contains(char);
        let fits = text.starts_with(|first: char| first.is_ascii_alphanumeric())
            && text.chars().all(plain)
            && !text.contains("..")
            && !text.ends_with(['.'])
            && !text.ends_with(".lock")
            && text.len() <= 100;
        match fits {
            true => Ok(Self(text.to_owned())),
            false => Err(TargetError::Tag {
                text: text.to_owned(),
            }),
        }
    }

    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Target {
    /// Reads the address of a page, such as `https://huggingface.co/datasets/owner/name`.
    ///
    /// # Errors
    ///
    /// [`TargetError`].
    pub(crate) fn of_page(text: &str) -> Result<Self, TargetError> {
        let url = PublicUrl::new(text)?;
        let page = |url| TargetError::Page { url };
        let hosts = ["https://huggingface.co/", "https://github.com/"];
        let ([Some(path), None] | [None, Some(path)]) = hosts.map(|host| text.strip_prefix(host))
        else {
            return Err(page(url));
        };
        let parts: Vec<_> = path.split('/').collect();
        let repo = |owner: &str, name: &str| HubRepo::new(&format!("{owner}/{name}"));
        let found = match (url.host(), &parts[..]) {
            ("huggingface.co", ["datasets", owner, name]) => repo(owner, name).map(Self::Dataset),
            ("huggingface.co", [owner, name]) if !RESERVED.contains(owner) => {
                repo(owner, name).map(Self::Model)
            }
            ("github.com", [owner, name, "releases", "tag", tag]) => {
                let tag = Tag::new(tag)?;
                repo(owner, name).map(|repo| Self::Release { repo, tag })
            }
            _ => return Err(page(url)),
        };
        found.map_err(|_| page(url))
    }

    /// The target by its host.
    pub(super) fn place(&self) -> Place<'_> {
        let target = self;
        let repo = |kind, id| Place::HuggingFace(Repo { target, kind, id });
        match self {
            Self::Model(id) => repo("model", id),
            Self::Dataset(id) => repo("dataset", id),
            Self::Release { repo, tag } => Place::Github(Tagged { target, repo, tag }),
        }
    }

    /// The address of its page.
    pub(crate) fn page(&self) -> String {
        match self {
            Self::Model(repo) => format!("https://huggingface.co/{repo}"),
            Self::Dataset(repo) => format!("https://huggingface.co/datasets/{repo}"),
            Self::Release { repo, tag } => {
                format!("https://github.com/{repo}/releases/tag/{tag}")
            }
        }
    }

    /// The address of a file of a revision, which is the same file for ever.
    ///
    /// # Errors
    ///
    /// [`HubError::Revision`] for a revision of another target, [`HubError::Address`] for a path
    /// that no public address may hold.
    pub(crate) fn file(
        &self,
        revision: &Revision,
        path: &PublicPath,
    ) -> Result<PublicUrl, HubError> {
        let public = Endpoints::new(None, None)?;
        let url = public.file(self, revision, path)?;
        PublicUrl::new(url).map_err(|source| HubError::Address {
            path: path.clone(),
            source,
        })
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.page())
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Commit(commit) => commit.fmt(f),
            Self::Release { id, tag } => write!(f, "{tag} ({id})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_names_its_target() {
        for text in [
            "https://huggingface.co/owner/name-1.0",
            "https://huggingface.co/datasets/owner/name",
            "https://github.com/owner/name/releases/tag/v1.0-rc.1",
        ] {
            assert_eq!(Target::of_page(text).unwrap().page(), text);
        }
    }

    #[test]
    fn other_pages_are_refused() {
        for text in [
            "http://huggingface.co/owner/name",
            "https://huggingface.co/owner",
            "https://huggingface.co/owner/name/",
            "https://huggingface.co/owner/name/tree/main",
            "https://huggingface.co/datasets/name",
            "https://huggingface.co/spaces/owner/name",
            "https://huggingface.co/owner/.name",
            "https://huggingface.co:444/owner/name",
            "https://huggingface.co.example/owner/name",
            "https://github.com/owner/name",
            "https://github.com/owner/name/releases/latest",
            "https://github.com/owner/name/releases/tag/v1/x",
            "https://github.com/owner/name/releases/tag/-v1",
            "https://github.com/owner/name/releases/tag/v1..2",
            "https://user@github.com/owner/name/releases/tag/v1",
        ] {
            assert!(Target::of_page(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_address_of_a_file_names_its_revision() {
        let hex = "0123456789abcdef0123456789abcdef01234567";
        let commit = Revision::Commit(Commit::new(hex).unwrap());
        let tag = Tag::new("v1").unwrap();
        let release = Revision::Release { id: 7, tag };
        let path = PublicPath::new("eval/a b.json").unwrap();
        let address = |page: &str, revision| {
            let target = Target::of_page(page).unwrap();
            target.file(revision, &path).map(|url| url.to_string()).ok()
        };
        let hugging_face = "https://huggingface.co";
        assert_eq!(
            address("https://huggingface.co/o/n", &commit),
            Some(format!("{hugging_face}/o/n/resolve/{hex}/eval/a%20b.json"))
        );
        assert_eq!(
            address("https://huggingface.co/datasets/o/n", &commit),
            Some(format!(
                "{hugging_face}/datasets/o/n/resolve/{hex}/eval/a%20b.json"
            ))
        );
        let page = "https://github.com/o/n/releases/tag/v1";
        let expected = "https://github.com/o/n/releases/download/v1/a%20b.json";
        assert_eq!(address(page, &release).as_deref(), Some(expected));
        assert_eq!(address(page, &commit), None);
        assert_eq!(
            address("https://github.com/o/n/releases/tag/v2", &release),
            None
        );
    }
}
