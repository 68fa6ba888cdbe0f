//! Haplotypes through a model: predicted, encoded, and rolled from a file.

use std::{
    path::Path,
    sync::{Arc, atomic::AtomicBool},
};

use geno_action::{EditSpec, Haplotype, RelEdit};
use geno_core::{Coded, ErrorCode, Window};
use geno_data::{CarriedHaplotype, Fasta, HaplotypeOptions};
use geno_runtime::{
    Completion, PlaceEditsError, RollError, RollOptions, RolledRow, RolledStates, RuntimeError,
    Unedited,
};
use geno_tests::{copy_of, fixture};

use crate::scoring::runtime;

fn window() -> Arc<Window> {
    Arc::new(Window::new(0, b"ACGTTGCA".repeat(120)).unwrap())
}

fn edit(rel_pos: usize, reference: &str, alternate: &str) -> RelEdit {
    RelEdit::new(rel_pos, reference, alternate).unwrap()
}

fn unedited<'a>(state: &'a [f32], haplotype: &'a Haplotype) -> Unedited<'a> {
    Unedited {
        state,
        haplotype,
        locus: 480,
    }
}

fn options(batch_size: usize) -> RollOptions {
    RollOptions {
        batch_size,
        encodes: true,
        max_haplotypes: None,
    }
}

#[test]
fn a_haplotype_is_predicted_from_the_state_after_the_edit_before() {
    // Its weights are dense, so every edit moves the state.
    let kit = copy_of("parity");
    let runtime = runtime(&kit.path().join("model"));
    let edits = [
        edit(480, "A", "G"),
        edit(490, "G", "GA"),
        edit(500, "TG", "T"),
    ];
    let window = window();
    let carried = |edits: &[RelEdit]| Haplotype::new(Arc::clone(&window), edits.to_vec()).unwrap();
    let source = runtime.encode_window(&window, Some(480)).unwrap();
    let mut states = vec![source.clone()];
    for edit in &edits {
        let haplotype = carried(std::slice::from_ref(edit));
        let before = unedited(&states[states.len() - 1], &haplotype);
        let one = runtime.predict_haplotypes(&[before]);
        states.push(one.unwrap().remove(0));
    }
    for pair in states.windows(2) {
        assert_ne!(pair[0], pair[1]);
    }
    let haplotypes = [&edits[..], &[], &edits[..1]].map(carried);
    let rows = haplotypes.each_ref().map(|own| unedited(&source, own));
    let predicted = runtime.predict_haplotypes(&rows).unwrap();
    // A row depends neither on the rows beside it nor on how long their lists are.
    assert_eq!(predicted, [&states[3], &source, &states[1]].map(Vec::clone));
    assert!(runtime.predict_haplotypes(&[]).unwrap().is_empty());
    let error = runtime.predict_haplotypes(&[unedited(&source[1..], &haplotypes[0])]);
    assert!(matches!(error, Err(RuntimeError::StateWidth { .. })));
}

#[test]
fn a_haplotype_is_encoded_as_the_window_with_its_edits() {
    let runtime = runtime(&fixture("demo/model"));
    let window = window();
    let edits = vec![edit(500, "T", "TGG"), edit(480, "A", "G")];
    let mut bases = window.bases().to_vec();
    bases[480] = b'G';
    bases.splice(501..501, *b"GG");
    bases.truncate(window.len());
    let edited = Window::new(0, bases).unwrap();
    let edited = runtime.encode_window(&edited, Some(480)).unwrap();
    let source = runtime.encode_window(&window, Some(480)).unwrap();
    let reference = Haplotype::new(Arc::clone(&window), Vec::new()).unwrap();
    let haplotype = Haplotype::new(window, edits).unwrap();
    let states = runtime.encode_haplotypes(&[(&haplotype, Some(480)), (&reference, Some(480))]);
    assert_eq!(states.unwrap(), [edited, source]);
}

/// Two samples over four variants of the demo, of which two make one haplotype.
fn phased(folder: &Path) -> std::path::PathBuf {
    let columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb";
    let rows = [
        (3_301_211, "T", "G", "0|1 0|0"),
        (3_302_028, "C", "T", "1|0 1|1"),
        (3_302_058, "G", "A", "1|0 0/1"),
        (3_302_378, "C", "G", "0|1 1|1"),
    ];
    let rows = rows.map(|(pos, reference, alternate, calls)| {
        format!("20 {pos} . {reference} {alternate} . . . GT {calls}\n").replace(' ', "\t")
    });
    let path = folder.join("phased.vcf");
    let text = format!("##fileformat=VCFv4.2\n{columns}\n{}", rows.concat());
    std::fs::write(&path, text).unwrap();
    path
}

fn roll(vcf: &Path, options: RollOptions, stop: bool) -> (Vec<(usize, RolledStates)>, u64, bool) {
    let runtime = runtime(&fixture("demo/model"));
    let fasta = Fasta::open(fixture("demo/GRCh37.20.fa.gz")).unwrap();
    let haplotypes = HaplotypeOptions {
        max_edits: 16,
        max_gap: 30,
        samples: None,
        region: None,
    };
    let (mut rolled, mut rejected) = (Vec::new(), 0);
    let visit = |row: RolledRow<_>| -> Result<(), RollError> {
        match row {
            RolledRow::Rolled { origin, states } => {
                let origin: CarriedHaplotype = origin;
                rolled.push((origin.edits().len(), states));
            }
            RolledRow::Rejected(_) => rejected += 1,
        }
        Ok(())
    };
    let stop = AtomicBool::new(stop);
    let files = (vcf, &fasta);
    let completion = runtime.roll_phased(files, &haplotypes, options, visit, |_| {}, &stop);
    let is_finished = matches!(completion.unwrap(), Completion::Finished(_));
    (rolled, rejected, is_finished)
}

#[test]
fn haplotypes_of_a_file_are_the_same_whatever_they_are_computed_with() {
    let folder = tempfile::tempdir().unwrap();
    let vcf = phased(folder.path());
    let (rolled, rejected, _) = roll(&vcf, options(64), false);
    let n_edits: Vec<_> = rolled.iter().map(|(n_edits, _)| *n_edits).collect();
    // The unphased call of `b` costs its copies nothing before it.
    assert_eq!((n_edits, rejected), (vec![1, 1, 2, 1], 1));
    assert_eq!(roll(&vcf, options(1), false).0, rolled);
    for (_, states) in &rolled {
        assert_ne!(states.encoded.as_ref(), Some(&states.source));
    }
    let first = RollOptions {
        max_haplotypes: Some(3),
        encodes: false,
        ..options(2)
    };
    let (some, _, _) = roll(&vcf, first, false);
    let without_targets = rolled[..3].iter().map(|(n_edits, states)| {
        let encoded = None;
        let states = states.clone();
        (*n_edits, RolledStates { encoded, ..states })
    });
    assert_eq!(some, without_targets.collect::<Vec<_>>());
}

#[test]
fn a_run_that_is_stopped_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let (rolled, _, is_finished) = roll(&phased(folder.path()), options(1), true);
    assert!(rolled.is_empty() && !is_finished);
}

#[test]
fn a_haplotype_of_given_edits_is_that_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let (rolled, _, _) = roll(&phased(folder.path()), options(64), false);
    let runtime = runtime(&fixture("demo/model"));
    let fasta = Fasta::open(fixture("demo/GRCh37.20.fa.gz")).unwrap();
    let spec = |pos, reference: &str, alternate: &str| {
        EditSpec::new("chr20", pos, reference, alternate).unwrap()
    };
    let edits = [spec(3_302_058, "G", "A"), spec(3_302_028, "C", "T")];
    let haplotype = runtime.place_edits(&fasta, &edits).unwrap();
    assert_eq!(runtime.roll(&[haplotype], true).unwrap()[0], rolled[2].1);

    let code = |edits: &[EditSpec]| runtime.place_edits(&fasta, edits).unwrap_err().code();
    let twice = [spec(3_302_028, "C", "T"), spec(3_302_028, "C", "CA")];
    assert_eq!(code(&twice), ErrorCode::InputOverlappingEdits);
    let other_base = EditSpec::new("20", 3_302_028, "G", "T").unwrap();
    assert_eq!(code(&[other_base]), ErrorCode::InputRefMismatch);
    let far = [spec(3_301_211, "T", "G"), spec(3_310_000, "C", "T")];
    let error = runtime.place_edits(&fasta, &far).unwrap_err();
    let number = match error {
        PlaceEditsError::Edit { number, .. } => number,
        other => panic!("{other}"),
    };
    assert_eq!(number, 2);
    assert!(matches!(
        runtime.place_edits(&fasta, &[]),
        Err(PlaceEditsError::NoEdits)
    ));
}
