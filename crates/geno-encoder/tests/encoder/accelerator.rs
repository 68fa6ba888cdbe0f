//! What changes on an accelerator, and what does not.

use std::sync::Arc;

use burn::tensor::{DType, Device};
use geno_action::Site;
use geno_core::{Dtype, PoolType, StateContract, Window};
use geno_encoder::{CarbonEncoder, SiteEncoder, StateSettings};

use crate::tiny;

fn encoder() -> CarbonEncoder {
    let settings = StateSettings {
        state_layer: -1,
        pool_type: PoolType::CenteredMean,
        pool_radius: 3,
        contract: StateContract::L2NormalizedV2,
    };
    tiny::encoder(&tiny::config(), settings)
}

/// Sites of three windows, with twenty edits each at two loci.
fn sites() -> Vec<Site> {
    let site = |shift: usize| {
        let bases: Vec<u8> = (0..900).map(|i| b"ACGT"[(i * i + shift) % 4]).collect();
        let edits = (0..20).filter_map(|i| {
            let alternate: String = (0..3).map(|j| ['A', 'C', 'G', 'T'][(i >> j) % 4]).collect();
            tiny::edit(&bases, 400 + 6 * (i % 2), 2, &alternate)
        });
        let edits = edits.collect();
        Site::new(Arc::new(Window::new(0, bases).unwrap()), edits).unwrap()
    };
    (0..3).map(site).collect()
}

/// All states, reference and edited.
fn states(encoder: &CarbonEncoder) -> Vec<Vec<f32>> {
    let states = encoder.encode_sites(&sites()).unwrap();
    let rows = states.iter().flat_map(|states| {
        let edited = tiny::rows(&states.edited);
        tiny::rows(&states.reference).into_iter().chain(edited)
    });
    rows.collect()
}

/// The largest distance between two states of length one.
fn distance(a: &[Vec<f32>], b: &[Vec<f32>]) -> f32 {
    assert_eq!(a.len(), b.len());
    let of_rows = |(a, b): (&Vec<f32>, &Vec<f32>)| {
        let squares = a.iter().zip(b).map(|(a, b)| (a - b).powi(2));
        squares.sum::<f32>().sqrt()
    };
    a.iter().zip(b).map(of_rows).fold(0.0, f32::max)
}

#[test]
fn large_batches_and_one_site_after_another_give_the_same_states() {
    let accelerated = encoder().on_accelerator(Dtype::F32);
    assert_eq!(accelerated.products(), Dtype::F32);
    assert!(distance(&states(&accelerated), &states(&encoder())) <= 1e-5);
}

#[test]
fn half_precision_moves_states_a_little() {
    let exact = states(&encoder());
    let device = Device::default();
    let halves = [
        (Dtype::Bf16, DType::BF16, 5e-2),
        (Dtype::F16, DType::F16, 5e-3),
    ];
    // A device may have neither; the CPU, on which every build is tested, has both.
    let has = |half: &&(Dtype, DType, f32)| device.supports_dtype(half.1);
    let tested: Vec<_> = halves.iter().filter(has).collect();
    assert!(tested.len() == 2 || std::env::var_os("BURN_DEVICE").is_some());
    for &&(dtype, _, most) in &tested {
        let half = encoder().on_accelerator(dtype);
        assert_eq!(half.products(), dtype);
        let moved = distance(&states(&half), &exact);
        assert!(moved > 0.0 && moved <= most, "{dtype}: {moved:e}");
    }
}
