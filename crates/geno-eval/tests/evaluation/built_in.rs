//! Baselines that need no scores of their own.

use std::path::Path;

use geno_eval::{Baseline, BuiltIn, ClassRule, Evaluation, Join, JoinError, JoinFiles, LabelRule};

use super::files::{Files, label, options, read, source};

/// Substitutions, a pair of bases, one that shares a base with its reference, and an insertion.
const LABELS: &str = "chrom\tpos\tref\talt\tlabel\tAF\n\
    1\t10\tA\tG\tP\t0.25\n\
    1\t20\tA\tC\tP\t0.125\n\
    1\t30\tC\tT\tB\t0.5\n\
    1\t40\tG\tT\tB\t.\n\
    1\t50\tCA\tGT\tB\t0\n\
    1\t60\tTC\tTG\tB\t1\n\
    1\t70\tA\tAC\tP\t0.0625\n";

fn join(files: &Files, rule: BuiltIn) -> Result<Join, JoinError> {
    let labels = files.write("labels", LABELS);
    let scores = LABELS.replace("label\tAF", "s\tx");
    let scores = scores
        .replace("\tP\t", "\t0.75\t")
        .replace("\tB\t", "\t0.25\t");
    let scores = files.write("scores", scores);
    let threshold = rule.threshold();
    read(&JoinFiles {
        labels: &labels,
        rule: &LabelRule::Class(ClassRule::default()),
        scores: &source("scores", &scores, "s"),
        baselines: &[Baseline::BuiltIn { rule, threshold }],
        fasta: None,
        background: None,
    })
}

/// The baseline's scores, with the positions of their variants.
fn scores(join: &Join) -> Vec<(u64, f64)> {
    let positions = join.variants.iter().map(|variant| variant.pos);
    positions.zip(join.columns[1].values.clone()).collect()
}

fn in_file(file: &Path) -> BuiltIn {
    let file = Some(file.to_owned());
    BuiltIn::AlleleFrequency { file }
}

#[test]
fn a_transversion_is_a_change_of_one_base_between_the_two_kinds() {
    let join = join(&Files::new(), BuiltIn::Transversion).unwrap();
    let expected = [(10, 0.0), (20, 1.0), (30, 0.0), (40, 1.0), (60, 1.0)];
    assert_eq!(scores(&join), expected);
    // The pair of bases and the insertion are not evaluated, and that is counted.
    assert_eq!(join.coverage.without_score[&label("transversion")], 2);
    assert_eq!(join.coverage.without_score[&label("scores")], 0);
    let lines: Vec<u64> = join.unmatched.iter().map(|row| row.line).collect();
    assert_eq!(lines, [6, 8]);
}

#[test]
fn frequencies_of_the_labels_are_as_high_as_they_are_rare() {
    let join = join(&Files::new(), BuiltIn::AlleleFrequency { file: None }).unwrap();
    let expected = [
        (10, 0.75),
        (20, 0.875),
        (30, 0.5),
        (50, 1.0),
        (60, 0.0),
        (70, 0.9375),
    ];
    assert_eq!(scores(&join), expected);
    assert_eq!(join.columns[1].absent, 0);
}

#[test]
fn what_a_file_of_frequencies_lacks_is_the_rarest_and_said() {
    let files = Files::new();
    let vcf = files.write(
        "frequencies",
        "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n\
         chr1\t10\t.\tA\tT,G\t.\t.\tAF=0.5,0.25\n\
         chr1\t20\t.\tA\tC\t.\t.\tAF=.\n\
         chr1\t59\t.\tATC\tATG\t.\t.\tAF=0.125\n",
    );
    let join_of = |file: &Path| join(&files, in_file(file));
    let found = join_of(&vcf).unwrap();
    let expected = [
        (10, 0.75),
        (30, 1.0),
        (40, 1.0),
        (50, 1.0),
        (60, 0.875),
        (70, 1.0),
    ];
    assert_eq!(scores(&found), expected);
    assert_eq!(found.columns[1].absent, 4);
    let rule = LabelRule::Class(ClassRule::default());
    let evaluation = Evaluation::of(&found, &rule, &options("made_up", 20)).unwrap();
    let said = "4 labelled variants of made_up are not in the file of allele_frequency";
    let is_said = |limitation: &geno_provenance::Label| limitation.starts_with(said);
    assert!(evaluation.limitations.iter().any(is_said));

    let wrong = files.write("wrong", "chrom\tpos\tref\talt\tAF\n1\t10\tA\tG\t25\n");
    let error = join_of(&wrong).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(cause, "`AF` is not between 0 and 1");
    assert!(error.to_string().ends_with("wrong`, line 2"), "{error}");
}

#[test]
fn a_built_in_baseline_has_one_name() {
    for name in ["transversion", "allele_frequency"] {
        assert_eq!(name.parse::<BuiltIn>().unwrap().name(), name);
    }
    let error = "distance".parse::<BuiltIn>().unwrap_err();
    let said = "`distance` is no baseline that is built in: transversion, allele_frequency";
    assert_eq!(error.to_string(), said);
}
