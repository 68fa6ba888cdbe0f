//! A search for what no log may hold.

use std::collections::BTreeSet;

/// Longest run of nucleotide letters that may stand in a log: a word can look like one.
const MAX_RUN: usize = 8;

/// What an input file knows about somebody.
pub(crate) struct Secrets {
    positions: BTreeSet<String>,
    samples: Vec<String>,
}

impl Secrets {
    /// The secrets of the rows of a VCF and its samples.
    pub(crate) fn of<'a>(rows: impl Iterator<Item = &'a String>, samples: &[&str]) -> Self {
        let position = |row: &'a String| row.split('\t').nth(1).unwrap();
        let whole = |position: &'a str| position.split('.').next().unwrap().to_owned();
        Self {
            positions: rows.map(position).map(whole).collect(),
            samples: samples.iter().map(|sample| (*sample).to_owned()).collect(),
        }
    }

    /// Every piece of a text that is a position, a sample's name, a run of more than [`MAX_RUN`]
    /// nucleotide letters, or an edit written as `A>G`.
    pub(crate) fn find(&self, text: &str) -> Vec<String> {
        let samples = self.samples.iter().filter(|sample| text.contains(*sample));
        let mut found: Vec<String> = samples.cloned().collect();
        found.extend(
            numbers(text)
                .filter(|number| self.positions.contains(*number))
                .map(str::to_owned),
        );
        found.extend(
            runs(text)
                .filter(|run| run.len() > MAX_RUN)
                .map(str::to_owned),
        );
        found.extend(edits(text));
        found
    }
}

/// The whole numbers of a text; `1.5` holds none.
fn numbers(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '.');
    words.flat_map(|word| {
        let is_fraction = word.trim_end_matches('.').contains('.') && word.parse::<f64>().is_ok();
        let parts = if is_fraction { "" } else { word };
        parts.split('.')
    })
}

fn is_nucleotide(c: char) -> bool {
    matches!(c.to_ascii_uppercase(), 'A' | 'C' | 'G' | 'T' | 'N')
}

fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c| !is_nucleotide(c))
}

/// Alleles to both sides of a `>`.
fn edits(text: &str) -> impl Iterator<Item = String> {
    text.match_indices('>').filter_map(|(i, _)| {
        let before = text[..i]
            .chars()
            .next_back()
            .filter(|&c| is_nucleotide(c))?;
        let after = text[i + 1..].chars().next().filter(|&c| is_nucleotide(c))?;
        Some(format!("{before}>{after}"))
    })
}

fn secrets() -> Secrets {
    let row = "20\t1300205\trs41280302\tC\tT".to_owned();
    Secrets::of([row].iter(), &["Quasimodo"])
}

#[test]
fn what_must_not_be_logged_is_found() {
    for text in [
        "20:1300205",
        "chr20:1300205:C:T",
        "{\"pos\": 1300205, \"ref\": \"C\"}",
        "POS=1300205.",
        "at chr20.1300205",
        "20\t1300205\t.\tC\tT",
        "EditSpec { pos: 1300205 }",
        "the edit C>T",
        "of sample Quasimodo",
        "in /data/Quasimodo.vcf",
        "GATTACAGA",
        "xgattacagax",
        "NNNNNNNNN",
    ] {
        assert!(!secrets().find(text).is_empty(), "{text}");
    }
}

#[test]
fn what_may_be_logged_is_not_found() {
    for text in [
        "sha256:f7afe7fe6b9ed516d7a60767c4a22a950b5e31c577f9d129f51530452868c33c",
        "\"duration_ms\": 12.1300205, \"n\": 13002051",
        "2026-11-21T14:33:22.205Z info  inference.batch.end n=64",
        "GATTACAG",
        "line 1300 of the VCF is rejected",
        "",
    ] {
        assert_eq!(secrets().find(text), Vec::<String>::new(), "{text}");
    }
}
