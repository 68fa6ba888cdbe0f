//! Real edits that a planner is not told.

use std::sync::Arc;

use anyhow::{Result, ensure};
use geno_action::{EditSpec, EditType, Haplotype};
use geno_data::{Fasta, VcfReader, VcfRow, check_reference};
use geno_runtime::Runtime;

use crate::{sequence::spread, subject::Subject};

/// A window, an edit in it, and the states before and after it.
pub(super) struct Hidden {
    pub(super) plan: Haplotype,
    /// The base that states are pooled at: the one that the edit replaces.
    pub(super) locus: usize,
    pub(super) source: Vec<f32>,
    pub(super) target: Vec<f32>,
}

impl Hidden {
    /// So many SNVs spread over a VCF, each in the window that the model lays around it.
    ///
    /// # Errors
    ///
    /// If a file cannot be read, or holds fewer SNVs that fit the reference.
    pub(super) fn of_vcf(subject: &Subject, n: usize) -> Result<Vec<Self>> {
        let fasta = Fasta::open(&subject.fasta)?;
        let mut snvs = Vec::new();
        for row in VcfReader::open(&subject.vcf)? {
            if let VcfRow::Variant(variant) = row?
                && variant.edit().edit_type() == EditType::Snv
                && check_reference(&fasta, variant.edit())?.is_ok()
            {
                snvs.push(variant.edit().clone());
            }
        }
        let found = snvs.len();
        ensure!(found >= n, "{found} SNVs to hide, {n} were asked for");
        let runtime = subject.runtime()?;
        let chosen = spread(0, found, n).into_iter();
        chosen
            .map(|i| Self::new(runtime, &fasta, &snvs[i]))
            .collect()
    }

    fn new(runtime: &Runtime, fasta: &Fasta, edit: &EditSpec) -> Result<Self> {
        let contig = check_reference(fasta, edit)??;
        let window = runtime.windows().window(fasta, contig, edit.pos() - 1)?;
        let edit = edit.relative_to(window.start())?;
        let locus = edit.rel_pos();
        let plan = Haplotype::new(Arc::new(window), vec![edit])?;
        Ok(Self {
            source: runtime.encode_planned(plan.window(), Some(locus))?,
            target: runtime.encode_plan(&plan, Some(locus))?,
            plan,
            locus,
        })
    }
}
