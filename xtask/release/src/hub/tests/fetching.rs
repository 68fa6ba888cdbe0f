//! Downloads, and what goes wrong with them.

use super::*;
use crate::local_hub::Bearer;

/// A published large file, its place, and where it is fetched to.
struct Fetched {
    world: World,
    target: Target,
    revision: Revision,
    file: Artifact,
}

impl Fetched {
    fn new(page: &str) -> Self {
        let world = World::new();
        let (target, revision) = world.publish(page);
        let file = artifact(&target, &world.files()[1]);
        Self {
            world,
            target,
            revision,
            file,
        }
    }

    fn fetch(&self, hub: &Hub) -> Result<(), HubError> {
        hub.download(&self.target, &self.revision, &self.file, &self.to())
    }

    fn to(&self) -> PathBuf {
        self.world.path("fetched")
    }

    fn partial(&self) -> PathBuf {
        self.world.path(".fetched.partial")
    }

    fn assert_fetched(&self) {
        assert_eq!(Digest::of(&fs::read(self.to()).unwrap()), self.file.digest);
        assert!(!self.partial().exists());
        assert!(!self.world.path(".fetched.partial.json").exists());
    }

    fn n_fetches(&self) -> usize {
        self.world.count("GET", "/model.safetensors")
    }
}

const PAGES: [&str; 2] = [MODEL, RELEASE];

#[test]
fn a_download_is_taken_up_where_it_broke_off() {
    for page in PAGES {
        let fetched = Fetched::new(page);
        fetched
            .world
            .server
            .script(&["GET /model.safetensors drop-down=150000"]);
        fetched.fetch(&fetched.world.hasty_hub()).unwrap_err();
        assert_eq!(fs::metadata(fetched.partial()).unwrap().len(), 150_000);
        assert!(!fetched.to().exists());
        // The rest has 50 000 bytes; all of it would not get through.
        fetched
            .world
            .server
            .script(&["GET /model.safetensors drop-down=50000"]);
        fetched.fetch(&fetched.world.hasty_hub()).unwrap();
        fetched.assert_fetched();
    }
}

#[test]
fn faults_of_a_download_are_outlived() {
    for fault in [
        "status=500 x3",
        "status=429:0 x3",
        "drop-down=1000 x4",
        "lose",
        "cut=70000",
        "length=70000",
        "redirect",
    ] {
        for page in PAGES {
            let fetched = Fetched::new(page);
            let script = format!("GET /model.safetensors {fault}");
            fetched.world.server.script(&[&script]);
            let result = fetched.fetch(&fetched.world.hub());
            result.unwrap_or_else(|error| panic!("{page} {fault}: {error}"));
            fetched.assert_fetched();
        }
    }
}

#[test]
fn wrong_bytes_are_removed() {
    for page in PAGES {
        let fetched = Fetched::new(page);
        fetched
            .world
            .server
            .script(&["GET /model.safetensors flip"]);
        let error = fetched.fetch(&fetched.world.hub()).unwrap_err();
        assert!(matches!(error, HubError::Digest { .. }), "{error}");
        assert!(!fetched.to().exists() && !fetched.partial().exists());
        fetched.fetch(&fetched.world.hub()).unwrap();
        fetched.assert_fetched();
    }
}

#[test]
fn parts_that_do_not_fit_are_fetched_anew() {
    let fetched = Fetched::new(MODEL);
    fetched
        .world
        .server
        .script(&["GET /model.safetensors drop-down=1000"]);
    fetched.fetch(&fetched.world.hasty_hub()).unwrap_err();
    fs::write(fetched.partial(), vec![b'x'; 1000]).unwrap();
    fetched.fetch(&fetched.world.hub()).unwrap();
    fetched.assert_fetched();
}

#[test]
fn what_is_larger_than_planned_is_not_taken() {
    for page in PAGES {
        let mut fetched = Fetched::new(page);
        fetched.file.size -= 1;
        let error = fetched.fetch(&fetched.world.hub()).unwrap_err();
        assert!(matches!(error, HubError::TooLarge { .. }), "{error}");
        assert!(!fetched.to().exists() && !fetched.partial().exists());
    }
}

#[test]
fn what_is_smaller_than_planned_is_not_taken() {
    for page in PAGES {
        let mut fetched = Fetched::new(page);
        fetched.file.size += 1;
        assert!(fetched.fetch(&fetched.world.hub()).is_err());
        assert!(!fetched.to().exists());
    }
}

#[test]
fn a_file_that_is_there_is_not_fetched_again() {
    let fetched = Fetched::new(RELEASE);
    fetched.fetch(&fetched.world.hub()).unwrap();
    let n_fetches = fetched.n_fetches();
    fetched.fetch(&fetched.world.hub()).unwrap();
    assert_eq!(fetched.n_fetches(), n_fetches);
    fs::write(fetched.to(), b"other").unwrap();
    fetched.fetch(&fetched.world.hub()).unwrap();
    fetched.assert_fetched();
}

#[test]
fn an_old_revision_keeps_its_files() {
    let fetched = Fetched::new(MODEL);
    let files = [fetched.world.file("README.md", b"other")];
    let hub = fetched.world.hub();
    hub.publish(&fetched.target, &files, "v2", Published::Replace)
        .unwrap();
    fetched.world.files();
    fetched.fetch(&hub).unwrap();
    fetched.assert_fetched();
}

#[test]
fn a_token_stays_at_its_host() {
    let fetched = Fetched::new(MODEL);
    fetched
        .world
        .server
        .script(&["GET /model.safetensors redirect"]);
    let n_before = fetched.world.server.records().len();
    fetched.fetch(&fetched.world.hub()).unwrap();
    let records = &fetched.world.server.records()[n_before..];
    let seen: Vec<_> = records
        .iter()
        .map(|it| (it.host.as_str(), it.bearer))
        .collect();
    let expected = [
        ("127.0.0.1", Bearer::HuggingFace),
        ("localhost", Bearer::None),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn redirects_end() {
    let fetched = Fetched::new(MODEL);
    fetched
        .world
        .server
        .script(&["GET /model.safetensors redirect x99"]);
    let error = fetched.fetch(&fetched.world.hub()).unwrap_err();
    assert!(matches!(error, HubError::Redirect { .. }), "{error}");
}

#[test]
fn assets_are_fetched_without_a_token() {
    let fetched = Fetched::new(RELEASE);
    let n_before = fetched.world.server.records().len();
    fetched.fetch(&fetched.world.hub()).unwrap();
    let records = &fetched.world.server.records()[n_before..];
    assert!(records.iter().all(|record| record.bearer == Bearer::None));
    assert_eq!(records.len(), 1);
}

#[test]
fn a_revision_of_another_target_is_refused() {
    let world = World::new();
    let (model, commit) = world.publish(MODEL);
    let (release, tag) = world.publish(RELEASE);
    let hub = world.hub();
    assert!(matches!(
        hub.list(&model, &tag),
        Err(HubError::Revision { .. })
    ));
    assert!(matches!(
        hub.list(&release, &commit),
        Err(HubError::Revision { .. })
    ));
}
