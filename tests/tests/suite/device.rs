//! The backend that the tests were asked to run on.

use geno_action::EditSpec;
use geno_core::Window;
use geno_provenance::Timestamp;
use geno_runtime::{Annotations, Backend, BackendChoice};
use geno_tests::fixture;

use crate::scoring::{backend, runtime};

#[test]
fn the_backend_asked_for_computes_and_receipts_name_it() {
    let runtime = runtime(&fixture("demo/model"));
    match backend() {
        BackendChoice::Only(asked) => assert_eq!(runtime.backend(), asked),
        BackendChoice::Auto => assert!(Backend::PRIORITY.contains(&runtime.backend())),
    }

    let window = Window::new(1_000, b"ACGTTGCA".repeat(120)).unwrap();
    let edit = EditSpec::new("1", 1_481, "A", "G").unwrap();
    let scored = runtime
        .score_variant(&edit, window, Annotations::default())
        .unwrap();
    assert!(scored.score.sigma_raw > 0.);
    let now = Timestamp::from_unix_seconds(0).unwrap();
    let receipt = runtime.receipt(&scored, now, None).unwrap();
    assert_eq!(receipt.backend(), runtime.backend().as_str());
    let kernel = receipt.details().and_then(|details| details.get("kernel"));
    assert_eq!(kernel, Some(&runtime.backend().kernel().into()));
}
