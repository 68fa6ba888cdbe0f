//! How often lines ran.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, Result, ensure};

/// Reads LCOV: for each file, by its path from the workspace's folder, how often each line ran.
///
/// # Errors
///
/// If a count is none, or if the file names no source at all.
pub(super) fn ran(text: &str, root: &Path) -> Result<BTreeMap<String, BTreeMap<usize, u64>>> {
    let mut files = BTreeMap::<String, BTreeMap<usize, u64>>::new();
    let mut file = String::new();
    for (i, line) in text.lines().enumerate() {
        if let Some(path) = line.strip_prefix("SF:") {
            let path = Path::new(path);
            let path = path.strip_prefix(root).unwrap_or(path);
            file = path.to_string_lossy().replace('\\', "/");
            files.entry(file.clone()).or_default();
        } else if let Some(count) = line.strip_prefix("DA:") {
            let (line, n) = count_of(count).with_context(|| format!("line {}: `{line}`", i + 1))?;
            let lines = files.entry(file.clone()).or_default();
            // A file built for several tests comes several times.
            *lines.entry(line).or_default() += n;
        }
    }
    ensure!(
        !files.is_empty(),
        "it names no source: no line begins with `SF:`"
    );
    Ok(files)
}

fn count_of(text: &str) -> Option<(usize, u64)> {
    let mut numbers = text.split(',');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_a_file_add_up() {
        let text = "TN:\nSF:/w/crates/a/src/lib.rs\nDA:1,2\nDA:2,0,hash\nend_of_record\n\
            SF:crates/a/src/lib.rs\nDA:1,1\nend_of_record\nSF:/other/b.rs\nend_of_record\n";
        let files = ran(text, Path::new("/w")).unwrap();
        assert_eq!(files["crates/a/src/lib.rs"], [(1, 3), (2, 0)].into());
        assert!(files.contains_key("/other/b.rs"));
        assert!(ran("", Path::new("/w")).is_err());
        assert!(ran("SF:a\nDA:1,x\n", Path::new("/w")).is_err());
    }
}
