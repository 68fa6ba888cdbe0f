//! Shards: public variant collections as Parquet tables that are quick to read again.
//!
//! A shard is made from a VCF once ([`PrepareGnomad`], [`PrepareClinvar`]) and stands at
//! `OUTPUT/gnomad/RELEASE/variants.parquet` or `OUTPUT/clinvar/RELEASE/variants.parquet`, where the
//! Python package has its own. [`GnomadShard`] and [`ClinvarShard`] read both.

mod allele;
mod clinvar;
mod contig;
mod gnomad;
mod info;
mod pipeline;
mod positions;
mod prepare;
mod read;
mod report;
mod row;

pub use self::{
    allele::AlleleCounts,
    clinvar::{
        ClinicalSignificance, ClinvarCounts, ClinvarShard, ClinvarVariant, ClinvarVariants,
        PrepareClinvar,
    },
    gnomad::{GnomadCounts, GnomadShard, GnomadVariant, GnomadVariants, Population, PrepareGnomad},
    prepare::{PrepareShard, PrepareShardError, ShardProgress},
    read::ReadShardError,
    report::{RowCounts, ShardReport},
};
