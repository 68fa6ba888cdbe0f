//! `repo index`: the list of releases that `geno-lewm update` reads, and the withdrawn ones in it.

mod list;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use geno_core::Digest;
use geno_provenance::Manifest;

use self::list::{Entry, Releases, revoked};
use super::{Verdict, now};

#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo xtask repo index add --index releases.json --manifest geno-lewm-0.4.0/manifest.json
  cargo xtask repo index yank geno-lewm-0.4.0 --index releases.json \\
      --reason \"labels of the test were trained on\" --revocations revocations.json
  cargo xtask repo index check --index releases.json")]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Add a release by its manifest; makes the list if it is not there
    Add(AddArgs),
    /// Withdraw a release: `update` offers it to nobody, and `verify` warns of its receipts
    Yank(YankArgs),
    /// Compare the list with the manifests that lie beside it
    Check(CheckArgs),
}

#[derive(clap::Args)]
#[command(after_help = "Example:
  cargo xtask repo index add --index releases.json --manifest geno-lewm-0.4.0/manifest.json")]
struct AddArgs {
    /// The list
    #[arg(long, value_name = "FILE")]
    index: PathBuf,

    /// Manifest of the release, as it will be published
    #[arg(long, value_name = "FILE")]
    manifest: PathBuf,

    /// Where the manifest will be, from the list [default: RELEASE/manifest.json]
    #[arg(long, value_name = "URL")]
    manifest_url: Option<String>,

    /// Where the files will be, from the list [default: beside the manifest]
    #[arg(long, value_name = "URL")]
    artifact_base_url: Option<String>,
}

#[derive(clap::Args)]
#[command(after_help = "Example:
  cargo xtask repo index yank geno-lewm-0.4.0 --index releases.json \\
      --reason \"labels of the test were trained on\" --revocations revocations.json")]
struct YankArgs {
    /// Name of the release
    release: String,

    /// The list
    #[arg(long, value_name = "FILE")]
    index: PathBuf,

    /// Why, in words for users
    #[arg(long, value_name = "TEXT")]
    reason: String,

    /// List of withdrawn models, to be signed after this; made if it is not there
    #[arg(long, value_name = "FILE")]
    revocations: PathBuf,
}

#[derive(clap::Args)]
#[command(after_help = "Example:
  cargo xtask repo index check --index releases.json")]
struct CheckArgs {
    /// The list
    #[arg(long, value_name = "FILE")]
    index: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<Verdict> {
    match &args.action {
        Action::Add(args) => add(args),
        Action::Yank(args) => yank(args),
        Action::Check(args) => Ok(Verdict::of(&violations(&args.index)?)),
    }
}

fn add(args: &AddArgs) -> Result<Verdict> {
    let bytes = read(&args.manifest)?;
    let manifest = Manifest::parse(&bytes)
        .with_context(|| format!("cannot use `{}`", args.manifest.display()))?;
    let mut releases = match args.index.exists() {
        true => open(&args.index)?,
        false => Releases::default(),
    };
    let release_id = manifest.release_id.to_string();
    let default = || format!("{release_id}/manifest.json");
    let added = releases.add(Entry {
        model_version: manifest.model_version.to_string(),
        manifest_url: args.manifest_url.clone().unwrap_or_else(default),
        artifact_base_url: args.artifact_base_url.clone(),
        manifest_sha256: Digest::of(&bytes),
        model_id: manifest.model_id(),
        release_id,
        yanked: None,
    });
    match added {
        Err(refusal) => Ok(Verdict::of(&[refusal])),
        Ok(()) => {
            write(&args.index, &releases.to_text())?;
            Ok(Verdict::Holds)
        }
    }
}

fn yank(args: &YankArgs) -> Result<Verdict> {
    let mut releases = open(&args.index)?;
    let model_id = match releases.yank(&args.release, &args.reason) {
        Err(refusal) => return Ok(Verdict::of(&[refusal])),
        Ok(model_id) => model_id,
    };
    let old = match args.revocations.exists() {
        true => Some(read(&args.revocations)?),
        false => None,
    };
    let list = revoked(old.as_deref(), model_id, &args.reason, now()?)
        .with_context(|| format!("cannot use `{}`", args.revocations.display()))?;
    // `verify` first: who asks for the release still finds it until the list is there.
    write(&args.revocations, &list)?;
    write(&args.index, &releases.to_text())?;
    let list = args.revocations.display();
    eprintln!("now sign it: minisign -S -m {list}");
    Ok(Verdict::Holds)
}

/// What does not hold of a list whose releases lie beside it.
fn violations(index: &Path) -> Result<Vec<String>> {
    let releases = open(index)?;
    let folder = index.parent().unwrap_or(Path::new(""));
    let mut violations = Vec::new();
    for entry in releases.entries() {
        let id = &entry.release_id;
        if entry.manifest_url.contains("://") {
            continue;
        }
        let bytes = read(&folder.join(&entry.manifest_url))?;
        let manifest = Manifest::parse(&bytes)
            .with_context(|| format!("cannot use `{}`", entry.manifest_url))?;
        let pairs = [
            ("release_id", id.clone(), manifest.release_id.to_string()),
            (
                "model_version",
                entry.model_version.clone(),
                manifest.model_version.to_string(),
            ),
            (
                "model_id",
                entry.model_id.to_string(),
                manifest.model_id().to_string(),
            ),
            (
                "manifest_sha256",
                entry.manifest_sha256.to_string(),
                Digest::of(&bytes).to_string(),
            ),
        ];
        for (field, listed, found) in pairs {
            if listed != found {
                violations.push(format!(
                    "{id}: `{field}` is {listed}, the manifest says {found}"
                ));
            }
        }
    }
    Ok(violations)
}

fn open(path: &Path) -> Result<Releases> {
    Releases::parse(&read(path)?).with_context(|| format!("cannot use `{}`", path.display()))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))
}

fn write(path: &Path, text: &str) -> Result<()> {
    geno_provenance::write_atomic(path, |file| {
        std::io::Write::write_all(file, text.as_bytes())
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{io::Cursor, time::Duration};

    use geno_app::{Client, ClientSettings, Location, Offer, RetryPolicy, find_release};
    use geno_provenance::RevocationList;
    use minisign::KeyPair;

    use super::*;
    use crate::workspace::root;

    /// A publisher's folder with three releases, made of the one manifest.
    struct World(tempfile::TempDir);

    impl World {
        fn new() -> Self {
            let world = Self(tempfile::tempdir().unwrap());
            for version in ["0.1.0", "0.2.0", "0.3.0-rc.1"] {
                assert_eq!(world.add(version), Verdict::Holds);
            }
            world
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        fn add(&self, version: &str) -> Verdict {
            let path = root().join("fixtures/demo/model/manifest.json");
            let mut manifest = Manifest::parse(&fs::read(path).unwrap()).unwrap();
            let id = format!("tiny-{version}");
            manifest.model_version = geno_provenance::Label::new(version).unwrap();
            manifest.release_id = geno_provenance::Label::new(&*id).unwrap();
            fs::create_dir_all(self.path(&id)).unwrap();
            let manifest_path = self.path(&id).join("manifest.json");
            fs::write(&manifest_path, manifest.to_bytes()).unwrap();
            let args = AddArgs {
                index: self.path("releases.json"),
                manifest: manifest_path,
                manifest_url: None,
                artifact_base_url: None,
            };
            add(&args).unwrap()
        }

        fn yank(&self, release: &str) -> Verdict {
            let args = YankArgs {
                release: release.to_owned(),
                index: self.path("releases.json"),
                reason: "trained on its test".to_owned(),
                revocations: self.path("revocations.json"),
            };
            yank(&args).unwrap()
        }

        fn manifest(&self, release: &str) -> Manifest {
            let bytes = fs::read(self.path(release).join("manifest.json")).unwrap();
            Manifest::parse(&bytes).unwrap()
        }

        /// What `geno-lewm update` finds.
        fn offer(&self, wanted: Option<&str>, installed: Option<&str>) -> Result<Offer> {
            let client = Client::new(ClientSettings {
                ca_file: None,
                timeout: Duration::from_secs(5),
                retry: RetryPolicy::default(),
                credentials: None,
            })?;
            let index = format!("file://{}", self.path("releases.json").display());
            let installed = installed.map(|release| self.manifest(release));
            let index = Location::parse(&index)?;
            Ok(find_release(&client, &index, wanted, installed.as_ref())?)
        }

        fn offered(&self) -> String {
            self.offer(None, None).unwrap().release_id.to_string()
        }
    }

    #[test]
    fn the_program_finds_what_was_added() {
        let world = World::new();
        assert_eq!(world.offered(), "tiny-0.2.0");
        let named = world.offer(Some("0.3.0-rc.1"), None).unwrap();
        assert_eq!(named.manifest, world.manifest("tiny-0.3.0-rc.1"));
        assert!(violations(&world.path("releases.json")).unwrap().is_empty());
        // The same once more is no change, another release of the name is refused.
        let before = fs::read(world.path("releases.json")).unwrap();
        assert_eq!(world.add("0.2.0"), Verdict::Holds);
        assert_eq!(fs::read(world.path("releases.json")).unwrap(), before);
    }

    #[test]
    fn a_manifest_that_changed_is_refused_by_program_and_check() {
        let world = World::new();
        let path = world.path("tiny-0.2.0/manifest.json");
        let text = fs::read_to_string(&path).unwrap();
        let other = text.replacen("\"revision\":\"", "\"revision\":\"x", 1);
        assert_ne!(text, other);
        fs::write(&path, other).unwrap();
        let error = world.offer(None, None).unwrap_err().to_string();
        assert!(error.contains("digest is"), "{error}");
        let found = violations(&world.path("releases.json")).unwrap();
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(
            found[1].starts_with("tiny-0.2.0: `manifest_sha256`"),
            "{found:?}"
        );
    }

    #[test]
    fn a_withdrawn_release_is_offered_to_nobody_and_who_has_it_is_told() {
        let world = World::new();
        assert_eq!(world.yank("tiny-0.2.0"), Verdict::Holds);
        assert_eq!(world.offered(), "tiny-0.1.0");
        let error = format!("{:#}", world.offer(Some("0.2.0"), None).unwrap_err());
        assert!(error.contains("withdrawn: trained on its test"), "{error}");
        let offer = world.offer(None, Some("tiny-0.2.0")).unwrap();
        assert_eq!(&*offer.installed_is_yanked.unwrap(), "trained on its test");
        let offer = world.offer(None, Some("tiny-0.1.0")).unwrap();
        assert_eq!(offer.installed_is_yanked, None);
        // Twice, and what there is not.
        assert_eq!(world.yank("tiny-0.2.0"), Verdict::Violated);
        assert_eq!(world.yank("tiny-0.9.0"), Verdict::Violated);
    }

    #[test]
    fn the_signed_list_names_the_withdrawn_models() {
        let world = World::new();
        for release in ["tiny-0.1.0", "tiny-0.2.0"] {
            assert_eq!(world.yank(release), Verdict::Holds);
        }
        let list = fs::read(world.path("revocations.json")).unwrap();
        let pair = KeyPair::generate_unencrypted_keypair().unwrap();
        let signature = minisign::sign(Some(&pair.pk), &pair.sk, Cursor::new(&list), None, None);
        let signature = signature.unwrap().into_string();
        let list = RevocationList::open(&list, &signature, &pair.pk.to_base64()).unwrap();
        for (release, is_withdrawn) in [
            ("tiny-0.1.0", true),
            ("tiny-0.2.0", true),
            ("tiny-0.3.0-rc.1", false),
        ] {
            let found = list.find(world.manifest(release).model_id());
            assert_eq!(found.is_some(), is_withdrawn, "{release}");
        }
    }
}
