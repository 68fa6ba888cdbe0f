//! Labels and scores from files to documents: the Python package's numbers, and files as people have
//! them.

use std::{
    collections::BTreeMap,
    error::Error,
    fs,
    io::Write,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use geno_data::Fasta;
use geno_eval::{
    Bootstrap, ClassRule, Coverage, EvaluateError, Evaluation, EvaluationOptions, Join, JoinError,
    JoinFiles, LabelRule, MetricKind, ReportIdentity, ScoreSource, Summary, TieRule, Verdict,
};
use geno_provenance::{Label, Timestamp};
use serde_json::Value;

fn parity(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/parity")
        .join(name)
}

fn golden(key: &str) -> Value {
    let text = fs::read(parity("eval_golden.json")).unwrap();
    let mut golden: Value = serde_json::from_slice(&text).unwrap();
    golden[key].take()
}

fn label(text: &str) -> Label {
    Label::new(text).unwrap()
}

fn source(name: &str, path: &Path, field: &str) -> ScoreSource {
    ScoreSource {
        name: label(name),
        path: path.to_owned(),
        field: field.to_owned(),
        threshold: Some(0.5),
        producer: None,
    }
}

fn read(files: &JoinFiles<'_>) -> Result<Join, JoinError> {
    let join = Join::read(files, |_| ControlFlow::Continue(()))?;
    Ok(join.expect("nobody breaks off"))
}

/// Labels and scores of a folder, without reference and background.
struct Files {
    folder: tempfile::TempDir,
}

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    fn join(&self, labels: &Path, scores: &Path) -> Result<Join, JoinError> {
        read(&JoinFiles {
            labels,
            rule: &LabelRule::Class(ClassRule::default()),
            scores: &source("scores", scores, "s"),
            baselines: &[],
            fasta: None,
            background: None,
        })
    }

    fn fault(&self, labels: &str, scores: &str) -> String {
        let (labels, scores) = (self.write("labels", labels), self.write("scores", scores));
        let error = self.join(&labels, &scores).unwrap_err();
        let cause = error.source().map(|cause| format!(": {cause}"));
        let folder = format!("{}/", self.folder.path().display());
        format!("{error}{}", cause.unwrap_or_default()).replace(&folder, "")
    }
}

fn options(split: &str, n_resamples: usize) -> EvaluationOptions {
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

fn near(found: f64, expected: &Value, what: &str) {
    let expected = expected.as_f64().unwrap();
    assert!(
        (found - expected).abs() < 1e-12,
        "{what}: {found}, not {expected}"
    );
}

#[test]
fn classes_are_evaluated_as_the_python_package_does() {
    let golden = golden("evaluate_binary");
    let rule = LabelRule::Class(ClassRule::default());
    let join = read(&JoinFiles {
        labels: &parity("eval_labels.jsonl"),
        rule: &rule,
        scores: &ScoreSource {
            producer: Some("geno-lewm-score"),
            ..source("scores", &parity("eval_scores.jsonl"), "sigma_calibrated")
        },
        baselines: &[],
        fasta: None,
        background: None,
    })
    .unwrap();
    let evaluation = Evaluation::of(&join, &rule, &options("eval_clinvar", 300)).unwrap();
    assert_eq!(
        evaluation.variants.to_string(),
        golden["evaluated_variant_keys_sha256"].as_str().unwrap()
    );
    assert_eq!(
        evaluation.coverage.evaluated,
        golden["evaluated_variants"].as_u64().unwrap()
    );
    let extra = evaluation.coverage.extra_scores[&label("scores")];
    assert_eq!(extra, golden["extra_score_variants"].as_u64().unwrap());
    let Summary::Classes {
        n_positive,
        n_negative,
        metrics,
        ..
    } = evaluation.summary
    else {
        panic!("labels are classes");
    };
    assert_eq!(n_positive, golden["positive_variants"].as_u64().unwrap());
    assert_eq!(n_negative, golden["negative_variants"].as_u64().unwrap());
    near(metrics.sensitivity, &golden["sensitivity"], "sensitivity");
    near(metrics.specificity, &golden["specificity"], "specificity");
    for name in [
        "auroc",
        "average_precision",
        "balanced_accuracy",
        "accuracy",
    ] {
        let mut rows = evaluation.metrics.iter();
        let row = rows.find(|row| row.name.as_str() == name).unwrap();
        near(row.value, &golden[name], name);
        let ends = &golden[format!("{name}_ci")];
        let [low, high] = row.interval.unwrap();
        near(low, &ends[0], name);
        near(high, &ends[1], name);
    }
}

#[test]
fn values_are_evaluated_as_the_python_package_does() {
    let golden = golden("evaluate_spearman");
    let rule = LabelRule::Value {
        field: "value".to_owned(),
    };
    let join = read(&JoinFiles {
        labels: &parity("eval_labels.jsonl"),
        rule: &rule,
        scores: &source("scores", &parity("eval_scores.jsonl"), "sigma_calibrated"),
        baselines: &[],
        fasta: None,
        background: None,
    })
    .unwrap();
    let evaluation = Evaluation::of(&join, &rule, &options("eval_continuous", 300)).unwrap();
    assert_eq!(
        evaluation.variants.to_string(),
        golden["evaluated_variant_keys_sha256"].as_str().unwrap()
    );
    let Summary::Values { rho, interval } = evaluation.summary else {
        panic!("labels are values");
    };
    near(rho, &golden["spearman_rho"], "rho");
    let [low, high] = interval.unwrap();
    near(low, &golden["spearman_rho_ci"][0], "low");
    near(high, &golden["spearman_rho_ci"][1], "high");
}

const LABELS: &str = "\
##fileformat=VCFv4.2
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
20\t5\t.\tA\tC,G\t.\t.\tCLNSIG=Pathogenic;AF=0.1,0.2
20\t9\t.\tA\tC\t.\t.\tCLNSIG=Benign;CLNREVSTAT=practice_guideline
20\t11\t.\tCAT\tCGT\t.\t.\tCLNSIG=Likely_benign
20\t20\t.\tA\t<DEL>\t.\t.\tCLNSIG=Benign
20\t21\t.\tA\tC\t.\t.\tCLNSIG=Uncertain_significance
20\t22\t.\tA\tC\t.\t.\tCLNSIG=Benign
20\t23\t.\tA\tC\t.\t.\tAF=0.3
";

/// The first four variants of [`LABELS`], spelled otherwise, and one more.
const SCORES: &str = "chrom\tpos\tref\talt\ts\n\
    chr20\t5\ta\tc\t0.9\nchr20\t5\tA\tG\t0.8\nchr20\t8\tTA\tTC\t0.8\nchr20\t12\tA\tG\t0.1\n\
    chr20\t22\tA\tC\t.\nchr21\t5\tA\tC\t0.5\n";

#[test]
fn spellings_and_formats_of_people_meet() {
    let files = Files::new();
    let mut gzip = flate2_of(LABELS);
    let labels = files.write("labels.vcf.gz", &gzip);
    let scores = files.write("scores.tsv", SCORES);
    let join = files.join(&labels, &scores).unwrap();
    let values: Vec<f64> = join.columns[0].values.clone();
    assert_eq!(values, [0.9, 0.8, 0.8, 0.1]);
    assert_eq!(join.labels.classes().unwrap(), [true, true, false, false]);
    let scores_of = |n| BTreeMap::from([(label("scores"), n)]);
    let expected = Coverage {
        label_rows: 8,
        without_label: 2,
        not_comparable: 1,
        labelled: 5,
        evaluated: 4,
        without_score: scores_of(1),
        extra_scores: scores_of(1),
    };
    assert_eq!(join.coverage, expected);
    let unmatched: Vec<String> = join.unmatched.iter().map(ToString::to_string).collect();
    assert_eq!(unmatched, ["20:20:A:<DEL>", "20:22:A:C"]);
    assert_eq!(join.variants[1].strata.allele_frequency, Some(0.2));
    assert_eq!(join.variants[2].strata.review_stars, Some(4));

    // The order of the files' rows, and their format, change nothing.
    let rows = SCORES.lines().collect::<Vec<_>>();
    let turned = rows[..1].iter().chain(rows[1..].iter().rev());
    let turned: String = turned.map(|row| format!("{row}\n")).collect();
    let again = files
        .join(&labels, &files.write("turned.tsv", turned))
        .unwrap();
    assert_eq!(again.columns[0].values, values);

    gzip.truncate(gzip.len() - 5);
    let cut = files.write("cut.vcf.gz", gzip);
    let error = files.join(&cut, &scores).unwrap_err();
    assert!(error.to_string().contains("ends before its end"), "{error}");
}

fn flate2_of(text: &str) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text.as_bytes()).unwrap();
    gzip.finish().unwrap()
}

#[test]
fn a_deletion_meets_its_other_spelling_with_a_reference_alone() {
    let files = Files::new();
    let fasta = files.write("ref.fa", ">20\nGCACACATTTGA\n");
    let fasta = Fasta::open(&fasta).unwrap();
    let labels = "chrom\tpos\tref\talt\tlabel\n20\t1\tGCA\tG\t1\n20\t9\tT\tA\t0\n";
    let scores = "chrom\tpos\tref\talt\ts\n20\t4\tCAC\tC\t2\n20\t9\tT\tA\t1\n";
    let (labels, scores) = (files.write("l.tsv", labels), files.write("s.tsv", scores));
    let without = files.join(&labels, &scores).unwrap();
    assert_eq!(without.coverage.evaluated, 1);
    let join = read(&JoinFiles {
        labels: &labels,
        rule: &LabelRule::Class(ClassRule::default()),
        scores: &source("scores", &scores, "s"),
        baselines: &[],
        fasta: Some(&fasta),
        background: None,
    });
    assert_eq!(join.unwrap().coverage.evaluated, 2);
}

#[test]
fn every_fault_names_its_file_and_line() {
    let files = Files::new();
    let labels = "chrom\tpos\tref\talt\tlabel\n1\t5\tA\tC\tP\n1\t6\tA\tC\tB\n";
    let scores = "chrom\tpos\tref\talt\ts\n1\t5\tA\tC\t1\n1\t6\tA\tC\t2\n";
    for (labels, scores, expected) in [
        (
            format!("{labels}chr1\t5\tA\tC\tB\n"),
            scores.to_owned(),
            "`labels`, line 4: the variant was on line 2 already",
        ),
        (
            labels.to_owned(),
            format!("{scores}chr1\t6\tA\tC\t2\n"),
            "`scores`, line 4: the variant was on line 3 already",
        ),
        (
            labels.to_owned(),
            scores.replace("\t2\n", "\tNaN\n"),
            "`scores`, line 3: `s` is no finite number",
        ),
        (
            labels.to_owned(),
            scores.replace("\ts\n", "\tt\n"),
            "`scores` has no column `s`",
        ),
        (
            labels.replace("\tP\n", "\tVUS\n").replace("\tB\n", "\t\n"),
            scores.to_owned(),
            "no variant of `labels` has a label: which field or INFO key holds it?",
        ),
        (
            labels.replace("1\t5", "2\t5").replace("1\t6", "2\t6"),
            scores.to_owned(),
            "none of the 2 labelled variants of `labels` has a score in every file: are they of \
             one genome build?",
        ),
        (
            "{\"chrom\": \"1\", \"pos\": 5, \"ref\": \"A\", \"alt\": \"C\"}\n".to_owned(),
            scores.to_owned(),
            "`labels`, line 1: `clinical_significance` is missing",
        ),
        (String::new(), scores.to_owned(), "`labels` holds no row"),
    ] {
        assert_eq!(files.fault(&labels, &scores), expected);
    }
}

#[test]
fn a_background_with_a_labelled_variant_is_refused() {
    let files = Files::new();
    let labels = files.write("labels.vcf", LABELS);
    let scores = source("scores", &files.write("scores.tsv", SCORES), "s");
    let background = |rows: &str| {
        let head = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";
        let path = files.write("background.vcf", format!("{head}{rows}"));
        read(&JoinFiles {
            labels: &labels,
            rule: &LabelRule::Class(ClassRule::default()),
            scores: &scores,
            baselines: &[],
            fasta: None,
            background: Some(&path),
        })
    };
    background("20\t6\t.\tA\tC\t.\t.\t.\n").unwrap();
    let error = background("20\t6\t.\tA\tC\t.\t.\t.\nchr20\t5\t.\tA\tT,G\t.\t.\t.\n").unwrap_err();
    let JoinError::InBackground { shared, lines, .. } = error else {
        panic!("{error}");
    };
    assert_eq!((shared, lines), (1, vec![4]));
}

/// Sixty variants of three consequences; the first scores follow labels, the second nothing.
fn compared(files: &Files) -> Join {
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
        }],
        fasta: None,
        background: None,
    })
    .unwrap()
}

#[test]
fn verdicts_and_findings_follow_from_intervals() {
    let files = Files::new();
    let join = compared(&files);
    let rule = LabelRule::Class(ClassRule::default());
    let evaluation = Evaluation::of(&join, &rule, &options("made_up", 200)).unwrap();
    let names: Vec<&str> = evaluation
        .metrics
        .iter()
        .map(|row| row.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "auroc",
            "average_precision",
            "balanced_accuracy",
            "accuracy",
            "average_precision_by_chromosome",
            "auroc_within_consequence"
        ]
    );
    let primary: Vec<_> = evaluation
        .comparisons
        .iter()
        .filter(|one| one.is_primary)
        .collect();
    let [primary] = primary[..] else {
        panic!("{primary:?}");
    };
    assert_eq!(primary.verdict(), Some(Verdict::Improved));
    assert!(primary.p_value.unwrap() < 0.01);
    // The baseline has no threshold, so what needs one is not compared to it.
    let accuracy = &evaluation.metrics[3];
    assert_eq!(
        (accuracy.name.as_str(), &accuracy.baseline),
        ("accuracy", &None)
    );
    let strata: Vec<(&str, &str)> = evaluation
        .strata
        .iter()
        .map(|row| (row.kind.as_str(), row.class.as_str()))
        .collect();
    assert!(
        strata.contains(&("consequence", "missense_variant")),
        "{strata:?}"
    );
    assert!(strata.contains(&("edit_type", "INS")), "{strata:?}");
    let n: u64 = evaluation
        .strata
        .iter()
        .filter(|row| row.kind.as_str() == "consequence")
        .map(|row| row.n)
        .sum();
    assert_eq!(n, 60);

    // The other way round the same interval speaks against the scores.
    let mut turned = join.clone();
    turned.columns.reverse();
    let turned = Evaluation::of(&turned, &rule, &options("made_up", 200)).unwrap();
    let other = turned
        .comparisons
        .iter()
        .find(|one| one.is_primary)
        .unwrap();
    assert_eq!(other.verdict(), Some(Verdict::Worse));
    let [low, high] = primary.interval.unwrap();
    let [other_low, other_high] = other.interval.unwrap();
    assert!((low + other_high).abs() < 1e-12 && (high + other_low).abs() < 1e-12);
    let found = turned
        .negative_findings
        .iter()
        .any(|text| text.contains("is worse than that of"));
    assert!(found, "{:?}", turned.negative_findings);
    let chance = turned
        .negative_findings
        .iter()
        .any(|text| text.contains("does not exclude"));
    assert!(chance, "{:?}", turned.negative_findings);
}

#[test]
fn a_primary_metric_is_there_or_an_error() {
    let files = Files::new();
    let join = compared(&files);
    let rule = LabelRule::Class(ClassRule::default());
    let with = |primary| EvaluationOptions {
        primary: Some(primary),
        ..options("made_up", 50)
    };
    let evaluation =
        Evaluation::of(&join, &rule, &with(MetricKind::PrecisionByChromosome)).unwrap();
    let primary = evaluation
        .comparisons
        .iter()
        .find(|one| one.is_primary)
        .unwrap();
    assert_eq!(primary.metric.as_str(), "average_precision_by_chromosome");
    let error = Evaluation::of(&join, &rule, &with(MetricKind::SpearmanRho)).unwrap_err();
    let metric = MetricKind::SpearmanRho;
    assert_eq!(error, EvaluateError::NoPrimary { metric });
}

#[test]
fn a_document_reads_what_it_wrote() {
    let files = Files::new();
    let rule = LabelRule::Class(ClassRule::default());
    let evaluation = Evaluation::of(&compared(&files), &rule, &options("made_up", 50)).unwrap();
    let now = Timestamp::from_unix_seconds(1_767_225_600).unwrap();
    let document = evaluation.document(now, ReportIdentity::default(), BTreeMap::new());
    let text = document.to_json();
    let read = geno_eval::MetricsDocument::parse(text.as_bytes()).unwrap();
    assert_eq!(read, document);
    // As readers of the Python package ask for it, each metric is concluded about.
    let said = document
        .conclusions
        .iter()
        .map(|text| text.as_str())
        .collect::<String>();
    for row in &document.metrics {
        assert!(said.contains(row.name.as_str()), "{}", row.name);
    }
    for (from, to) in [
        ("\"ci_low\"", "\"ci_lows\""),
        ("\"verdict\": \"improved\"", "\"verdict\": \"worse\""),
        ("\"n\": 60", "\"n\": 0"),
        ("\"limitations\"", "\"limitation\""),
        ("\"geno-lewm-eval\"", "\"me\""),
    ] {
        assert!(text.contains(from), "{from}");
        let changed = text.replacen(from, to, 1);
        assert!(
            geno_eval::MetricsDocument::parse(changed.as_bytes()).is_err(),
            "{to}"
        );
    }
}
