//! `repo lint`: words that claim what this project does not do.
//!
//! A receipt holds checksums. Nothing here proves an inference, and no text may read as if
//! something did. What else the Python package's lints checked is held by types (codes, events,
//! metrics), by `layers` (network code), by clippy (printing) and by `tidy` (the licence of every
//! manifest, which stands in place of a header in every file).

use std::{fs, ops::Range, path::Path};

use anyhow::{Context, Result};
use serde_json::json;

use super::Verdict;
use crate::workspace::{files, root};

/// Runs of words that may not stand one after another, whatever stands between the words. `|` parts
/// words that are alike, and a last `*` stands for any ending.
const FORBIDDEN: &[(&[&str], &str)] = &[
    (&["zk", "proof*|snark*|stark*|circuit*"], ZERO_KNOWLEDGE),
    (&["zkp|zkml|zkproof*|zksnark*|zkstark*"], ZERO_KNOWLEDGE),
    (&["zero", "knowledge", "proof*"], ZERO_KNOWLEDGE),
    (
        &["verifiabl*", "inference*"],
        "a receipt verifies files and records, not an inference",
    ),
    (
        &["proof*", "of", "inference*"],
        "a receipt is a record, not a proof",
    ),
    (
        &["inference*", "proof*"],
        "a receipt is a record, not a proof",
    ),
    (&["inference*", "certif*"], NO_CERTIFICATE),
    (&["certif*", "inference*"], NO_CERTIFICATE),
    (&["independent*", "certif*"], NO_CERTIFICATE),
    (&["tee", "attest*"], NO_ATTESTATION),
    (&["remote*", "attest*"], NO_ATTESTATION),
];

const ZERO_KNOWLEDGE: &str = "no receipt is of this kind";
const NO_CERTIFICATE: &str = "nobody certifies a run";
const NO_ATTESTATION: &str = "`checksum_only` is the one kind of provenance";

/// Endings of the names of files that people read.
const TEXTS: &[&str] = &[
    ".css", ".html", ".ipynb", ".js", ".md", ".py", ".rs", ".sh", ".toml", ".yaml", ".yml",
];

/// The one file that has to name the words.
const ALLOWED: &str = "xtask/src/repo/lint.rs";

#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo xtask repo lint
  cargo xtask repo lint scope-language --json")]
pub(super) struct Args {
    /// Checks to run; without a name all
    #[arg(value_enum)]
    names: Vec<Name>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Name {
    /// Words that claim more than a receipt holds
    ScopeLanguage,
}

/// A run of words that may not stand where it does.
struct Place {
    path: String,
    line: usize,
    column: usize,
    words: String,
    why: &'static str,
}

pub(super) fn run(args: &Args) -> Result<Verdict> {
    let names = match args.names.as_slice() {
        [] => &[Name::ScopeLanguage],
        names => names,
    };
    let mut places = Vec::new();
    for name in names {
        match name {
            Name::ScopeLanguage => places.extend(scan()?),
        }
    }
    if args.json {
        let rows = places.iter().map(|place| {
            json!({ "path": place.path, "line": place.line, "column": place.column,
                "words": place.words, "why": place.why })
        });
        println!(
            "{}",
            serde_json::to_string_pretty(&rows.collect::<Vec<_>>())?
        );
    }
    Ok(Verdict::of(
        &places.iter().map(Place::told).collect::<Vec<_>>(),
    ))
}

/// Every place with its reason, for the gate.
pub(super) fn check() -> Result<Vec<String>> {
    Ok(scan()?.iter().map(Place::told).collect())
}

impl Place {
    fn told(&self) -> String {
        let Self {
            path,
            line,
            column,
            words,
            why,
        } = self;
        format!("{path}:{line}:{column}: [scope-language] `{words}`: {why}")
    }
}

fn scan() -> Result<Vec<Place>> {
    let mut places = Vec::new();
    for suffix in TEXTS {
        for path in files(suffix)? {
            let name = path.to_string_lossy().replace('\\', "/");
            if Path::new(ALLOWED) == path {
                continue;
            }
            let text = fs::read_to_string(root().join(&path));
            let text = text.with_context(|| format!("cannot read `{name}`"))?;
            places.extend(in_text(&name, &text));
        }
    }
    places.sort_by(|a, b| (&a.path, a.line, a.column).cmp(&(&b.path, b.line, b.column)));
    Ok(places)
}

fn in_text(path: &str, text: &str) -> Vec<Place> {
    let words = words(text);
    let mut places = Vec::new();
    for (i, first) in words.iter().enumerate() {
        for (pattern, why) in FORBIDDEN {
            let Some(run) = words.get(i..i + pattern.len()) else {
                continue;
            };
            let pairs = || run.iter().zip(*pattern);
            if !pairs().all(|(word, pattern)| fits(&text[word.clone()], pattern)) {
                continue;
            }
            let before = &text[..first.start];
            let start_of_line = before.rfind('\n').map_or(0, |at| at + 1);
            places.push(Place {
                path: path.to_owned(),
                line: before.matches('\n').count() + 1,
                column: before[start_of_line..].chars().count() + 1,
                words: run
                    .iter()
                    .map(|word| &text[word.clone()])
                    .collect::<Vec<_>>()
                    .join(" "),
                why,
            });
        }
    }
    places
}

/// Where the words lie: runs of letters and digits.
fn words(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let letters = text.char_indices().filter(|(_, c)| c.is_alphanumeric());
    for (at, c) in letters {
        let end = at + c.len_utf8();
        match found.last_mut() {
            Some(word) if word.end == at => word.end = end,
            _ => found.push(at..end),
        }
    }
    found
}

fn fits(word: &str, pattern: &str) -> bool {
    let word = word.to_lowercase();
    pattern
        .split('|')
        .any(|pattern| match pattern.strip_suffix('*') {
            Some(start) => word.starts_with(start),
            None => word == pattern,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_claim_no_more_than_a_receipt_holds() {
        assert_eq!(check().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn each_claim_is_found_however_it_is_written() {
        for claim in [
            "zk-proof",
            "ZK proofs",
            "zkSNARK",
            "zkml",
            "zero-knowledge proof",
            "verifiable inference",
            "verifiably, inference",
            "proof-of-inference",
            "inference_proof",
            "inference certificate",
            "certified inference",
            "independently certified",
            "TEE attestation",
            "remote_attestation",
        ] {
            let found = in_text("a.md", &format!("fine\nA {claim}."));
            assert_eq!(found.len(), 1, "{claim}");
            assert_eq!((found[0].line, found[0].column), (2, 3), "{claim}");
        }
        let over_two_lines = in_text("a.rs", "/// a proof\n/// of inference\n");
        assert_eq!(
            over_two_lines[0].told(),
            "a.rs:1:7: [scope-language] `proof of inference`: a receipt is a record, not a proof"
        );
    }

    #[test]
    fn other_uses_of_the_words_stand() {
        for text in [
            "an inclusion proof",
            "inference of genotypes",
            "root certificates",
            "the steel attests",
            "a verifiable receipt",
        ] {
            assert!(in_text("a.md", text).is_empty(), "{text}");
        }
    }
}
