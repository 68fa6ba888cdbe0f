//! No log, metric or message holds a piece of the genomes it is about.
//!
//! Runs the command on real variants with named samples, at the most talkative level, and searches
//! every byte of what it says.

mod secrets;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use secrets::Secrets;
use tempfile::TempDir;

const SAMPLES: [&str; 3] = ["Quasimodo", "NA12878", "PATIENT-0042"];

/// Rows that are set aside, each for another reason, at positions that occur nowhere else.
const BAD_ROWS: [(&str, &str); 7] = [
    ("INPUT.REF_MISMATCH", "20\t3299001\tmismatch\tA\tG"),
    ("INPUT.SYMBOLIC_ALLELE", "20\t3299002\tsymbolic\tC\t<DEL>"),
    ("INPUT.STAR_ALLELE", "20\t3299003\tstar\tC\t*"),
    ("INPUT.UNKNOWN_CONTIG", "Quasimodo\t3299004\tcontig\tC\tT"),
    (
        "INPUT.UNSUPPORTED_EDIT",
        "20\t3299006\tlong\tC\tCGATTACAGATTACAGATTACA",
    ),
    ("INPUT.INVALID_EDIT", "20\t3299007\tletters\tC\tCRYSTAL"),
    ("INPUT.VCF_PARSE", "20\t3299008.5\tposition\tC\tT"),
];

/// The demo's model and reference, and a VCF of its first variants with samples and bad rows.
struct Bench {
    folder: TempDir,
    secrets: Secrets,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/demo");
        let reference = "GRCh37.20.fa.gz";
        fs::copy(demo.join(reference), folder.path().join("ref.fa.gz")).unwrap();

        let text = fs::read_to_string(demo.join("variants.vcf")).unwrap();
        let rows = text.lines().filter(|line| !line.starts_with('#')).take(12);
        let good: Vec<_> = rows
            .map(|row| row.split('\t').take(5).collect::<Vec<_>>().join("\t"))
            .collect();
        let bad = BAD_ROWS.map(|(_, row)| row.to_owned());
        let bench = Self {
            secrets: Secrets::of(good.iter().chain(&bad), &SAMPLES),
            folder,
        };
        let all: Vec<_> = good.iter().chain(&bad).map(String::as_str).collect();
        bench.write_vcf("in.vcf", &all);
        bench
    }

    fn write_vcf(&self, name: &str, rows: &[&str]) {
        let mut text =
            "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT"
                .to_owned();
        for sample in SAMPLES {
            text += &format!("\t{sample}");
        }
        for row in rows {
            text += &format!("\n{row}\t.\tPASS\t.\tGT\t0|1\t1|1\t0|0");
        }
        fs::write(self.path(name), text + "\n").unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the command in the folder, at the most talkative level.
    fn run(&self, format: &str, arguments: &[&str]) -> Said {
        let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/demo/model");
        let metrics = self.path("metrics.prom");
        let output = Command::new(env!("CARGO_BIN_EXE_geno-lewm"))
            .current_dir(self.folder.path())
            .args(arguments)
            .arg("--model-dir")
            .arg(model)
            .args(["--log-level", "debug", "--log-format", format, "--metrics"])
            .arg(&metrics)
            .output()
            .unwrap();
        let Output { status, stderr, .. } = output;
        let said = Said {
            exit: status.code(),
            stderr: String::from_utf8(stderr).unwrap(),
            metrics: fs::read_to_string(metrics).unwrap(),
        };
        for text in [&said.stderr, &said.metrics] {
            let found = self.secrets.find(text);
            assert!(found.is_empty(), "{arguments:?} said {found:?} in\n{text}");
        }
        let folder = self.folder.path().display().to_string();
        let logged = said.stderr.lines().filter(|line| line.starts_with('{'));
        for line in logged.chain(said.metrics.lines()) {
            assert!(!line.contains(&folder), "{line}");
            assert!(!line.contains("in.vcf"), "{line}");
        }
        said
    }
}

/// What a command said beside its results.
struct Said {
    exit: Option<i32>,
    stderr: String,
    metrics: String,
}

const SCORE: [&str; 7] = [
    "score",
    "--fasta",
    "ref.fa.gz",
    "--output",
    "scores.jsonl",
    "--receipt",
    "receipts.jsonl",
];

#[test]
fn a_run_with_rejected_rows_logs_what_happened_and_nothing_of_the_genome() {
    let bench = Bench::new();
    let arguments = [&SCORE[..], &["--vcf", "in.vcf"]].concat();
    for format in ["json", "human"] {
        let said = bench.run(format, &arguments);
        assert_eq!(said.exit, Some(0), "{}", said.stderr);
        for event in [
            "run.start",
            "inference.model.load",
            "inference.file.open",
            "inference.row.rejected",
            "inference.batch.end",
            "inference.vcf.end",
            "provenance.receipt.write",
            "run.end",
        ] {
            assert!(
                said.stderr.contains(event),
                "no {event} in\n{}",
                said.stderr
            );
        }
        for (code, _) in BAD_ROWS {
            assert!(said.stderr.contains(code), "no {code} in\n{}", said.stderr);
            let series = format!("geno_lewm_inference_rows_rejected{{code=\"{code}\"}} 1");
            assert!(said.metrics.contains(&series), "{}", said.metrics);
        }
        let scored = "\ngeno_lewm_inference_variants_scored 12\n";
        assert!(said.metrics.contains(scored), "{}", said.metrics);
    }
    let sidecar = fs::read_to_string(bench.path("scores.jsonl.rejected.jsonl")).unwrap();
    assert!(
        !bench.secrets.find(&sidecar).is_empty(),
        "a search that finds nothing"
    );
}

#[test]
fn strict_failures_name_a_line_and_a_code_and_no_variant() {
    let bench = Bench::new();
    for (code, row) in BAD_ROWS {
        bench.write_vcf("bad.vcf", &[row]);
        let arguments = [&SCORE[..], &["--vcf", "bad.vcf", "--strict"]].concat();
        let said = bench.run("json", &arguments);
        assert_eq!(said.exit, Some(2), "{}", said.stderr);
        let message = format!("error[{code}]: line 3 of the VCF is rejected");
        assert!(said.stderr.contains(&message), "{}", said.stderr);
        let series = format!("geno_lewm_errors_raised{{code=\"{code}\"}} 1");
        assert!(said.metrics.contains(&series), "{}", said.metrics);
    }
}

#[test]
fn a_variant_given_as_an_argument_is_not_repeated_in_errors() {
    let bench = Bench::new();
    for variant in [
        "20:3299001:A:G",
        "20:3299002:C:<DEL>",
        "20:3299003:C",
        "20:3299006:C:CGATTACAGATTACAGATTACA",
        "Quasimodo:3299004:C:T",
        "20:PATIENT-0042:C:T",
    ] {
        let arguments = ["score", "--fasta", "ref.fa.gz", "--variant", variant];
        for format in ["json", "human"] {
            let said = bench.run(format, &arguments);
            assert_eq!(said.exit, Some(2), "{}", said.stderr);
        }
    }
}

#[test]
fn receipts_of_a_changed_score_fail_without_showing_the_score() {
    let bench = Bench::new();
    let arguments = [&SCORE[..], &["--vcf", "in.vcf", "--quiet"]].concat();
    assert_eq!(bench.run("json", &arguments).exit, Some(0));
    let receipts = fs::read_to_string(bench.path("receipts.jsonl")).unwrap();
    let changed = receipts.replacen("\"confidence\":1.0", "\"confidence\":0.5", 1);
    assert_ne!(changed, receipts);
    fs::write(bench.path("receipts.jsonl"), changed).unwrap();
    let said = bench.run("json", &["verify", "receipts.jsonl"]);
    assert_eq!(said.exit, Some(8), "{}", said.stderr);
    assert!(
        said.stderr.contains("provenance.verify.mismatch"),
        "{}",
        said.stderr
    );
}
