//! Examples whose states follow a rule that can be learned.

use std::path::Path;

use geno_action::RelEdit;
use geno_core::RandomStream;
use geno_training::{
    Example, ExampleEdit, ExampleKind, ExampleSource, ExampleStates, LeftOut, TargetSet,
    TargetWriter,
};

use crate::identity::identity;

/// Width of a state.
pub(crate) const D: usize = 6;

/// Writes `n` saturated tokens, and half as many haplotypes of two or three substitutions.
///
/// A substitution turns the state by an angle that depends on its bases, in a plane that depends on its
/// place in the 6-mer and on the sign of the state's first number.
pub(crate) fn set(folder: &Path, seed: u64, n: usize) -> TargetSet {
    let mut stream = RandomStream::new(seed, "examples");
    let mut examples = Vec::new();
    for i in 0..n + n / 2 {
        let window: Vec<u8> = (0..24).map(|_| b"ACGT"[stream.below(4) as usize]).collect();
        let source = unit((0..D).map(|_| stream.unit() - 0.5).collect());
        examples.push(match i < n {
            true => alternatives(&window, &source),
            false => trajectory(&window, &source, 2 + i % 2),
        });
    }
    let mut writer = TargetWriter::create(folder, identity(D, seed)).unwrap();
    writer.write(&examples, &LeftOut::default()).unwrap();
    writer.finish().unwrap();
    TargetSet::open(folder).unwrap()
}

fn alternatives(window: &[u8], source: &[f64]) -> ExampleStates {
    let places = 6..12;
    let edits = places.flat_map(|at| {
        let others = b"ACGT".iter().filter(move |base| **base != window[at]);
        others.map(move |base| substitution(window, at, *base))
    });
    let edits: Vec<ExampleEdit> = edits.collect();
    let mut states = source.to_vec();
    for edit in &edits {
        states.extend(after(source, edit));
    }
    example(ExampleKind::Alternatives, edits, states)
}

fn trajectory(window: &[u8], source: &[f64], n: usize) -> ExampleStates {
    let edits = (0..n).map(|k| {
        let (at, bases) = (7 + 4 * k, b"ACGT");
        let base = bases.iter().find(|base| **base != window[at]).unwrap();
        substitution(window, at, *base)
    });
    let edits: Vec<ExampleEdit> = edits.collect();
    let (mut states, mut state) = (source.to_vec(), source.to_vec());
    for edit in &edits {
        state = after(&state, edit);
        states.extend(&state);
    }
    example(ExampleKind::Trajectory, edits, states)
}

fn example(kind: ExampleKind, edits: Vec<ExampleEdit>, states: Vec<f64>) -> ExampleStates {
    let locus = edits[0].edit().rel_pos();
    let source = ExampleSource::Saturated;
    ExampleStates {
        example: Example::new(kind, source, None, locus, edits).unwrap(),
        states: states.into_iter().map(|value| value as f32).collect(),
    }
}

fn substitution(window: &[u8], at: usize, base: u8) -> ExampleEdit {
    let letters = [window[at], base].map(|base| char::from(base).to_string());
    let edit = RelEdit::new(at, &letters[0], &letters[1]).unwrap();
    ExampleEdit::in_window(edit, window)
}

fn after(state: &[f64], edit: &ExampleEdit) -> Vec<f64> {
    let number = |text: &str| {
        b"ACGT"
            .iter()
            .position(|b| text.as_bytes() == [*b])
            .unwrap()
    };
    let bases = [edit.edit().reference(), edit.edit().alternate()].map(number);
    let angle = 0.2 + 0.08 * (bases[0] as f64) + 0.05 * (bases[1] as f64);
    let angle = if state[0] > 0. { angle } else { -angle };
    let (i, j) = (edit.offset(), (edit.offset() + 1) % D);
    let mut turned = state.to_vec();
    turned[i] = state[i] * angle.cos() - state[j] * angle.sin();
    turned[j] = state[i] * angle.sin() + state[j] * angle.cos();
    turned
}

fn unit(values: Vec<f64>) -> Vec<f64> {
    let length = values.iter().map(|value| value * value).sum::<f64>().sqrt();
    values.iter().map(|value| value / length).collect()
}
