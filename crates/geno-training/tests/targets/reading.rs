//! What was written is what is read.

use std::fs;

use geno_core::{Coded, ErrorCode};
use geno_training::{
    ExampleKind, ExampleSource, LeftOut, OpenTargetsError, TargetSet, TargetWriter,
    WriteTargetsError,
};

use crate::{
    Outcome,
    made_up::{D_STATE, alternatives, folder, identity, parts, states, write},
};

#[test]
fn examples_and_states_come_back_in_their_order() -> Outcome {
    let (_root, folder) = folder()?;
    let set = TargetSet::open(&folder)?;
    set.verify()?;
    assert_eq!((set.len(), set.n_edits(), set.d_state()), (3, 8, D_STATE));
    assert_eq!(set.identity(), &identity().states);
    for (i, given) in parts().into_iter().flatten().enumerate() {
        assert_eq!(set.example(i)?, given.example);
        assert_eq!(set.n_edits_of(i), given.example.edits().len());
        assert_eq!([set.source(i), set.edited(i)].concat(), given.states);
        assert_eq!(set.source(i).len(), D_STATE);
    }
    let counts = set.counts();
    assert_eq!(counts.by_kind[&ExampleKind::Trajectory], 1);
    assert_eq!(counts.by_source[&ExampleSource::Saturated], 2);
    assert_eq!((counts.by_n_steps[&1], counts.by_n_steps[&2]), (2, 1));
    assert_eq!((counts.by_type["SNV"], counts.by_type["INS"]), (5, 2));
    assert_eq!(counts.by_offset, [3, 2, 0, 1, 0, 2]);
    Ok(())
}

#[test]
fn folders_of_one_kind_of_states_are_one_set() -> Outcome {
    let root = tempfile::tempdir()?;
    let [a, b, c] = ["a", "b", "c"].map(|name| root.path().join(name));
    write(&a, identity(), &parts())?;
    let mut other_seed = identity();
    other_seed.drawn.seed = 8;
    write(&b, other_seed, &[vec![states(alternatives("21", 5), 9)]])?;
    let mut other_layer = identity();
    other_layer.states.state_layer = 3;
    write(&c, other_layer, &[])?;

    let set = TargetSet::open_all(&[&a, &b])?;
    assert_eq!((set.len(), set.counts().examples), (4, 4));
    assert_eq!(set.source(3)[0], 9.0);
    assert_eq!(set.folders()[1].drawn().seed, 8);
    let error = TargetSet::open_all(&[&a, &c]).unwrap_err();
    assert!(
        error.to_string().ends_with("`state_layer` is 3, not 4"),
        "{error}"
    );
    assert_eq!(error.code(), ErrorCode::InputGeneric);
    let none: [&std::path::Path; 0] = [];
    assert!(matches!(
        TargetSet::open_all(&none),
        Err(OpenTargetsError::NoFolder)
    ));
    Ok(())
}

#[test]
fn a_writer_goes_on_behind_what_is_there_and_refuses_other_targets() -> Outcome {
    let root = tempfile::tempdir()?;
    let [whole, halved] = ["whole", "halved"].map(|name| root.path().join(name));
    write(&whole, identity(), &parts())?;
    let mut writer = TargetWriter::resume(&halved, identity())?;
    writer.write(&parts()[0], &LeftOut::default())?;
    drop(writer);
    let unfinished = TargetSet::open(&halved).unwrap_err();
    assert!(matches!(unfinished, OpenTargetsError::Incomplete { .. }));
    // What an interrupted run wrote without listing it is written again.
    fs::write(halved.join("part-00001.states"), "torn")?;

    let exists = TargetWriter::create(&halved, identity()).unwrap_err();
    assert!(
        matches!(exists, WriteTargetsError::Exists { .. }),
        "{exists}"
    );
    let mut other = identity();
    other
        .drawn
        .inputs
        .insert("fasta".to_owned(), identity().drawn.windows_digest);
    let refused = TargetWriter::resume(&halved, other).unwrap_err();
    let text = refused.to_string();
    assert!(
        text.contains("holds other targets: `drawn.inputs.fasta` is null"),
        "{text}"
    );

    let mut writer = TargetWriter::resume(&halved, identity())?;
    assert_eq!(writer.n_parts(), 1);
    for part in &parts()[1..] {
        writer.write(part, &LeftOut::default())?;
    }
    writer.finish()?;
    for entry in fs::read_dir(&whole)? {
        let name = entry?.file_name();
        let [a, b] = [&whole, &halved].map(|folder| fs::read(folder.join(&name)));
        assert!(a? == b?, "{name:?}");
    }
    assert!(TargetWriter::resume(&whole, identity())?.is_complete());
    Ok(())
}

#[test]
fn a_state_that_is_not_finite_is_not_written() -> Outcome {
    let root = tempfile::tempdir()?;
    let folder = root.path().join("targets");
    let mut part = parts().remove(0);
    part[1].states[4] = f32::NAN;
    let error = write(&folder, identity(), &[part]).unwrap_err();
    assert!(matches!(error, WriteTargetsError::NotFinite { example: 1 }));
    assert_eq!(error.code(), ErrorCode::ResourceWeights);
    Ok(())
}
