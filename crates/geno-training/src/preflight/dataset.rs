//! Whether the dataset is whole, what it says it is, and free of leaks by its own account.

mod evidence;
mod files;
mod sources;

use std::{collections::BTreeMap, fs, path::Path};

use geno_provenance::{Artifact, Checksums, Json, PublicPath};

use super::Issues;
use crate::public_path::public_path;

/// A dataset package, as far as it is there.
#[derive(Debug)]
pub(super) struct Dataset {
    path: String,
    core_files: BTreeMap<&'static str, Option<Artifact>>,
    snapshot_id: Option<String>,
    splits: Json,
    files: Vec<Json>,
}

const PACKAGE: &str = "dataset_package.json";
const MANIFEST: &str = "dataset_manifest.json";
const CARD: &str = "data_card.md";
const INTEGRITY: &str = "split_integrity.json";
const INPUT_CHECK: &str = "dataset_input_check_report.json";
const SNAPSHOT_REPORT: &str = "dataset_snapshot_report.json";
const SUMS: &str = "SHA256SUMS";

/// What a dataset package must hold beside its data.
const CORE_FILES: [&str; 7] = [
    PACKAGE,
    MANIFEST,
    CARD,
    INTEGRITY,
    INPUT_CHECK,
    SNAPSHOT_REPORT,
    SUMS,
];

/// How the names of splits begin that nothing learns from.
const HELD_OUT: [&str; 5] = ["eval", "test", "holdout", "validation", "val"];

/// Words of a snapshot's name that say it is made for tests.
const FIXTURE_WORDS: [&str; 4] = ["fixture", "test", "smoke", "dummy"];

/// What the checks look at: the folder and what was read of it.
struct Package<'a> {
    folder: &'a Path,
    manifest: Json,
    /// Nothing if `SHA256SUMS` cannot be read, which is told once.
    sums: Option<Checksums>,
}

impl Dataset {
    pub(super) fn inspect(folder: &Path, allow_fixture: bool, issues: &mut Issues) -> Self {
        let mut dataset = Self {
            path: public_path(folder),
            core_files: BTreeMap::new(),
            snapshot_id: None,
            splits: Json::Object(BTreeMap::new()),
            files: Vec::new(),
        };
        if !folder.is_dir() {
            issues.error(
                "dataset.dir_missing",
                dataset.path.as_str(),
                "the dataset is no folder",
            );
            return dataset;
        }
        for name in CORE_FILES {
            let identity = Artifact::of(folder, core_path(name)).ok();
            if identity.is_none() {
                issues.error(
                    format!("dataset.{name}.missing"),
                    name,
                    format!("{name} is required"),
                );
            }
            dataset.core_files.insert(name, identity);
        }
        let package = document(folder, PACKAGE, "dataset.package", issues);
        let manifest = document(folder, MANIFEST, "dataset.manifest", issues);
        let integrity = document(folder, INTEGRITY, "dataset.integrity", issues);
        let input_check = document(folder, INPUT_CHECK, "dataset.input_check", issues);
        let report = document(folder, SNAPSHOT_REPORT, "dataset.snapshot_report", issues);
        let sums = checksums(folder, issues);
        let Some(manifest) = manifest else {
            return dataset;
        };
        let found = Package {
            folder,
            manifest,
            sums,
        };
        dataset.identify(&found.manifest, allow_fixture, issues);
        dataset.splits(&found.manifest, issues);
        dataset.files = found.data_files(issues);
        if let Some(package) = package {
            found.check_package(&package, issues);
        }
        if let Some(integrity) = integrity {
            let manifest = dataset.core_files[MANIFEST].as_ref();
            found.check_integrity(&integrity, manifest, issues);
        }
        if let Some(input_check) = input_check {
            found.check_inputs(&input_check, report.as_ref(), issues);
        }
        if let Some(report) = report {
            let input_check = dataset.core_files[INPUT_CHECK].as_ref();
            found.check_snapshot_report(&report, input_check, issues);
        }
        if let Some(sums) = &found.sums {
            dataset.check_sums(sums, issues);
        }
        dataset
    }

    fn identify(&mut self, manifest: &Json, allow_fixture: bool, issues: &mut Issues) {
        let name = manifest.get("snapshot_id").and_then(Json::as_str);
        let Some(name) = name.filter(|name| !name.trim().is_empty()) else {
            return issues.error(
                "dataset.manifest.invalid",
                MANIFEST,
                "`snapshot_id` is no name",
            );
        };
        let lower = name.to_lowercase();
        let mut words = lower.split(|c: char| !c.is_alphanumeric());
        if !allow_fixture && words.any(|word| FIXTURE_WORDS.contains(&word)) {
            let message = "data made for tests back no training run";
            issues.error("dataset.fixture_snapshot", MANIFEST, message);
        }
        self.snapshot_id = Some(name.to_owned());
    }

    fn splits(&mut self, manifest: &Json, issues: &mut Issues) {
        let Some(Json::Object(splits)) = manifest.get("splits") else {
            return issues.error("dataset.splits.invalid", MANIFEST, "`splits` is no object");
        };
        let is_train = |name: &String| name.to_lowercase().starts_with("train");
        let is_held_out = |name: &String| {
            let name = name.to_lowercase();
            HELD_OUT.iter().any(|start| name.starts_with(start))
        };
        if !splits.keys().any(is_train) {
            issues.error(
                "dataset.train_split_missing",
                MANIFEST,
                "a split train is required",
            );
        }
        if !splits.keys().any(is_held_out) {
            let message = "a split that nothing learns from is required";
            issues.error("dataset.eval_split_missing", MANIFEST, message);
        }
        self.splits = Json::Object(splits.clone());
    }

    /// Every core file must be listed with its digest.
    fn check_sums(&self, sums: &Checksums, issues: &mut Issues) {
        for name in CORE_FILES.into_iter().filter(|name| *name != SUMS) {
            let Some(identity) = &self.core_files[name] else {
                continue;
            };
            if sums.get(&identity.path) != Some(identity.digest) {
                let message = "SHA256SUMS does not list the file as it is";
                issues.error(format!("dataset.{name}.checksum_mismatch"), name, message);
            }
        }
    }

    pub(super) fn snapshot_id(&self) -> Json {
        self.snapshot_id.as_deref().map_or(Json::Null, Json::from)
    }

    pub(super) fn to_json(&self) -> Json {
        let core_files = self.core_files.iter().map(|(name, identity)| {
            let identity = identity.as_ref();
            (
                *name,
                identity.map_or(Json::Null, |file| Json::object(file.fields())),
            )
        });
        Json::object([
            ("path", Json::from(self.path.as_str())),
            ("core_files", Json::object(core_files)),
            ("files", Json::Array(self.files.clone())),
            ("splits", self.splits.clone()),
            ("snapshot_id", self.snapshot_id()),
        ])
    }
}

fn core_path(name: &str) -> PublicPath {
    PublicPath::new(name).expect("a name of this module")
}

/// Reads a core file that must be a JSON object. One that is not there was told already.
fn document(folder: &Path, name: &str, code: &str, issues: &mut Issues) -> Option<Json> {
    let bytes = fs::read(folder.join(name)).ok()?;
    match Json::parse(&bytes) {
        Ok(document @ Json::Object(_)) => return Some(document),
        Ok(_) => issues.error(format!("{code}.invalid"), name, "no JSON object"),
        Err(error) => issues.error(format!("{code}.invalid_json"), name, error.to_string()),
    }
    None
}

/// The digests of `SHA256SUMS`; none of a file that is not there.
fn checksums(folder: &Path, issues: &mut Issues) -> Option<Checksums> {
    let Ok(bytes) = fs::read(folder.join(SUMS)) else {
        return Some(Checksums::default());
    };
    let sums = Checksums::parse(&String::from_utf8_lossy(&bytes));
    sums.map_err(|error| issues.error("dataset.checksums.invalid", SUMS, error.to_string()))
        .ok()
}
