//! Scores, metrics and receipts as one page of HTML that needs nothing else, and its plots as SVG.
//!
//! [`ScoreFile`] reads scores and checks what vouches for them, [`MetricsFile`] what an evaluation
//! wrote, [`Evaluation`] draws curves of labelled scores, and [`Report`] puts all of it on a page.
//!
//! A page shows what files say and what was computed here. A check that was not made is shown as one
//! that was not made.

mod evaluation;
mod figure;
mod locus;
mod metrics;
mod outputs;
mod page;
mod provenance;
mod scores;

pub use self::{
    evaluation::Evaluation,
    figure::{Figure, Numbers},
    locus::{LocusRegion, ParseLocusError},
    metrics::{MetricsFile, ReadMetricsError},
    page::Report,
    provenance::{Check, Provenance, ProvenanceFiles, ReadProvenanceError, Verdict},
    scores::{Distribution, LookUps, ReadScoresError, ScoreFile, ScoreRowFault, ScoreTable},
};
