//! The library's front door.

use geno_action::{EditSpec, RelEdit};
use geno_core::{Coded, ErrorCode, StateContract, Window};
use geno_provenance::Timestamp;
use geno_runtime::{Annotations, BackendChoice, Part, Parts, ReceiptError, Runtime, RuntimeError};
use geno_tests::fixture;

use crate::scoring::runtime;

fn window() -> Window {
    Window::new(1_000, b"ACGTTGCA".repeat(120)).unwrap()
}

fn edit() -> EditSpec {
    EditSpec::new("1", 1_481, "A", "G").unwrap()
}

#[test]
fn a_runtime_without_parts_names_the_part_it_lacks() {
    let contract = StateContract::L2NormalizedV2;
    let empty = Runtime::from_parts(Parts::default(), contract, 960, BackendChoice::Auto).unwrap();
    let error = empty
        .score_variant(&edit(), window(), Annotations::default())
        .unwrap_err();
    assert!(
        matches!(error, RuntimeError::Missing(Part::Encoder)),
        "{error}"
    );
    assert_eq!(error.code(), ErrorCode::ResourceRuntimeSetup);
    let error = empty.predict(&[0.; 4], &[]).unwrap_err();
    assert!(
        matches!(error, RuntimeError::Missing(Part::Predictor)),
        "{error}"
    );
}

#[test]
fn regions_and_repeats_choose_the_context_of_one_call() {
    let runtime = runtime(&fixture("demo/model"));
    let annotations = Annotations {
        region: Some("stop_gained"),
        repeat: Some("alu"),
    };
    let scored = runtime
        .score_variant(&edit(), window(), annotations)
        .unwrap();
    let plain = runtime
        .score_variant(&edit(), window(), Annotations::default())
        .unwrap();
    assert_eq!(scored.score.sigma_raw, plain.score.sigma_raw);
    // The table has no such region, so it backs off to everything.
    assert_eq!(scored.score.bucket_id.to_string(), "*");
    assert_ne!(plain.score.bucket_id.to_string(), "*");

    let unknown = Annotations {
        region: None,
        repeat: Some("nonsense"),
    };
    let error = runtime
        .score_variant(&edit(), window(), unknown)
        .unwrap_err();
    assert!(matches!(error, RuntimeError::Context(_)), "{error}");
}

#[test]
fn the_surprise_is_the_distance_between_predicted_and_encoded_states() {
    let runtime = runtime(&fixture("demo/model"));
    let (window, edit) = (window(), edit());
    let scored = runtime
        .score_variant(&edit, window.clone(), Annotations::default())
        .unwrap();

    let relative = edit.relative_to(window.start()).unwrap();
    let locus = Some(relative.rel_pos());
    let edited = geno_action::apply(window.bases(), &relative).unwrap();
    let edited = Window::new(window.start(), edited).unwrap();
    let source = runtime.encode_window(&window, locus).unwrap();
    let target = runtime.encode_window(&edited, locus).unwrap();
    let predicted = runtime.predict(&source, &[relative]).unwrap();
    let squares = predicted
        .iter()
        .zip(&target)
        .map(|(p, t)| f64::from(p - t).powi(2));
    let distance = squares.sum::<f64>().sqrt();
    assert!(
        (scored.score.sigma_raw - distance).abs() < 1e-5,
        "{distance}"
    );
}

#[test]
fn no_edit_predicts_the_state_itself() {
    let runtime = runtime(&fixture("demo/model"));
    let state = runtime.encode_window(&window(), None).unwrap();
    assert_eq!(runtime.predict(&state, &[]).unwrap(), state);
    let edit = RelEdit::new(3, "T", "A").unwrap();
    let error = runtime.predict(&state[1..], &[edit]).unwrap_err();
    assert!(
        matches!(
            error,
            RuntimeError::StateWidth {
                found: 127,
                expected: 128
            }
        ),
        "{error}"
    );
}

#[test]
fn receipts_need_a_model_directory() {
    let loaded = runtime(&fixture("demo/model"));
    let scored = loaded
        .score_variant(&edit(), window(), Annotations::default())
        .unwrap();
    let now = Timestamp::from_unix_seconds(0).unwrap();
    assert!(loaded.receipt(&scored, now).is_ok());

    let contract = StateContract::L2NormalizedV2;
    let empty = Runtime::from_parts(Parts::default(), contract, 960, BackendChoice::Auto).unwrap();
    let error = empty.receipt(&scored, now).unwrap_err();
    assert!(
        matches!(error, RuntimeError::Receipt(ReceiptError::NoManifest)),
        "{error}"
    );
}
