//! Real chromosomes: every number below was counted in the kit's own files.

mod phased;
mod shards;
mod tuples;
mod vcf;
