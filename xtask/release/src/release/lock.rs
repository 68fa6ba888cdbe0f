//! `release.lock.json`: every file of a release, once everything about it was found to hold.

use geno_core::Digest;
use geno_provenance::{
    Artifact, FieldError, Fields, Json, PublicPath, canonical_json,
    release::{ArtifactSet, Claim, ReportBody},
};

use super::nodes::Node;

/// What `release.lock.json` holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Lock {
    /// Every file of the release.
    pub(crate) files: ArtifactSet,
    /// Files that a report is made of, and that were compared with it.
    pub(crate) edges: u64,
}

impl Lock {
    /// Digest of the files by their rows: what everything that follows is about.
    ///
    /// No time goes into it, so the same release has the same digest whenever it was verified.
    pub(crate) fn digest(&self) -> Digest {
        Digest::of(&canonical_json(&self.nodes()))
    }

    fn nodes(&self) -> Json {
        let node = |file: &Artifact| {
            let node = Node::of(&file.path);
            let key = node.map_or("", |node| node.key);
            let check = node.map_or("", |node| node.check.as_str());
            let fields = file.fields().into_iter();
            Json::object(fields.chain([("key", key.into()), ("check", check.into())]))
        };
        Json::Array(self.files.iter().map(node).collect())
    }

    /// The files of a part, without the part in their names.
    pub(crate) fn part<'a>(
        &'a self,
        part: &'a str,
    ) -> impl Iterator<Item = (PublicPath, &'a Artifact)> {
        let inside = move |file: &'a Artifact| {
            let rest = file.path.as_str().strip_prefix(part)?.strip_prefix('/')?;
            Some((PublicPath::new(rest).ok()?, file))
        };
        self.files.iter().filter_map(inside)
    }
}

impl ReportBody for Lock {
    const PRODUCER: &'static str = "xtask.release.verify";
    const CLAIMS: &'static [Claim] = &[
        Claim::NoClinicalUse,
        Claim::NoDeploymentReadiness,
        Claim::NoPrivacyAssurance,
    ];
    const NEEDS_FINDINGS: bool = false;

    fn take(fields: &mut Fields) -> Result<Self, FieldError> {
        // It follows from the nodes; the reader compares it.
        fields.digest("lock_digest")?;
        let mut files = ArtifactSet::default();
        for mut node in fields.objects("nodes")? {
            let file = Artifact::take(&mut node)?;
            // These follow from the path.
            node.string("key")?;
            node.string("check")?;
            node.finish()?;
            let twice = |_| FieldError::Value {
                field: "body.nodes".to_owned(),
                expected: "files that are each there once",
            };
            files.insert(file).map_err(twice)?;
        }
        Ok(Self {
            files,
            edges: fields.unsigned("edges_checked")?,
        })
    }

    fn to_json(&self) -> Json {
        Json::object([
            ("lock_digest", Json::from(self.digest())),
            ("nodes", self.nodes()),
            ("edges_checked", self.edges.into()),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_follows_from_the_files() {
        let file = |path: &str, bytes: &[u8]| Artifact {
            path: PublicPath::new(path).unwrap(),
            digest: Digest::of(bytes),
            size: bytes.len() as u64,
        };
        let lock = |bytes: &[u8], edges| Lock {
            files: ArtifactSet::new([file("model/a", bytes), file("demo/b", b"b")]).unwrap(),
            edges,
        };
        assert_eq!(lock(b"1", 1).digest(), lock(b"1", 2).digest());
        assert_ne!(lock(b"1", 1).digest(), lock(b"2", 1).digest());
        let mut fields = Fields::of_document(lock(b"1", 1).to_json()).unwrap();
        assert_eq!(Lock::take(&mut fields), Ok(lock(b"1", 1)));
        let lock = lock(b"1", 1);
        let part: Vec<_> = lock
            .part("model")
            .map(|(path, _)| path.to_string())
            .collect();
        assert_eq!(part, ["a"]);
    }
}
