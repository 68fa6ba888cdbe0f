//! How far sets lie apart.

use geno_training::{ExampleStates, Overlap, Separation, TargetSet, disjoint};

use crate::{
    Outcome,
    made_up::{alternatives, identity, states, trajectory, write},
};

/// How far two sets of examples lie apart.
fn apart(
    training: Vec<ExampleStates>,
    validation: Vec<ExampleStates>,
) -> Result<Result<Separation, Overlap>, Box<dyn std::error::Error>> {
    let root = tempfile::tempdir()?;
    let mut sets = Vec::new();
    for (name, part) in [("training", training), ("validation", validation)] {
        let folder = root.path().join(name);
        write(&folder, identity(), &[part])?;
        sets.push(TargetSet::open(&folder)?);
    }
    Ok(disjoint(&sets[0], &sets[1]))
}

fn at(contig: &str, window_start: u64) -> ExampleStates {
    states(alternatives(contig, window_start), 1)
}

#[test]
fn the_least_distance_is_found_on_either_side() -> Outcome {
    // Edits change bases 6..12 of windows of 24.
    let found = |training, validation| -> Result<_, Box<dyn std::error::Error>> {
        let Separation { edits, windows } = apart(training, validation)??;
        Ok((edits, windows))
    };
    let right = found(vec![at("20", 0), at("20", 500)], vec![at("chr20", 100)])?;
    assert_eq!(right, (Some(94), Some(76)));
    let left = found(
        vec![at("20", 0), at("20", 130)],
        vec![at("NC_000020.10", 100)],
    )?;
    assert_eq!(left, (Some(24), Some(6)));
    let windows_overlap = found(vec![at("20", 90)], vec![at("20", 100)])?;
    assert_eq!(windows_overlap, (Some(4), Some(0)));
    let other_contig = found(vec![at("20", 90)], vec![at("21", 90)])?;
    assert_eq!(other_contig, (None, None));
    Ok(())
}

#[test]
fn bases_that_both_sets_change_are_counted() -> Outcome {
    let training = vec![at("20", 100), states(trajectory("20", 200), 2)];
    // The trajectory changes 209..219, so that of the last three examples one touches nothing.
    let validation = vec![at("20", 105), at("20", 212), at("20", 213), at("20", 400)];
    let overlap = apart(training, validation)?.unwrap_err();
    assert!(
        matches!(overlap, Overlap::Shared { examples: 2 }),
        "{overlap}"
    );
    Ok(())
}
