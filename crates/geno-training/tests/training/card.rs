//! Model cards of the demo.

use std::path::{Path, PathBuf};

use geno_core::{Coded, ErrorCode};
use geno_runtime::{EncoderSource, ModelDir};
use geno_training::{CardDocument, CardError, MetricFault, ModelCard};

fn demo() -> ModelDir {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/demo/model");
    ModelDir::open(&path, &EncoderSource::default()).unwrap()
}

fn document(json: &str) -> CardDocument {
    CardDocument::parse("report.json", json.as_bytes()).unwrap()
}

/// A number that no file holds does not stand in a card: every number in it is one of these texts'.
fn numbers(text: &str) -> Vec<&str> {
    let is_part = |char: char| char.is_ascii_digit() || char == '.';
    let words = text.split(|char| !is_part(char));
    let words = words.map(|word| word.trim_matches('.'));
    words.filter(|word| !word.is_empty()).collect()
}

#[test]
fn a_card_without_evidence_says_so_and_names_no_number_of_its_own() {
    let model = demo();
    let card = ModelCard::new(&model, Vec::new()).unwrap();
    let page = card.to_markdown();
    assert!(page.contains("Not a clinical diagnostic"));
    assert!(page.contains("Nothing was measured, so nothing is claimed."));
    assert!(page.contains("Nothing is known of the training run."));
    let evaluation = page.split("## Evaluation").nth(1).unwrap();
    let evaluation = evaluation.split("## Provenance").next().unwrap();
    assert_eq!(numbers(evaluation), Vec::<&str>::new());
    let of_card = page.split("## Intended use").nth(1).unwrap();
    let of_card = of_card.split("## Data").next().unwrap();
    assert_eq!(numbers(of_card), Vec::<&str>::new());

    let manifest = model.manifest();
    for digest in [
        manifest.weights_id(),
        manifest.predictor.hash,
        manifest.encoder.hash,
    ] {
        assert!(page.contains(&digest.to_string()), "{digest}");
    }
    assert!(page.contains("| 2693 |"), "variants of the calibration");
}

#[test]
fn what_the_values_say_against_a_model_is_found() {
    let report = document(
        r#"{"generated_by": "validation", "validation": {"metrics": [
            {"name": "skill", "split": "test", "value": 0.5, "higher_is_better": true, "ci_low": 0.2,
             "ci_high": 0.6, "baseline": "mean_change", "baseline_value": 0.3, "n": 90},
            {"name": "skill_above_mean_change", "split": "test", "value": 0.2, "ci_low": 0.1,
             "ci_high": 0.3, "higher_is_better": true},
            {"name": "loss", "value": 2.0, "higher_is_better": false, "baseline": "copy",
             "baseline_value": 1.0},
            {"name": "auroc", "value": 0.52, "higher_is_better": true, "ci_low": 0.47, "ci_high": 0.57,
             "baseline": "gc", "baseline_value": 0.51}
        ]}, "negative_findings": ["One population alone."]}"#,
    );
    let model = demo();
    let card = ModelCard::new(&model, vec![report]).unwrap();
    assert_eq!(
        card.negative_findings(),
        [
            "loss is 2, no better than 1 of copy.",
            "auroc is 0.52 beside 0.51 of gc, but its interval is 0.47 to 0.57: no advantage is shown.",
            "One population alone.",
        ]
    );
    let page = card.to_markdown();
    // The interval of the difference is that of the pair.
    assert!(
        page.contains("| mean_change 0.3 | 0.2 (0.1 to 0.3) | higher | 90 |"),
        "{page}"
    );
    assert!(page.contains("- 1 of 3 metrics have no interval."));
    assert!(!page.contains("compared to no baseline"));
}

#[test]
fn an_evaluation_is_read_with_its_paired_intervals() {
    let metrics = include_str!("../../../../fixtures/records/metrics.json");
    let model = demo();
    let own = |text: &str| text.replace("made-up-1", &model.manifest().release_id);
    let card = ModelCard::new(&model, vec![document(&own(metrics))]).unwrap();
    assert_eq!(
        card.negative_findings()[..1],
        [r"\`accuracy\` is no better than chance."]
    );
    let page = card.to_markdown();
    let row = "| auroc | made_up | 0.75 | area | 0.625 to 0.875 | gc 0.5 | 0.25 (0.125 to 0.375) | higher | 40 |";
    assert!(page.contains(row), "{page}");

    let wide = own(metrics).replacen("\"delta_ci_low\": 0.125", "\"delta_ci_low\": -0.125", 1);
    let wide = wide.replacen("\"improved\"", "\"inconclusive\"", 1);
    let card = ModelCard::new(&model, vec![document(&wide)]).unwrap();
    assert!(card.negative_findings()[0].contains("the difference lies within -0.125 to 0.375"));

    let wrong = metrics.replace("\"split\": \"made_up\"", "\"set\": \"made_up\"");
    let error = CardDocument::parse("r.json", wrong.as_bytes()).unwrap_err();
    assert!(matches!(error, CardError::Evaluation { .. }), "{error}");
}

#[test]
fn runs_are_training_and_places_on_a_machine_are_left_out() {
    let run = document(
        r#"{"steps": 1200, "tokens": 42, "dataset": "/data/windows", "history": [],
            "held_out": {"n_windows": 8, "models": [
              {"model": "language_model.chain", "bits_per_base": {"mean": 1.9, "low": 1.8, "high": 2.0}},
              {"model": "markov.10", "bits_per_base": {"mean": 1.95, "low": 1.9, "high": 2.0},
               "minus_chain": {"mean": 0.05, "low": -0.01, "high": 0.1}}]}}"#,
    );
    let model = demo();
    let card = ModelCard::new(&model, vec![run]).unwrap();
    let page = card.to_markdown();
    let training = page.split("## Training").nth(1).unwrap();
    assert!(
        training
            .split("## ")
            .next()
            .unwrap()
            .contains("- steps: 1200")
    );
    assert!(!page.contains("/data/windows"));
    let findings = card.negative_findings();
    let [of_run] = &findings[..] else {
        panic!("{findings:?}");
    };
    assert!(
        of_run
            .contains("1.9 beside 1.95 of markov.10, but the difference lies within -0.1 to 0.01")
    );
}

#[test]
fn reports_that_cannot_be_or_are_of_another_model_are_refused() {
    let parse = |json: &str| CardDocument::parse("r.json", json.as_bytes()).unwrap_err();
    let error = parse(r#"{"metrics": [{"name": "skill", "value": 1, "ci_low": 0}]}"#);
    let is_interval = matches!(&error, CardError::Metric { metric, source, .. }
        if metric == "skill" && *source == MetricFault::Interval);
    assert!(is_interval, "{error}");
    assert!(matches!(parse("[1]"), CardError::NotAnObject { .. }));
    assert!(matches!(parse("{"), CardError::Json { .. }));

    let model = demo();
    let other = format!(r#"{{"calibration_hash": "sha256:{}"}}"#, "0".repeat(64));
    let error = ModelCard::new(&model, vec![document(&other)]).unwrap_err();
    assert_eq!(error.code(), ErrorCode::ProvenanceManifestHashMismatch);
    let own = model.manifest().calibration.hash;
    let own = format!(r#"{{"calibration_hash": "{own}"}}"#);
    ModelCard::new(&model, vec![document(&own)]).unwrap();
}
