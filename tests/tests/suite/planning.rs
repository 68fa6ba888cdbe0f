//! Planning on the demo model: the evaluator, plans from it, and files of states.

use std::{fs, ops::ControlFlow, path::Path, sync::Arc};

use geno_action::{EditType, Haplotype, RelEdit};
use geno_core::{Coded, ErrorCode, Window};
use geno_data::Fasta;
use geno_planning::{
    CemConfig, Distance, EditPrior, EditSpace, Evaluate, MctsConfig, Plan, Restrictions,
    SearchConfig, Solver, StopReason, Target, plan,
};
use geno_runtime::{GivenStatesError, PlanPrediction, Runtime, RuntimeError, Unedited};
use geno_tests::{copy_of, fixture};
use geno_weights::{NewTensor, WeightDtype, write_weights};

use crate::scoring::runtime;

/// A common variant of the demo, 0-based.
const VARIANT: u64 = 3_301_210;

/// Demo states that are the same or not: rounding of `f32` over a state stays below.
const ROUNDING: f64 = 1e-5;

/// States of length 1, and a predictor that is silent: it has the last layer of an untrained one.
fn model() -> Runtime {
    runtime(&fixture("demo/model"))
}

/// States as they are, and a predictor whose every layer speaks.
fn published() -> Runtime {
    let kit = copy_of("parity");
    runtime(&kit.path().join("model"))
}

fn window() -> Arc<Window> {
    let fasta = Fasta::open(fixture("demo/GRCh37.20.fa.gz")).unwrap();
    let start = VARIANT - 480;
    let bases = fasta.fetch(&fasta.contigs()[0], start, start + 960);
    let bases = bases.unwrap().to_ascii_uppercase();
    Arc::new(Window::new(start, bases).unwrap())
}

/// Different bases at some offsets.
fn snvs(window: &Window, offsets: &[usize]) -> Vec<RelEdit> {
    let edit = |&offset: &usize| {
        let reference = char::from(window.bases()[offset]).to_string();
        let alternate = if reference == "A" { "G" } else { "A" };
        RelEdit::new(offset, &reference, alternate).unwrap()
    };
    offsets.iter().map(edit).collect()
}

fn haplotype(window: &Arc<Window>, edits: Vec<RelEdit>) -> Haplotype {
    Haplotype::new(Arc::clone(window), edits).unwrap()
}

fn space(window: &Arc<Window>) -> EditSpace {
    let prior = EditPrior::of_types(&[EditType::Snv]);
    EditSpace::new(Arc::clone(window), &prior, &Restrictions::default()).unwrap()
}

fn config(horizon: usize, solver: Solver) -> SearchConfig {
    SearchConfig {
        horizon,
        seed: 7,
        stopping_eps: 0.0,
        solver,
        ..SearchConfig::default()
    }
}

fn cem(n_samples: usize) -> Solver {
    Solver::Cem(CemConfig {
        n_samples,
        n_elite: 8,
        n_iterations: 3,
        ..CemConfig::default()
    })
}

fn search(runtime: &Runtime, window: &Arc<Window>, target: &[f32], config: &SearchConfig) -> Plan {
    let source = runtime.encode_planned(window, None).unwrap();
    let target = Target::new(Distance::L2, [target]).unwrap();
    let mut evaluator = runtime
        .plan_evaluator((source, window.len() / 2), target, config.horizon)
        .unwrap();
    plan(&space(window), config, &mut evaluator, |_| {
        ControlFlow::Continue(())
    })
    .unwrap()
}

#[test]
fn a_batch_gives_what_each_candidate_gives_alone() {
    let (runtime, window) = (published(), window());
    let target = Target::new(Distance::L2, [[0.0]]).unwrap();
    let refused = runtime.plan_evaluator((Vec::new(), 480), target, 0);
    assert!(matches!(refused, Err(RuntimeError::UnusableState(_))));

    let source = runtime.encode_planned(&window, None).unwrap();
    let target = Target::new(Distance::L2, [&source]).unwrap();
    let mut evaluator = runtime
        .plan_evaluator((source.clone(), 480), target, 4)
        .unwrap();
    let lists: [&[usize]; 5] = [&[], &[400], &[400, 470], &[300, 400, 480, 600], &[470]];
    let candidates = lists.map(|offsets| haplotype(&window, snvs(&window, offsets)));
    let together = evaluator.evaluate(&candidates).unwrap();
    assert_eq!((together[0].distance, &together[0].state), (0.0, &source));
    for (candidate, together) in candidates.iter().zip(&together) {
        let alone = evaluator.evaluate(std::slice::from_ref(candidate)).unwrap();
        assert_eq!(&alone[0], together, "to the last bit");
        let length: f64 = together.state.iter().map(|x| f64::from(*x).powi(2)).sum();
        let is_predicted = !candidate.edits().is_empty();
        assert!(!is_predicted || (length - 1.0).abs() < ROUNDING, "{length}");
    }
    assert_ne!(together[1].state, together[4].state);
}

#[test]
fn a_target_that_is_the_source_needs_no_edits() {
    let (runtime, window) = (model(), window());
    let source = runtime.encode_planned(&window, None).unwrap();
    for horizon in [0, 1, 4] {
        let found = search(&runtime, &window, &source, &config(horizon, cem(16)));
        assert_eq!((found.best.edits().len(), found.best_distance), (0, 0.0));
        assert_eq!(found.best_predicted_state, source);
    }
    // A longer vector of the same direction is the same state.
    let long: Vec<f32> = source.iter().map(|x| x * 4.0).collect();
    let long = runtime.state_in_contract(long).unwrap();
    let found = search(&runtime, &window, &long, &config(2, cem(16)));
    assert!(found.best_distance < ROUNDING, "{}", found.best_distance);
}

#[test]
fn one_seed_gives_one_plan_whatever_the_threads_and_the_batch() {
    let (runtime, window) = (published(), window());
    let edited = haplotype(&window, snvs(&window, &[478, 500]));
    let target = runtime.encode_plan(&edited, None).unwrap();
    let mcts = Solver::Mcts(MctsConfig {
        n_simulations: 24,
        n_leaves: 8,
        ..MctsConfig::default()
    });
    for solver in [cem(32), mcts] {
        let run = |threads: usize, batch: usize| {
            let config = SearchConfig {
                batch,
                ..config(3, solver.clone())
            };
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let found = pool
                .unwrap()
                .install(|| search(&runtime, &window, &target, &config));
            let bits: Vec<u32> = found
                .best_predicted_state
                .iter()
                .map(|x| x.to_bits())
                .collect();
            (
                found.best.edits().to_vec(),
                found.best_distance.to_bits(),
                bits,
                found.n_evaluations,
            )
        };
        let expected = run(1, 256);
        assert_eq!(run(2, 256), expected);
        assert_eq!(run(2, 5), expected);
    }
}

#[test]
fn plans_of_more_edits_than_are_taken_at_once_are_predicted_edit_by_edit() {
    let (runtime, window) = (published(), window());
    let source = runtime.encode_planned(&window, None).unwrap();
    let target = || Target::new(Distance::L2, [&source]).unwrap();
    let offsets: Vec<usize> = (0..20).map(|i| 100 + 7 * i).collect();
    let plans = [2, 16, 20].map(|n| haplotype(&window, snvs(&window, &offsets[..n])));
    let unedited = plans.each_ref().map(|haplotype| Unedited {
        state: &source,
        haplotype,
        locus: 480,
    });
    let at_once = runtime.predict(&unedited[..2]).unwrap();
    let one_by_one = runtime.predict_haplotypes(&unedited).unwrap();
    assert_ne!(at_once[1], one_by_one[1]);
    for (horizon, prediction, expected) in [
        (16, PlanPrediction::AtOnce, &at_once),
        (20, PlanPrediction::EditByEdit, &one_by_one),
    ] {
        let evaluator = runtime.plan_evaluator((source.clone(), 480), target(), horizon);
        let mut evaluator = evaluator.unwrap();
        assert_eq!(evaluator.prediction(), prediction);
        let found = evaluator.evaluate(&plans[..expected.len()]).unwrap();
        let found: Vec<_> = found.into_iter().map(|found| found.state).collect();
        assert_eq!(&found, expected);
    }
}

#[test]
fn a_window_of_unknown_bases_has_the_empty_plan() {
    let runtime = model();
    let window = Arc::new(Window::new(0, vec![b'N'; 960]).unwrap());
    let target = runtime.encode_planned(&self::window(), None).unwrap();
    let found = search(&runtime, &window, &target, &config(3, cem(16)));
    assert!(found.best.edits().is_empty());
    assert_eq!(found.stopped_reason, StopReason::Exhausted);
}

#[test]
fn a_plan_without_edits_encodes_to_its_window() {
    let (runtime, window) = (model(), window());
    let empty = haplotype(&window, Vec::new());
    let state = runtime.encode_plan(&empty, Some(300)).unwrap();
    assert_eq!(state, runtime.encode_planned(&window, Some(300)).unwrap());
    let edited = haplotype(&window, snvs(&window, &[300]));
    assert_ne!(state, runtime.encode_plan(&edited, Some(300)).unwrap());
}

/// A `.npy` file of one header and some bytes.
fn npy(shape: &str, values: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(values);
    bytes
}

#[test]
fn states_of_every_kind_of_file_are_read_alike() {
    let (runtime, window) = (model(), window());
    let folder = tempfile::tempdir().unwrap();
    let state = runtime.encode_planned(&window, None).unwrap();
    let doubled: Vec<f32> = state.iter().map(|x| x * 2.0).collect();
    let width = state.len();
    let bytes = doubled
        .iter()
        .flat_map(|x| x.to_le_bytes())
        .collect::<Vec<u8>>();
    let tensor = NewTensor::new("state", [1, width], doubled.clone(), WeightDtype::F32);
    let numbers: Vec<String> = doubled.iter().map(f32::to_string).collect();
    let numbers = numbers.join(",");
    for (name, bytes) in [
        ("a.npy", npy(&format!("({width},)"), &bytes)),
        ("b.npy", npy(&format!("(1, {width})"), &bytes)),
        ("c.safetensors", write_weights(&[tensor]).unwrap()),
        ("d.json", format!("[{numbers}]").into_bytes()),
        ("e.json", format!("{{\"state\":[{numbers}]}}").into_bytes()),
        ("f.JSON", format!("[[{numbers}]]").into_bytes()),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let (states, record) = runtime.read_states(&path).unwrap();
        assert_eq!(states.len(), 1, "{name}");
        let apart = states[0].iter().zip(&state);
        let apart = apart.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(f64::from(apart) < ROUNDING, "{name}: {apart}");
        assert_eq!(record.size, fs::metadata(&path).unwrap().len());
    }
}

#[test]
fn files_that_hold_no_state_are_refused_by_name() {
    let runtime = model();
    let width = runtime.encode_planned(&window(), None).unwrap().len();
    let folder = tempfile::tempdir().unwrap();
    let shape = format!("({width},)");
    let zeros = vec![0u8; 4 * width];
    let mut nan = zeros.clone();
    nan[4..8].copy_from_slice(&f32::NAN.to_le_bytes());
    let pickled =
        b"\x93NUMPY\x01\x00\x3c\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,), }  ";
    let two = [("a", 1.0), ("b", 2.0)]
        .map(|(name, x)| NewTensor::new(name, [width], vec![x; width], WeightDtype::F32));
    let cases: [(&str, Vec<u8>); 15] = [
        ("missing-magic.npy", b"not an array".to_vec()),
        (
            "pickled.npy",
            [pickled.as_slice(), b"\x80\x04K\x01."].concat(),
        ),
        ("cut-off.npy", npy(&shape, &zeros[..zeros.len() - 1])),
        ("lying.npy", npy("(9223372036854775807, 4)", &zeros)),
        ("wide.npy", npy("(1,)", &1.0f32.to_le_bytes())),
        ("nan.npy", npy(&shape, &nan)),
        ("zero.npy", npy(&shape, &zeros)),
        ("cube.npy", npy(&format!("(1, 1, {width})"), &zeros)),
        ("no-rows.npy", npy(&format!("(0, {width})"), &[])),
        ("lying.safetensors", vec![0xff; 64]),
        ("two.safetensors", write_weights(&two).unwrap()),
        ("words.json", br#"["a"]"#.to_vec()),
        (
            "huge.json",
            format!("[{}]", vec!["1e300"; width].join(",")).into_bytes(),
        ),
        ("half.json", b"[1, 2".to_vec()),
        ("state.txt", b"1 2 3".to_vec()),
    ];
    for (name, bytes) in cases {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let error = runtime.read_states(&path).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InputGeneric, "{name}");
        assert!(error.to_string().contains(name), "{error}");
    }
    let error = runtime.read_states(Path::new("nowhere.npy")).unwrap_err();
    assert!(matches!(error, GivenStatesError::Io { .. }), "{error}");
}
