//! The sources as one compressed archive, whose bytes are those of the commit.

use std::{collections::BTreeMap, fs, io::Write, path::Path};

use anyhow::{Context, Result};
use flate2::{Compression, GzBuilder};
use geno_core::Digest;
use tar::{Builder, EntryType, Header};

use super::{git, packages::workspace_version};
use crate::workspace::root;

/// Writes files of the workspace, in order, and returns the digest of the archive.
pub(super) fn write(path: &Path, files: &[String]) -> Result<Digest> {
    let manifest = fs::read_to_string(root().join("Cargo.toml"))?;
    let folder = format!("geno-lewm-{}", workspace_version(&manifest)?);
    let seconds = git::git(&["log", "-1", "--format=%ct"])?.trim().parse()?;
    let modes = modes(&git::git(&["ls-files", "-z", "--stage"])?);
    let bytes = archive(&root(), &folder, files, &modes, seconds)?;
    fs::write(path, &bytes).with_context(|| format!("cannot write `{}`", path.display()))?;
    Ok(Digest::of(&bytes))
}

/// What git says of each file: `100644`, `100755` for a program, `120000` for a link.
fn modes(staged: &str) -> BTreeMap<String, String> {
    let file = |entry: &str| {
        let (about, name) = entry.split_once('\t')?;
        Some((name.to_owned(), about.split(' ').next()?.to_owned()))
    };
    staged.split('\0').filter_map(file).collect()
}

fn archive(
    root: &Path,
    folder: &str,
    files: &[String],
    modes: &BTreeMap<String, String>,
    seconds: u64,
) -> Result<Vec<u8>> {
    // Neither a time nor a name in the compressed file's own header.
    let gzip = GzBuilder::new()
        .mtime(0)
        .write(Vec::new(), Compression::best());
    let mut tar = Builder::new(gzip);
    for name in files {
        let path = root.join(name);
        let mode = modes.get(name).map(String::as_str);
        let mut header = Header::new_gnu();
        header.set_mtime(seconds);
        header.set_uid(0);
        header.set_gid(0);
        let inner = format!("{folder}/{name}");
        if mode == Some("120000") {
            let target = fs::read_link(&path).with_context(|| format!("cannot read `{name}`"))?;
            header.set_entry_type(EntryType::Symlink);
            header.set_mode(0o777);
            header.set_size(0);
            tar.append_link(&mut header, inner, target)?;
        } else {
            let bytes = fs::read(&path).with_context(|| format!("cannot read `{name}`"))?;
            header.set_entry_type(EntryType::Regular);
            header.set_mode(if mode == Some("100755") { 0o755 } else { 0o644 });
            header.set_size(bytes.len() as u64);
            tar.append_data(&mut header, inner, bytes.as_slice())?;
        }
    }
    let mut gzip = tar.into_inner()?;
    gzip.flush()?;
    Ok(gzip.finish()?)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn an_archive_holds_the_files_and_nothing_of_the_machine() {
        let folder = tempfile::tempdir().unwrap();
        let long = format!("{}/a.txt", "x".repeat(120));
        for (name, text) in [("b.sh", "run"), (&long, "text")] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let files = ["b.sh".to_owned(), long.clone()];
        let modes = modes(&format!("100755 ab 0\tb.sh\0100644 cd 0\t{long}\0"));
        let make = || archive(folder.path(), "p-1.0.0", &files, &modes, 7).unwrap();
        let bytes = make();
        fs::write(folder.path().join("b.sh"), "run").unwrap();
        assert_eq!(bytes, make());

        let mut tar = tar::Archive::new(GzDecoder::new(bytes.as_slice()));
        let mut found = Vec::new();
        for entry in tar.entries().unwrap() {
            let mut entry = entry.unwrap();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            let header = entry.header();
            assert_eq!((header.mtime().unwrap(), header.uid().unwrap()), (7, 0));
            assert_eq!(header.username().unwrap(), Some(""));
            let path = entry.path().unwrap().display().to_string();
            found.push((path, header.mode().unwrap(), text));
        }
        let expected = [
            ("p-1.0.0/b.sh".to_owned(), 0o755, "run".to_owned()),
            (format!("p-1.0.0/{long}"), 0o644, "text".to_owned()),
        ];
        assert_eq!(found, expected);
    }
}
