//! The lines that a diff adds.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};

/// Reads `git diff --unified=0`: the numbers of added lines, by the file's name after the change.
pub(super) fn changed_lines(diff: &str) -> Result<BTreeMap<String, Vec<usize>>> {
    let mut files = BTreeMap::<String, Vec<usize>>::new();
    let (mut file, mut left) = (None, 0);
    for (i, line) in diff.lines().enumerate() {
        // The lines of a hunk may look like headings.
        if left > 0 && line.starts_with(['+', '-', ' ']) {
            left -= 1;
        } else if let Some(name) = line.strip_prefix("+++ ") {
            let name = name.split('\t').next().unwrap_or(name);
            file = name.strip_prefix("b/").map(str::to_owned);
        } else if let Some(hunk) = line.strip_prefix("@@ ") {
            let (removed, start, added) =
                ranges(hunk).with_context(|| format!("line {} of the diff is no hunk", i + 1))?;
            ensure!(
                removed + added > 0,
                "line {} of the diff is an empty hunk",
                i + 1
            );
            left = removed + added;
            if let Some(file) = &file {
                files
                    .entry(file.clone())
                    .or_default()
                    .extend(start..start + added);
            }
        }
    }
    Ok(files)
}

/// Reads `-7,2 +9 @@`: lines removed, the first added, and how many.
fn ranges(hunk: &str) -> Option<(usize, usize, usize)> {
    let mut words = hunk.split(' ');
    let mut range = |sign| {
        let word = words.next()?.strip_prefix(sign)?;
        let (start, n) = word.split_once(',').unwrap_or((word, "1"));
        Some((start.parse().ok()?, n.parse().ok()?))
    };
    let (_, removed): (usize, usize) = range('-')?;
    let (start, added): (usize, usize) = range('+')?;
    Some((removed, start, added))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn added_lines_go_to_the_new_name() {
        let diff = "\
diff --git a/old.rs b/new.rs
similarity index 90%
rename from old.rs
rename to new.rs
--- a/old.rs
+++ b/new.rs
@@ -3 +3,2 @@ fn f() {
-++ b/other.rs
+++ b/other.rs
+two
@@ -9,2 +10,0 @@
-a
-b
@@ -20,0 +19 @@
+x
\\ No newline at end of file
diff --git a/gone.rs b/gone.rs
--- a/gone.rs
+++ /dev/null
@@ -1 +0,0 @@
-all
";
        let expected = [("new.rs".to_owned(), vec![3, 4, 19])];
        assert_eq!(changed_lines(diff).unwrap(), expected.into());
        assert!(changed_lines("@@ what @@\n").is_err());
        assert!(changed_lines("").unwrap().is_empty());
    }
}
