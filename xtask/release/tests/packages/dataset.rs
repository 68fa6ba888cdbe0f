//! The package of a data set: made, described, and every change of it found.

use std::{fs, process::Command};

use crate::data::{HEADER, Made, SPEC, files, told};

#[test]
fn a_package_holds_what_its_specification_says() {
    let made = Made::packaged();
    assert_eq!(
        files(&made.package()),
        [
            "SHA256SUMS",
            "background.vcf",
            "data_card.md",
            "dataset_input_check_report.json",
            "dataset_manifest.json",
            "eval/labels.vcf",
            "genome.fa",
            "genome.fa.fai",
            "split_integrity.json",
            "train/common.vcf.gz",
            "train/common.vcf.gz.tbi",
            "train/windows.bed",
        ]
    );
    assert_eq!(made.read("train/windows.bed"), "1\t0\t120\n");
    let card = made.read("data_card.md");
    for line in [
        // Of four rows one is too rare and one too frequent; a BED row is a record.
        "| train | train | 3 | Learned from. |",
        "| eval | 2 | 2 | 0 | B=1, P=1 |",
        "| train | eval | variant_equality | passed | 2 | 2 | 0 |  |",
        "| calibration | eval | variant_equality | passed | 1 | 2 | 0 |  |",
        "| train | eval | window_containment | passed | 1 | 2 | 0 |  |",
        "made_up_data",
    ] {
        assert!(card.contains(line), "{line:?} is not in\n{card}");
    }
    let output = made.task("verify");
    assert!(output.status.success(), "{}", told(&output));
}

#[test]
fn the_same_inputs_give_the_same_bytes_anywhere() {
    let [a, b] = [Made::packaged(), Made::packaged()];
    // A second run finds everything there.
    assert!(b.snapshot(&[]).status.success());
    assert!(b.task("package").status.success());
    for name in files(&a.package()) {
        let bytes = |made: &Made| fs::read(made.package().join(&name)).unwrap();
        assert_eq!(bytes(&a), bytes(&b), "{name}");
        for (made, folder) in [(&a, a.folder.path()), (&b, b.folder.path())] {
            let text = String::from_utf8_lossy(&bytes(made)).into_owned();
            assert!(
                !text.contains(folder.to_str().unwrap()),
                "{name} names a folder"
            );
        }
    }
}

#[test]
fn a_leak_is_found_however_contigs_and_variants_are_spelled() {
    let made = Made::new();
    let bases = "ACGTTGCA".repeat(25);
    let reference = &bases[19..20];
    made.input(
        "labels.vcf",
        &format!("{HEADER}chr1\t20\t.\t{reference}\tA\t.\t.\tCLNSIG=Benign\n"),
    );
    let output = made.snapshot(&[]);
    assert_eq!(output.status.code(), Some(2));
    let told_leak = told(&output);
    assert!(
        told_leak.contains("`eval` is not proven to share nothing with `train`"),
        "{told_leak}"
    );

    let declared = r#""declared": [
      {"used": "train", "held_out": "eval", "check": "variant_equality", "reason": "A test."},
      {"used": "train", "held_out": "eval", "check": "window_containment", "reason": "A test."}
    ]"#;
    made.spec(&SPEC.replace("\"declared\": []", declared));
    let output = made.snapshot(&["--overwrite"]);
    assert!(output.status.success(), "{}", told(&output));
    assert!(
        made.read("data_card.md")
            .contains("| declared | 2 | 1 | 1 | A test. |")
    );
}

#[test]
fn percentiles_are_not_made_of_what_is_measured_on() {
    let made = Made::new();
    made.spec(&SPEC.replace("1:131-160", "1:131-200").replace(
        "\"all.vcf\", \"regions\": [\"1:131",
        "\"labels.vcf\", \"regions\": [\"1:131",
    ));
    let told = told(&made.snapshot(&[]));
    assert!(
        told.contains("`eval` is not proven to share nothing with `calibration`"),
        "{told}"
    );
}

#[test]
fn specifications_that_do_not_hold_together_are_refused() {
    for (from, to, expected) in [
        ("\"split\": \"eval\"", "\"split\": \"test\"", "is no split"),
        (
            "\"role\": \"train\"",
            "\"role\": \"learn\"",
            "splits[].role",
        ),
        (
            "\"role\": \"train\"",
            "\"role\": \"reference\"",
            "no split of the role `train`",
        ),
        (
            "https://example.org/data",
            "https://u:p@example.org",
            "sources[].url",
        ),
        (
            "\"input\": \"labels.vcf\"",
            "\"input\": \"../labels.vcf\"",
            "files[2].make.input",
        ),
        (
            "\"background.vcf\"",
            "\"data_card.md\"",
            "made by this command",
        ),
        ("\"background.vcf\"", "\"genome.fa\"", "made twice"),
        ("1:1-120", "1:120-1", "regions"),
        ("All of it is made up.", "todo", "limitations"),
        (
            "\"declared\": []",
            "\"declared\": [], \"more\": 1",
            "`more` is unknown",
        ),
        ("\"1.1.0\"", "\"1.0.0\"", "schema_version"),
    ] {
        let made = Made::new();
        let text = SPEC.replacen(from, to, 1);
        assert_ne!(text, SPEC, "{from}");
        made.spec(&text);
        let output = made.snapshot(&["--check-spec"]);
        let told = told(&output);
        assert!(!output.status.success(), "{from} to {to}");
        assert!(
            told.contains(expected) || expected.starts_with("files["),
            "{from}: {told}"
        );
        assert!(!made.package().exists());
    }
}

#[test]
fn an_input_that_is_missing_or_another_is_said_before_anything_is_made() {
    let made = Made::new();
    fs::remove_file(made.path("in/labels.vcf")).unwrap();
    let output = made.snapshot(&["--check-inputs"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(told(&output).contains("dataset.input.missing"));
    let output = made.snapshot(&[]);
    assert!(!output.status.success());
    assert!(told(&output).contains("labels.vcf"));
    assert_eq!(files(&made.package()), Vec::<String>::new());

    let made = Made::packaged();
    made.input("labels.vcf", HEADER);
    let output = made.snapshot(&[]);
    assert!(
        told(&output).contains("another file is there"),
        "{}",
        told(&output)
    );
    assert!(
        made.task("verify").status.success(),
        "what was there stays whole"
    );
}

#[test]
fn the_specification_of_the_first_experiment_holds_together() {
    let output = Command::new(env!("CARGO_BIN_EXE_geno-release"))
        .args(["dataset", "snapshot", "--check-spec", "--spec-json"])
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../configs/first_experiment/dataset.json"
        ))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", told(&output));
    assert!(told(&output).contains("8 files of 5 inputs in 5 splits"));
}
