//! Pieces of generated Markdown.

use geno_provenance::release::EvidenceClass;

/// A text as a cell of a table: on one line, without a border.
pub(crate) fn cell(text: &str) -> String {
    text.replace(['\n', '\r'], " ").trim().replace('|', "\\|")
}

/// A table.
pub(crate) fn table(columns: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let head: Vec<_> = columns.iter().map(|&column| column.to_owned()).collect();
    let mut text = line(&head);
    text.push_str(&format!("|{}\n", "---|".repeat(columns.len())));
    for row in rows {
        text.push_str(&line(&row));
    }
    text
}

/// Whether something may count as evidence, in words.
pub(crate) fn evidence(class: &EvidenceClass) -> String {
    let reasons: Vec<_> = class.reasons().map(|reason| reason.code()).collect();
    match reasons.is_empty() {
        true => "release".to_owned(),
        false => format!("**fixture** ({}); no evidence", reasons.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stay_in_their_table() {
        let rows = [vec![cell("a|b\nc"), cell(" d ")]];
        assert_eq!(
            table(&["x", "y"], rows),
            "| x | y |\n|---|---|\n| a\\|b c | d |\n"
        );
    }
}
