//! The lists of digests.

use std::{collections::BTreeSet, path::Path};

use anyhow::Result;
use geno_provenance::{Checksums, PublicPath};

use super::release::Release;
use crate::folder;

/// Checks a list: that it has the files that must be in it, and that all of them are as it says. Returns the files,
/// by their paths in the folder.
pub(super) fn check(
    release: &mut Release,
    path: &str,
    required: &[String],
) -> BTreeSet<PublicPath> {
    let Some(text) = release.text(path) else {
        return BTreeSet::new();
    };
    let sums = match Checksums::parse(&text) {
        Ok(sums) => sums,
        Err(error) => {
            release.error("sums.unreadable", path, error);
            return BTreeSet::new();
        }
    };
    let listed: BTreeSet<_> = sums.iter().map(|(file, _)| file.clone()).collect();
    for name in required {
        let is_listed = listed.iter().any(|file| file.as_str() == name);
        release.expect(
            is_listed,
            "sums.missing_entry",
            path,
            format!("does not list `{name}`"),
        );
    }
    let part = path.split_once('/').map_or("", |(part, _)| part);
    for (file, digest) in sums.iter() {
        let file = format!("{part}/{file}");
        if let Some(observed) = release.observe(&file) {
            let holds = observed.digest == digest;
            release.expect(holds, "sums.changed", &file, "has other bytes than listed");
        }
    }
    listed
}

/// Tells of files in a folder that no list names: the package's tools look at none of them.
pub(super) fn note_unlisted(
    release: &mut Release,
    part: &str,
    listed: &BTreeSet<PublicPath>,
) -> Result<()> {
    let folder: &Path = release.folder(part);
    for file in folder::files(folder)?.difference(listed) {
        let message = "is in the folder, and nothing names it with a digest";
        release.note("unlisted", &format!("{part}/{file}"), message);
    }
    Ok(())
}
