//! The table of scores: its columns as JSON, and its highest rows as they are printed.

use std::{
    collections::HashMap,
    io::{self, Write},
};

use geno_plot::escaped;
use geno_provenance::{Json, float_repr, summary_json};

use crate::scores::{Cell, ScoreTable, Scored};

/// Rows that are printed, and shown where no script runs.
const N_PRINTED: usize = 50;

/// Writes the table.
pub(super) fn write(out: &mut impl Write, scores: &ScoreTable) -> io::Result<()> {
    printed(out, scores)?;
    write!(
        out,
        "<script type=\"application/json\" id=\"data\">{{\"n\":{},\"columns\":[",
        scores.n_shown()
    )?;
    let texts: [Column<'_>; 4] = [
        ("chrom", "contig", &|row| Cell::Text(row.contig)),
        ("ref", "ref", &|row| Cell::Text(row.reference)),
        ("alt", "alt", &|row| Cell::Text(row.alternate)),
        ("bucket_id", "bucket", &|row| Cell::Text(row.bucket)),
    ];
    let [contig, reference, alternate, bucket] = texts;
    column(out, scores, contig)?;
    let fixed: [Column<'_>; 7] = [
        ("pos", "position", &|row| Cell::Number(row.pos as f64)),
        reference,
        alternate,
        ("sigma_calibrated", "percentile", &|row| {
            Cell::Number(row.percentile)
        }),
        ("sigma_raw", "surprise", &|row| Cell::Number(row.sigma_raw)),
        bucket,
        ("confidence", "confidence", &|row| {
            Cell::Number(row.confidence)
        }),
    ];
    for of in fixed {
        out.write_all(b",")?;
        column(out, scores, of)?;
    }
    out.write_all(b",")?;
    let flags = scores.rows.iter().map(|row| u32::from(row.low_confidence));
    write_words(
        out,
        ("low_confidence", "low confidence"),
        ["no", "yes"],
        flags,
    )?;
    for (i, name) in scores.extras.iter().enumerate() {
        out.write_all(b",")?;
        let of = |row: &Scored| row.extras.get(i).copied().unwrap_or(Cell::Missing);
        column(out, scores, (name, name, &of))?;
    }
    writeln!(out, "]}}</script>")
}

/// Its key, its name, and what stands in it.
type Column<'a> = (&'a str, &'a str, &'a dyn Fn(&Scored) -> Cell);

/// A column of numbers, or of texts if any of it is a text.
fn column(
    out: &mut impl Write,
    scores: &ScoreTable,
    (key, name, of): Column<'_>,
) -> io::Result<()> {
    let has_text = scores
        .rows
        .iter()
        .any(|row| matches!(of(row), Cell::Text(_)));
    if has_text {
        let mut words: Vec<String> = Vec::new();
        let mut known = HashMap::new();
        let codes: Vec<u32> = scores
            .rows
            .iter()
            .map(|row| {
                let text = match of(row) {
                    Cell::Missing => String::new(),
                    Cell::Number(number) => float_repr(number),
                    Cell::Text(word) => scores.words.text(word).to_owned(),
                };
                *known.entry(text).or_insert_with_key(|text| {
                    words.push(text.clone());
                    words.len() as u32 - 1
                })
            })
            .collect();
        return write_words(out, (key, name), words.iter().map(String::as_str), codes);
    }
    write!(
        out,
        "{{\"key\":{},\"name\":{},\"numbers\":[",
        quoted(key),
        quoted(name)
    )?;
    for (i, row) in scores.rows.iter().enumerate() {
        let comma = if i > 0 { "," } else { "" };
        match of(row) {
            Cell::Number(number) => write!(out, "{comma}{}", plain(number))?,
            Cell::Missing | Cell::Text(_) => write!(out, "{comma}null")?,
        }
    }
    out.write_all(b"]}")
}

fn write_words<'a>(
    out: &mut impl Write,
    (key, name): (&str, &str),
    words: impl IntoIterator<Item = &'a str>,
    codes: impl IntoIterator<Item = u32>,
) -> io::Result<()> {
    let words: Vec<String> = words.into_iter().map(quoted).collect();
    write!(
        out,
        "{{\"key\":{},\"name\":{},\"words\":[{}],\"codes\":[",
        quoted(key),
        quoted(name),
        words.join(",")
    )?;
    for (i, code) in codes.into_iter().enumerate() {
        let comma = if i > 0 { "," } else { "" };
        write!(out, "{comma}{code}")?;
    }
    out.write_all(b"]}")
}

/// A whole number without a fraction.
fn plain(number: f64) -> String {
    match number.fract() == 0.0 && number.abs() < 1e15 {
        true => format!("{number:.0}"),
        false => float_repr(number),
    }
}

/// A text in JSON that no parser of HTML takes for anything else.
fn quoted(text: &str) -> String {
    let json = summary_json(&Json::from(text));
    json.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
}

/// The highest rows, for paper and for those without scripts.
fn printed(out: &mut impl Write, scores: &ScoreTable) -> io::Result<()> {
    let rows = scores.highest();
    let n = rows.len().min(N_PRINTED);
    writeln!(
        out,
        "<div class=\"printed wide\"><p class=\"note\">The {n} highest percentiles of {} rows.</p><table><thead><tr>\
         <th scope=\"col\">variant</th><th scope=\"col\">percentile</th><th scope=\"col\">surprise</th>\
         <th scope=\"col\">bucket</th><th scope=\"col\">confidence</th></tr></thead><tbody>",
        scores.n_rows
    )?;
    for row in &rows[..n] {
        let (variant, bucket) = (
            escaped(&scores.variant(row)),
            escaped(scores.words.text(row.bucket)),
        );
        let low = if row.low_confidence { ", low" } else { "" };
        writeln!(
            out,
            "<tr><th scope=\"row\">{variant}</th><td>{:.4}</td><td>{:.4}</td><td>{bucket}</td><td>{:.2}{low}</td></tr>",
            row.percentile, row.sigma_raw, row.confidence
        )?;
    }
    writeln!(out, "</tbody></table></div>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_the_script_that_holds_it() {
        let json = quoted("</script><!--<script>");
        assert!(!json.contains(['<', '>', '&']), "{json}");
        let read: String = serde_json::from_str(&json).unwrap();
        assert_eq!(read, "</script><!--<script>");
    }

    #[test]
    fn whole_numbers_are_short() {
        assert_eq!(plain(3_309_864.0), "3309864");
        assert_eq!(plain(0.1), "0.1");
    }
}
