//! Phased genotypes of 300 people.

use std::error::Error;

use geno_data::{DEFAULT_MAX_GAP, PhasedHaplotypes};
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
