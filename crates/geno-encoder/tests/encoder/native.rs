//! The encoder on the CPU kernels against the one in Burn, and against itself in other company.

use std::sync::Arc;

use burn::tensor::Device;
use geno_action::Site;
use geno_core::{Dtype, PoolType, StateContract, Window};
use geno_encoder::{CarbonConfig, EncodeError, NativeEncoder, SiteEncoder, StateSettings};
use geno_kernels::Kernel;
use proptest::prelude::*;

use crate::int8::int8_checkpoint;
use crate::tiny::{
    bits, bits_of_each_alone, checkpoint, config, difference, edit, encoder, rows, settings, site,
    states,
};

pub(crate) fn native(
    config: &CarbonConfig,
    settings: StateSettings,
    dtype: Dtype,
    kernel: Kernel,
) -> NativeEncoder {
    let files = match dtype {
        Dtype::Int8 => int8_checkpoint(config),
        Dtype::F32 | Dtype::Bf16 | Dtype::F16 => checkpoint(config),
    };
    NativeEncoder::load(files, settings, dtype, kernel, &Device::flex()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn states_are_those_of_the_network_in_burn(
        settings in settings(), sites in prop::collection::vec(site(1..1_100usize), 1..3),
    ) {
        let expected = states(&encoder(&config(), settings), &sites);
        for kernel in Kernel::available() {
            let native = native(&config(), settings, Dtype::F32, kernel);
            let found = states(&native, &sites);
            prop_assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(&expected) {
                for (found, expected) in found.iter().zip(expected) {
                    let difference = difference(found, expected);
                    prop_assert!(difference <= 2e-5, "{kernel}: {difference:e}");
                }
            }
        }
    }

    #[test]
    fn single_windows_are_those_of_the_network_in_burn(
        settings in settings(), site in site(1..1_100usize),
    ) {
        let windows = [(&**site.window(), None), (&**site.window(), Some(0))];
        let expected = rows(&encoder(&config(), settings).encode_windows(&windows).unwrap());
        let native = native(&config(), settings, Dtype::F32, Kernel::detect());
        let found = rows(&native.encode_windows(&windows).unwrap());
        for (found, expected) in found.iter().zip(&expected) {
            prop_assert!(difference(found, expected) <= 2e-5);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn states_do_not_depend_on_their_company(
        settings in settings(), dtype in prop::sample::select(Dtype::ALL),
        sites in prop::collection::vec(site(1..1_100usize), 1..4),
    ) {
        let encoder = native(&config(), settings, dtype, Kernel::detect());
        prop_assert_eq!(bits(&encoder, &sites), bits_of_each_alone(&encoder, &sites));
    }
}

pub(crate) const PLAIN: StateSettings = StateSettings {
    state_layer: 2,
    pool_type: PoolType::DownstreamMean,
    pool_radius: 8,
    contract: StateContract::L2NormalizedV2,
};

fn bases(len: usize) -> Vec<u8> {
    (0..len).map(|i| b"ACGT"[(i * i + i / 7) % 4]).collect()
}

/// A window of edits at many loci.
pub(crate) fn dense_site(len: usize, n: usize) -> Site {
    let bases = bases(len);
    let edits = (0..n).filter_map(|i| {
        let alternate = ["A", "C", "G", "TT"][i % 4];
        edit(&bases, len / 4 + (i * 37) % (len / 2), 1, alternate)
    });
    let edits = edits.collect();
    Site::new(Arc::new(Window::new(0, bases).unwrap()), edits).unwrap()
}

#[test]
fn a_thousand_edits_of_one_window_give_the_bits_of_each_alone_for_any_threads() {
    let site = dense_site(3_000, 1_000);
    for dtype in [Dtype::F32, Dtype::Bf16, Dtype::Int8] {
        let encoder = native(&config(), PLAIN, dtype, Kernel::detect());
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let sites = std::slice::from_ref(&site);
            pool.build().unwrap().install(|| bits(&encoder, sites))
        };
        let together = on(2);
        assert_eq!(on(1), together);
        for i in [0, 1, 499, site.edits().len() - 1] {
            let edits = vec![site.edits()[i].clone()];
            let alone = Site::new(site.window().clone(), edits).unwrap();
            assert_eq!(bits(&encoder, &[alone])[0], together[i], "edit {i}");
        }
    }
}

#[test]
fn rounding_activations_moves_states_by_less_than_a_hundredth() {
    let sites = [dense_site(3_000, 40)];
    let exact = states(
        &native(&config(), PLAIN, Dtype::F32, Kernel::PORTABLE),
        &sites,
    );
    let rounded = states(
        &native(&config(), PLAIN, Dtype::Bf16, Kernel::PORTABLE),
        &sites,
    );
    let mut largest = 0f32;
    for (exact, rounded) in exact.iter().flatten().zip(rounded.iter().flatten()) {
        largest = largest.max(difference(rounded, exact));
    }
    assert!((1e-6..1e-2).contains(&largest), "{largest:e}");
}

#[test]
fn kernels_agree_where_activations_are_rounded() {
    let sites = [dense_site(3_000, 40)];
    let canonical = states(
        &native(&config(), PLAIN, Dtype::Bf16, Kernel::PORTABLE),
        &sites,
    );
    for kernel in Kernel::available() {
        let found = states(&native(&config(), PLAIN, Dtype::Bf16, kernel), &sites);
        for (found, canonical) in found.iter().flatten().zip(canonical.iter().flatten()) {
            // A last bit before a rounding may decide it.
            let difference = difference(found, canonical);
            assert!(difference <= 5e-3, "{kernel}: {difference:e}");
        }
    }
}

#[test]
fn hidden_rows_are_those_of_the_network_in_burn() {
    let window = Window::new(0, bases(4_000)).unwrap();
    for state_layer in [0, 1, -1] {
        let settings = StateSettings {
            state_layer,
            ..PLAIN
        };
        let expected = encoder(&config(), settings).hidden_rows(&window).unwrap();
        let expected = rows(&expected).concat();
        let native = native(&config(), settings, Dtype::F32, Kernel::detect());
        let found = native.hidden_rows(&window).unwrap();
        assert!(difference(&found, &expected) <= 2e-5, "layer {state_layer}");
    }
}

#[test]
fn a_site_without_edits_has_no_states() {
    let encoder = native(&config(), PLAIN, Dtype::F32, Kernel::detect());
    let sites = [dense_site(60, 0), dense_site(600, 3)];
    let states = encoder.encode_sites(&sites).unwrap();
    assert_eq!(states[0].edited.dims(), [0, 24]);
    assert_eq!(states[1].edited.dims(), [sites[1].edits().len(), 24]);
    assert_eq!(encoder.encode_windows(&[]).unwrap().dims(), [0, 24]);
}

#[test]
fn a_window_longer_than_the_model_takes_is_refused() {
    let short = CarbonConfig {
        max_positions: 100,
        ..config()
    };
    let encoder = native(&short, PLAIN, Dtype::F32, Kernel::detect());
    let error = encoder.encode_sites(&[dense_site(595, 2)]).unwrap_err();
    let too_long = EncodeError::TooLong {
        tokens: 102,
        limit: 100,
    };
    assert_eq!(error, too_long);
    assert!(encoder.encode_sites(&[dense_site(588, 2)]).is_ok());
}
