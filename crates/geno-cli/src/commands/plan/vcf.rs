//! The best plan as a VCF.

use std::path::Path;

use geno_data::{VcfHeader, VcfWriter, WriteVcfError};
use geno_planning::Plan;

use super::{start::Start, usage};
use crate::failure::Failure;

/// A name that says what is written.
pub(super) fn checked(path: &Path) -> Result<&Path, Failure> {
    let name = path.to_string_lossy();
    match name.ends_with(".vcf") || name.ends_with(".vcf.gz") {
        true => Ok(path),
        false => usage("`--output-vcf` ends in .vcf or .vcf.gz"),
    }
}

/// Writes the edits as what both copies of a sample `plan` carry, so that the file can be a target.
pub(super) fn write(path: &Path, start: &Start, plan: &Plan) -> Result<(), WriteVcfError> {
    let meta = [
        "##source=geno-lewm-plan".to_owned(),
        format!("##contig=<ID={},length={}>", start.contig, start.contig_len),
        "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">".to_owned(),
    ];
    let mut writer = VcfWriter::create(path, &VcfHeader::new(meta, &["plan"]))?;
    for edit in plan.best.edits() {
        let pos = start.window.start() + edit.rel_pos() as u64 + 1;
        let row = format!(
            "{}\t{pos}\t.\t{}\t{}\t.\tPASS\t.\tGT\t1|1",
            start.contig,
            edit.reference(),
            edit.alternate()
        );
        writer.write_row(row.as_bytes())?;
    }
    writer.finish()?;
    Ok(())
}
