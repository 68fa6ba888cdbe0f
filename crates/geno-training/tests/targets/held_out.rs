//! What training must not see is in no example.

use geno_core::Layout;
use geno_data::Holdouts;
use geno_training::{Overlap, TargetSet, disjoint};

use crate::{
    Outcome,
    demo::{Built, WINDOW_BP, World},
};

#[test]
fn no_window_touches_a_held_out_stretch_and_no_edit_is_a_held_out_variant() -> Outcome {
    let mut world = World::new(Layout::Centered);
    let Built { set: free, .. } = &world.build_set()?;
    // The first substitution of each token that is far from the stretch.
    let stretch = world.region.0 + 3 * WINDOW_BP + 100..world.region.0 + 3 * WINDOW_BP + 110;
    let touches = |set: &TargetSet, i| -> Result<bool, Box<dyn std::error::Error>> {
        let example = set.example(i)?;
        let place = example.place().expect("a place");
        let end = place.window_start + place.window_bp;
        Ok(place.window_start < stretch.end && stretch.start < end)
    };
    let mut holdouts = Holdouts::builder(Some(&world.fasta));
    holdouts.interval("chr20", stretch.clone());
    let (mut variants, mut touching) = (Vec::new(), 0);
    for i in 0..free.len() {
        touching += usize::from(touches(free, i)?);
        let example = free.example(i)?;
        let (edit, place) = (example.edits()[0].edit(), example.place().expect("a place"));
        let pos = place.window_start + edit.rel_pos() as u64 + 1;
        holdouts.variant("20", pos, edit.reference(), edit.alternate())?;
        variants.push((
            pos,
            edit.reference().to_owned(),
            edit.alternate().to_owned(),
        ));
    }
    assert!(touching > 0);
    world.holdouts = holdouts.build();
    let built = world.build_set()?;
    let (guarded, report) = (&built.set, &built.report);
    assert!(report.left_out.held_out_windows > 0, "{report:?}");
    assert!(report.left_out.held_out_edits > 0, "{report:?}");
    for i in 0..guarded.len() {
        assert!(!touches(guarded, i)?, "example {i}");
        let example = guarded.example(i)?;
        let start = example.place().expect("a place").window_start;
        for of_example in example.edits() {
            let edit = of_example.edit();
            let pos = start + edit.rel_pos() as u64 + 1;
            let written = (
                pos,
                edit.reference().to_owned(),
                edit.alternate().to_owned(),
            );
            assert!(!variants.contains(&written), "example {i}");
        }
    }
    Ok(())
}

#[test]
fn a_validation_set_is_disjoint_from_training_or_is_shown_not_to_be() -> Outcome {
    let mut world = World::new(Layout::Centered);
    let Built { set: training, .. } = &world.build_set()?;
    world.region = (
        world.region.1 + 5_000,
        world.region.1 + 5_000 + 2 * WINDOW_BP,
    );
    let Built {
        set: validation, ..
    } = &world.build_set()?;
    let separation = disjoint(training, validation)?;
    let (edits, windows) = (separation.edits, separation.windows);
    assert!(edits > windows && windows > Some(4_000), "{separation:?}");
    assert!(edits < Some(5_000 + 2 * 600), "{separation:?}");
    let same = disjoint(training, training).unwrap_err();
    let Overlap::Shared { examples } = same else {
        panic!("{same}");
    };
    assert_eq!(examples, training.len() as u64);
    Ok(())
}
