//! The counts and proofs of a data set, made again from its files.

mod contents;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use geno_provenance::Json;

pub(super) use self::contents::{Contents, Place};
use super::release::{Release, SCHEMA, list, shown, text};

/// The tool that writes the report.
const PRODUCER: &str = "tools.release.dataset_integrity";
/// What splits that models are measured on begin with.
const EVALUATION: [&str; 5] = ["eval", "test", "holdout", "validation", "val"];
/// So many common keys are named.
const EXAMPLES: usize = 20;

/// A split, with what its files hold.
#[derive(Default)]
pub(super) struct Split {
    pub(super) keys: BTreeSet<String>,
    pub(super) places: Vec<Place>,
    files: Vec<Json>,
    labels: BTreeMap<String, u64>,
    n: u64,
}

/// A report made again, and what it is of.
pub(super) struct Integrity {
    pub(super) report: Json,
    pub(super) splits: BTreeMap<String, Split>,
}

/// Whether a split is trained on.
pub(super) fn is_training(split: &str) -> bool {
    split.to_lowercase().starts_with("train")
}

/// Whether a split is measured on.
pub(super) fn is_evaluation(split: &str) -> bool {
    let split = split.to_lowercase();
    EVALUATION.iter().any(|start| split.starts_with(start))
}

impl Integrity {
    /// Makes the report of a time again. What contradicts the manifest is an error of the release.
    pub(super) fn of(release: &mut Release, manifest: &Json, time: &str) -> Result<Self> {
        let path = "dataset/dataset_manifest.json";
        let Some(Json::Object(declared)) = manifest.get("splits") else {
            bail!("the manifest has no splits");
        };
        let mut splits: BTreeMap<_, _> = declared
            .keys()
            .map(|name| (name.clone(), Split::default()))
            .collect();
        let mut files = Vec::new();
        for file in list(manifest, "files").unwrap_or_default() {
            let (Some(name), Some(split)) = (text(file, "path"), text(file, "split")) else {
                bail!("a file of the manifest has no path or no split");
            };
            let public = format!("dataset/{name}");
            let Some(observed) = release.observe(&public) else {
                bail!("`{name}` cannot be read");
            };
            let Some(into) = splits.get_mut(split) else {
                bail!("`{name}` is of a split that is not declared");
            };
            let contents = Contents::of(&release.folder("dataset").join(name))?;
            let stated = file.get("records").and_then(Json::as_u64);
            let Some(n) = stated.or(contents.n) else {
                bail!("nobody says how many records `{name}` has");
            };
            let holds = contents.n.is_none_or(|found| found == n);
            let message = format!("`{name}` has other records than its {n}");
            release.expect(holds, "manifest.records", path, message);
            files.push(Json::object([
                ("path", Json::from(name)),
                ("split", split.into()),
                ("records", n.into()),
                ("sha256", observed.digest.into()),
                ("size_bytes", observed.size.into()),
                ("comparable_keys", (contents.keys.len() as u64).into()),
                ("label_counts", counts(&contents.labels)),
            ]));
            into.add(name, n, contents);
        }
        let mut stated = BTreeMap::new();
        for (name, split) in &splits {
            let declared = &declared[name];
            let n = declared.get("records").and_then(Json::as_u64);
            let message = format!("split `{name}` has {} records", split.n);
            release.expect(n == Some(split.n), "manifest.records", path, message);
            stated.insert(name.clone(), split.to_json(declared));
        }
        let report = Json::object([
            ("schema_version", Json::from(SCHEMA)),
            ("generated_by", PRODUCER.into()),
            ("snapshot_id", shown(manifest.get("snapshot_id")).into()),
            ("generated_at", time.into()),
            (
                "manifest_sha256",
                match release.observe(path) {
                    Some(manifest) => manifest.digest.into(),
                    None => Json::Null,
                },
            ),
            ("files", Json::Array(files)),
            ("splits", Json::Object(stated)),
            ("leakage_checks", Json::Array(checks(release, &splits))),
        ]);
        Ok(Self { report, splits })
    }
}

impl Split {
    fn add(&mut self, name: &str, n: u64, contents: Contents) {
        self.n += n;
        self.files.push(name.into());
        self.keys.extend(contents.keys);
        self.places.extend(contents.places);
        for (label, count) in contents.labels {
            *self.labels.entry(label).or_default() += count;
        }
    }

    fn to_json(&self, declared: &Json) -> Json {
        let labelled: u64 = self.labels.values().sum();
        let description = text(declared, "description");
        let description = description.map(|text| ("description", Json::from(text)));
        let fields = [
            (
                "declared_records",
                declared.get("records").cloned().unwrap_or(Json::Null),
            ),
            ("observed_records", self.n.into()),
            ("files", Json::Array(self.files.clone())),
            ("label_counts", counts(&self.labels)),
            ("labelled_records", labelled.into()),
            ("unlabelled_records", self.n.saturating_sub(labelled).into()),
        ];
        Json::object(fields.into_iter().chain(description))
    }
}

fn counts(labels: &BTreeMap<String, u64>) -> Json {
    Json::object(
        labels
            .iter()
            .map(|(label, n)| (label.clone(), Json::from(*n))),
    )
}

/// That no split that is trained on shares a key with one that is measured on.
fn checks(release: &mut Release, splits: &BTreeMap<String, Split>) -> Vec<Json> {
    let path = "dataset/split_integrity.json";
    let mut checks = Vec::new();
    for (train, trained) in splits.iter().filter(|(name, _)| is_training(name)) {
        for (evaluation, measured) in splits.iter().filter(|(name, _)| is_evaluation(name)) {
            let common: Vec<&String> = trained.keys.intersection(&measured.keys).collect();
            let lacks = trained.keys.is_empty() || measured.keys.is_empty();
            let holds = !lacks && common.is_empty();
            let message = format!("`{train}` and `{evaluation}` share keys, or have none");
            release.expect(holds, "integrity.leak", path, message);
            let examples = common.iter().take(EXAMPLES);
            let examples = examples.map(|key| Json::from(key.as_str())).collect();
            checks.push(Json::object([
                (
                    "name",
                    "no_shared_comparable_keys_between_train_and_eval".into(),
                ),
                ("split_a", Json::from(train.as_str())),
                ("split_b", evaluation.as_str().into()),
                ("status", if holds { "passed" } else { "failed" }.into()),
                (
                    "failure_reason",
                    if lacks { "missing_comparable_keys" } else { "" }.into(),
                ),
                (
                    "split_a_comparable_keys",
                    (trained.keys.len() as u64).into(),
                ),
                (
                    "split_b_comparable_keys",
                    (measured.keys.len() as u64).into(),
                ),
                ("overlap_count", (common.len() as u64).into()),
                ("examples", Json::Array(examples)),
            ]));
        }
    }
    let message = "no split is trained on, or none is measured on";
    release.expect(!checks.is_empty(), "integrity.leak", path, message);
    checks
}
