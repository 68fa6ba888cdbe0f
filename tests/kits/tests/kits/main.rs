//! Real chromosomes: every number below was counted in the kit's own files.

mod annotation;
mod raw_data;
mod shards;
mod vcf;
mod windows;
