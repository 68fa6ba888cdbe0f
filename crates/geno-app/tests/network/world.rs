//! A folder with version 1 in use, and a server with something newer.

use std::{
    fs,
    path::{Path, PathBuf},
};

use geno_app::{
    InstallRoot, InstalledModel, Offer, Outcome, ReleaseId, UpdateError, find_release, install,
};
use geno_provenance::Manifest;
use tempfile::TempDir;

use super::{
    release::Release,
    server::{Request, Server, Stream, client, ok, status},
    tls::Authority,
};

pub(crate) const LIMIT: u64 = 1 << 20;

/// A folder with version 1 in use, and a server.
pub(crate) struct World {
    pub(crate) authority: Authority,
    pub(crate) server: Server,
    pub(crate) folder: TempDir,
    pub(crate) root: InstallRoot,
}

impl World {
    pub(crate) fn new(
        script: impl Fn(usize, &Request, &mut Stream) + Send + Sync + 'static,
    ) -> Self {
        let authority = Authority::new();
        let server = Server::start(&authority, script);
        let folder = tempfile::tempdir().unwrap();
        let root = InstallRoot::new(folder.path());
        Release::new("1.0").write(&folder.path().join("model-1.0"));
        Self {
            authority,
            server,
            folder,
            root,
        }
    }

    pub(crate) fn serving(release: Release) -> Self {
        Self::new(move |_, request, stream| match release.at(&request.path) {
            Some(bytes) => ok(stream, &bytes),
            None => status(stream, "404 Not Found", ""),
        })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn old(&self) -> Manifest {
        let model = InstalledModel::open(&self.path("model-1.0")).unwrap();
        model.manifest().clone()
    }

    pub(crate) fn offer(&self) -> Result<Offer, UpdateError> {
        let client = client(&self.authority);
        let index = self.server.location("/releases.json");
        find_release(&client, &index, None, Some(&self.old()))
    }

    pub(crate) fn update(&self) -> Result<Outcome, UpdateError> {
        let offer = self.offer()?;
        let lock = self.root.lock()?;
        let in_use = ReleaseId::new("model-1.0").unwrap();
        let client = client(&self.authority);
        install(&client, &lock, &offer, Some(&in_use), LIMIT, &mut |_, _| ())
    }

    /// Nothing but version 1 is there under a name.
    pub(crate) fn assert_untouched(&self) {
        let named = fs::read_dir(self.folder.path())
            .unwrap()
            .filter_map(|entry| {
                let name = entry.unwrap().file_name().into_string().unwrap();
                (!name.starts_with('.')).then_some(name)
            });
        assert_eq!(named.collect::<Vec<_>>(), ["model-1.0"]);
        verify(&self.path("model-1.0"));
    }
}

pub(crate) fn verify(folder: &Path) {
    InstalledModel::open(folder).unwrap().verify().unwrap();
}
