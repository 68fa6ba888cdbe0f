//! A window, and a model of it that counts 3-mers.

use std::{convert::Infallible, ops::ControlFlow};

use geno_action::{EditType, Haplotype, RelEdit};
use geno_core::{RandomStream, Window};
use geno_planning::{
    Distance, EditPrior, EditSpace, Evaluate, Evaluation, Plan, PlanError, Restrictions,
    SearchConfig, Target, plan,
};

/// A window of random bases.
pub(crate) fn window(len: usize, seed: u64) -> Window {
    let mut random = RandomStream::new(seed, "window");
    let bases: Vec<u8> = (0..len)
        .map(|_| b"ACGT"[random.below(4) as usize])
        .collect();
    Window::new(0, bases).unwrap()
}

/// The edits of some types that lie in a range.
pub(crate) fn space(
    window: &Window,
    types: &[EditType],
    range: std::ops::Range<usize>,
) -> EditSpace {
    let restrictions = Restrictions {
        margin: 0,
        intervals: Some(vec![range]),
        guides: None,
    };
    let prior = EditPrior::of_types(types);
    EditSpace::new(window.clone().into(), &prior, &restrictions).unwrap()
}

/// How often each 3-mer comes.
pub(crate) fn profile(sequence: &[u8]) -> Vec<f32> {
    let mut counts = vec![0.0; 64];
    let mut kmer = 0;
    for (i, base) in sequence.iter().enumerate() {
        let digit = b"ACGT".iter().position(|other| other == base).unwrap();
        kmer = (kmer * 4 + digit) % 64;
        if i >= 2 {
            counts[kmer] += 1.0;
        }
    }
    counts
}

/// Distance of the profile to that of a sequence.
pub(crate) fn towards(target: &[u8]) -> impl Evaluate<Error = Infallible> + use<> {
    let target = Target::new(Distance::L2, [profile(target)]).unwrap();
    move |candidates: &[Haplotype]| {
        let evaluation = |candidate: &Haplotype| {
            let state = profile(&candidate.sequence());
            let distance = target.distance(&state).unwrap();
            Evaluation { distance, state }
        };
        Ok(candidates.iter().map(evaluation).collect())
    }
}

/// The sequence with some edits.
pub(crate) fn edited(window: &Window, edits: Vec<RelEdit>) -> Vec<u8> {
    Haplotype::new(window.clone().into(), edits)
        .unwrap()
        .sequence()
}

/// The substitution of a base by the next in the alphabet.
pub(crate) fn snv(window: &Window, rel_pos: usize) -> RelEdit {
    let base = window.bases()[rel_pos];
    let next = b"ACGTA"[1 + b"ACGT".iter().position(|other| *other == base).unwrap()];
    RelEdit::new(
        rel_pos,
        &char::from(base).to_string(),
        &char::from(next).to_string(),
    )
    .unwrap()
}

/// A search that nobody stops.
pub(crate) fn search<E: Evaluate>(
    space: &EditSpace,
    config: &SearchConfig,
    mut evaluate: E,
) -> Result<Plan, PlanError<E::Error>> {
    plan(space, config, &mut evaluate, |_| ControlFlow::Continue(()))
}

/// Everything that a plan says, in one text.
pub(crate) fn text(plan: &Plan) -> String {
    serde_json::to_string(plan).unwrap()
}
