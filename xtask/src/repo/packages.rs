//! The packages of the workspace, and which of them are published.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use semver::Version;
use serde_json::Value;

use crate::workspace::metadata;

/// A package of the workspace.
pub(super) struct Package {
    /// Its name, such as `geno-core`.
    pub(super) name: String,
    /// The folder of its manifest.
    pub(super) folder: PathBuf,
    /// Whether it goes to a registry.
    pub(super) is_published: bool,
    /// Whether it has a library.
    pub(super) is_library: bool,
}

/// Every package, by name.
pub(super) fn packages() -> Result<Vec<Package>> {
    let metadata = metadata()?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let mut found: Vec<Package> = packages.filter_map(package).collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

fn package(package: &Value) -> Option<Package> {
    let manifest = Path::new(package["manifest_path"].as_str()?);
    let is_library = |target: &Value| target["kind"] == serde_json::json!(["lib"]);
    Some(Package {
        name: package["name"].as_str()?.to_owned(),
        folder: manifest.parent()?.to_owned(),
        is_published: package["publish"].is_null(),
        is_library: package["targets"].as_array()?.iter().any(is_library),
    })
}

/// The names that entries of the changelog begin with: packages without `geno-`.
pub(super) fn short_names() -> Result<Vec<String>> {
    let short = |package: Package| {
        let name = package.name.strip_prefix("geno-");
        name.unwrap_or(&package.name).to_owned()
    };
    Ok(packages()?.into_iter().map(short).collect())
}

/// Reads `[workspace.package].version` out of the workspace's manifest.
pub(super) fn workspace_version(manifest: &str) -> Result<Version> {
    let (_, section) = manifest
        .split_once("[workspace.package]\n")
        .context("`Cargo.toml` has no `[workspace.package]`")?;
    let mut lines = section.lines().take_while(|line| !line.starts_with('['));
    let version = lines
        .find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"'))
        .context("`[workspace.package]` has no version")?;
    Version::parse(version).with_context(|| format!("`{version}` is no version"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_that_of_its_section_alone() {
        let manifest = "[a]\nversion = \"9.0.0\"\n[workspace.package]\nversion = \"0.3.0\"\n";
        assert_eq!(workspace_version(manifest).unwrap(), Version::new(0, 3, 0));
        let without = "[workspace.package]\n[x]\nversion = \"0.3.0\"\n";
        assert!(workspace_version(without).is_err());
        assert!(workspace_version("[workspace.package]\nversion = \"3\"\n").is_err());
    }
}
