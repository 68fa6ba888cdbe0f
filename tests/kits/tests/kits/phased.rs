//! Phased genotypes of 300 people.

use std::{
    collections::{BTreeMap, HashSet},
    error::Error,
};

use geno_core::ErrorCode;
use geno_data::{
    CarriedHaplotypes, CarriedRow, DEFAULT_MAX_GAP, Fasta, HaplotypeOptions, PhasedHaplotypes,
    RejectReason,
};
use geno_kits::kit;

#[test]
fn neighbours_on_one_chromosome_copy_are_all_found() -> Result<(), Box<dyn Error>> {
    let path = kit("kit1/variants/phased.300eur.vcf.gz");
    let haplotypes = PhasedHaplotypes::read(&path, DEFAULT_MAX_GAP, |_| {})?;

    let counts = haplotypes.counts();
    assert_eq!((counts.samples, counts.rows), (300, 24_990));
    assert_eq!((counts.unphased_calls, counts.missing_calls), (0, 0));
    // Counted with bit sets in a few lines of Python.
    assert_eq!(haplotypes.n_pairs_within(30), 1_897);
    assert_eq!(haplotypes.n_pairs_within(2), 279);
    Ok(())
}

/// Counted by a script that follows each of the 600 copies by itself.
#[test]
fn the_stream_gives_every_different_haplotype_once() {
    let fasta = Fasta::open(kit("kit1/ref/GRCh37.20.1-4010000.fa.gz")).unwrap();
    let vcf = kit("kit1/variants/phased.300eur.vcf.gz");
    let options = HaplotypeOptions {
        max_edits: 16,
        max_gap: 30,
        samples: None,
        region: None,
    };
    let mut by_edits = BTreeMap::<usize, u32>::new();
    let (mut copies, mut overlapping, mut too_long) = (0, 0, 0);
    let mut seen = HashSet::new();
    for row in CarriedHaplotypes::open(&vcf, &fasta, &options).unwrap() {
        match row.unwrap() {
            CarriedRow::Haplotype(haplotype) => {
                *by_edits.entry(haplotype.edits().len()).or_default() += 1;
                copies += u64::from(haplotype.n_copies());
                let edits: Vec<_> = haplotype.edits().cloned().collect();
                assert!(seen.insert(edits), "a haplotype came twice");
            }
            CarriedRow::Rejected(row) => {
                let is_overlap = row.reason == RejectReason::OverlappingEdits;
                overlapping += u32::from(is_overlap);
                too_long += u32::from(!is_overlap);
                assert!(is_overlap || row.code() == ErrorCode::InputUnsupportedEdit);
            }
        }
    }
    let expected = [
        (1, 18_121),
        (2, 1_260),
        (3, 187),
        (4, 49),
        (5, 20),
        (6, 7),
        (7, 1),
    ];
    assert_eq!(by_edits, BTreeMap::from(expected));
    assert_eq!((copies, overlapping, too_long), (1_379_746, 18, 41));
}
