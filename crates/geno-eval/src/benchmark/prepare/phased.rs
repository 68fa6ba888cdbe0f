//! Haplotypes that people carry.

use std::ops::ControlFlow;

use geno_action::EditSpec;
use geno_core::Coded;
use geno_data::{CarriedHaplotypes, CarriedRow, Fasta, HaplotypeOptions, canonical_contig};

use super::{
    OnProgress, PrepareBenchmark, PrepareBenchmarkError, PrepareProgress, Prepared, ReadFile,
    found::Skipped, haplotypes::Columns, select::order, write::Outputs,
};
use crate::benchmark::rule::PhasedRule;

/// Haplotypes between two looks at the progress.
const PROGRESS_ROWS: u64 = 1 << 10;

/// Reads the haplotypes, chooses among them and writes those; nothing if `on_progress` breaks off.
pub(super) fn prepare(
    request: &PrepareBenchmark<'_>,
    rule: &PhasedRule,
    fasta: &Fasta,
    on_progress: OnProgress<'_>,
) -> Result<Option<Prepared>, PrepareBenchmarkError> {
    let path = request.file(&rule.source);
    let options = HaplotypeOptions {
        max_edits: rule.max_edits as usize,
        max_gap: rule.max_gap,
        samples: None,
        region: None,
    };
    let chromosomes = request.selection.chromosomes.iter();
    let chromosomes: Vec<String> = chromosomes.map(|name| canonical_contig(name)).collect();
    let is_wanted =
        |contig: &str| chromosomes.is_empty() || chromosomes.contains(&canonical_contig(contig));
    let (mut found, mut skipped) = (Vec::new(), Vec::new());
    let mut rows = CarriedHaplotypes::open(path, fasta, &options)?;
    let mut n_rows = 0;
    while let Some(row) = rows.next() {
        match row? {
            CarriedRow::Haplotype(haplotype) => {
                let edits: Vec<EditSpec> = haplotype.edits().cloned().collect();
                if is_wanted(edits[0].chrom()) {
                    found.push(edits);
                }
            }
            CarriedRow::Rejected(row) => skipped.push(Skipped {
                file: 0,
                line: row.line,
                reason: row.reason.code().as_str(),
            }),
        }
        n_rows += 1;
        let progress = PrepareProgress {
            file: rows.progress(),
            found: found.len() as u64,
        };
        if u64::is_multiple_of(n_rows, PROGRESS_ROWS)
            && on_progress(progress) == ControlFlow::Break(())
        {
            return Ok(None);
        }
    }
    skipped.sort_unstable();
    let usable = found.len() as u64;
    let chosen = choose(request, found);
    let written = chosen.len() as u64;
    if written < 2 {
        return Err(PrepareBenchmarkError::NothingLeft {
            what: "pair of haplotypes",
            skipped: super::write::counts(&skipped).into_iter().collect(),
        });
    }
    let columns = Columns::new(chosen, rule.max_gap);
    let mut outputs = Outputs::new(request, fasta, vec![ReadFile::hashed(path)?], &skipped)?;
    outputs.add("variants", crate::benchmark::prepared::VARIANTS, |out| {
        columns.write(request, fasta, out)
    });
    outputs.count(usable, written);
    outputs.said(format!("{written} of {usable} haplotypes"));
    outputs.write(request.output).map(Some)
}

/// The haplotypes that are taken, in the order in which they were read.
fn choose(request: &PrepareBenchmark<'_>, all: Vec<Vec<EditSpec>>) -> Vec<Vec<EditSpec>> {
    let Some(max) = request.selection.max else {
        return all;
    };
    let name = |edits: &[EditSpec]| {
        let edit = |edit: &EditSpec| {
            let (chrom, pos) = (canonical_contig(edit.chrom()), edit.pos());
            format!("{chrom}:{pos}:{}:{}", edit.reference(), edit.alternate())
        };
        edits.iter().map(edit).collect::<Vec<_>>().join(" ")
    };
    let mut drawn: Vec<(usize, Vec<EditSpec>)> = all.into_iter().enumerate().collect();
    drawn.sort_by_cached_key(|(_, edits)| *order(request, &name(edits)).as_bytes());
    drawn.truncate(usize::try_from(max).unwrap_or(usize::MAX));
    drawn.sort_by_key(|(place, _)| *place);
    drawn.into_iter().map(|(_, edits)| edits).collect()
}
