//! What tuples may not hold.

use std::{error::Error, fs};

use geno_data::{Exclusion, HeldOut, Holdouts, SplitCheck, SplitProof, TrainingTuple, VariantSet};

use crate::{Outcome, world::World};

#[test]
fn nothing_held_out_comes_out_and_a_proof_says_so() -> Outcome {
    let mut world = World::new();
    let folder = tempfile::tempdir()?;
    let (genome, variants) = (&world.genome, &world.providers.gnomad_common);
    // Every second variant, written with the base before it, under an accession; and a stretch.
    let mut rows = String::new();
    let held_out: Vec<usize> = (10..genome.len()).step_by(50).collect();
    for &pos in &held_out {
        let reference = String::from_utf8_lossy(&genome[pos - 1..=pos]);
        let last = if genome[pos] == b'A' { "C" } else { "A" };
        let row = format!(
            "NC_000020.11\t{pos}\t.\t{reference}\t{}{last}\n",
            &reference[..1]
        );
        rows.push_str(&row);
    }
    assert_eq!(
        variants.as_ref().map(VariantSet::len),
        Some(2 * held_out.len())
    );
    let vcf = folder.path().join("eval.vcf");
    fs::write(
        &vcf,
        format!("##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\n{rows}"),
    )?;
    let bed = folder.path().join("eval.bed");
    fs::write(&bed, "chr20\t4900\t4901\n")?;

    let mut holdouts = Holdouts::builder(None);
    holdouts.file(&vcf)?;
    holdouts.file(&bed)?;
    world.holdouts = holdouts.build();
    let (tuples, report) = world.epochs(3)?;
    let excluded = report.excluded_windows[&Exclusion::Interval];
    assert_eq!(excluded, 3 * 2, "two windows hold each position");
    assert!(report.excluded_edits[&Exclusion::Variant] > 100);

    let prove = |tuples: &[TrainingTuple]| -> Result<_, Box<dyn Error>> {
        let mut side = HeldOut::new(None);
        side.file(&vcf)?;
        side.file(&bed)?;
        let mut proof = SplitProof::new(side);
        proof.declare(SplitCheck::WindowContainment, "held out by variant");
        for tuple in tuples {
            proof.tuple(tuple)?;
        }
        Ok(proof.finish())
    };
    assert!(prove(&tuples)?.ok);
    world.holdouts = Holdouts::none();
    let report = prove(&world.epochs(1)?.0)?;
    assert!(report.check(SplitCheck::VariantEquality).overlap_count > 20);
    assert!(report.check(SplitCheck::WindowOverlap).overlap_count > 0);
    Ok(())
}
