//! What tuples are drawn from, and what is held out.

use std::path::{Path, PathBuf};

use geno_core::StateContract;
use geno_data::{
    ClinicalSignificance, EditProviders, Fasta, GenomeWindows, HeldOut, Holdouts, PhasedHaplotypes,
    SplitCheck, SplitProof, VariantSet, WindowFile, WindowSource,
};

use super::{class, declaration};
use crate::{
    failure::{Failure, required},
    progress::Bar,
};

#[derive(clap::Args)]
pub(super) struct WindowArgs {
    /// Genome to cut windows from; beside --windows, to align what is held out
    #[arg(
        long,
        value_name = "FASTA",
        required_unless_present_any = ["windows", "print_config", "explain"]
    )]
    pub(super) fasta: Option<PathBuf>,

    /// Regions to cut windows from [default: the whole genome]
    #[arg(
        long,
        value_name = "BED",
        requires = "fasta",
        conflicts_with = "windows"
    )]
    regions: Option<PathBuf>,

    /// Windows as JSON lines, such as `geno-lewm windows` writes
    #[arg(long, value_name = "JSONL")]
    windows: Option<PathBuf>,

    /// Length of the windows of a genome, in bases
    #[arg(long, value_name = "BP", default_value_t = 12_288, value_parser = at_least_one())]
    window_bp: u64,

    /// Bases between the starts of neighbouring windows of a genome
    #[arg(long, value_name = "BP", default_value_t = 8_192, value_parser = at_least_one())]
    stride: u64,

    /// Largest share of unknown bases in a window of a genome
    #[arg(long, value_name = "SHARE", default_value_t = 0.1)]
    max_n: f64,
}

fn at_least_one() -> clap::builder::RangedU64ValueParser {
    clap::value_parser!(u64).range(1..)
}

impl WindowArgs {
    pub(super) fn open<'a>(
        &self,
        fasta: Option<&'a Fasta>,
        contract: StateContract,
    ) -> Result<Box<dyn WindowSource + 'a>, Failure> {
        if let Some(path) = &self.windows {
            return Ok(Box::new(WindowFile::open(path, fasta)?));
        }
        required(&self.fasta, "--fasta")?;
        let fasta = fasta.expect("opened where it is named");
        let mut windows = GenomeWindows::new(fasta, self.window_bp, self.max_n, contract);
        match &self.regions {
            Some(path) => windows.tile_regions(path, self.stride)?,
            None => windows.tile_genome(self.stride),
        }
        Ok(Box::new(windows))
    }
}

#[derive(clap::Args)]
pub(super) struct EditArgs {
    /// Common variants: a gnomAD shard (.parquet) or a VCF
    #[arg(long, value_name = "FILE")]
    gnomad: Option<PathBuf>,

    /// Least frequency of a variant of a gnomAD shard
    #[arg(long, value_name = "AF", default_value_t = 0.0, requires = "gnomad")]
    min_af: f32,

    /// Variants of ClinVar: a shard (.parquet) or a VCF
    #[arg(long, value_name = "FILE")]
    clinvar: Option<PathBuf>,

    /// Classes of a ClinVar shard that are drawn from
    #[arg(
        long,
        value_name = "CLASS,…",
        value_delimiter = ',',
        value_parser = class,
        default_value = "P,LP,LB,B"
    )]
    clinvar_classes: Vec<ClinicalSignificance>,

    /// Phased genotypes, for tuples of several edits that one chromosome copy carries
    #[arg(long, value_name = "VCF")]
    phased: Option<PathBuf>,
}

impl EditArgs {
    pub(super) fn open(&self, max_gap: u64, bar: &Bar) -> Result<EditProviders, Failure> {
        let show = |file| bar.show_file(file, "variants".to_owned());
        let is_shard = |path: &Path| path.extension().is_some_and(|name| name == "parquet");
        let gnomad = |path: &PathBuf| match is_shard(path) {
            true => VariantSet::read_gnomad(path, self.min_af),
            false => VariantSet::read_vcf(path, show),
        };
        let clinvar = |path: &PathBuf| match is_shard(path) {
            true => VariantSet::read_clinvar(path, &self.clinvar_classes),
            false => VariantSet::read_vcf(path, show),
        };
        let phased = |path: &PathBuf| PhasedHaplotypes::read(path, max_gap, show);
        Ok(EditProviders {
            gnomad_common: self.gnomad.as_ref().map(gnomad).transpose()?,
            clinvar: self.clinvar.as_ref().map(clinvar).transpose()?,
            phased: self.phased.as_ref().map(phased).transpose()?,
        })
    }
}

#[derive(clap::Args)]
pub(super) struct HoldoutArgs {
    /// What training must not see: a policy (.json), variants, windows and records (.jsonl),
    /// intervals (.bed) or variants (.vcf)
    #[arg(long, value_name = "FILE")]
    holdout: Vec<PathBuf>,

    /// Contig that training must not see
    #[arg(long, value_name = "NAME")]
    holdout_chrom: Vec<String>,

    /// Leave out windows that hold the place of a held-out variant, not only the variant
    #[arg(long)]
    pub(super) exclude_windows: bool,

    /// Prove that the tuples share nothing with what is held out, and write the report
    #[arg(long, value_name = "FILE")]
    split_report: Option<PathBuf>,

    /// Why a check of that proof may fail
    #[arg(long, value_name = "CHECK=REASON", value_parser = declaration, requires = "split_report")]
    declare: Vec<(SplitCheck, String)>,
}

impl HoldoutArgs {
    pub(super) fn holdouts(&self, fasta: Option<&Fasta>) -> Result<Holdouts, Failure> {
        let mut holdouts = Holdouts::builder(fasta);
        for name in &self.holdout_chrom {
            holdouts.contig(name);
        }
        for path in &self.holdout {
            holdouts.file(path)?;
        }
        Ok(holdouts.build())
    }

    pub(super) fn proof<'a>(
        &'a self,
        fasta: Option<&'a Fasta>,
    ) -> Result<Option<(SplitProof<'a>, &'a Path)>, Failure> {
        let Some(path) = &self.split_report else {
            return Ok(None);
        };
        let mut held_out = HeldOut::new(fasta);
        for name in &self.holdout_chrom {
            held_out.contig(name);
        }
        for path in &self.holdout {
            held_out.file(path)?;
        }
        let mut proof = SplitProof::new(held_out);
        for (check, reason) in &self.declare {
            proof.declare(*check, reason);
        }
        Ok(Some((proof, path)))
    }
}
