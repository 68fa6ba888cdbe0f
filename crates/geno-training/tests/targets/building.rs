//! What a build writes: the same bytes however it is run, in either layout.

use std::{collections::BTreeSet, fs, path::Path};

use geno_core::{Coded, ErrorCode, Layout, Window};
use geno_data::CorpusWindow;
use geno_runtime::Completion;
use geno_training::{
    BuildTargetsError, ExampleKind, ExampleSource, TargetSet, TargetWindows, WriteTargetsError,
};

use crate::{
    Outcome,
    demo::{Built, WINDOW_BP, World},
};

/// The bytes of every file of a folder, by name.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("a file").path())
        .map(|path| {
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (name, fs::read(&path).expect("a file"))
        })
        .collect();
    files.sort();
    files
}

#[test]
fn bytes_do_not_depend_on_threads_or_on_where_a_run_was_stopped() -> Outcome {
    let root = tempfile::tempdir()?;
    let world = World::new(Layout::Grid);
    let on = |threads: usize| -> Result<_, Box<dyn std::error::Error>> {
        let folder = root.path().join(threads.to_string());
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()?;
        pool.install(|| world.build(&folder))?;
        Ok(files(&folder))
    };
    let one = on(1)?;
    assert_eq!(one.len(), 1 + 2 * 3, "three parts and their list");
    assert!(one == on(2)?);

    let folder = root.path().join("stopped");
    let mut stops = 0;
    // Each run gets as far as one more part, and is stopped within the next.
    while world.build_until(&folder, true, 200)? == Completion::Interrupted {
        stops += 1;
        assert!(stops < 9, "a run that never ends");
        let unfinished = TargetSet::open(&folder).unwrap_err();
        assert_eq!(unfinished.code(), ErrorCode::InputTruncated);
    }
    assert!(stops > 0);
    assert!(one == files(&folder));
    // All is there, so nothing is encoded.
    match world.build_until(&folder, true, 1)? {
        Completion::Finished(report) => assert_eq!(report.encoded, (0, 0)),
        Completion::Interrupted => panic!("there was nothing to stop"),
    }
    Ok(())
}

#[test]
fn another_seed_or_layout_is_refused_by_name() -> Outcome {
    let root = tempfile::tempdir()?;
    let folder = root.path().join("targets");
    let mut world = World::new(Layout::Grid);
    world.build(&folder)?;
    let exists = world.build(&folder).unwrap_err();
    assert!(exists.to_string().contains("holds targets"), "{exists}");
    world.seed = 8;
    let refused = world.build_until(&folder, true, u64::MAX).unwrap_err();
    let BuildTargetsError::Write(WriteTargetsError::Other { difference, .. }) = refused else {
        panic!("{refused}");
    };
    assert_eq!(difference.to_string(), "`drawn.seed` is 7, not 8");
    let centered = World::new(Layout::Centered);
    let refused = centered.build_until(&folder, true, u64::MAX).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("`drawn.windows.laid.layout` is \"grid\""),
        "{refused}"
    );
    Ok(())
}

#[test]
fn every_offset_type_and_number_of_steps_is_drawn() -> Outcome {
    let Built { set, report, .. } = &World::new(Layout::Grid).build_set()?;
    set.verify()?;
    assert_eq!(set.counts(), report.counts);
    let counts = set.counts();
    assert_eq!(counts.by_source[&ExampleSource::Saturated], 16);
    assert!(counts.by_offset.iter().all(|n| *n > 3 * 16), "{counts:?}");
    assert_eq!(counts.by_type.len(), 5, "{counts:?}");
    assert_eq!(
        counts.by_n_steps.keys().copied().collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert_eq!(report.encoded, (counts.examples, counts.edits));
    Ok(())
}

#[test]
fn tokens_stand_where_their_layout_scores_them() -> Outcome {
    for layout in [Layout::Centered, Layout::Grid] {
        let mut world = World::new(layout);
        world.tuples = None;
        let Built { set, .. } = &world.build_set()?;
        let window_bp = WINDOW_BP;
        let laid = TargetWindows::Laid { layout, window_bp };
        assert_eq!(set.folders()[0].drawn().windows, laid);
        let mut loci = BTreeSet::new();
        for i in 0..set.len() {
            let example = set.example(i)?;
            assert_eq!(
                (example.kind(), example.edits().len()),
                (ExampleKind::Alternatives, 18)
            );
            let offsets: Vec<_> = example.edits().iter().map(|edit| edit.offset()).collect();
            assert!((0..18).all(|i| offsets[i] == i / 3), "{offsets:?}");
            let place = example.place().expect("a place");
            let (start, locus) = (place.window_start, example.locus() as u64);
            match layout {
                Layout::Centered => assert_eq!((place.window_bp, locus), (600, 300)),
                Layout::Grid => {
                    assert_eq!((start % 300, place.window_bp), (0, 600 + 6 * 8 + 16));
                    assert!((300..600).contains(&locus) && locus % 6 == 0, "{locus}");
                }
            }
            loci.insert((start + locus) % 6);
        }
        // Cells begin at whole tokens of the contig, centred windows anywhere.
        assert_eq!(loci.len() == 1, layout == Layout::Grid, "{loci:?}");
    }
    Ok(())
}

#[test]
fn haplotypes_of_the_grid_end_with_the_bases_that_an_action_encoder_knows() -> Outcome {
    let Built { set, report, .. } = &World::new(Layout::Grid).build_set()?;
    assert!(report.left_out.cut_tuples > 0, "{:?}", report.left_out);
    for i in 0..set.len() {
        let example = set.example(i)?;
        let place = example.place().expect("a place");
        assert!(place.window_bp > WINDOW_BP, "bases that it does not know");
        for edit in example.edits() {
            assert!((edit.edit().rel_pos() as u64) < WINDOW_BP, "{edit:?}");
        }
    }
    Ok(())
}

#[test]
fn windows_without_a_place_are_used_as_they_are_or_not_at_all() -> Outcome {
    let root = tempfile::tempdir()?;
    let mut world = World::new(Layout::Centered);
    let bases: Vec<u8> = (0..700).map(|i| b"ACGT"[(i * i + i / 7) % 4]).collect();
    let window = |chrom: Option<&str>| -> Result<_, Box<dyn std::error::Error>> {
        Ok(vec![CorpusWindow {
            record_id: "r".to_owned(),
            source: "mrna".to_owned(),
            chrom: chrom.map(str::to_owned),
            window: Window::new(3_200_000, bases.clone())?,
        }])
    };
    let build = |world: &World, chrom, name: &str| {
        let folder = root.path().join(name);
        let windows = window(chrom).expect("bases");
        world.build_from(&windows, &folder, false, u64::MAX)
    };
    let refused = |chrom, name| build(&world, chrom, name).unwrap_err();
    assert!(matches!(
        refused(None, "a"),
        BuildTargetsError::NoPlace { .. }
    ));
    assert!(matches!(
        refused(Some("22"), "b"),
        BuildTargetsError::UnknownContig { .. }
    ));

    world.is_laid = false;
    build(&world, None, "as_drawn")?;
    let set = TargetSet::open(&root.path().join("as_drawn"))?;
    assert_eq!(set.folders()[0].drawn().windows, TargetWindows::AsDrawn);
    let counts = set.counts();
    assert_eq!(counts.by_source[&ExampleSource::Saturated], 2);
    for i in 0..set.len() {
        let example = set.example(i)?;
        assert_eq!(example.place(), None);
        let is_token = example.source() == ExampleSource::Saturated;
        assert!(
            !is_token || example.locus() >= 350 - 5,
            "half a window to the left"
        );
    }
    // Bases that the genome has not are no tuple's window.
    world.is_laid = true;
    world.per_window = 0;
    let other = build(&world, Some("chr20"), "other").unwrap_err();
    assert!(
        matches!(other, BuildTargetsError::OtherBases { .. }),
        "{other}"
    );
    Ok(())
}

#[test]
fn a_build_of_nothing_is_an_error() -> Outcome {
    let root = tempfile::tempdir()?;
    let mut world = World::new(Layout::Centered);
    world.tuples = None;
    // Bases before the demo's slice are unknown.
    world.region = (500_000, 500_000 + 4 * WINDOW_BP);
    let empty = world.build(&root.path().join("unknown")).unwrap_err();
    assert!(matches!(empty, BuildTargetsError::Empty), "{empty}");
    assert_eq!(empty.code(), ErrorCode::InputEmpty);
    world.per_window = 0;
    let nothing = world.build(&root.path().join("nothing")).unwrap_err();
    assert!(
        matches!(nothing, BuildTargetsError::NothingAsked),
        "{nothing}"
    );
    Ok(())
}
