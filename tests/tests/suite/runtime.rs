//! The library's front door.

use burn::tensor::{Device, Tensor};
use geno_action::{EditSpec, Haplotype, Site};
use geno_core::{Coded, Dtype, ErrorCode, RandomStream, StateContract, Window};
use geno_encoder::{EncodeError, PrefixReuse, SiteEncoder, SiteStates};
use geno_predictor::{ActionEncoder, ActionEncoderConfig, Network, Predictor, PredictorConfig};
use geno_provenance::Timestamp;
use geno_runtime::{Annotations, Part, Parts, ReceiptError, Runtime, RuntimeError, Unedited};
use geno_surprise::{BucketId, CalibrationExample, CalibrationParameters, CalibrationTable};
use geno_tests::fixture;

use crate::scoring::{backend, runtime};

fn window() -> Window {
    Window::new(1_000, b"ACGTTGCA".repeat(120)).unwrap()
}

fn edit() -> EditSpec {
    EditSpec::new("1", 1_481, "A", "G").unwrap()
}

#[test]
fn a_runtime_without_parts_names_the_part_it_lacks() {
    let contract = StateContract::L2NormalizedV2;
    let empty = Runtime::from_parts(Parts::default(), contract, 960, backend()).unwrap();
    let error = empty
        .score_variant(&edit(), window(), Annotations::default())
        .unwrap_err();
    assert!(
        matches!(error, RuntimeError::Missing(Part::Encoder)),
        "{error}"
    );
    assert_eq!(error.code(), ErrorCode::ResourceRuntimeSetup);
    let error = empty.predict(&[]).unwrap_err();
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
        is_stated: false,
        sources: None,
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
        repeat: Some("nonsense"),
        ..Annotations::default()
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
    let haplotype = Haplotype::new(window.clone().into(), vec![relative.clone()]).unwrap();
    let unedited = Unedited {
        state: &source,
        haplotype: &haplotype,
        locus: relative.rel_pos(),
    };
    let predicted = runtime.predict(&[unedited]).unwrap();
    let squares = predicted[0]
        .iter()
        .zip(&target)
        .map(|(p, t)| f64::from(p - t).powi(2));
    let distance = squares.sum::<f64>().sqrt();
    // Whether a last bit before a rounding to `bf16` is the same depends on what tokens are
    // attended to together.
    let tolerance = match runtime.arithmetic().encoder {
        Dtype::F32 => 1e-5,
        Dtype::Bf16 | Dtype::F16 | Dtype::Int8 => 2e-3,
    };
    let difference = (scored.score.sigma_raw - distance).abs();
    assert!(difference < tolerance, "{difference:e} of {distance}");
}

#[test]
fn no_edit_predicts_the_state_itself() {
    let runtime = runtime(&fixture("demo/model"));
    let state = runtime.encode_window(&window(), None).unwrap();
    let haplotype = Haplotype::new(window().into(), Vec::new()).unwrap();
    let unedited = |state| Unedited {
        state,
        haplotype: &haplotype,
        locus: 480,
    };
    assert_eq!(
        runtime.predict(&[unedited(&state)]).unwrap(),
        std::slice::from_ref(&state)
    );
    let error = runtime.predict(&[unedited(&state[1..])]).unwrap_err();
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
    assert!(loaded.receipt(&scored, now, None).is_ok());

    let contract = StateContract::L2NormalizedV2;
    let empty = Runtime::from_parts(Parts::default(), contract, 960, backend()).unwrap();
    let error = empty.receipt(&scored, now, None).unwrap_err();
    assert!(
        matches!(error, RuntimeError::Receipt(ReceiptError::NoManifest)),
        "{error}"
    );
}

/// An encoder whose reference state is (3, 4) and whose edited state is (0, 2), whatever the site.
struct Fixed;

impl Fixed {
    fn rows(n: usize, row: [f32; 2]) -> Tensor<2> {
        Tensor::<1>::from_floats(row, &Device::default())
            .reshape([1, 2])
            .repeat_dim(0, n)
    }
}

impl SiteEncoder for Fixed {
    fn encode_sites(&self, sites: &[Site]) -> Result<Vec<SiteStates>, EncodeError> {
        let states = |site: &Site| SiteStates {
            reference: Self::rows(site.edits().len(), [3., 4.]),
            edited: Self::rows(site.edits().len(), [0., 2.]),
            reuse: PrefixReuse::default(),
        };
        Ok(sites.iter().map(states).collect())
    }

    fn encode_trajectories(
        &self,
        haplotypes: &[Haplotype],
    ) -> Result<Vec<SiteStates>, EncodeError> {
        let states = |haplotype: &Haplotype| SiteStates {
            reference: Self::rows(haplotype.edits().len(), [3., 4.]),
            edited: Self::rows(haplotype.edits().len(), [0., 2.]),
            reuse: PrefixReuse::default(),
        };
        Ok(haplotypes.iter().map(states).collect())
    }

    fn encode_windows(
        &self,
        windows: &[(&Window, Option<usize>)],
    ) -> Result<Tensor<2>, EncodeError> {
        Ok(Self::rows(windows.len(), [3., 4.]))
    }

    fn d_state(&self) -> usize {
        2
    }
}

/// A small model around an encoder of states of width 2. Untrained, it predicts the reference state
/// at length 1.
pub(crate) fn parts_around(encoder: Box<dyn SiteEncoder>) -> Parts {
    let device = Device::default();
    let mut stream = RandomStream::new(1, "parts");
    let sizes = PredictorConfig {
        d_hidden: 8,
        n_heads: 2,
        ffn_dim: 8,
        ..PredictorConfig::new(2, 4)
    };
    let examples = [1., 2., 3., 4.].map(|sigma| CalibrationExample::new(BucketId::All, sigma));
    let examples = examples.map(Result::unwrap);
    let (table, _) = CalibrationTable::build(examples, &CalibrationParameters::default()).unwrap();
    Parts {
        encoder: Some(encoder),
        action_encoder: Some(Box::new(
            ActionEncoder::init(&ActionEncoderConfig::new(4), &mut stream, &device).unwrap(),
        )),
        predictor: Some(Box::new(
            Predictor::init(&sizes, &mut stream, &device).unwrap(),
        )),
        calibration: Some(table),
    }
}

#[test]
fn parts_made_elsewhere_score_by_hand_computed_numbers() {
    let parts = parts_around(Box::new(Fixed));
    let contract = StateContract::L2NormalizedV2;
    let runtime = Runtime::from_parts(parts, contract, 960, backend()).unwrap();
    let scored = runtime
        .score_variant(&edit(), window(), Annotations::default())
        .unwrap();

    // Untrained, the predictor gives (3, 4) / 5; its distance to (0, 2) is √(0.36 + 1.44).
    assert!((scored.score.sigma_raw - 1.8f64.sqrt()).abs() < 1e-6);
    // Between the examples 1 and 2 of four, whose mid-ranks are 1/8 and 3/8.
    let expected = 0.125 + (1.8f64.sqrt() - 1.) / 4.;
    assert!((scored.score.sigma_calibrated - expected).abs() < 1e-6);
}
