//! A release in memory: small files of known bytes and a manifest that names them.

use std::{collections::BTreeMap, fs, path::Path};

use geno_core::Digest;

/// The files of a release, the manifest among them.
#[derive(Clone)]
pub(crate) struct Release {
    pub(crate) id: String,
    pub(crate) version: String,
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

impl Release {
    /// A release whose files have some ten thousand bytes each, other ones in each version.
    pub(crate) fn new(version: &str) -> Self {
        let id = format!("model-{version}");
        let mut files = BTreeMap::new();
        for name in [
            "predictor.safetensors",
            "action_encoder.safetensors",
            "calibration.parquet",
            "config.yaml",
            "reports/eval_report.md",
        ] {
            files.insert(
                name.to_owned(),
                format!("{name} of {version}\n").repeat(400).into(),
            );
        }
        let mut release = Self {
            id,
            version: version.to_owned(),
            files,
        };
        release.seal();
        release
    }

    /// Writes the manifest for the files as they are.
    pub(crate) fn seal(&mut self) {
        let hash = |name: &str| Digest::of(&self.files[name]);
        let artifact = |name: &str| format!(r#"{{"file": "{name}", "hash": "{}"}}"#, hash(name));
        let manifest = format!(
            r#"{{"schema_version": "1.0.0", "model_name": "model", "model_version": "{}",
            "release_id": "{}", "encoder": {{"id": "o/n", "revision": "main", "hash": "{}"}},
            "predictor": {}, "action_encoder": {}, "calibration": {}, "eval": {},
            "training": {{"config_file": "config.yaml", "hash": "{}", "data_snapshot": {{}}}}}}"#,
            self.version,
            self.id,
            Digest::of(b"encoder"),
            artifact("predictor.safetensors"),
            artifact("action_encoder.safetensors"),
            artifact("calibration.parquet"),
            artifact("reports/eval_report.md"),
            hash("config.yaml"),
        );
        self.files
            .insert("manifest.json".to_owned(), manifest.into());
    }

    /// Writes the release to a folder.
    pub(crate) fn write(&self, folder: &Path) {
        for (name, bytes) in &self.files {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }

    /// An index of one release, whose manifest lies in `/ID/`.
    pub(crate) fn index(&self) -> String {
        format!(
            r#"{{"releases": [{{"model_version": "{}", "release_id": "{}", "manifest_url": "{}/manifest.json"}}]}}"#,
            self.version, self.id, self.id
        )
    }

    /// What lies at a path of a server that serves this release.
    pub(crate) fn at(&self, path: &str) -> Option<Vec<u8>> {
        match path {
            "/releases.json" => Some(self.index().into()),
            _ => self
                .files
                .get(path.strip_prefix(&format!("/{}/", self.id))?)
                .cloned(),
        }
    }
}
