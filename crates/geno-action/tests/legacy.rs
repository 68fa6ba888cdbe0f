//! The legacy samplers against what the Python package drew.

use geno_action::{
    EditType, RelEdit,
    legacy::{ActionSampler, LegacySampleError, indel, mnv, uniform_snv},
};
use geno_core::PythonRandom;
use serde_json::{Value, json};

fn golden() -> Value {
    let text = include_str!("../../../fixtures/parity/golden_base/python_golden.json");
    serde_json::from_str(text).unwrap()
}

fn window() -> Vec<u8> {
    let golden = golden();
    golden["window600_seed42"].as_str().unwrap().into()
}

fn list(edits: &[RelEdit]) -> Value {
    edits
        .iter()
        .map(|edit| {
            let edit_type = edit.edit_type().id();
            json!([
                edit.rel_pos(),
                edit_type,
                edit.reference(),
                edit.alternate()
            ])
        })
        .collect()
}

#[test]
fn training_edits_equal_the_published_ones() {
    let (golden, window) = (golden(), window());
    let random = || PythonRandom::new(7);
    let snvs = uniform_snv(&window, 10, &mut random(), 64).unwrap();
    assert_eq!(list(&snvs), golden["uniform_snv_seed7"]);
    let indels = indel(&window, 20, &mut random(), None, 0.5, 64).unwrap();
    assert_eq!(list(&indels), golden["indel_seed7"]);
    let mnvs = mnv(&window, 10, &mut random(), None, 64).unwrap();
    assert_eq!(list(&mnvs), golden["mnv_seed7"]);
}

#[test]
fn planner_edits_equal_the_published_ones() {
    let mut sampler = ActionSampler::new(&window(), PythonRandom::new(5)).unwrap();
    let sequences = (0..4).map(|_| list(&sampler.sample_sequence(5).unwrap()));
    let sequences: Value = sequences.collect();
    assert_eq!(sequences, golden()["action_sampler_seed5"]);
}

/// Printed by the Python package, on a window with unknown bases and with every option set.
const PATCHY: &[u8] = b"TNTTNNCCNTNCATGCANANTTNCNANAAACCNATGTNCNTGATAGCTGAGACTACNTAAACCNCGCAGCAGATTATGTGGCCGTNGACCACAGNCGTTC";

#[test]
fn options_and_unknown_bases_give_the_published_edits() {
    let random = PythonRandom::new;
    let snvs = uniform_snv(PATCHY, 6, &mut random(1), 5).unwrap();
    let expected = json!([
        [77, 0, "G", "A"],
        [20, 0, "T", "C"],
        [62, 0, "C", "G"],
        [88, 0, "C", "G"],
        [31, 0, "C", "A"],
        [67, 0, "A", "C"],
    ]);
    assert_eq!(list(&snvs), expected);

    let lengths = [(1, 1.0), (3, 2.0), (16, 1.0)];
    let indels = indel(PATCHY, 8, &mut random(2), Some(&lengths), 0.25, 30).unwrap();
    let expected = json!([
        [33, 2, "AT", "A"],
        [40, 2, "TGAT", "T"],
        [49, 1, "A", "AACT"],
        [55, 1, "C", "CGTGAAGTGTTCCCCA"],
        [41, 1, "G", "GGCT"],
        [58, 2, "AA", "A"],
        [59, 1, "A", "AGTG"],
        [59, 1, "A", "ATTCGCGTGGTGCTGA"],
    ]);
    assert_eq!(list(&indels), expected);

    // Four of the twelve asked for met an unknown base or did not fit.
    let mnvs = mnv(PATCHY, 12, &mut random(3), Some(&[(2, 1.0), (3, 2.0)]), 0).unwrap();
    let expected = json!([
        [77, 3, "GTG", "TAT"],
        [60, 3, "AC", "CA"],
        [91, 3, "CAG", "TGC"],
        [81, 3, "CCG", "ATA"],
        [66, 3, "CAG", "ATA"],
        [75, 3, "AT", "CC"],
        [60, 3, "ACC", "GTG"],
        [50, 3, "GAC", "TGA"],
    ]);
    assert_eq!(list(&mnvs), expected);
}

#[test]
fn a_planner_with_weights_and_bins_gives_the_published_edits() {
    let window = [PATCHY, &[b'N'; 40]].concat();
    let mut sampler = ActionSampler::new(&window, PythonRandom::new(4)).unwrap();
    sampler.window = PATCHY.to_vec();
    sampler.margin = 20;
    sampler.type_weights = vec![
        (EditType::Indel, 1.0),
        (EditType::Del, 2.0),
        (EditType::Snv, 1.0),
    ];
    sampler.lengths = Some(vec![(1, 3.0), (2, 1.0)]);
    sampler.position_bin_bp = 16;
    sampler.position_weights = Some(vec![(1, 1.0), (2, 3.0), (3, 1.0), (9, 0.5)]);
    let expected = json!([
        [68, 4, "GC", "GCG"],
        [42, 2, "AT", "A"],
        [44, 0, "A", "G"],
        [69, 4, "CA", "CGT"],
        [54, 2, "AC", "A"],
        [76, 0, "T", "C"],
        [65, 4, "GC", "GGT"],
        [53, 2, "TA", "T"],
        [67, 4, "AG", "AGC"],
        [65, 0, "G", "A"],
    ]);
    assert_eq!(list(&sampler.sample_sequence(10).unwrap()), expected);
}

#[test]
fn bounded_attempts_run_out_with_a_count() {
    let unknown = [b'N'; 200];
    let error = uniform_snv(&unknown, 3, &mut PythonRandom::new(0), 64).unwrap_err();
    let (requested, produced) = (3, 0);
    let ran_out = LegacySampleError::AttemptsRanOut {
        requested,
        produced,
    };
    assert_eq!(error, ran_out);
    assert_eq!(
        indel(&unknown, 3, &mut PythonRandom::new(0), None, 0.5, 64),
        Err(ran_out)
    );
    let mut sampler = ActionSampler::new(&unknown, PythonRandom::new(0)).unwrap();
    sampler.lengths = Some(vec![(40, 1.0)]);
    sampler.type_weights = vec![(EditType::Del, 1.0)];
    assert_eq!(sampler.sample_edit(), Err(LegacySampleError::NoWeight));
}
