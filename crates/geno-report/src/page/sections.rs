//! The sections of the page beside the table.

use std::io::{self, Write};

use geno_plot::escaped;

use super::{Report, metrics, write_figures};
use crate::{
    locus::Locus,
    provenance::{Provenance, Verdict},
    scores::ScoreTable,
};

/// What there is at a glance.
pub(super) fn summary(out: &mut impl Write, report: &Report<'_>) -> io::Result<()> {
    let scores = report.scores;
    let n_shown = scores.n_shown();
    let median = scores.all.quantile(0.5).unwrap_or_default();
    let cards = [
        ("variants", grouped(scores.n_rows)),
        ("median percentile", format!("{median:.2}")),
        ("percentile ≥ 0.99", grouped(scores.all.n_from(990))),
        ("low confidence", grouped(scores.n_low_confidence)),
    ];
    writeln!(out, "<dl class=\"cards\">")?;
    for (name, value) in cards {
        writeln!(out, "<div><dt>{name}</dt><dd>{value}</dd></div>")?;
    }
    let verdict = report.provenance.verdict();
    writeln!(
        out,
        "<div class=\"{}\"><dt>provenance</dt><dd><a href=\"#provenance\">{}</a></dd></div></dl>",
        class(&verdict),
        verdict.word()
    )?;
    if n_shown < scores.n_rows {
        writeln!(
            out,
            "<p class=\"note\">The table and the locus show the {n_shown} rows with the highest percentiles; \
             {} rows are left out of them. The distributions count every row.</p>",
            scores.n_rows - n_shown
        )?;
    }
    if scores.n_misfits > 0 {
        let n = scores.n_misfits;
        writeln!(
            out,
            "<p class=\"note\">{n} rows do not fit the reference or cannot be looked up, and have \
                       no gene, consequence or repeat.</p>"
        )?;
    }
    if !scores.left_out.is_empty() {
        let columns: Vec<String> = scores.left_out.iter().map(|name| escaped(name)).collect();
        let columns = columns.join(", ");
        writeln!(
            out,
            "<p class=\"note\">Columns that are neither number nor text are not shown: {columns}.</p>"
        )?;
    }
    Ok(())
}

/// The choice of a locus.
pub(super) fn locus_choice(
    out: &mut impl Write,
    scores: &ScoreTable,
    loci: &[Locus<'_>],
    default: usize,
) -> io::Result<()> {
    let n: usize = loci.iter().map(|locus| locus.variants.len()).sum();
    let n_left = scores.n_shown() - n as u64;
    write!(
        out,
        "<p class=\"scripted\"><label for=\"locus-choice\">Region</label> <select id=\"locus-choice\">"
    )?;
    for (i, locus) in loci.iter().enumerate() {
        let selected = if i == default { " selected" } else { "" };
        let (name, n) = (escaped(&locus.name()), locus.variants.len());
        write!(
            out,
            "<option value=\"{i}\"{selected}>{name} ({n} variants)</option>"
        )?;
    }
    writeln!(out, "</select></p>")?;
    if n_left > 0 {
        let n_loci = loci.len();
        writeln!(
            out,
            "<p class=\"note\">The {n_loci} regions with the most variants; {n_left} variants lie in others.</p>"
        )?;
    }
    Ok(())
}

/// Metrics and curves.
pub(super) fn evaluation(out: &mut impl Write, report: &Report<'_>) -> io::Result<()> {
    writeln!(
        out,
        "<section id=\"evaluation\" aria-labelledby=\"evaluation-h\"><h2 id=\"evaluation-h\">Evaluation</h2>"
    )?;
    for evaluation in report.evaluations {
        writeln!(out, "<h3>{}</h3>", escaped(&evaluation.name))?;
        writeln!(
            out,
            "<p class=\"note\">{}</p>",
            escaped(&evaluation.summary())
        )?;
        writeln!(out, "<div class=\"figures\">")?;
        write_figures(out, &evaluation.figures())?;
        writeln!(out, "</div>")?;
    }
    report
        .metrics
        .iter()
        .try_for_each(|file| metrics::write(out, file))?;
    writeln!(out, "</section>")
}

/// What was checked, and what the files say of themselves.
pub(super) fn provenance(out: &mut impl Write, provenance: &Provenance) -> io::Result<()> {
    let verdict = provenance.verdict();
    writeln!(
        out,
        "<p class=\"verdict {}\"><strong>{}</strong> {}</p>\n<ul class=\"checks\">",
        class(&verdict),
        verdict.word(),
        escaped(verdict.detail())
    )?;
    for check in &provenance.checks {
        writeln!(
            out,
            "<li class=\"{}\"><span class=\"word\">{}</span> <span>{}<small>{}</small></span></li>",
            class(&check.verdict),
            check.verdict.word(),
            check.name,
            escaped(check.verdict.detail())
        )?;
    }
    writeln!(out, "</ul>")?;
    facts(
        out,
        provenance
            .facts
            .iter()
            .map(|(name, fact)| (name.as_str(), fact.as_str())),
    )
}

pub(super) fn facts<'a>(
    out: &mut impl Write,
    facts: impl Iterator<Item = (&'a str, &'a str)>,
) -> io::Result<()> {
    write!(out, "<dl class=\"facts\">")?;
    for (name, fact) in facts {
        write!(out, "<dt>{}</dt><dd>{}</dd>", escaped(name), escaped(fact))?;
    }
    writeln!(out, "</dl>")
}

/// A number with a comma before every three digits.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn class(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Holds(_) => "holds",
        Verdict::Fails(_) => "fails",
        Verdict::NotChecked(_) => "open",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_can_be_read() {
        let texts = [0, 999, 1_000, 100_000, 1_234_567].map(grouped);
        assert_eq!(texts, ["0", "999", "1,000", "100,000", "1,234,567"]);
    }
}
