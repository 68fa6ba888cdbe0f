//! The states along a haplotype must be those of the windows that it leads through.

use std::sync::Arc;

use geno_action::{Haplotype, RelEdit, Site};
use geno_core::{Dtype, PoolType, StateContract, Window};
use geno_encoder::{SiteEncoder, StateSettings};
use geno_kernels::Kernel;
use proptest::prelude::*;

use crate::native::native;
use crate::tiny::{config, difference, edit, encoder, rows, settings, site};

/// As many edits of a site as fit together.
fn haplotype(site: &Site) -> Haplotype {
    let mut edits = site.edits().to_vec();
    edits.sort_by_key(RelEdit::rel_pos);
    let mut end = 0;
    edits.retain(|edit| {
        let fits = edit.rel_pos() >= end;
        end = if fits { edit.end() } else { end };
        fits
    });
    Haplotype::new(Arc::clone(site.window()), edits).unwrap()
}

/// The state of the reference, and of the windows after 1, 2, … edits, from full passes.
fn full_passes(
    encoder: &dyn SiteEncoder,
    haplotype: &Haplotype,
    contract: StateContract,
) -> Vec<Vec<f32>> {
    let locus = Some(haplotype.edits()[0].rel_pos());
    let windows = (0..=haplotype.edits().len()).map(|n| {
        let bases = haplotype.first(n).edited_window(contract);
        Window::new(0, bases).unwrap()
    });
    let windows: Vec<_> = windows.collect();
    let windows: Vec<_> = windows.iter().map(|window| (window, locus)).collect();
    rows(&encoder.encode_windows(&windows).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn states_along_a_haplotype_equal_full_passes(
        settings in settings(), sites in prop::collection::vec(site(1..900usize), 1..3),
    ) {
        let mut haplotypes: Vec<_> = sites.iter().map(haplotype).collect();
        haplotypes.retain(|haplotype| !haplotype.edits().is_empty());
        let burn = encoder(&config(), settings);
        let native = native(&config(), settings, Dtype::F32, Kernel::detect());
        for encoder in [&burn as &dyn SiteEncoder, &native] {
            let states = encoder.encode_trajectories(&haplotypes).unwrap();
            prop_assert_eq!(states.len(), haplotypes.len());
            for (states, haplotype) in states.iter().zip(&haplotypes) {
                let full = full_passes(encoder, haplotype, settings.contract);
                let edited = rows(&states.edited);
                prop_assert_eq!(edited.len() + 1, full.len());
                for (found, expected) in edited.iter().zip(&full[1..]) {
                    prop_assert!(difference(found, expected) <= 2e-5);
                }
                for found in rows(&states.reference) {
                    prop_assert!(difference(&found, &full[0]) <= 2e-5);
                }
            }
        }
    }
}

#[test]
fn a_haplotype_of_one_edit_is_that_edit_and_all_others_share_its_pass() {
    let bases: Vec<u8> = (0..1_200).map(|i| b"ACGT"[(i * i + i / 7) % 4]).collect();
    let window = Arc::new(Window::new(0, bases.clone()).unwrap());
    let edits = [(900, 1, "TTT"), (905, 3, "A"), (930, 1, "GG")];
    let edits = edits.map(|(at, len, alternate)| edit(&bases, at, len, alternate).unwrap());
    let settings = StateSettings {
        state_layer: 2,
        pool_type: PoolType::DownstreamMean,
        pool_radius: 8,
        contract: StateContract::L2NormalizedV2,
    };
    let native = native(&config(), settings, Dtype::Bf16, Kernel::detect());
    let site = Site::new(Arc::clone(&window), vec![edits[0].clone()]).unwrap();
    let alone = native.encode_sites(&[site]).unwrap().remove(0);
    let three = Haplotype::new(window, edits.to_vec()).unwrap();
    let found = native
        .encode_trajectories(&[three.first(1), three])
        .unwrap();
    let bits = |states| {
        rows(states)[0]
            .iter()
            .map(|x| x.to_bits())
            .collect::<Vec<_>>()
    };
    for states in &found {
        assert_eq!(bits(&states.edited), bits(&alone.edited));
        assert_eq!(bits(&states.reference), bits(&alone.reference));
        assert_eq!(states.reuse.full, 0);
    }
    assert_eq!(found[1].reuse.reused, 3);
}
