//! Annotation of edits: what they do to genes, and what repeats they lie in.

mod allele;
mod annotator;
mod bed;
mod coding;
mod consequence;
mod draft;
mod effect;
mod feature;
mod file;
mod files;
mod genes;
mod genetic_code;
mod labelled;
mod rows;
mod sequences;
mod tandem;
mod transcript;

pub use self::{
    annotator::{Annotation, AnnotationSources, Annotator, DEFAULT_UPSTREAM},
    consequence::{Consequence, Consequences},
    file::{AnnotateGenesError, AnnotationReport, annotate_vcf},
    files::{AnnotationFiles, OpenAnnotationError},
    genes::Genes,
    labelled::{Labelled, LabelledFile, region_class, repeat_class},
    rows::{BadRow, BadRows, ReadAnnotationError, RowFault},
    transcript::{CodingRegion, Strand, Transcript, Translation},
};
