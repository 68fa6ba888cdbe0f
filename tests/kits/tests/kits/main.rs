//! Real chromosomes: every number below was counted in the kit's own files.

mod raw_data;
mod vcf;
mod windows;
