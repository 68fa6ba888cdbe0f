//! Files of labels and scores, and how they are read.

use std::{
    error::Error,
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use geno_eval::{
    Bootstrap, ClassRule, EvaluationOptions, Join, JoinError, JoinFiles, LabelRule, ScoreSource,
    TieRule,
};
use geno_provenance::Label;

pub(crate) fn label(text: &str) -> Label {
    Label::new(text).unwrap()
}

pub(crate) fn source(name: &str, path: &Path, field: &str) -> ScoreSource {
    ScoreSource {
        name: label(name),
        path: path.to_owned(),
        field: field.to_owned(),
        threshold: Some(0.5),
        producer: None,
    }
}

pub(crate) fn read(files: &JoinFiles<'_>) -> Result<Join, JoinError> {
    let join = Join::read(files, |_| ControlFlow::Continue(()))?;
    Ok(join.expect("nobody breaks off"))
}

/// Labels and scores of a folder, without reference and background.
pub(crate) struct Files {
    folder: tempfile::TempDir,
}

impl Files {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn join(&self, labels: &Path, scores: &Path) -> Result<Join, JoinError> {
        read(&JoinFiles {
            labels,
            rule: &LabelRule::Class(ClassRule::default()),
            scores: &source("scores", scores, "s"),
            baselines: &[],
            fasta: None,
            background: None,
        })
    }

    pub(crate) fn fault(&self, labels: &str, scores: &str) -> String {
        let (labels, scores) = (self.write("labels", labels), self.write("scores", scores));
        let error = self.join(&labels, &scores).unwrap_err();
        let cause = error.source().map(|cause| format!(": {cause}"));
        let folder = format!("{}/", self.folder.path().display());
        format!("{error}{}", cause.unwrap_or_default()).replace(&folder, "")
    }
}

pub(crate) fn options(split: &str, n_resamples: usize) -> EvaluationOptions {
    EvaluationOptions {
        split: label(split),
        bootstrap: Bootstrap {
            n_resamples,
            seed: 11,
            level: 0.9,
        },
        primary: None,
        ties: TieRule::InOrder,
    }
}

/// Sixty variants of three consequences; the first scores follow labels, the second nothing.
pub(crate) fn compared(files: &Files) -> Join {
    let (mut labels, mut scores) = (String::new(), String::new());
    for i in 0..60u64 {
        let positive = i % 3 == 0;
        let consequence = ["missense_variant", "intron_variant", "utr"][i as usize % 7 % 3];
        let variant = format!(
            "chr{}\t{}\tA\t{}",
            i % 2 + 1,
            i + 1,
            if i % 5 == 0 { "C" } else { "CG" }
        );
        let class = if positive { "P" } else { "B" };
        labels += &format!("{variant}\t{class}\t{consequence}\n");
        let score = (i * 37 % 60) as f64 / 60.0;
        let better = score * 0.5 + if positive { 0.5 } else { 0.0 };
        scores += &format!("{variant}\t{better}\t{score}\n");
    }
    let labels = format!("chrom\tpos\tref\talt\tlabel\tconsequence\n{labels}");
    let scores = format!("chrom\tpos\tref\talt\ts\tother\n{scores}");
    let (labels, scores) = (files.write("l.tsv", labels), files.write("s.tsv", scores));
    read(&JoinFiles {
        labels: &labels,
        rule: &LabelRule::Class(ClassRule::default()),
        scores: &source("scores", &scores, "s"),
        baselines: &[ScoreSource {
            threshold: None,
            ..source("unbounded", &scores, "other")
        }
        .into()],
        fasta: None,
        background: None,
    })
    .unwrap()
}
