//! What the package says of itself, and the check for leaks that came with it.

use geno_provenance::{Artifact, Json};

use super::{INTEGRITY, PACKAGE, Package};
use crate::preflight::Issues;

impl Package<'_> {
    /// Whether a document is about the snapshot of the manifest.
    pub(super) fn has_snapshot_of(&self, document: &Json) -> bool {
        document.get("snapshot_id") == self.manifest.get("snapshot_id")
    }

    pub(super) fn check_package(&self, package: &Json, issues: &mut Issues) {
        const PRODUCER: &str = "tools.release.dataset_package";
        if package.get("generated_by").and_then(Json::as_str) != Some(PRODUCER) {
            let message = format!("`generated_by` is not {PRODUCER}");
            issues.error("dataset.package.generated_by", PACKAGE, message);
        }
        if !self.has_snapshot_of(package) {
            let message = "`snapshot_id` is not the manifest's";
            issues.error("dataset.package.snapshot_mismatch", PACKAGE, message);
        }
        if package.get("files") != self.manifest.get("files") {
            let message = "`files` are not the manifest's";
            issues.error("dataset.package.files_mismatch", PACKAGE, message);
        }
    }

    pub(super) fn check_integrity(
        &self,
        integrity: &Json,
        manifest: Option<&Artifact>,
        issues: &mut Issues,
    ) {
        if !self.has_snapshot_of(integrity) {
            let message = "`snapshot_id` is not the manifest's";
            issues.error("dataset.integrity.snapshot_mismatch", INTEGRITY, message);
        }
        let digest = manifest.map(|file| Json::from(file.digest));
        if integrity.get("manifest_sha256") != digest.as_ref() {
            let message = "the splits of another manifest were checked";
            issues.error(
                "dataset.integrity.manifest_hash_mismatch",
                INTEGRITY,
                message,
            );
        }
        match integrity.get("leakage_checks") {
            Some(Json::Array(checks)) if !checks.is_empty() => {
                for (i, check) in checks.iter().enumerate() {
                    if check.get("status").and_then(Json::as_str) != Some("passed") {
                        let message = format!("leakage_checks[{i}] did not pass");
                        issues.error("dataset.integrity.leakage_failed", INTEGRITY, message);
                    }
                }
            }
            _ => {
                let message = "no check for leaks was made";
                issues.error("dataset.integrity.leakage_missing", INTEGRITY, message);
            }
        }
    }
}
