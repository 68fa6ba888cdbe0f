//! The lines in which two texts differ, for a person to read.

use std::fmt::Write as _;

/// The longest common subsequence is looked for in the middle that the two do not share, which is
/// small: these are edits of one place.
///
/// Prints nothing for equal texts.
pub(super) fn text_diff(name: &str, old: &str, new: &str) -> String {
    if old == new {
        return String::new();
    }
    let (old, new): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
    let same = |(a, b): &(&&str, &&str)| a == b;
    let start = old.iter().zip(&new).take_while(same).count();
    let (rest_old, rest_new) = (&old[start..], &new[start..]);
    let end = rest_old.iter().rev().zip(rest_new.iter().rev());
    let end = end.take_while(same).count();
    let middle_old = &rest_old[..rest_old.len() - end];
    let middle_new = &rest_new[..rest_new.len() - end];

    let mut text = format!("--- {name}\n+++ {name}\n");
    _ = writeln!(
        text,
        "@@ -{},{} +{},{} @@",
        start + 1,
        middle_old.len(),
        start + 1,
        middle_new.len()
    );
    for (sign, line) in changes(middle_old, middle_new) {
        _ = writeln!(text, "{sign}{line}");
    }
    text
}

/// Each line with ` `, `-` or `+`, along a longest common subsequence.
fn changes<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(char, &'a str)> {
    // common[i][j]: the most lines that old[i..] and new[j..] share in order.
    let mut common = vec![vec![0_u32; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] = match old[i] == new[j] {
                true => common[i + 1][j + 1] + 1,
                false => common[i + 1][j].max(common[i][j + 1]),
            };
        }
    }
    let (mut i, mut j, mut found) = (0, 0, Vec::new());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            found.push((' ', old[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || i < old.len() && common[i + 1][j] >= common[i][j + 1] {
            found.push(('-', old[i]));
            i += 1;
        } else {
            found.push(('+', new[j]));
            j += 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown() {
        let shown = text_diff("f", "a\nb\nc\nd\n", "a\nx\nc\ny\nd\n");
        assert_eq!(shown, "--- f\n+++ f\n@@ -2,2 +2,3 @@\n-b\n+x\n c\n+y\n");
        assert_eq!(text_diff("f", "a\n", "a\n"), "");
        assert!(text_diff("f", "", "a\n").ends_with("@@ -1,0 +1,1 @@\n+a\n"));
    }
}
