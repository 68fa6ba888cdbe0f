//! Tuples of a real chromosome.

use std::error::Error;

use geno_core::StateContract;
use geno_data::{
    EditProviders, EditSource, Exclusion, Fasta, GenomeWindows, HeldOut, Holdouts,
    PhasedHaplotypes, SplitCheck, SplitProof, TupleBuilder, TupleSettings, TupleStream, VariantSet,
    WindowSource,
};
use geno_kits::kit;

#[test]
fn real_variants_fit_and_labels_stay_out() -> Result<(), Box<dyn Error>> {
    let fasta = Fasta::open(kit("kit1/ref/GRCh37.20.1-4010000.fa.gz"))?;
    let mut windows = GenomeWindows::new(&fasta, 12_288, 0.1, StateContract::L2NormalizedV2);
    windows.tile_genome(8_192);
    let phased = kit("kit1/variants/phased.300eur.vcf.gz");
    let providers = EditProviders {
        gnomad_common: Some(VariantSet::read_vcf(
            &kit("kit1/variants/common.eur.sites.vcf.gz"),
            |_| {},
        )?),
        clinvar: None,
        phased: Some(PhasedHaplotypes::read(&phased, 30, |_| {})?),
    };
    let labels = kit("kit1/labels/clinvar_2017-04-04.20_1-4.01Mb.vcf.gz");
    let mut holdouts = Holdouts::builder(Some(&fasta));
    holdouts.file(&labels)?;
    let holdouts = holdouts.build();
    assert_eq!(holdouts.counts().reference_mismatch, 0);

    let settings = TupleSettings {
        mix: vec![
            (EditSource::GnomadCommon, 60),
            (EditSource::Phased, 2),
            (EditSource::Synthetic, 4),
        ],
        fallbacks: Vec::new(),
        ..TupleSettings::default()
    };
    let builder = TupleBuilder::new(&windows, &providers, &holdouts, settings)?;
    let mut side = HeldOut::new(Some(&fasta));
    side.file(&labels)?;
    let mut proof = SplitProof::new(side);
    proof.declare(SplitCheck::WindowContainment, "held out by variant");
    let mut stream = TupleStream::new(&builder).epochs(1);
    for tuple in stream.by_ref() {
        proof.tuple(&tuple?)?;
    }

    let report = stream.report();
    assert_eq!(report.reference_mismatches, 0);
    assert_eq!(
        report.windows + report.unusable_windows,
        u64::from(windows.n_windows())
    );
    // Some of the labelled variants are common ones, and these would have come.
    assert!(report.excluded_edits[&Exclusion::Variant] > 0);
    assert!(report.by_edit_count.keys().any(|&n_edits| n_edits > 2));
    let report = proof.finish();
    assert!(report.ok, "{report:?}");
    assert_eq!(report.normalization, "left_aligned");
    Ok(())
}
