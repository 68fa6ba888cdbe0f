//! States must be those of the windows that were really edited.

use std::sync::Arc;

use burn::tensor::Tensor;
use geno_action::{Haplotype, RelEdit, Site};
use geno_core::{Layout, Window, WindowSpan};
use geno_data::Fasta;
use geno_training::{Example, ExampleKind, ExampleSource};

use crate::{
    Outcome,
    demo::{Built, World},
};

fn values(states: Tensor<2>) -> Vec<f32> {
    states.into_data().iter::<f32>().collect()
}

/// The window of an example, cut from the genome again.
fn window(fasta: &Fasta, example: &Example) -> Arc<Window> {
    let place = example.place().expect("a place");
    let contig = fasta.resolve(&place.contig).expect("a contig");
    let span = WindowSpan {
        start: place.window_start,
        end: place.window_start + place.window_bp,
        missing: 0,
    };
    Arc::new(fasta.window(contig, span, 16 * 15).expect("a window"))
}

fn edits(example: &Example) -> Vec<RelEdit> {
    example
        .edits()
        .iter()
        .map(|edit| edit.edit().clone())
        .collect()
}

#[test]
fn states_are_those_of_full_passes_over_edited_windows() -> Outcome {
    for layout in [Layout::Centered, Layout::Grid] {
        let world = World::new(layout);
        let Built { set, .. } = &world.build_set()?;
        let contract = world.encoder.settings().contract;
        let mut n_trajectories = 0;
        for i in 0..set.len() {
            let example = set.example(i)?;
            let (window, edits) = (window(&world.fasta, &example), edits(&example));
            let n = edits.len();
            let after: Vec<Vec<RelEdit>> = match example.kind() {
                ExampleKind::Alternatives => edits.into_iter().map(|edit| vec![edit]).collect(),
                ExampleKind::Trajectory => (1..=n).map(|n| edits[..n].to_vec()).collect(),
            };
            n_trajectories += usize::from(example.kind() == ExampleKind::Trajectory);
            let mut windows = vec![Window::clone(&window)];
            for edits in after {
                let edited = Haplotype::new(Arc::clone(&window), edits)?.edited_window(contract);
                windows.push(Window::new(window.start(), edited)?);
            }
            let locus = Some(example.locus());
            let windows: Vec<_> = windows.iter().map(|window| (window, locus)).collect();
            let expected = values(world.encoder.encoder().encode_windows(&windows)?);
            let found = [set.source(i), set.edited(i)].concat();
            assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(&expected) {
                assert!(
                    (found - expected).abs() < 2e-5,
                    "example {i}: {found} {expected}"
                );
            }
        }
        assert!(n_trajectories > 10, "{n_trajectories}");
    }
    Ok(())
}

#[test]
fn eighteen_substitutions_have_the_bits_that_each_has_alone() -> Outcome {
    for layout in [Layout::Centered, Layout::Grid] {
        let mut world = World::new(layout);
        world.tuples = None;
        let Built { set, .. } = &world.build_set()?;
        assert_eq!(set.len(), 16);
        for i in 0..set.len() {
            let example = set.example(i)?;
            assert_eq!(example.source(), ExampleSource::Saturated);
            let window = window(&world.fasta, &example);
            let sites = edits(&example).into_iter();
            let sites = sites.map(|edit| Site::new(Arc::clone(&window), vec![edit]));
            let sites = sites.collect::<Result<Vec<_>, _>>()?;
            let edited = set.edited(i).chunks(set.d_state());
            for (states, edited) in world
                .encoder
                .encoder()
                .encode_sites(&sites)?
                .into_iter()
                .zip(edited)
            {
                // Scoring pools the source at the edit's own base, which is the same token.
                assert!(values(states.reference) == set.source(i), "example {i}");
                assert!(values(states.edited) == edited, "example {i}");
            }
        }
    }
    Ok(())
}
