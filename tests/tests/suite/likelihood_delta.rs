//! What edits do to likelihoods, against whole windows written out one by one.

use std::sync::Arc;

use geno_action::{RelEdit, Site};
use geno_core::{Dtype, StateContract, Window, reverse_complement};
use geno_encoder::{NativeLikelihood, TokenDomain, WindowLikelihood};
use geno_kernels::Kernel;
use geno_runtime::{LikelihoodDelta, LikelihoodLevel, MappedEncoder, Phases, Strands};
use geno_tests::fixture;

fn carbon() -> NativeLikelihood {
    let mapped = MappedEncoder::open(&fixture("demo/model/encoder")).unwrap();
    let (files, kernel) = (mapped.files().unwrap(), Kernel::detect());
    NativeLikelihood::load(files, TokenDomain::Dna, Dtype::F32, kernel).unwrap()
}

const WINDOW: &[u8] = b"GATTACACCGTTGANCCATGCATTTACGGCGATATCGGCTAATCCGATTGCAACGTACGGATCCATT";
const FLANK: &[u8] = b"TTGACCA";

/// Edits at both ends, across tokens, in runs of a base and beside an `N`.
fn site() -> Site {
    let edits = [
        (0, "G", "C"),
        (0, "GA", "G"),
        (1, "A", "ATTT"),
        (5, "C", "A"),
        (13, "A", "T"),
        (15, "CC", "C"),
        (20, "C", "CGGA"),
        (30, "GATA", "G"),
        (31, "ATAT", "TATA"),
        (60, "ATCCA", "A"),
        (65, "T", "A"),
        (65, "T", "TCC"),
        (66, "T", "G"),
    ];
    let edits = edits.map(|(at, r, a)| RelEdit::new(at, r, a).unwrap());
    let window = Window::new(900, WINDOW)
        .unwrap()
        .with_right_flank(FLANK)
        .unwrap();
    Site::new(Arc::new(window), edits.to_vec()).unwrap()
}

fn alone(carbon: &NativeLikelihood, bases: &[u8]) -> WindowLikelihood {
    let site = Site::new(Arc::new(Window::new(0, bases).unwrap()), Vec::new()).unwrap();
    let contract = StateContract::L2NormalizedV2;
    carbon.sites(&[site], contract).unwrap().remove(0).reference
}

/// The mean of every reading, each of two windows by themselves.
fn written_out(carbon: &NativeLikelihood, edit: &RelEdit, delta: LikelihoodDelta) -> [f64; 2] {
    let (at, r, a) = (edit.rel_pos(), edit.reference(), edit.alternate());
    let mut edited = [&WINDOW[..at], a.as_bytes(), &WINDOW[at + r.len()..], FLANK].concat();
    edited.truncate(WINDOW.len());
    let strands: &[bool] = match delta.strands {
        Strands::Forward => &[false],
        Strands::Both => &[false, true],
    };
    let (mut sums, mut n) = ([0.0; 2], 0.0);
    for is_reverse in strands {
        for phase in 0..delta.phases.get() {
            let before = match is_reverse {
                false => at,
                true => WINDOW.len() - at - r.len(),
            };
            if before < phase {
                continue;
            }
            let end = before - phase + r.len();
            let windows = [WINDOW.to_vec(), edited.clone()].map(|window| match is_reverse {
                false => window[phase..].to_vec(),
                true => reverse_complement(&window)[phase..].to_vec(),
            });
            let is_cut = end <= (WINDOW.len() - phase) / 6 * 6;
            for (sum, mut window) in sums.iter_mut().zip(windows) {
                *sum += match delta.level {
                    LikelihoodLevel::Base => {
                        let bases = alone(carbon, &window).bases;
                        bases.iter().sum::<f64>() / bases.len() as f64
                    }
                    LikelihoodLevel::Token => {
                        if is_cut {
                            window.truncate(window.len() / 6 * 6);
                        }
                        let tokens = alone(carbon, &window).tokens;
                        tokens.iter().sum::<f64>() / tokens.len() as f64
                    }
                };
            }
            n += 1.0;
        }
    }
    sums.map(|sum| sum / n)
}

#[test]
fn every_reading_is_that_of_its_windows_alone() {
    let (carbon, site) = (carbon(), site());
    assert_eq!(WINDOW.len() % 6, 1);
    for level in [LikelihoodLevel::Token, LikelihoodLevel::Base] {
        for strands in [Strands::Forward, Strands::Both] {
            for phases in [Phases::ONE, Phases::new(4).unwrap(), Phases::ALL] {
                let delta = LikelihoodDelta {
                    level,
                    strands,
                    phases,
                };
                let found = delta
                    .of_sites(&carbon, std::slice::from_ref(&site))
                    .unwrap();
                let indels = site.edits().iter().filter(|edit| {
                    strands == Strands::Both && edit.reference().len() != edit.alternate().len()
                });
                assert_eq!(found[0].full_passes, indels.count());
                for (edit, found) in site.edits().iter().zip(&found[0].edits) {
                    let [reference, alternate] = written_out(&carbon, edit, delta);
                    assert!(
                        (found.reference - reference).abs() < 1e-5,
                        "{delta:?} {edit:?}"
                    );
                    assert!(
                        (found.alternate - alternate).abs() < 1e-5,
                        "{delta:?} {edit:?}"
                    );
                    assert_eq!(found.delta(), found.alternate - found.reference);
                }
            }
        }
    }
}

#[test]
fn edits_have_the_same_bits_in_any_company() {
    let (carbon, site) = (carbon(), site());
    let delta = LikelihoodDelta {
        level: LikelihoodLevel::Token,
        strands: Strands::Both,
        phases: Phases::ALL,
    };
    let together = delta
        .of_sites(&carbon, &[site.clone(), site.clone()])
        .unwrap();
    assert_eq!(together[0], together[1]);
    for (edit, found) in site.edits().iter().zip(&together[0].edits) {
        let alone = Site::new(site.window().clone(), vec![edit.clone()]).unwrap();
        assert_eq!(
            delta.of_sites(&carbon, &[alone]).unwrap()[0].edits,
            [*found]
        );
    }
    assert!(delta.of_sites(&carbon, &[]).unwrap().is_empty());
}

#[test]
fn there_are_six_phases() {
    let counts: Vec<_> = (0..8).map(|n| Phases::new(n).map(Phases::get)).collect();
    assert_eq!(
        counts,
        [
            None,
            Some(1),
            Some(2),
            Some(3),
            Some(4),
            Some(5),
            Some(6),
            None
        ]
    );
}
