//! What tuples are drawn from, and what is held out.

use std::path::{Path, PathBuf};

use geno_core::StateContract;
use geno_data::{
    ClinicalSignificance, EditProviders, Fasta, GenomeWindows, HeldOut, Holdouts, PhasedHaplotypes,
    SplitCheck, SplitProof, UnknownCheck, VariantSet, WindowFile, WindowSource,
};

use crate::{
    failure::{Failure, required},
    progress::Bar,
};

#[derive(clap::Args)]
pub(in crate::commands) struct WindowArgs {
    /// Genome to cut windows from; beside --windows, to align what is held out
    #[arg(
        long,
        value_name = "FASTA",
        required_unless_present_any = ["windows", "print_config", "explain"]
    )]
    pub(in crate::commands) fasta: Option<PathBuf>,

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
    pub(in crate::commands) max_n: f64,
}

fn at_least_one() -> clap::builder::RangedU64ValueParser {
    clap::value_parser!(u64).range(1..)
}

/// A file that is drawn from or held out, and what it is.
pub(in crate::commands) type NamedFile<'a> = (String, &'a Path);

fn named<'a>(files: &[(&str, &'a Option<PathBuf>)]) -> Vec<NamedFile<'a>> {
    let given = files.iter();
    let given = given.filter_map(|(what, path)| Some(((*what).to_owned(), path.as_deref()?)));
    given.collect()
}

impl WindowArgs {
    pub(in crate::commands) fn files(&self) -> Vec<NamedFile<'_>> {
        named(&[
            ("fasta", &self.fasta),
            ("regions", &self.regions),
            ("windows", &self.windows),
        ])
    }

    /// What else decides which windows there are.
    pub(in crate::commands) fn rest(&self) -> String {
        match self.windows {
            Some(_) => String::new(),
            None => format!("{} bp, {} apart", self.window_bp, self.stride),
        }
    }

    pub(in crate::commands) fn open<'a>(
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
pub(in crate::commands) struct EditArgs {
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
    pub(in crate::commands) fn files(&self) -> Vec<NamedFile<'_>> {
        named(&[
            ("gnomad", &self.gnomad),
            ("clinvar", &self.clinvar),
            ("phased", &self.phased),
        ])
    }

    /// What else decides which variants there are.
    pub(in crate::commands) fn rest(&self) -> String {
        format!("{} {:?}", self.min_af, self.clinvar_classes)
    }

    pub(in crate::commands) fn open(
        &self,
        max_gap: u64,
        bar: &Bar,
    ) -> Result<EditProviders, Failure> {
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
pub(in crate::commands) struct HoldoutArgs {
    /// What training must not see: a policy (.json), variants, windows and records (.jsonl),
    /// intervals (.bed) or variants (.vcf)
    #[arg(long, value_name = "FILE")]
    holdout: Vec<PathBuf>,

    /// Contig that training must not see
    #[arg(long, value_name = "NAME")]
    holdout_chrom: Vec<String>,

    /// Leave out windows that hold the place of a held-out variant, not only the variant
    #[arg(long)]
    pub(in crate::commands) exclude_windows: bool,
}

impl HoldoutArgs {
    pub(in crate::commands) fn files(&self) -> Vec<NamedFile<'_>> {
        let files = self.holdout.iter().enumerate();
        let files = files.map(|(i, path)| (format!("holdout.{i}"), path.as_path()));
        files.collect()
    }

    /// What else is held out.
    pub(in crate::commands) fn rest(&self) -> String {
        self.holdout_chrom.join(",")
    }

    pub(in crate::commands) fn holdouts(&self, fasta: Option<&Fasta>) -> Result<Holdouts, Failure> {
        let mut holdouts = Holdouts::builder(fasta);
        for name in &self.holdout_chrom {
            holdouts.contig(name);
        }
        for path in &self.holdout {
            holdouts.file(path)?;
        }
        Ok(holdouts.build())
    }
}

#[derive(clap::Args)]
pub(super) struct ProofArgs {
    /// Prove that the tuples share nothing with what is held out, and write the report
    #[arg(long, value_name = "FILE")]
    split_report: Option<PathBuf>,

    /// Why a check of that proof may fail
    #[arg(long, value_name = "CHECK=REASON", value_parser = declaration, requires = "split_report")]
    declare: Vec<(SplitCheck, String)>,
}

impl ProofArgs {
    pub(super) fn open<'a>(
        &'a self,
        held: &HoldoutArgs,
        fasta: Option<&'a Fasta>,
    ) -> Result<Option<(SplitProof<'a>, &'a Path)>, Failure> {
        let Some(path) = &self.split_report else {
            return Ok(None);
        };
        let mut held_out = HeldOut::new(fasta);
        for name in &held.holdout_chrom {
            held_out.contig(name);
        }
        for path in &held.holdout {
            held_out.file(path)?;
        }
        let mut proof = SplitProof::new(held_out);
        for (check, reason) in &self.declare {
            proof.declare(*check, reason);
        }
        Ok(Some((proof, path)))
    }
}

fn declaration(text: &str) -> Result<(SplitCheck, String), String> {
    let (check, reason) = text.split_once('=').ok_or("expected CHECK=REASON")?;
    let check = check
        .parse()
        .map_err(|error: UnknownCheck| error.to_string())?;
    Ok((check, reason.to_owned()))
}

fn class(text: &str) -> Result<ClinicalSignificance, String> {
    ClinicalSignificance::parse(text)
        .ok_or_else(|| "expected P, LP, VUS, LB, B or OTHER".to_owned())
}
