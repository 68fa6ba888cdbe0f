//! `cargo xtask codes`: check that the book lists every error code, with its exit.

use std::{collections::BTreeSet, fs};

use anyhow::{Context, Result};
use geno_core::ErrorCode;

use crate::workspace::{report, root};

/// The page of the book with one table row a code.
const PAGE: &str = "docs/src/errors.md";

pub(crate) fn check() -> Result<()> {
    report(&violations()?, "differences between codes and book")
}

fn violations() -> Result<BTreeSet<String>> {
    let page =
        fs::read_to_string(root().join(PAGE)).with_context(|| format!("cannot read `{PAGE}`"))?;
    let expected = ErrorCode::ALL
        .iter()
        .map(|code| format!("| `{code}` | {} |", code.exit_code()))
        .collect();
    let found = rows(&page);

    let missing = |row: &String| format!("`{PAGE}` lacks a row `{row}`");
    let stale = |row: &String| format!("`{PAGE}` has a row `{row}` of no code");
    Ok(found
        .symmetric_difference(&expected)
        .map(|row| {
            if found.contains(row) {
                stale(row)
            } else {
                missing(row)
            }
        })
        .collect())
}

/// Finds the first two cells of every row whose first cell looks like a code.
fn rows(page: &str) -> BTreeSet<String> {
    page.lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| `")?.split(" | ");
            let (code, exit) = (cells.next()?, cells.next()?);
            code.contains('.').then(|| format!("| `{code} | {exit} |"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_book_lists_every_code() {
        assert_eq!(violations().unwrap(), BTreeSet::new());
    }

    #[test]
    fn rows_are_read_from_a_table() {
        let page = "| code | exit |\n|---|---|\n| `INPUT.EMPTY` | 2 | empty |\n| `jsonl` | no |\n";
        assert_eq!(rows(page), ["| `INPUT.EMPTY` | 2 |".to_owned()].into());
    }
}
