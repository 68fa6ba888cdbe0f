//! The folder of a package: its files, and the list of their digests.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Write},
    path::Path,
};

use anyhow::{Context, Result};
use geno_provenance::{
    Artifact, Checksums, PublicPath,
    release::{ArtifactSet, Drift, Workspace},
    write_atomic,
};

use crate::issues::Issues;

/// The list of digests of a package.
pub(crate) const SUMS: &str = "SHA256SUMS";

/// Every file of a folder, sorted, without the list of digests.
pub(crate) fn files(folder: &Path) -> Result<BTreeSet<PublicPath>> {
    let mut files = BTreeSet::new();
    collect(folder, "", &mut files)?;
    files.remove(&PublicPath::new(SUMS)?);
    Ok(files)
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeSet<PublicPath>) -> Result<()> {
    let at = || format!("cannot read the folder `{}`", folder.display());
    for entry in fs::read_dir(folder).with_context(at)? {
        let entry = entry.with_context(at)?;
        let name = entry.file_name();
        let name = name.to_str().context("a file has a name that is no text")?;
        let path = format!("{prefix}{name}");
        match entry.file_type()?.is_dir() {
            true => collect(&entry.path(), &format!("{path}/"), files)?,
            false => {
                files.insert(PublicPath::new(path)?);
            }
        }
    }
    Ok(())
}

/// Makes the folder that a package is to lie in.
pub(crate) fn create_around(package: &Path) -> Result<()> {
    match package.parent() {
        Some(around) => fs::create_dir_all(around)
            .with_context(|| format!("cannot make `{}`", around.display())),
        None => Ok(()),
    }
}

/// Copies a file into a package.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    let file = fs::File::open(from);
    let mut file = file.with_context(|| format!("cannot read `{}`", from.display()))?;
    create_around(to)?;
    Ok(write_atomic(to, |out| io::copy(&mut file, out).map(drop))?)
}

/// Writes the list of the digests of all files of a folder.
pub(crate) fn write_sums(folder: &Path) -> Result<()> {
    let mut sums = Vec::new();
    for path in files(folder)? {
        let file = Artifact::of(folder, path)?;
        sums.push((file.path, file.digest));
    }
    let sums: Checksums = sums.into_iter().collect();
    let text = sums.to_text();
    Ok(write_atomic(&folder.join(SUMS), |out| {
        out.write_all(text.as_bytes())
    })?)
}

/// Checks that the list of a folder's digests is whole and true. Codes begin with `part`.
pub(crate) fn check_sums(folder: &Path, part: &str, issues: &mut Issues) -> Result<()> {
    let code = |what: &str| format!("{part}.sums.{what}");
    let text = match fs::read_to_string(folder.join(SUMS)) {
        Ok(text) => text,
        Err(error) => {
            issues.error(&code("missing"), SUMS, error);
            return Ok(());
        }
    };
    let sums = match Checksums::parse(&text) {
        Ok(sums) => sums,
        Err(error) => {
            issues.error(&code("unreadable"), SUMS, error);
            return Ok(());
        }
    };
    if text != sums.to_text() {
        issues.error(&code("form"), SUMS, "is not as it is written");
    }
    let there = files(folder)?;
    for (path, digest) in sums.iter() {
        if !there.contains(path) {
            issues.error(
                &code("missing_file"),
                path.as_str(),
                "is listed and not there",
            );
        } else if Artifact::of(folder, path.clone())?.digest != digest {
            issues.error(
                &code("changed"),
                path.as_str(),
                "has other bytes than listed",
            );
        }
    }
    for path in there.iter().filter(|path| sums.get(path).is_none()) {
        issues.error(&code("unlisted"), path.as_str(), "is there and not listed");
    }
    Ok(())
}

/// Checks that every file of a package is as its report says, under the public name `part/…`, and that
/// no other is there but those that are `generated` from the report, itself the first.
pub(crate) fn check_listed(
    folder: &Path,
    part: &str,
    outputs: &ArtifactSet,
    generated: &[&str],
    issues: &mut Issues,
) -> Result<()> {
    let prefix = format!("{part}/");
    let workspace = Workspace::new([(part, folder)])?;
    for drift in outputs.drifts(&workspace) {
        let path = match &drift {
            Drift::Size { path, .. } | Drift::Digest { path } => path.as_str(),
            Drift::Unreadable(_) => SUMS,
        };
        let path = path.trim_start_matches(&prefix);
        let message = format!("{drift}, by `{}`", generated[0]);
        issues.error(&format!("{part}.file.drift"), path, message);
    }
    for path in files(folder)? {
        let is_listed = outputs
            .get(&PublicPath::new(format!("{prefix}{path}"))?)
            .is_some();
        if !is_listed && !generated.contains(&path.as_str()) {
            let code = format!("{part}.file.unlisted");
            issues.error(&code, path.as_str(), "is not in the package's report");
        }
    }
    Ok(())
}

/// Checks that a text of a package is what its reports give.
pub(crate) fn check_text(
    folder: &Path,
    name: &str,
    rendered: &str,
    code: &str,
    issues: &mut Issues,
) {
    let there = fs::read_to_string(folder.join(name)).unwrap_or_default();
    if let Some(line) = first_difference(rendered, &there) {
        issues.error(
            code,
            name,
            format!("differs from its reports from line {line} on"),
        );
    }
}

/// The first line in which two texts differ, from 1.
pub(crate) fn first_difference(rendered: &str, there: &str) -> Option<usize> {
    let pairs = rendered.split('\n').zip(there.split('\n'));
    (rendered != there).then(|| pairs.take_while(|(a, b)| a == b).count() + 1)
}
