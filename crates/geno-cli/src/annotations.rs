//! Arguments about the surroundings of variants.

use std::path::{Path, PathBuf};

use geno_app::config::{Layers, Settings};
use geno_data::{AnnotationFiles, DEFAULT_UPSTREAM, LabelledFile, OpenAnnotationError};
use geno_runtime::{Annotations, ContextSources};

use crate::shared_args::help_of;

#[derive(clap::Args)]
pub(crate) struct AnnotationArgs {
    #[arg(long, value_name = "TERM", help = help_of("score.region"))]
    region: Option<String>,

    #[arg(long, value_name = "TERM", help = help_of("score.repeat"))]
    repeat: Option<String>,

    #[command(flatten)]
    context: ContextArgs,
}

/// Where the surroundings of each variant are known from.
#[derive(clap::Args)]
#[command(next_help_heading = "Surroundings of variants")]
pub(crate) struct ContextArgs {
    /// Take region and repeat from the INFO column: GENO_LEWM_REGION and GENO_LEWM_REPEAT, VEP's CSQ or SnpEff's
    /// ANN; files say what it leaves open
    #[arg(long, requires = "vcf")]
    context_from_info: bool,

    #[command(flatten)]
    files: AnnotationFileArgs,
}

/// Files that variants are looked up in.
#[derive(clap::Args)]
#[command(next_help_heading = "Surroundings of variants")]
pub(crate) struct AnnotationFileArgs {
    /// Transcripts: GTF, GFF3 or BED
    #[arg(long, value_name = "FILE", visible_alias = "genes")]
    annotation: Option<PathBuf>,

    /// Bases before a transcript that count as its promoter
    #[arg(long, value_name = "N", default_value_t = DEFAULT_UPSTREAM, requires = "annotation")]
    upstream: u64,

    /// Regions: BED with the class in its name, or one class for all its rows
    #[arg(long, value_name = "[CLASS=]BED")]
    regions: Vec<String>,

    /// Repeats: BED, rmsk or RepeatMasker's .out, or BED with one class for all its rows
    #[arg(long, value_name = "[CLASS=]FILE")]
    repeats: Vec<String>,

    /// Find tandem repeats in the reference
    #[arg(long, requires = "fasta")]
    tandem_repeats: bool,

    /// Take lower case in the reference for a transposon
    #[arg(long, requires = "fasta")]
    soft_mask: bool,
}

impl AnnotationArgs {
    /// Adds the flags that stand for keys.
    pub(crate) fn add_to(&self, layers: &mut Layers) {
        layers.flag_if("score.region", "--region", self.region.as_deref());
        layers.flag_if("score.repeat", "--repeat", self.repeat.as_deref());
    }

    /// Reads the files, if there are any.
    pub(crate) fn open(
        &self,
        fasta: Option<&Path>,
    ) -> Result<Option<ContextSources>, OpenAnnotationError> {
        self.context.open(fasta)
    }

    /// What is known of variants: of all of them by a configuration, of each by its row or by files.
    pub(crate) fn annotations<'a>(
        &self,
        settings: &'a Settings,
        sources: Option<&'a ContextSources>,
    ) -> Annotations<'a> {
        Annotations {
            region: settings.score.region.as_deref(),
            repeat: settings.score.repeat.as_deref(),
            ..self.context.annotations(sources)
        }
    }
}

impl ContextArgs {
    /// Reads the files, if there are any.
    pub(crate) fn open(
        &self,
        fasta: Option<&Path>,
    ) -> Result<Option<ContextSources>, OpenAnnotationError> {
        let files = self.files.files(fasta);
        let is_any = files.has_any();
        is_any.then(|| ContextSources::open(&files)).transpose()
    }

    /// What is known of each variant.
    pub(crate) fn annotations<'a>(&self, sources: Option<&'a ContextSources>) -> Annotations<'a> {
        Annotations {
            is_stated: self.context_from_info,
            sources,
            ..Annotations::default()
        }
    }
}

impl AnnotationFileArgs {
    /// The files, with the reference.
    pub(crate) fn files(&self, fasta: Option<&Path>) -> AnnotationFiles {
        AnnotationFiles {
            fasta: fasta.map(Path::to_owned),
            genes: self.annotation.clone(),
            upstream: self.upstream,
            regions: self.regions.iter().map(|text| labelled(text)).collect(),
            repeats: self.repeats.iter().map(|text| labelled(text)).collect(),
            tandem_repeats: self.tandem_repeats,
            soft_mask: self.soft_mask,
        }
    }
}

/// `enhancer=peaks.bed`, or a file alone, of which the name may hold a `=` as well.
fn labelled<C: std::str::FromStr>(text: &str) -> LabelledFile<C> {
    let split = text.split_once('=');
    let with_class = split.and_then(|(class, path)| Some((class.parse().ok()?, path)));
    let (class, path) = match with_class {
        Some((class, path)) => (Some(class), path),
        None => (None, text),
    };
    let path = path.into();
    LabelledFile { path, class }
}
