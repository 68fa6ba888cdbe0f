//! Of every benchmark whether it was measured, met its target, and beat its baseline.

use std::fs;

use geno_eval::{Gate, MetricsDocument};

use crate::{data::told, root::Root};

const ALL: [&str; 3] = ["efficiency", "speed", "suite"];

#[test]
fn every_row_follows_from_the_reports() {
    let root = Root::ran();
    assert!(root.speed(5.0).status.success());
    let output = root.readiness(&ALL, &["--require-ok"]);
    assert!(output.status.success(), "{}", told(&output));
    for (id, expected) in [
        ("clinvar_coding", ["covered", "none", "improved"]),
        ("clinvar_noncoding", ["covered", "none", "regressed"]),
        ("brca2_saturation", ["covered", "none", "inconclusive"]),
        // No interval tells whether it is better.
        ("traitgym_mendelian", ["covered", "none", "inconclusive"]),
        // The distance is larger than that of the source.
        (
            "rollout_phased_haplotypes",
            ["covered", "none", "regressed"],
        ),
        ("inference_efficiency", ["covered", "none", "na"]),
        ("ar_rollout_speed", ["covered", "met", "na"]),
    ] {
        assert_eq!(root.row(id), expected, "{id}");
    }
    let report = root.read("readiness.json");
    for text in [
        "\"ok\": true",
        "\"rule\": \"regressed\"",
        "\"rule\": \"inconclusive\"",
        "`auroc` on `clinvar_noncoding` is 0.2500, that of `carbon_zero_shot` 0.5000: better by -0.2500, interval -0.3750 to -0.1250.",
        "Scores point the other way.",
        "coverage_only",
        "injected_runtime",
    ] {
        assert!(report.contains(text), "{text} is not in\n{report}");
    }
    let output = root.verify_readiness();
    assert!(output.status.success(), "{}", told(&output));
    root.check_no_paths();
}

#[test]
fn what_is_not_there_is_a_row_and_a_finding() {
    let root = Root::ran();
    let output = root.readiness(&[], &["--require-ok"]);
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    let told_by = told(&output);
    for text in [
        "v02.row.missing: `inference_efficiency`",
        "v02.row.missing: `ar_rollout_speed`",
        "v02.suite.missing",
    ] {
        assert!(told_by.contains(text), "{text}: {told_by}");
    }
    assert!(root.readiness(&[], &[]).status.success());
    assert!(root.verify_readiness().status.success());
    assert_eq!(root.row("inference_efficiency"), ["missing", "none", "na"]);
    let report = root.read("readiness.json");
    assert!(report.contains("`ar_rollout_speed` was not measured."));
    assert!(report.contains("No suite says how the metrics were made."));

    // The gates of `eval-all` ask for the same.
    let interval = ", \"ci_low\": 0.125, \"ci_high\": 0.875";
    for (from, to, coverage) in [
        ("\"auroc\", \"value\"", "\"area\", \"value\"", "incomplete"),
        (interval, "", "incomplete"),
        (
            "\"baseline\": \"carbon_zero_shot\", \"baseline_value\"",
            "\"baseline\": \"cadd\", \"baseline_value\"",
            "incomplete",
        ),
    ] {
        let text = root.metrics().replacen(from, to, 1);
        root.write("eval_metrics.json", &text);
        let document = MetricsDocument::parse(text.as_bytes()).unwrap();
        let lacks = Gate::V02Vep.check(&document).unwrap_err().to_string();
        assert!(lacks.contains("clinvar_coding"), "{lacks}");
        let output = root.readiness(&ALL[..1], &[]);
        assert!(output.status.success(), "{from}: {}", told(&output));
        assert_eq!(root.row("clinvar_coding")[0], coverage, "{from}");
    }
}

#[test]
fn a_target_that_is_missed_stays_missed() {
    let root = Root::ran();
    let output = root.speed(4.5);
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    assert!(
        told(&output).contains("4.50 times as fast"),
        "{}",
        told(&output)
    );
    assert_eq!(
        root.readiness(&ALL, &["--require-ok"]).status.code(),
        Some(2)
    );
    assert_eq!(root.row("ar_rollout_speed"), ["covered", "missed", "na"]);

    let output = root.scope("Steps are small.");
    assert!(output.status.success(), "{}", told(&output));
    let with_scope = ["efficiency", "speed", "scope", "suite"];
    let output = root.readiness(&with_scope, &["--require-ok"]);
    assert!(output.status.success(), "{}", told(&output));
    assert_eq!(root.row("ar_rollout_speed"), ["covered", "rescoped", "na"]);
    let report = root.read("readiness.json");
    assert!(report.contains("target_rescoped"), "{report}");
    assert!(
        root.read("readiness.md")
            .contains("Four times as fast at 20 edits.")
    );
    assert!(root.verify_readiness().status.success());
    root.check_no_paths();

    // A decision is about one measurement, and about one that missed its target.
    root.speed(4.75);
    let output = root.readiness(&with_scope, &[]);
    assert!(!output.status.success());
    assert!(
        told(&output).contains("another measurement"),
        "{}",
        told(&output)
    );
    assert!(told(&root.verify_readiness()).contains("speed.json"));
    root.speed(6.0);
    let output = root.scope("Steps are small.");
    assert!(!output.status.success());
    assert!(
        told(&output).contains("nothing to decide"),
        "{}",
        told(&output)
    );
    root.speed(4.5);
    assert!(!root.scope("TBD").status.success());
    assert!(!root.readiness(&["scope"], &[]).status.success());
}

#[test]
fn reports_of_another_model_code_or_machine_give_no_readiness() {
    for (name, from, to, expected) in [
        (
            "eval_metrics.json",
            "\"a machine\"",
            "\"b machine\"",
            "`hardware`",
        ),
        (
            "eval_metrics.json",
            "GRCh37.20",
            "GRCh38.1",
            "`dataset_snapshot`",
        ),
        (
            "eval_metrics.json",
            "chr20-demo-r1",
            "chr20-demo-r2",
            "`model_release`",
        ),
        (
            "efficiency_report.json",
            "\"weights_id\": \"sha256:3",
            "\"weights_id\": \"sha256:4",
            "`weights_id`",
        ),
        ("speed.json", "\"a machine\"", "\"b machine\"", "`hardware`"),
        (
            "suite_report.json",
            "\"a machine\",\n    \"model_id\"",
            "\"b\",\n    \"model_id\"",
            "`hardware`",
        ),
        (
            "eval_metrics.json",
            "is 0.25.",
            "is 1/4.",
            "not those that the suite left",
        ),
        (
            "efficiency_report.json",
            "4096\n",
            "8192\n",
            "efficiency_report.json",
        ),
    ] {
        let root = Root::ran();
        root.speed(5.0);
        root.change(name, from, to);
        let output = root.readiness(&ALL, &[]);
        assert!(!output.status.success(), "{name}: {from}");
        assert!(
            told(&output).contains(expected),
            "{name}: {from}: {}",
            told(&output)
        );
        assert!(!root.path("readiness.json").exists(), "{name}: {from}");
    }
}

#[test]
fn every_change_of_a_report_is_found_and_named() {
    let root = Root::ran();
    root.speed(4.5);
    root.scope("Steps are small.");
    assert!(
        root.readiness(&["efficiency", "speed", "scope", "suite"], &[])
            .status
            .success()
    );
    let changes = [
        (
            "readiness.json",
            "\"rule\": \"regressed\"",
            "\"rule\": \"improved\"",
            "v02.readiness.unreadable",
        ),
        (
            "readiness.json",
            "better by -0.2500",
            "better by 0.2500",
            "v02.readiness.unreadable",
        ),
        (
            "readiness.json",
            "\"outcome\": \"regressed\"",
            "\"outcome\": \"improved\"",
            "v02.readiness.unreadable",
        ),
        (
            "readiness.json",
            "\"target\": \"rescoped\"",
            "\"target\": \"met\"",
            "v02.readiness.unreadable",
        ),
        (
            "readiness.json",
            "\"coverage\": \"covered\"",
            "\"coverage\": \"missing\"",
            "v02.readiness.unreadable",
        ),
        (
            "readiness.json",
            "\"clinvar_noncoding\"",
            "\"clinvar\"",
            "v02.readiness.unreadable",
        ),
        (
            "readiness.json",
            "coverage_only",
            "no_clinical_use",
            "v02.readiness.unreadable",
        ),
        (
            "readiness.json",
            "xtask.v02.readiness",
            "by.hand",
            "v02.readiness.unreadable",
        ),
        // What agrees with itself is found by making it again.
        (
            "readiness.json",
            "Four times as fast at 20 edits.",
            "As fast as it is.",
            "v02.readiness.stale",
        ),
        (
            "readiness.json",
            "made_up_data",
            "made_up_model",
            "v02.readiness.class",
        ),
        (
            "readiness.json",
            "\"n\": 4",
            "\"n\": 400",
            "v02.readiness.stale",
        ),
        (
            "readiness.md",
            "| regressed |",
            "| improved |",
            "v02.table.stale",
        ),
        (
            "eval_metrics.json",
            "is 0.25.",
            "is 0.75.",
            "eval_metrics.json",
        ),
        (
            "efficiency_report.json",
            "4096\n",
            "8192\n",
            "efficiency_report.json",
        ),
        (
            "speed.json",
            "\"target_met\": false",
            "\"target_met\": true",
            "speed.json",
        ),
        (
            "speed.json",
            "\"target_speedup\": 5.0",
            "\"target_speedup\": 4.0",
            "speed.json",
        ),
        (
            "scope.json",
            "measures no speed",
            "measures speed",
            "scope.json",
        ),
        (
            "suite_report.json",
            "\"ok\": true",
            "\"ok\": false",
            "suite_report.json",
        ),
        (
            "runs/brca2_saturation/scores.jsonl",
            "geno-lewm-score",
            "geno-lewm-scoring",
            "runs/brca2_saturation/scores.jsonl",
        ),
        (
            "model/manifest.json",
            "chr20-demo-r1",
            "chr20-demo-r2",
            "model/manifest.json",
        ),
    ];
    for (name, from, to, expected) in changes {
        let whole = fs::read(root.path(name)).unwrap();
        root.change(name, from, to);
        let output = root.verify_readiness();
        let told = told(&output);
        assert_eq!(output.status.code(), Some(2), "{name}: {from}: {told}");
        assert!(told.contains(expected), "{name}: {from}: {told}");
        fs::write(root.path(name), whole).unwrap();
    }
    assert!(
        root.verify_readiness().status.success(),
        "all of it was put back"
    );

    // A finding that follows cannot be left out.
    let report = root.read("readiness.json");
    let (head, rest) = report.split_once("\"negative_findings\": [\n").unwrap();
    let (first, rest) = rest.split_once("    },\n").unwrap();
    assert!(first.contains("\"rule\""));
    root.write(
        "readiness.json",
        &format!("{head}\"negative_findings\": [\n{rest}"),
    );
    assert!(told(&root.verify_readiness()).contains("`negative_findings`"));
}
