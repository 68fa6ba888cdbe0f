//! Likelihoods against those that transformers' logits give, and against themselves.

use std::{collections::HashMap, sync::Arc};

use geno_action::{RelEdit, Site};
use geno_core::{Base, Dtype, StateContract, Window, reverse_complement};
use geno_encoder::{
    EmbeddingRows, LoadError, NativeLikelihood, SiteLikelihood, TokenDomain, WindowLikelihood,
    random_checkpoint,
};
use geno_kernels::Kernel;
use proptest::prelude::*;
use serde_json::Value;

use crate::{
    parity::{dna_rows, fixture, full_vocabulary},
    tiny::{checkpoint, config, site},
};

/// Logits up to 50 are rounded to 24 bits, along other orders of summing.
const LOG_P: f64 = 2e-4;
/// Means over many tokens or bases.
const MEAN: f64 = 2e-5;

const CONTRACT: StateContract = StateContract::L2NormalizedV2;

struct Carbon {
    vocabulary: NativeLikelihood,
    dna: NativeLikelihood,
}

impl Carbon {
    fn load() -> Self {
        let load = |files, domain| {
            NativeLikelihood::load(files, domain, Dtype::F32, Kernel::detect()).unwrap()
        };
        Self {
            vocabulary: load(full_vocabulary(), TokenDomain::Vocabulary),
            dna: load(dna_rows(), TokenDomain::Dna),
        }
    }
}

fn golden() -> Value {
    serde_json::from_slice(&fixture("likelihood_golden.json")).unwrap()
}

fn contigs() -> HashMap<String, Vec<u8>> {
    let text = String::from_utf8(fixture("ref.fa")).unwrap();
    let records = text.split('>').skip(1).map(|record| {
        let (header, bases) = record.split_once('\n').unwrap();
        let name = header.split(' ').next().unwrap().to_owned();
        (name, bases.replace('\n', "").to_uppercase().into_bytes())
    });
    records.collect()
}

fn of_window(carbon: &NativeLikelihood, bases: &[u8]) -> WindowLikelihood {
    let site = Site::new(Arc::new(Window::new(0, bases).unwrap()), Vec::new()).unwrap();
    carbon.sites(&[site], CONTRACT).unwrap().remove(0).reference
}

fn assert_close(found: f64, expected: &Value, tolerance: f64, what: &str) {
    let expected = expected
        .as_f64()
        .unwrap_or_else(|| panic!("{what}: no number"));
    assert!(
        (found - expected).abs() <= tolerance,
        "{what}: {found} {expected}"
    );
}

fn assert_all_close<'a>(found: impl IntoIterator<Item = &'a f64>, expected: &Value, what: &str) {
    let expected = expected.as_array().unwrap();
    assert!(!expected.is_empty(), "{what}");
    let found: Vec<_> = found.into_iter().take(expected.len()).collect();
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.into_iter().zip(expected) {
        assert_close(*found, expected, LOG_P, what);
    }
}

#[test]
fn windows_have_the_likelihoods_of_transformers_by_token_and_by_base() {
    let (golden, carbon, contigs) = (golden(), Carbon::load(), contigs());
    for case in golden["windows"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let bases = match case["sequence"].as_str() {
            Some(bases) => bases.as_bytes().to_vec(),
            None => {
                assert_eq!(case["source"], "chrA:1000-9192 (0-based, half-open)");
                contigs["chrA"][1_000..9_192].to_vec()
            }
        };
        let all = of_window(&carbon.vocabulary, &bases);
        let dna = of_window(&carbon.dna, &bases);
        assert_eq!(case["apadded"]["n_targets"], all.tokens.len(), "{name}");
        assert_close(all.token_mean(), &case["apadded"]["mean"], MEAN, name);
        assert_close(
            dna.token_mean(),
            &case["apadded"]["mean_dna_rows"],
            MEAN,
            name,
        );
        assert_close(
            all.close_tag,
            &case["with_close_tag"]["close_tag_ll"],
            LOG_P,
            name,
        );
        assert_all_close(&all.tokens, &case["first_token_lls"], name);
        assert_all_close(&dna.tokens, &case["first_token_lls_dna_rows"], name);
        let last = case["last_token_lls"].as_array().unwrap().len();
        assert_all_close(
            &all.tokens[all.tokens.len() - last..],
            &case["last_token_lls"],
            name,
        );

        let fns = &case["fns"];
        assert_eq!(fns["n_bases"], all.bases.len(), "{name}");
        assert_close(all.base_mean(), &fns["mean"], MEAN, name);
        assert_all_close(&all.bases, &fns["first"], name);
        let last = fns["last"].as_array().unwrap().len();
        assert_all_close(&all.bases[all.bases.len() - last..], &fns["last"], name);
        // Which tokens share the softmax does not matter for bases.
        for (all, dna) in all.bases.iter().zip(&dna.bases) {
            assert!((all - dna).abs() < 1e-9, "{name}");
        }

        let whole = &bases[..bases.len() / 6 * 6];
        let cut = of_window(&carbon.vocabulary, whole);
        assert_close(cut.token_mean(), &case["floor6"]["mean"], MEAN, name);
    }
}

fn substituted(carbon: &NativeLikelihood, bases: &[u8], at: usize, alt: &str) -> SiteLikelihood {
    let reference = char::from(bases[at]).to_string();
    let edit = RelEdit::new(at, &reference, alt).unwrap();
    let window = Arc::new(Window::new(0, bases).unwrap());
    let site = Site::new(window, vec![edit]).unwrap();
    carbon.sites(&[site], CONTRACT).unwrap().remove(0)
}

#[test]
fn substitutions_change_means_as_the_published_recipe_has_it() {
    let (golden, carbon, contigs) = (golden(), Carbon::load(), contigs());
    for snv in golden["snvs"].as_array().unwrap() {
        let text = |key: &str| snv[key].as_str().unwrap().to_owned();
        let contig = &contigs[&text("contig")];
        let p = snv["pos"].as_u64().unwrap() as usize - 1;
        for size in [1_024, 8_192] {
            let start = p.saturating_sub(size / 2);
            let window = &contig[start..contig.len().min(p + size / 2)];
            let golden = &snv[format!("centred_{size}").as_str()];
            let at = p - start;
            assert_eq!(golden["variant_index"], at);
            let turned = reverse_complement(window);
            let strands = [
                ("fwd", window.to_vec(), at, text("alt")),
                ("rc", turned, window.len() - 1 - at, {
                    let turned = reverse_complement(text("alt").as_bytes());
                    String::from_utf8(turned).unwrap()
                }),
            ];
            for (strand, bases, at, alt) in strands {
                let (what, golden) = (format!("{snv} {size} {strand}"), &golden[strand]);
                let found = substituted(&carbon.dna, &bases, at, &alt);
                let edited = &found.edited[0];
                assert_close(
                    found.reference.base_mean(),
                    &golden["base_ref_mean_ll"],
                    MEAN,
                    &what,
                );
                assert_close(edited.base_mean(), &golden["base_alt_mean_ll"], MEAN, &what);
                let delta = edited.base_mean() - found.reference.base_mean();
                assert_close(delta, &golden["base_delta"], 2e-6, &what);

                let whole = &bases[..bases.len() / 6 * 6];
                let found = substituted(&carbon.vocabulary, whole, at, &alt);
                let (reference, edited) = (&found.reference, &found.edited[0]);
                assert_close(
                    reference.token_mean(),
                    &golden["token_ref_mean_ll"],
                    MEAN,
                    &what,
                );
                assert_close(
                    edited.token_mean(),
                    &golden["token_alt_mean_ll"],
                    MEAN,
                    &what,
                );
                let delta = edited.token_mean() - reference.token_mean();
                assert_close(delta, &golden["token_delta"], 1e-5, &what);
                let found = substituted(&carbon.dna, whole, at, &alt);
                let delta = found.edited[0].token_mean() - found.reference.token_mean();
                assert_close(delta, &golden["token_delta_dna_rows"], 1e-5, &what);
            }
        }
    }
}

#[test]
fn the_base_after_a_context_has_the_probabilities_of_transformers() {
    let (golden, carbon, contigs) = (golden(), Carbon::load(), contigs());
    let snvs = golden["snvs"].as_array().unwrap();
    let contexts: Vec<&[u8]> = snvs
        .iter()
        .map(|snv| {
            let p = snv["pos"].as_u64().unwrap() as usize - 1;
            let contig = &contigs[snv["contig"].as_str().unwrap()];
            let context = &contig[p.saturating_sub(24_000)..p];
            let n_unknown = context.iter().take_while(|base| **base == b'N').count();
            &context[n_unknown..]
        })
        .collect();
    let found = carbon.vocabulary.next_bases(&contexts).unwrap();
    assert_eq!(found.len(), 8);
    for (snv, found) in snvs.iter().zip(&found) {
        let golden = snv["right_end"]["p_block_ATCG"].as_array().unwrap();
        let order = [Base::A, Base::T, Base::C, Base::G];
        for (base, golden) in order.into_iter().zip(golden) {
            assert_close(found.ln_p(base).exp(), golden, 1e-5, "right end");
        }
    }
    // Another softmax, other company: the same.
    let alone = carbon.vocabulary.next_bases(&contexts[3..4]).unwrap();
    assert_eq!(alone, found[3..4]);
    let dna = carbon.dna.next_bases(&contexts).unwrap();
    for (dna, all) in dna.iter().zip(&found) {
        assert!(
            Base::ALL
                .iter()
                .all(|base| (dna.ln_p(*base) - all.ln_p(*base)).abs() < 1e-9)
        );
    }
}

#[test]
fn a_context_may_hold_no_whole_6_mer() {
    let carbon = Carbon::load().dna;
    let found = carbon.next_bases(&[&b""[..], b"ACGTA"]).unwrap();
    assert_eq!(found[0], found[1]);
    let sum: f64 = Base::ALL
        .iter()
        .map(|base| found[0].ln_p(*base).exp())
        .sum();
    assert!((sum - 1.0).abs() < 1e-9, "{sum}");
    // The base that a window of one base would have.
    let window = of_window(&carbon, b"G");
    assert!((window.bases[0] - found[0].ln_p(Base::G)).abs() < 1e-5);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn an_edited_window_has_the_likelihood_of_the_same_window_alone(
        site in site(6..700usize), contract in prop::sample::select(StateContract::ALL),
    ) {
        let kernel = Kernel::detect();
        let carbon =
            NativeLikelihood::load(checkpoint(&config()), TokenDomain::Dna, Dtype::F32, kernel)
                .unwrap();
        let found = carbon.sites(std::slice::from_ref(&site), contract).unwrap().remove(0);
        prop_assert_eq!(found.edited.len(), site.edits().len());
        prop_assert_eq!(&of_window(&carbon, site.window().bases()), &found.reference);
        for (edit, found) in site.edits().iter().zip(&found.edited) {
            let edited = geno_action::edited_window(site.window(), edit, contract).unwrap();
            let alone = of_window(&carbon, &edited);
            prop_assert_eq!(alone.tokens.len(), found.tokens.len());
            prop_assert_eq!(alone.bases.len(), found.bases.len());
            let pairs = alone.tokens.iter().zip(&found.tokens);
            for (alone, found) in pairs.chain(alone.bases.iter().zip(&found.bases)) {
                prop_assert!((alone - found).abs() < 1e-4, "{alone} {found}");
            }
        }
        let again = carbon.sites(&[site.clone(), site], contract).unwrap();
        prop_assert!(again.iter().all(|again| *again == found), "another company, other bits");
    }
}

#[test]
fn probabilities_of_all_tokens_and_of_all_bases_add_up_to_one() {
    // The probability of each last base, given everything before it.
    let kernel = Kernel::detect();
    let carbon =
        NativeLikelihood::load(checkpoint(&config()), TokenDomain::Dna, Dtype::F32, kernel)
            .unwrap();
    let before = b"ACGTTGCAAGCT".repeat(9);
    let p = |last: u8, n: usize| {
        let mut bases = before.clone();
        bases.extend(b"GATTACA"[..n].iter().chain([&last]));
        *of_window(&carbon, &bases).bases.last().unwrap()
    };
    for n in [0, 3, 5] {
        let sum: f64 = b"ACGT".iter().map(|base| p(*base, n).exp()).sum();
        assert!((sum - 1.0).abs() < 1e-5, "{n}: {sum}");
        let likeliest = b"ACGT"
            .iter()
            .map(|base| p(*base, n))
            .fold(f64::MIN, f64::max);
        assert!((p(b'N', n) - likeliest).abs() < 1e-5);
    }
}

#[test]
fn text_rows_that_are_not_there_cannot_be_shared_with() {
    let mut stream = geno_core::RandomStream::new(1, "dna");
    let files = random_checkpoint(&config(), EmbeddingRows::Dna, &mut stream).unwrap();
    let kernel = Kernel::detect();
    let error = NativeLikelihood::load(files, TokenDomain::Vocabulary, Dtype::F32, kernel);
    assert!(matches!(
        error,
        Err(LoadError::NoTextRows { first_id: 151_669 })
    ));
}
