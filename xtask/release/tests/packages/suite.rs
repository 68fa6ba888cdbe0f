//! The runs of all benchmarks: planned, run, stopped at the first failure, and gone on with.

use std::fs;

use crate::{
    data::told,
    root::{Root, gated, release},
};

/// The status of each step in the report, in order.
fn statuses(root: &Root) -> Vec<String> {
    let report = root.read("suite_report.json");
    let steps = report.split("\"status\": \"").skip(1);
    let status = |rest: &str| rest.split('"').next().unwrap_or_default().to_owned();
    steps.map(status).collect()
}

#[test]
fn the_checked_manifest_is_what_the_registry_gives() {
    let checked = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../configs/first_experiment/benchmark_suite.json"
    );
    let output = release(["v02", "template", "--check", "--output", checked]).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", told(&output));
}

#[test]
fn a_plan_runs_nothing_and_says_that_it_is_no_evidence() {
    let root = Root::new();
    root.change("suite.json", "\"a machine\"", "\"REPLACE_WITH_HARDWARE\"");
    let output = root.suite(&[]);
    assert!(output.status.success(), "{}", told(&output));
    assert!(told(&output).contains("clinvar_coding.run: geno-lewm benchmark run"));
    assert_eq!(root.calls(), Vec::<String>::new());
    let report = root.read("suite_report.json");
    for text in [
        "\"ok\": false",
        "\"class\": \"fixture\"",
        "Nothing ran: a plan is no evidence.",
        "v02.suite.not_executed",
        "\"code\": \"orchestration_only\"",
    ] {
        assert!(report.contains(text), "{text} is not in\n{report}");
    }
    assert_eq!(statuses(&root), ["planned"; 7]);
    root.check_no_paths();

    // What is still to be filled in is not run.
    let output = root.suite(&["--execute"]);
    assert!(!output.status.success());
    assert!(
        told(&output).contains("`identity.hardware`"),
        "{}",
        told(&output)
    );
    assert_eq!(root.calls(), Vec::<String>::new());
}

#[test]
fn every_benchmark_runs_in_the_folder_of_the_manifest() {
    let root = Root::new();
    // What lay there does not pass for an output.
    fs::create_dir_all(root.path("runs/clinvar_coding/scores.jsonl.partial")).unwrap();
    root.write("runs/clinvar_coding/metrics.json", "stale");
    let output = root.suite(&["--execute"]);
    assert!(output.status.success(), "{}", told(&output));
    assert!(
        !root
            .path("runs/clinvar_coding/scores.jsonl.partial")
            .exists()
    );
    assert_eq!(
        root.read("runs/clinvar_coding/metrics.json"),
        "clinvar_coding\n"
    );
    assert_eq!(statuses(&root), ["pass"; 7]);
    let calls = root.calls();
    for (call, benchmark) in calls.iter().zip(gated()) {
        let begins = format!("benchmark run benchmarks/{} --fasta", benchmark.id);
        assert!(call.starts_with(&begins), "{call}");
    }
    assert!(calls[6].starts_with("eval-all runs/clinvar_coding/metrics.json"));
    assert!(calls[0].contains("--baseline-threshold 0.0") && !calls[2].contains("threshold"));
    let report = root.read("suite_report.json");
    assert!(report.contains("\"ok\": true"), "{report}");
    // What the metrics say against the model, and what a program of unknown origin is worth.
    assert!(report.contains("Scores point the other way."));
    assert!(report.contains("injected_runtime"));
    root.check_no_paths();
}

#[test]
fn the_first_failure_ends_the_suite_and_it_goes_on_from_there() {
    let root = Root::new();
    root.beside("fail", "brca2_saturation");
    let output = root.suite(&["--execute"]);
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    assert!(told(&output).contains("`brca2_saturation.run` failed with exit code 3"));
    let ended = [
        "pass", "pass", "failed", "not_run", "not_run", "not_run", "not_run",
    ];
    assert_eq!(statuses(&root), ended);
    let report = root.read("suite_report.json");
    // Paths in the folder begin there; others are not told.
    assert!(
        report.contains("cannot read `genome.fa` nor `<path>`"),
        "{report}"
    );
    assert!(report.contains("Step `traitgym_mendelian.run` did not run."));
    root.check_no_paths();
    assert_eq!(root.calls().len(), 3);

    root.beside("fail", "none");
    let output = root.suite(&["--execute", "--resume"]);
    assert!(output.status.success(), "{}", told(&output));
    assert_eq!(statuses(&root)[..3], ["kept", "kept", "pass"]);
    assert_eq!(root.calls().len(), 5);

    // An input or an output that is another is done again, and all that follows from it; nothing is kept
    // unless that is asked for.
    let one = |name: &str, text: &str, expected: [&str; 7]| {
        root.write(name, text);
        let output = root.suite(&["--execute", "--resume"]);
        assert!(output.status.success(), "{}", told(&output));
        assert_eq!(statuses(&root), expected, "{name}");
    };
    one(
        "runs/clinvar_noncoding/scores.jsonl",
        "{\"a\": 1}\n",
        ["kept", "pass", "kept", "kept", "kept", "kept", "kept"],
    );
    one(
        "eval_metrics.json",
        "{}",
        ["kept", "kept", "kept", "kept", "kept", "kept", "pass"],
    );
    one(
        "GRCh38.fa.gz",
        "other bases",
        ["pass", "pass", "pass", "pass", "pass", "pass", "kept"],
    );
    root.calls();
    assert!(root.suite(&["--execute"]).status.success());
    assert_eq!(root.calls().len(), 7);

    // A plan does not take the place of what ran, and a run that was cut off does not pass for the one
    // before it.
    let plan = root.suite(&[]);
    assert!(
        told(&plan).contains("a plan does not replace"),
        "{}",
        told(&plan)
    );
    fs::remove_file(root.path("runs/clinvar_coding/run.json")).unwrap();
    fs::create_dir(root.path("runs/clinvar_coding/run.json")).unwrap();
    assert!(!root.suite(&["--execute"]).status.success());
    assert_eq!(statuses(&root), ["not_run"; 7]);
}

#[test]
fn an_output_that_is_not_made_or_is_a_folder_is_a_failure() {
    for name in [
        "runs/clinvar_coding/scores.jsonl",
        "runs/clinvar_coding/metrics.json",
        "eval_metrics.json",
    ] {
        let root = Root::new();
        root.write("eval_metrics.json", "stale");
        root.beside("leave_out", name);
        let output = root.suite(&["--execute"]);
        assert_eq!(output.status.code(), Some(2), "{}", told(&output));
        let expected = format!("`{name}` is not there");
        assert!(told(&output).contains(&expected), "{}", told(&output));
        assert!(root.read("suite_report.json").contains(&expected));
    }
    let root = Root::new();
    fs::create_dir_all(root.path("runs/clinvar_coding/metrics.json")).unwrap();
    let output = root.suite(&["--execute"]);
    assert!(!output.status.success());
    assert!(told(&output).contains("cannot remove `runs/clinvar_coding/metrics.json`"));
}

#[test]
fn what_is_of_another_model_is_found_before_the_first_command() {
    for (name, from, to, expected) in [
        (
            "suite.json",
            "\"sha256:",
            "\"sha256:0",
            "`identity.model_id`",
        ),
        (
            "suite.json",
            "chr20-demo-r1",
            "chr20-demo-r2",
            "`identity.model_release`",
        ),
        (
            "suite.json",
            "GRCh37.20",
            "GRCh38.1",
            "`identity.dataset_snapshot`",
        ),
        (
            "suite.json",
            "\"a machine\"",
            "\"b machine\"",
            "`identity.hardware`",
        ),
        (
            "efficiency_report.json",
            "\"commit\": \"",
            "\"commit\": \"0",
            "efficiency_report",
        ),
        (
            "efficiency_report.json",
            "\"weights_id\": \"sha256:3",
            "\"weights_id\": \"sha256:4",
            "`weights_id`",
        ),
        ("model/config.yaml", "2", "3", "config.yaml"),
        (
            "benchmarks/brca2_saturation/variants.vcf",
            "rows",
            "sows",
            "variants.vcf",
        ),
        (
            "benchmarks/brca2_saturation/benchmark.json",
            "One gene and one assay.",
            "All genes.",
            "brca2_saturation",
        ),
    ] {
        let root = Root::new();
        root.change(name, from, to);
        let output = root.suite(&["--execute"]);
        assert!(!output.status.success(), "{name}: {from}");
        let told = told(&output);
        assert!(told.contains(expected), "{name}: {from}: {told}");
        assert_eq!(root.calls(), Vec::<String>::new());
    }
}

#[test]
fn a_report_that_was_changed_is_not_gone_on_with() {
    let root = Root::new();
    root.beside("fail", "brca2_saturation");
    root.suite(&["--execute"]);
    let whole = root.read("suite_report.json");
    for (from, to) in [
        ("\"status\": \"failed\"", "\"status\": \"pass\""),
        ("\"status\": \"not_run\"", "\"status\": \"planned\""),
        ("\"status\": \"pass\"", "\"status\": \"not_run\""),
        ("\"exit_code\": 0", "\"exit_code\": 1"),
        ("\"execute\": true", "\"execute\": false"),
        (
            "Step `brca2_saturation.run` failed.",
            "Step `brca2_saturation.run` ended.",
        ),
        ("\"ok\": false", "\"ok\": true"),
        ("orchestration_only", "coverage_only"),
        ("xtask.v02.suite", "by.hand"),
        ("\"runs/clinvar_coding\"", "\"/runs/clinvar_coding\""),
        ("injected_runtime", "released_runtime"),
        ("v02.suite.step_not_run", "v02.suite.step_run"),
    ] {
        root.write("suite_report.json", &whole);
        root.change("suite_report.json", from, to);
        root.calls();
        let output = root.suite(&["--execute", "--resume"]);
        assert!(!output.status.success(), "{from}");
        assert!(
            told(&output).contains("suite_report.json"),
            "{from}: {}",
            told(&output)
        );
        assert_eq!(root.calls(), Vec::<String>::new(), "{from}");
    }
}
