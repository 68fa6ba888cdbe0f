//! What a window gives.

use std::{collections::BTreeMap, fs};

use geno_core::Digest;
use geno_data::{EditSource, PhasedHaplotypes, TupleError};

use crate::{
    Outcome,
    world::{World, variants, windows},
};

#[test]
fn a_window_gives_the_mix_and_fallbacks_are_counted() -> Outcome {
    let world = World::new();
    let n = world.windows.len() as u64;
    let (tuples, report) = world.epochs(1)?;

    assert_eq!(
        (tuples.len() as u64, report.tuples, report.windows),
        (8 * n, 8 * n, n)
    );
    let expected = [
        (EditSource::GnomadCommon, 3 * n),
        (EditSource::SyntheticSnv, 4 * n),
        (EditSource::SyntheticIndel, n),
    ];
    assert_eq!(report.by_source, BTreeMap::from(expected));
    assert_eq!(report.fallbacks, BTreeMap::from([(EditSource::Clinvar, n)]));
    assert!(report.short.is_empty());
    for tuple in &tuples {
        let window = tuple.window();
        assert_eq!(tuple.window_id(), Digest::of(window.bases()));
        let [edit] = tuple.edits() else {
            panic!("one edit")
        };
        assert!(edit.rel_pos() >= 64 && edit.end() <= window.len() - 64);
        let (left, right) = (edit.rel_pos(), edit.rel_pos() + edit.alternate().len());
        assert_eq!(tuple.target_window()[..left], window.bases()[..left]);
        assert_eq!(
            &tuple.target_window()[left..right],
            edit.alternate().as_bytes()
        );
        assert_eq!(tuple.locus(), left);
    }
    Ok(())
}

#[test]
fn windows_without_a_place_take_the_fallback() -> Outcome {
    let mut world = World::new();
    world.windows = windows(&world.genome, false);
    let n = world.windows.len() as u64;
    let (_, report) = world.epochs(1)?;
    let fallbacks = [(EditSource::GnomadCommon, 3 * n), (EditSource::Clinvar, n)];
    assert_eq!(report.fallbacks, BTreeMap::from(fallbacks));
    assert_eq!(report.by_source[&EditSource::SyntheticSnv], 7 * n);
    Ok(())
}

#[test]
fn a_shortage_is_counted_and_fatal_only_if_strict() -> Outcome {
    let mut world = World::new();
    world.settings.mix = vec![(EditSource::GnomadCommon, 30)];
    world.settings.fallbacks.clear();
    let (tuples, report) = world.epochs(1)?;
    // Of 472 bases between the margins every 25th has a variant.
    let n = world.windows.len() as u64;
    let short = report.short[&EditSource::GnomadCommon];
    assert_eq!(tuples.len() as u64 + short, 30 * n);
    assert!(short >= 10 * n);

    world.settings.strict = true;
    let error = world.epochs(1).err();
    assert!(
        matches!(error, Some(TupleError::Short { asked: 30, .. })),
        "{error:?}"
    );
    Ok(())
}

#[test]
fn a_source_without_a_file_needs_a_fallback() {
    let mut world = World::new();
    world.settings.mix = vec![(EditSource::Phased, 1)];
    let error = world.epochs(1).err();
    assert!(matches!(error, Some(TupleError::Settings(_))), "{error:?}");
}

#[test]
fn a_file_that_nothing_asks_for_is_an_error() {
    let mut world = World::new();
    world.settings.mix = vec![(EditSource::SyntheticSnv, 1)];
    world.settings.fallbacks.clear();
    let error = world.epochs(1).err();
    assert!(matches!(error, Some(TupleError::Settings(_))), "{error:?}");

    world.settings.fallbacks = vec![(EditSource::SyntheticSnv, EditSource::GnomadCommon)];
    assert!(world.epochs(1).is_ok());
}

#[test]
fn variants_of_another_build_are_counted_and_left_out() -> Outcome {
    let mut world = World::new();
    let mut shifted = world.genome.clone();
    shifted.rotate_left(1);
    world.providers.gnomad_common = Some(variants(&shifted));
    let (tuples, report) = world.epochs(1)?;
    assert_eq!(tuples.len(), 8 * world.windows.len());
    assert!(report.reference_mismatches > world.windows.len() as u64 * 5);
    Ok(())
}

#[test]
fn made_up_haplotypes_have_as_many_edits_as_drawn_near_each_other() -> Outcome {
    let mut world = World::new();
    world.providers.gnomad_common = None;
    world.settings.mix = vec![(EditSource::Synthetic, 40)];
    world.settings.edit_count_weights = vec![0.5, 0.3, 0.2];
    let (tuples, report) = world.epochs(1)?;
    for (n_edits, share) in [(1, 0.5), (2, 0.3), (3, 0.2)] {
        let found = report.by_edit_count[&n_edits] as f64 / tuples.len() as f64;
        assert!((found - share).abs() < 0.05, "{n_edits} edits: {found}");
    }
    for tuple in &tuples {
        for pair in tuple.edits().windows(2) {
            assert!(pair[1].rel_pos() >= pair[0].end());
            assert!(pair[1].rel_pos() - pair[0].rel_pos() <= 30);
        }
    }
    Ok(())
}

#[test]
fn types_come_in_their_shares() -> Outcome {
    let mut world = World::new();
    world.providers.gnomad_common = None;
    world.settings.mix = vec![(EditSource::Synthetic, 60)];
    let (tuples, report) = world.epochs(1)?;
    for (name, share) in [
        ("SNV", 0.4),
        ("INS", 0.2),
        ("DEL", 0.2),
        ("MNV", 0.1),
        ("INDEL", 0.1),
    ] {
        let found = report.by_type[name] as f64 / tuples.len() as f64;
        assert!((found - share).abs() < 0.03, "{name}: {found}");
    }
    Ok(())
}

#[test]
fn phased_tuples_hold_what_one_copy_carries() -> Outcome {
    let mut world = World::new();
    let folder = tempfile::tempdir()?;
    let mut rows = String::new();
    // Copy 1 carries pairs 4 bases apart every 50, copy 2 the first of each pair alone.
    for pos in (100..19_000).step_by(50) {
        for (pos, call) in [(pos, "1|1"), (pos + 4, "1|0")] {
            let reference = char::from(world.genome[pos]);
            let alternate = if reference == 'A' { 'C' } else { 'A' };
            let row = format!(
                "20\t{}\t.\t{reference}\t{alternate}\t.\t.\t.\tGT\t{call}\n",
                pos + 1
            );
            rows.push_str(&row);
        }
    }
    let path = folder.path().join("phased.vcf");
    let columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta";
    fs::write(&path, format!("##fileformat=VCFv4.2\n{columns}\n{rows}"))?;
    world.providers.phased = Some(PhasedHaplotypes::read(&path, 30, |_| {})?);
    world.providers.gnomad_common = None;
    world.settings.mix = vec![(EditSource::Phased, 4)];
    world.settings.fallbacks.clear();

    let (tuples, report) = world.epochs(1)?;
    assert_eq!(
        report.by_edit_count,
        BTreeMap::from([(2, tuples.len() as u64)])
    );
    assert!(tuples.len() > 3 * world.windows.len());
    for tuple in &tuples {
        assert_eq!(tuple.n_copies(), Some(1));
        let [a, b] = tuple.edits() else {
            panic!("two edits")
        };
        assert_eq!(b.rel_pos() - a.rel_pos(), 4);
        assert_eq!((tuple.window().start() as usize + a.rel_pos()) % 50, 0);
        let target = tuple.target_window();
        assert_eq!(target[b.rel_pos()], b.alternate().as_bytes()[0]);
        assert_eq!(target[a.rel_pos()], a.alternate().as_bytes()[0]);
    }
    Ok(())
}
