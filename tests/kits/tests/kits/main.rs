//! Real chromosomes: every number below was counted in the kit's own files.

mod annotation;
mod benchmarks;
mod phased;
mod raw_data;
mod shards;
mod tuples;
mod vcf;
mod windows;
