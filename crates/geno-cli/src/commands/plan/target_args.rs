//! Where a plan is to lead.

use std::{path::PathBuf, sync::Arc};

use clap::ValueEnum;
use geno_action::{EditSpec, Haplotype};
use geno_data::{ChromosomeCopy, Region, RejectReason, check_reference, read_copy};
use geno_planning::{Distance, Projection, Target};
use geno_runtime::{GivenStates, Runtime};

use super::{
    start::{Inputs, Start, cut, of_region},
    usage,
};
use crate::{failure::Failure, variant_arg::VariantArg};

#[derive(clap::Args)]
pub(super) struct TargetArgs {
    /// The window to resemble, as CHROM:START-END and as long as the window
    #[arg(long, value_name = "REGION")]
    target_region: Option<String>,

    /// The window to resemble: this one with what a chromosome copy of a phased VCF carries
    #[arg(long, value_name = "VCF")]
    target_vcf: Option<PathBuf>,

    /// Whose copy [default: that of the only sample]
    #[arg(long, value_name = "NAME", requires = "target_vcf")]
    sample: Option<String>,

    /// Which copy, as GT orders them
    #[arg(
        long,
        value_name = "1|2",
        default_value_t = 1,
        value_parser = clap::value_parser!(u8).range(1..=2),
        requires = "target_vcf"
    )]
    haplotype: u8,

    /// The window to resemble: this one with the variants given
    #[arg(long, value_name = "VARIANT")]
    target_variant: Vec<VariantArg>,

    /// The states to reach, the nearest of several: .npy, .safetensors or .json
    #[arg(long, value_name = "FILE")]
    target_state: Vec<PathBuf>,

    /// What lies between two states
    #[arg(long, value_name = "NAME", default_value = "l2")]
    pub(super) distance: DistanceName,

    /// Rows that span the subspace in which states are compared: .npy, .safetensors or .json
    #[arg(long, value_name = "FILE")]
    pub(super) project: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum DistanceName {
    /// Length of the difference
    L2,
    /// One less the cosine of the angle
    Cosine,
}

impl DistanceName {
    pub(super) fn distance(self) -> Distance {
        match self {
            Self::L2 => Distance::L2,
            Self::Cosine => Distance::Cosine,
        }
    }
}

impl TargetArgs {
    /// Checks that there is one kind of target.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let kinds = [
            self.target_region.is_some(),
            self.target_vcf.is_some(),
            !self.target_variant.is_empty(),
            !self.target_state.is_empty(),
        ];
        for variant in &self.target_variant {
            variant.check()?;
        }
        match kinds.into_iter().filter(|given| *given).count() {
            1 => Ok(()),
            _ => usage(
                "one of `--target-region`, `--target-vcf`, `--target-variant` and `--target-state` is \
                 needed",
            ),
        }
    }

    /// The states to reach.
    pub(super) fn states(
        &self,
        runtime: &Runtime,
        start: &Start,
        inputs: &mut Inputs,
    ) -> Result<Vec<Vec<f32>>, Failure> {
        if let Some(text) = &self.target_region {
            let region = Region::parse(text, &start.fasta)?;
            let contig = region.contig(&start.fasta);
            let window = cut(runtime, &start.fasta, contig, of_region(&region))?;
            if window.len() != start.window.len() {
                return usage("`--target-region` is not as long as the window");
            }
            return Ok(vec![runtime.encode_planned(&window, Some(start.locus))?]);
        }
        let edits = if let Some(path) = &self.target_vcf {
            inputs.add("target_vcf", path)?;
            let copy = match self.haplotype {
                1 => ChromosomeCopy::First,
                _ => ChromosomeCopy::Second,
            };
            let sample = self.sample.as_deref();
            read_copy(path, &start.fasta, &start.region, sample, copy)?
        } else if !self.target_variant.is_empty() {
            let variants = self.target_variant.iter();
            let edits = variants.map(|variant| variant.edit(&start.fasta));
            let edits: Vec<EditSpec> = edits.collect::<Result<_, _>>()?;
            for edit in &edits {
                let contig = check_reference(&start.fasta, edit)?;
                let contig = contig.map_err(RejectReason::Reference)?;
                if contig.name() != start.contig {
                    return usage("`--target-variant` lies on another contig than the window");
                }
            }
            edits
        } else {
            let mut all = Vec::new();
            for (i, path) in self.target_state.iter().enumerate() {
                let (states, record) = runtime.read_states(path)?;
                let name = match i {
                    0 => "target_state".to_owned(),
                    _ => format!("target_state_{}", i + 1),
                };
                inputs.insert(&name, path, record);
                all.extend(states);
            }
            return Ok(all);
        };
        let in_window = |edit: &EditSpec| edit.relative_to(start.window.start());
        let edits = edits.iter().map(in_window).collect::<Result<_, _>>()?;
        let haplotype = Haplotype::new(Arc::clone(&start.window), edits)?;
        Ok(vec![runtime.encode_plan(&haplotype, Some(start.locus))?])
    }

    /// The distance to the states.
    pub(super) fn target(
        &self,
        states: &[Vec<f32>],
        inputs: &mut Inputs,
    ) -> Result<Target, Failure> {
        let distance = self.distance.distance();
        let Some(path) = &self.project else {
            return Ok(Target::new(distance, states)?);
        };
        let file = GivenStates::read(path)?;
        inputs.insert("project", path, file.record());
        let projection = Projection::onto(file.rows().to_vec())?;
        Ok(Target::projected(distance, projection, states)?)
    }
}
