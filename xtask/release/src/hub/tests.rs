//! Everything against the local hosts.

mod dry_run;
mod faults;
mod fetching;
mod interrupted;
mod publishing;
mod secrets;

use std::{fs, path::PathBuf, time::Duration};

use geno_core::Digest;
use geno_provenance::{Artifact, PublicPath};
use tempfile::TempDir;

use super::*;
use crate::local_hub::Server;

/// What all tokens of these tests hold.
const SECRET: &str = "5ecre7";

const MODEL: &str = "https://huggingface.co/owner/model";
const DATASET: &str = "https://huggingface.co/datasets/owner/data";
const RELEASE: &str = "https://github.com/owner/code/releases/tag/v1.0";
const TARGETS: [&str; 3] = [MODEL, DATASET, RELEASE];

/// Local hosts, and files to publish there.
struct World {
    server: Server,
    folder: TempDir,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(&folder.path().join("hub"), 0, Vec::new()).unwrap();
        Self { server, folder }
    }

    /// Repeats as the real one, without its pauses.
    fn hub(&self) -> Hub {
        Hub {
            retry: RetryPolicy {
                retries: 4,
                first_pause: Duration::from_millis(1),
                longest_pause: Duration::from_secs(2),
            },
            ..Hub::new(self.server.endpoints(), tokens())
        }
    }

    /// Gives up at the first fault.
    fn hasty_hub(&self) -> Hub {
        let mut hub = self.hub();
        hub.retry.retries = 0;
        hub
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A file of these bytes.
    fn file(&self, name: &str, bytes: &[u8]) -> PlannedFile {
        let source = self.path("source").join(name);
        fs::create_dir_all(source.parent().unwrap()).unwrap();
        fs::write(&source, bytes).unwrap();
        PlannedFile {
            source,
            destination: PublicPath::new(name).unwrap(),
            digest: Digest::of(bytes),
            size: bytes.len() as u64,
        }
    }

    /// Files of all kinds: large and small, in a folder, empty. Two have equal bytes.
    fn files(&self) -> Vec<PlannedFile> {
        let numbers: Vec<u8> = (0..200_000_u32).map(|i| (i % 251) as u8).collect();
        vec![
            self.file("README.md", b"# A model\n"),
            self.file("model.safetensors", &numbers),
            self.file("eval/copy.safetensors", &numbers),
            self.file("eval/metrics.json", b"{}"),
            self.file("empty.txt", b""),
        ]
    }

    fn publish(&self, page: &str) -> (Target, Revision) {
        let target = target(page);
        let files = self.files();
        let revision = self.hub().publish(&target, &files, "v1", Published::Keep);
        (target, revision.unwrap())
    }

    fn count(&self, method: &str, part: &str) -> usize {
        let records = self.server.records();
        let is_it = |it: &&_| {
            let it: &crate::local_hub::Record = it;
            it.method == method && it.target.contains(part)
        };
        records.iter().filter(is_it).count()
    }
}

fn tokens() -> Tokens {
    Tokens::of(|name| match name {
        "HF_TOKEN" => Some(format!("hf_{SECRET}")),
        "GITHUB_TOKEN" => Some(format!("ghp_{SECRET}\n")),
        _ => Some(" ".to_owned()),
    })
}

fn target(page: &str) -> Target {
    Target::of_page(page).unwrap()
}

/// A planned file as it is listed at a target.
fn artifact(target: &Target, file: &PlannedFile) -> Artifact {
    let path = match target {
        Target::Release { .. } => endpoints::asset_name(&file.destination),
        _ => file.destination.as_str(),
    };
    Artifact {
        path: PublicPath::new(path).unwrap(),
        digest: file.digest,
        size: file.size,
    }
}

/// Checks that a revision holds exactly these files, by reading them all.
fn assert_holds(world: &World, target: &Target, revision: &Revision, files: &[PlannedFile]) {
    let hub = world.hub();
    let listed = hub.list(target, revision).unwrap();
    let listed: Vec<_> = listed
        .iter()
        .map(|file| (file.path.clone(), file.size))
        .collect();
    let mut planned: Vec<_> = files
        .iter()
        .map(|file| artifact(target, file))
        .map(|file| (file.path, file.size))
        .collect();
    planned.sort();
    assert_eq!(listed, planned);
    for file in files {
        let to = tempfile::tempdir_in(world.folder.path()).unwrap();
        let to = to.path().join("file");
        hub.download(target, revision, &artifact(target, file), &to)
            .unwrap();
        assert_eq!(fs::read(&to).unwrap(), fs::read(&file.source).unwrap());
    }
}
