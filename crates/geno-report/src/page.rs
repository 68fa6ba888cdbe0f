//! The page: one file of HTML that asks for nothing else.

mod base64;
#[cfg(test)]
mod contrast;
mod grid;
mod markup;
mod metrics;
mod sections;

use std::io::{self, Write};

use geno_core::Digest;
use geno_data::AnnotationSources;
use geno_plot::{PLOT_STYLE, escaped};

use crate::{
    evaluation::Evaluation,
    figure::{self, Figure},
    locus::{Locus, LocusRegion, loci},
    metrics::MetricsFile,
    provenance::Provenance,
    scores::ScoreTable,
};

const TEMPLATE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/style.css");
const SCRIPT: &str = include_str!("page/table.js");

/// Scores with what is known of them.
///
/// The same report has the same bytes. No text of a file can become markup or a script: all of it is
/// escaped, and the page's policy lets one script run, which it names by its digest, and nothing be
/// loaded.
///
/// ```
/// use geno_report::{LookUps, Provenance, Report, ScoreFile};
///
/// # let scores = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/parity/scores.jsonl");
/// let scores = ScoreFile { path: scores.as_ref(), max_rows: 250_000 };
/// let scores = scores.read(LookUps::default())?;
/// let report = Report {
///     title: "Scores",
///     scores: &scores,
///     provenance: &Provenance::default(),
///     metrics: &[],
///     evaluations: &[],
///     annotation: None,
///     locus: None,
/// };
/// let mut page = Vec::new();
/// report.write_html(&mut page)?;
/// assert!(page.starts_with(b"<!doctype html>"));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// What the page is called.
    pub title: &'a str,
    /// The scores.
    pub scores: &'a ScoreTable,
    /// Where they come from.
    pub provenance: &'a Provenance,
    /// Documents of metrics.
    pub metrics: &'a [MetricsFile],
    /// Curves of labelled scores.
    pub evaluations: &'a [Evaluation],
    /// Genes and repeats to draw beside the scores.
    pub annotation: Option<&'a AnnotationSources>,
    /// The region to show; without one those with the most variants are.
    pub locus: Option<&'a LocusRegion>,
}

impl Report<'_> {
    /// Writes the page.
    ///
    /// # Errors
    ///
    /// Whatever `out` reports.
    pub fn write_html(&self, mut out: impl Write) -> io::Result<()> {
        let (loci, default) = loci(self.scores, self.annotation, self.locus);
        // `{{name}}` stands for a part of the page.
        for piece in TEMPLATE.split("{{") {
            let (name, text) = piece.split_once("}}").unwrap_or(("", piece));
            match name {
                "" => {}
                "title" => out.write_all(escaped(self.title).as_bytes())?,
                "policy" => out.write_all(policy().as_bytes())?,
                "style" => write!(out, "{STYLE}{PLOT_STYLE}")?,
                "script" => out.write_all(SCRIPT.as_bytes())?,
                "summary" => sections::summary(&mut out, self)?,
                "locus" => self.write_loci(&mut out, &loci, default)?,
                "distributions" => write_figures(&mut out, &figure::distributions(self.scores))?,
                "grid" => grid::write(&mut out, self.scores)?,
                "evaluation-link" if self.has_evaluation() => {
                    out.write_all(b"<a href=\"#evaluation\">Evaluation</a> ")?;
                }
                "evaluation-link" => {}
                "evaluation" if !self.has_evaluation() => {}
                "evaluation" => sections::evaluation(&mut out, self)?,
                "provenance" => sections::provenance(&mut out, self.provenance)?,
                name => unreachable!("`{name}` is no part of the page"),
            }
            out.write_all(text.as_bytes())?;
        }
        out.flush()
    }

    fn has_evaluation(&self) -> bool {
        !self.metrics.is_empty() || !self.evaluations.is_empty()
    }

    /// The pictures of the page, those of the locus with the most variants.
    pub fn figures(&self) -> Vec<Figure> {
        let (loci, default) = loci(self.scores, self.annotation, self.locus);
        let locus = loci
            .get(default)
            .map(|locus| figure::of_locus(self.scores, locus));
        let curves = self.evaluations.iter().flat_map(Evaluation::figures);
        let distributions = figure::distributions(self.scores);
        locus
            .into_iter()
            .chain(distributions)
            .chain(curves)
            .collect()
    }

    fn write_loci(
        &self,
        out: &mut impl Write,
        loci: &[Locus<'_>],
        default: usize,
    ) -> io::Result<()> {
        if loci.len() > 1 {
            sections::locus_choice(out, self.scores, loci, default)?;
        }
        for (i, locus) in loci.iter().enumerate() {
            let hidden = if i == default { "" } else { " hidden" };
            write!(out, "<div class=\"locus\" id=\"locus-{i}\"{hidden}>")?;
            let figure = figure::of_locus(self.scores, locus);
            markup::figure(out, &figure, &format!("locus-{i}"))?;
            writeln!(out, "</div>")?;
        }
        Ok(())
    }
}

fn write_figures(out: &mut impl Write, figures: &[Figure]) -> io::Result<()> {
    let mut figures = figures.iter();
    figures.try_for_each(|figure| markup::figure(out, figure, &figure.name))
}

/// Nothing is loaded, nothing is sent, and one script runs.
fn policy() -> String {
    let digest = base64::encode(Digest::of(SCRIPT.as_bytes()).as_bytes());
    format!(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; img-src data:; \
         base-uri 'none'; form-action 'none'"
    )
}
