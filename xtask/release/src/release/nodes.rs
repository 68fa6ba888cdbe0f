//! Every kind of file that a release has: what it is made of, how it is checked, where it is published.
//!
//! One table stands for the whole graph. The verifier finds every file's row in it, and no report may
//! be made of anything that its row does not name; the lock, the plan and the picture of the graph
//! are read off the same rows.

use geno_provenance::PublicPath;

/// How a file is checked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Check {
    /// By the digests of those that name it: it comes from outside, or from a run.
    Digest,
    /// It is a report: read, with all that follows from its values, and made again from its files.
    Report,
    /// It is a text for people: written again and compared.
    Text,
    /// It lists digests: read, and compared with every file.
    Sums,
}

impl Check {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Digest => "digest",
            Self::Report => "report",
            Self::Text => "text",
            Self::Sums => "sums",
        }
    }
}

/// A kind of file.
#[derive(Debug)]
pub(crate) struct Node {
    /// Its name; the part of the release comes first.
    pub(crate) key: &'static str,
    /// Its public name. A last part `*` stands for every file of a folder and of those in it.
    pub(crate) path: &'static str,
    pub(crate) check: Check,
    /// What it is made of.
    pub(crate) made_of: &'static [&'static str],
}

macro_rules! nodes {
    ($($key:literal $path:literal $check:ident [$($from:literal)*])*) => {
        &[$(Node { key: $key, path: $path, check: Check::$check, made_of: &[$($from),*] }),*]
    };
}

/// All rows. Of two that fit a file, the first is meant.
#[rustfmt::skip]
pub(crate) const NODES: &[Node] = nodes![
    "dataset.inputs"    "dataset/dataset_input_check_report.json" Report []
    "dataset.manifest"  "dataset/dataset_manifest.json" Report ["dataset.data"]
    "dataset.integrity" "dataset/split_integrity.json"  Report ["dataset.data" "dataset.manifest"]
    "dataset.card"      "dataset/data_card.md"          Text   ["dataset.manifest" "dataset.integrity"]
    "dataset.sums"      "dataset/SHA256SUMS"            Sums   ["dataset.data" "dataset.inputs" "dataset.manifest" "dataset.integrity" "dataset.card"]
    "dataset.data"      "dataset/*"                     Digest []

    "model.encoder"     "model/encoder/*"               Digest []
    "model.training"    "model/training/*"              Digest []
    "model.eval_metrics" "model/eval/eval_metrics.json" Digest ["model.manifest" "model.evaluated"]
    "model.eval_report" "model/eval/eval_report.md"     Text   ["model.eval_metrics"]
    "model.evaluated"   "model/eval/*"                  Digest ["model.manifest"]
    "model.efficiency"  "model/efficiency_report.json"  Report ["model.manifest"]
    "model.manifest"    "model/manifest.json"           Digest ["model.files" "model.encoder"]
    "model.package"     "model/model_package.json"      Report ["dataset.manifest" "model.files" "model.encoder" "model.training" "model.eval_metrics" "model.eval_report" "model.evaluated" "model.efficiency" "model.manifest"]
    "model.card"        "model/model_card.md"           Text   ["model.package" "model.manifest" "model.eval_metrics" "model.efficiency"]
    "model.sums"        "model/SHA256SUMS"              Sums   ["model.files" "model.encoder" "model.training" "model.eval_metrics" "model.eval_report" "model.evaluated" "model.efficiency" "model.manifest" "model.package" "model.card"]
    "model.files"       "model/*"                       Digest []

    "demo.preflight"    "demo/runtime_preflight_report.json" Report ["model.manifest" "model.package" "demo.inputs"]
    "demo.scores"       "demo/scores.jsonl"             Digest ["model.manifest" "demo.inputs"]
    "demo.envelope"     "demo/scores.jsonl.envelope.json" Digest ["model.manifest" "demo.inputs"]
    "demo.rejected"     "demo/scores.jsonl.rejected.jsonl" Digest ["model.manifest" "demo.inputs"]
    "demo.receipts"     "demo/receipts.jsonl"           Digest ["model.manifest" "demo.inputs"]
    "demo.stdout"       "demo/stdout.txt"               Digest ["demo.inputs"]
    "demo.stderr"       "demo/stderr.txt"               Digest ["demo.inputs"]
    "demo.batch"        "demo/batch_receipt_report.json" Report ["model.manifest" "demo.scores" "demo.receipts"]
    "demo.manifest"     "demo/terminal_demo_manifest.json" Report ["model.manifest" "model.package" "demo.inputs" "demo.preflight" "demo.scores" "demo.envelope" "demo.rejected" "demo.receipts" "demo.stdout" "demo.stderr" "demo.batch"]
    "demo.transcript"   "demo/terminal-demo-transcript.md" Text ["demo.manifest" "demo.preflight" "demo.batch" "demo.stdout" "demo.stderr"]
    "demo.sums"         "demo/SHA256SUMS"               Sums   ["demo.inputs" "demo.preflight" "demo.scores" "demo.envelope" "demo.rejected" "demo.receipts" "demo.stdout" "demo.stderr" "demo.batch" "demo.manifest" "demo.transcript"]
    "demo.inputs"       "demo/*"                        Digest []

    "paper.text"        "paper/PAPER.md"                Text   ["dataset.manifest" "dataset.sums" "model.package" "model.manifest" "model.eval_metrics" "model.efficiency" "model.sums" "demo.manifest" "demo.sums"]

    "release.lock"      "release.lock.json"             Report ["dataset.sums" "model.sums" "demo.sums" "paper.text"]
];

impl Node {
    /// The row of a file.
    pub(crate) fn of(path: &PublicPath) -> Option<&'static Self> {
        NODES.iter().find(|node| node.fits(path.as_str()))
    }

    fn fits(&self, path: &str) -> bool {
        match self.path.strip_suffix('*') {
            Some(folder) => path.starts_with(folder),
            None => path == self.path,
        }
    }

    /// The part of the release that it belongs to.
    pub(crate) fn part(&self) -> &'static str {
        self.key.split('.').next().unwrap_or_default()
    }
}

/// The graph in the language of Graphviz, one cluster a part.
pub(crate) fn dot() -> String {
    let mut text = String::from("digraph release {\n  rankdir=LR;\n  node [shape=box];\n");
    let mut parts: Vec<_> = NODES.iter().map(Node::part).collect();
    parts.dedup();
    for part in parts {
        text.push_str(&format!(
            "  subgraph cluster_{part} {{\n    label=\"{part}\";\n"
        ));
        for node in NODES.iter().filter(|node| node.part() == part) {
            let (key, path, check) = (node.key, node.path, node.check.as_str());
            text.push_str(&format!("    \"{key}\" [label=\"{path}\\n{check}\"];\n"));
        }
        text.push_str("  }\n");
    }
    for node in NODES {
        for from in node.made_of {
            text.push_str(&format!("  \"{from}\" -> \"{}\";\n", node.key));
        }
    }
    text.push_str("}\n");
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn nothing_is_made_of_what_is_made_of_it() {
        let mut done = BTreeSet::new();
        while done.len() < NODES.len() {
            let is_ready = |node: &&Node| {
                !done.contains(node.key) && node.made_of.iter().all(|from| done.contains(from))
            };
            let ready: Vec<_> = NODES.iter().filter(is_ready).map(|node| node.key).collect();
            let rest = NODES.iter().map(|node| node.key);
            let rest: Vec<_> = rest.filter(|key| !done.contains(key)).collect();
            assert!(
                !ready.is_empty(),
                "in a circle or of what is not there: {rest:?}"
            );
            done.extend(ready);
        }
    }

    #[test]
    fn a_file_has_one_row() {
        let key = |path: &str| Node::of(&PublicPath::new(path).unwrap()).map(|node| node.key);
        assert_eq!(
            key("model/encoder/model.safetensors"),
            Some("model.encoder")
        );
        assert_eq!(
            key("model/eval/eval_metrics.json"),
            Some("model.eval_metrics")
        );
        assert_eq!(key("model/eval/scores.jsonl"), Some("model.evaluated"));
        assert_eq!(key("model/predictor.safetensors"), Some("model.files"));
        assert_eq!(key("demo/variants.vcf"), Some("demo.inputs"));
        assert_eq!(key("other/a"), None);
        for (i, node) in NODES.iter().enumerate() {
            let earlier = NODES[..i].iter().find(|earlier| earlier.fits(node.path));
            assert!(earlier.is_none(), "{} is never reached", node.key);
        }
    }

    #[test]
    fn the_picture_shows_every_row_and_every_edge() {
        let dot = dot();
        assert_eq!(dot.matches("label=\"").count() - 5, NODES.len());
        let edges: usize = NODES.iter().map(|node| node.made_of.len()).sum();
        assert_eq!(dot.matches(" -> ").count(), edges);
    }
}
