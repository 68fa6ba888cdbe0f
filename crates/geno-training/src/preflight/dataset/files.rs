//! The data files that a manifest lists.

use std::collections::BTreeSet;

use geno_core::Digest;
use geno_provenance::{Artifact, Checksums, Json, PublicPath};

use super::{MANIFEST, Package};
use crate::preflight::Issues;

impl Package<'_> {
    /// Checks every file that the manifest lists, and gives what a report says of those that are
    /// there.
    pub(super) fn data_files(&self, issues: &mut Issues) -> Vec<Json> {
        let Some(Json::Array(listed)) = self.manifest.get("files") else {
            issues.error("dataset.files.invalid", MANIFEST, "`files` is no list");
            return Vec::new();
        };
        let mut seen = BTreeSet::new();
        let entries = listed.iter().enumerate();
        let rows = entries.filter_map(|(i, entry)| self.data_file(i, entry, &mut seen, issues));
        rows.collect()
    }

    fn data_file(
        &self,
        i: usize,
        entry: &Json,
        seen: &mut BTreeSet<PublicPath>,
        issues: &mut Issues,
    ) -> Option<Json> {
        let Json::Object(fields) = entry else {
            issues.error(
                "dataset.file.invalid",
                MANIFEST,
                format!("files[{i}] is no object"),
            );
            return None;
        };
        let path = entry.get("path").and_then(Json::as_str);
        let Some(path) = path.filter(|path| !path.trim().is_empty()) else {
            issues.error(
                "dataset.file.path_missing",
                MANIFEST,
                format!("files[{i}] has no path"),
            );
            return None;
        };
        let path = match PublicPath::new(path) {
            Ok(path) => path,
            Err(error) => {
                let message = format!("files[{i}]: {error}");
                issues.error("dataset.file.unsafe_path", MANIFEST, message);
                return None;
            }
        };
        let shown = path.as_str().to_owned();
        if !seen.insert(path.clone()) {
            issues.error(
                "dataset.file.invalid",
                shown,
                "the manifest lists the file twice",
            );
            return None;
        }
        let Ok(identity) = Artifact::of(self.folder, path) else {
            issues.error("dataset.file.missing", shown, "the file is not there");
            return None;
        };
        self.check_split(entry, &shown, issues);
        let declared = entry.get("sha256").and_then(Json::as_str);
        match declared.map(str::parse::<Digest>) {
            Some(Ok(digest)) if digest == identity.digest => {}
            Some(_) => {
                let message = "the file is not the one that the manifest names";
                issues.error("dataset.file.hash_mismatch", shown.as_str(), message);
            }
            None => {
                let message = "the manifest gives no digest of the file";
                issues.error("dataset.file.invalid", shown.as_str(), message);
            }
        }
        if let Some(sums) = &self.sums {
            check_sum(sums, &identity, issues);
        }
        let or_null = |key: &str| fields.get(key).cloned().unwrap_or(Json::Null);
        let described = [("split", or_null("split")), ("records", or_null("records"))];
        Some(Json::object(identity.fields().into_iter().chain(described)))
    }

    /// A file belongs to a split that the manifest declares.
    fn check_split(&self, entry: &Json, path: &str, issues: &mut Issues) {
        let split = entry.get("split").and_then(Json::as_str);
        let declared = split.and_then(|split| self.manifest.get("splits")?.get(split));
        if declared.is_none() {
            let message = "the file belongs to no split of the manifest";
            issues.error("dataset.file.invalid", path, message);
        }
    }
}

/// The file must be listed in `SHA256SUMS` as it is.
fn check_sum(sums: &Checksums, identity: &Artifact, issues: &mut Issues) {
    let path = identity.path.as_str();
    match sums.get(&identity.path) {
        Some(digest) if digest == identity.digest => {}
        Some(_) => {
            let message = "SHA256SUMS does not list the file as it is";
            issues.error("dataset.file.checksum_mismatch", path, message);
        }
        None => {
            let message = "SHA256SUMS does not list the file";
            issues.error("dataset.file.checksum_missing", path, message);
        }
    }
}
