//! What an edit costs must not show in its state.

use std::sync::Arc;

use crate::tiny::{
    bits, bits_of_each_alone, config, difference, edit, encoder, rows, settings, site,
};
use geno_action::{Site, edited_window};
use geno_core::{PoolType, StateContract, Window};
use geno_encoder::{CarbonConfig, CarbonEncoder, PrefixReuse, SiteEncoder, StateSettings};
use proptest::prelude::*;

/// The states of one edit from two full passes.
fn two_full_passes(encoder: &CarbonEncoder, site: &Site, i: usize) -> [Vec<f32>; 2] {
    let edit = &site.edits()[i];
    let contract = encoder.settings().contract;
    let edited = edited_window(site.window(), edit, contract).unwrap();
    let edited = Window::new(0, edited).unwrap();
    let locus = Some(edit.rel_pos());
    let windows = [(&**site.window(), locus), (&edited, locus)];
    let states = rows(&encoder.encode_windows(&windows).unwrap());
    states.try_into().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn reuse_equals_two_full_passes(settings in settings(), site in site(1..1_100usize)) {
        let encoder = encoder(&config(), settings);
        let states = encoder.encode_sites(std::slice::from_ref(&site)).unwrap().remove(0);
        let n = site.edits().len();
        prop_assert_eq!(states.reuse.reused + states.reuse.full, n);
        prop_assert_eq!(states.reference.dims(), [n, encoder.d_state()]);

        let (reference, edited) = (rows(&states.reference), rows(&states.edited));
        for i in 0..n {
            let [full_reference, full_edited] = two_full_passes(&encoder, &site, i);
            prop_assert!(difference(&reference[i], &full_reference) <= 1e-5);
            prop_assert!(difference(&edited[i], &full_edited) <= 1e-5, "edit {i}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn states_do_not_depend_on_their_company(
        settings in settings(),
        sites in prop::collection::vec(site(1..1_100usize), 1..4),
    ) {
        let encoder = encoder(&config(), settings);
        prop_assert_eq!(bits(&encoder, &sites), bits_of_each_alone(&encoder, &sites));
    }

    #[test]
    fn bases_after_the_pooled_tokens_do_not_matter(
        mut settings in settings(), site in site(400..700usize), tail in "[ACGT]{1,80}",
    ) {
        prop_assume!(settings.pool_type != PoolType::GlobalMean && settings.pool_radius < 300);
        // The legacy contract moves the far end to the locus.
        settings.contract = StateContract::L2NormalizedV2;
        let last = site.edits().iter().map(|edit| edit.end()).max().unwrap_or(0);
        // Alleles are shorter than three tokens; a shorter window would pool fewer tokens.
        let unseen = (last / 6 + settings.pool_radius + 5) * 6;
        let mut bases = site.window().bases().to_vec();
        prop_assume!(unseen + tail.len() < bases.len());
        let end = unseen + tail.len();
        bases[unseen..end].copy_from_slice(tail.as_bytes());
        let window = Window::new(0, bases).unwrap();
        let changed = Site::new(Arc::new(window), site.edits().to_vec()).unwrap();

        let encoder = encoder(&config(), settings);
        prop_assert_eq!(bits(&encoder, &[site]), bits(&encoder, &[changed]));
    }
}

fn plain(pool_type: PoolType, contract: StateContract) -> StateSettings {
    StateSettings {
        state_layer: 2,
        pool_type,
        pool_radius: 8,
        contract,
    }
}

fn bases(len: usize) -> Vec<u8> {
    (0..len).map(|i| b"ACGT"[(i * i + i / 7) % 4]).collect()
}

fn site_of(bases: &[u8], edits: &[(usize, usize, &str)]) -> Site {
    let edits = edits.iter().map(|(at, len, alternate)| {
        edit(bases, *at, *len, alternate).expect("an edit of these bases")
    });
    let edits = edits.collect();
    Site::new(Arc::new(Window::new(0, bases).unwrap()), edits).unwrap()
}

#[test]
fn one_and_two_threads_give_the_same_bits() {
    let bases = bases(2_000);
    let sites: Vec<_> = (0..3)
        .map(|i| site_of(&bases, &[(900 + 6 * i, 2, "TTT"), (900 + 6 * i, 4, "A")]))
        .collect();
    let encoder = encoder(
        &config(),
        plain(PoolType::CenteredMean, StateContract::L2NormalizedV2),
    );
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build().unwrap().install(|| bits(&encoder, &sites))
    };
    assert_eq!(on(1), on(2));
}

#[test]
fn two_hundred_edits_give_the_bits_that_each_gives_alone() {
    let bases = bases(4_200); // more tokens before the edits than a matrix product sums at once
    let window = Arc::new(Window::new(0, bases.clone()).unwrap());
    let alternate = |i: usize| -> String {
        (0..5)
            .map(|j| char::from(b"ACGT"[(i >> (2 * j)) % 4]))
            .collect()
    };
    let edits: Vec<_> = (0..200)
        .filter_map(|i| edit(&bases, 4_000 + i % 3, 1, &alternate(i)))
        .collect();
    let together = Site::new(window.clone(), edits.clone()).unwrap();
    let settings = plain(PoolType::DownstreamMean, StateContract::L2NormalizedV2);
    let wide = CarbonConfig {
        hidden_size: 128,
        head_dim: 32,
        ffn_dim: 384,
        ..config()
    };
    for config in [config(), wide] {
        let encoder = encoder(&config, settings);
        let together = bits(&encoder, std::slice::from_ref(&together));
        for i in [0, 1, 63, 64, 65, 127, edits.len() - 1] {
            let alone = Site::new(window.clone(), vec![edits[i].clone()]).unwrap();
            assert_eq!(bits(&encoder, &[alone])[0], together[i], "edit {i}");
        }
    }
}

#[test]
fn a_reference_pass_of_whole_blocks_gives_the_same_bits_too() {
    let bases = bases(1_200);
    let window = Arc::new(Window::new(0, bases.clone()).unwrap());
    // So few rows that the matrix library may take another path for them.
    let settings = StateSettings {
        pool_radius: 1,
        ..plain(PoolType::DownstreamMean, StateContract::L2NormalizedV2)
    };
    let encoder = encoder(&config(), settings);
    for n_tokens in 62..=66 {
        // The last pooled token is the right neighbour of the edit's, counted after `<dna>`.
        let locus = (n_tokens - 1 - 1 - 1) * 6;
        let alternates = ["A", "C", "G", "T", "AC", "CA", "GG", "TT"];
        let edits: Vec<_> = alternates
            .iter()
            .filter_map(|alternate| edit(&bases, locus, 1, alternate))
            .collect();
        let together = Site::new(window.clone(), edits.clone()).unwrap();
        let together = bits(&encoder, &[together]);
        for (i, edit) in edits.into_iter().enumerate() {
            let alone = Site::new(window.clone(), vec![edit]).unwrap();
            assert_eq!(
                bits(&encoder, &[alone])[0],
                together[i],
                "{n_tokens} tokens, edit {i}"
            );
        }
    }
}

#[test]
fn only_legacy_indels_past_the_middle_need_a_full_pass() {
    let bases = bases(1_200);
    let edits = [
        (600, 1, "CCCTG"),
        (600, 3, "A"),
        (600, 2, "GG"),
        (300, 3, "AC"),
    ];
    let reuse = |contract| {
        let encoder = encoder(&config(), plain(PoolType::CenteredMean, contract));
        let states = encoder.encode_sites(&[site_of(&bases, &edits)]).unwrap();
        states[0].reuse
    };
    let v2 = PrefixReuse { reused: 4, full: 0 };
    let legacy = PrefixReuse { reused: 2, full: 2 };
    assert_eq!(reuse(StateContract::L2NormalizedV2), v2);
    assert_eq!(reuse(StateContract::LegacyRawV1), legacy);
}

#[test]
fn a_site_without_edits_has_no_states() {
    let encoder = encoder(
        &config(),
        plain(PoolType::CenteredMean, StateContract::L2NormalizedV2),
    );
    let states = encoder.encode_sites(&[site_of(&bases(60), &[])]).unwrap();
    assert_eq!(states[0].edited.dims(), [0, 24]);
    assert_eq!(encoder.encode_windows(&[]).unwrap().dims(), [0, 24]);
}
