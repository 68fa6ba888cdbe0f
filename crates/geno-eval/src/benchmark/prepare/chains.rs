//! Chains of drawn edits, each beside others of the same window.

use std::{collections::BTreeSet, ops::ControlFlow};

use geno_action::EditSpec;
use geno_core::{Digest, is_acgt};
use geno_data::{Contig, Fasta, Progress, canonical_contig};

use super::{
    OnProgress, PrepareBenchmark, PrepareBenchmarkError, PrepareProgress, Prepared,
    haplotypes::Columns, select::order, write::Outputs,
};
use crate::benchmark::{prepared::VARIANTS, rule::ChainRule};

/// Chains that are made unless a number is given.
const DEFAULT_CHAINS: u64 = 1_024;

/// Bases on either side of the first edit that have to be known.
const KNOWN: u64 = 2_048;

/// Places that are tried for each that is wanted.
const TRIES: u64 = 1_000;

/// Draws the chains and writes them; nothing if `on_progress` breaks off.
///
/// At each place that is drawn there are as many chains as a target has candidates. All of them begin at the same base,
/// where every state is pooled, so that a place tells nothing about which of them is the target.
pub(super) fn prepare(
    request: &PrepareBenchmark<'_>,
    rule: &ChainRule,
    fasta: &Fasta,
    on_progress: OnProgress<'_>,
) -> Result<Option<Prepared>, PrepareBenchmarkError> {
    let chromosomes = request.selection.chromosomes.iter();
    let chromosomes: Vec<String> = chromosomes.map(|name| canonical_contig(name)).collect();
    let contigs = fasta.contigs().iter().filter(|contig| {
        chromosomes.is_empty() || chromosomes.contains(&canonical_contig(contig.name()))
    });
    let contigs: Vec<&Contig> = contigs.collect();
    let total: u64 = contigs.iter().map(|contig| contig.len()).sum();
    let n_groups = request.selection.max.unwrap_or(DEFAULT_CHAINS) / u64::from(rule.candidates);
    let mut places: BTreeSet<(usize, u64)> = BTreeSet::new();
    let mut n_tried = 0;
    while (places.len() as u64) < n_groups && n_tried < n_groups * TRIES && total > 0 {
        let drawn = number(order(request, &format!("place {n_tried}"))) % total;
        n_tried += 1;
        let place = place(&contigs, drawn);
        if is_free(&places, place, rule.span) && is_known(fasta, contigs[place.0], place.1, rule)? {
            places.insert(place);
        }
    }
    if (places.len() as u64) < n_groups.max(1) {
        return Err(PrepareBenchmarkError::NothingLeft {
            what: "stretch of known bases for every group of chains",
            skipped: Vec::new(),
        });
    }
    let mut chains = Vec::new();
    for (i, (contig, start)) in (0..).zip(&places) {
        let contig = contigs[*contig];
        let bases = fasta
            .fetch(contig, *start, start + rule.span)?
            .to_ascii_uppercase();
        chains.extend(group(request, rule, contig, *start, &bases));
        let progress = PrepareProgress {
            file: Progress {
                read: i,
                total: Some(n_groups),
            },
            found: chains.len() as u64,
        };
        if on_progress(progress) == ControlFlow::Break(()) {
            return Ok(None);
        }
    }
    let written = chains.len() as u64;
    let columns = Columns::new(chains, rule.span);
    let mut outputs = Outputs::new(request, fasta, Vec::new(), &[])?;
    outputs.add("variants", VARIANTS, |out| {
        columns.write(request, fasta, out)
    });
    outputs.count(written, written);
    outputs.said(format!("{written} chains at {n_groups} places"));
    outputs.write(request.output).map(Some)
}

/// The chains of a place: different ones, all of which replace its first base.
fn group(
    request: &PrepareBenchmark<'_>,
    rule: &ChainRule,
    contig: &Contig,
    start: u64,
    bases: &[u8],
) -> Vec<Vec<EditSpec>> {
    let mut all: Vec<Vec<EditSpec>> = Vec::new();
    let mut n_drawn = 0;
    while all.len() < rule.candidates as usize {
        let name = format!("{}:{start} {n_drawn}", canonical_contig(contig.name()));
        n_drawn += 1;
        let digest = |offset: u64| order(request, &format!("{name} {offset}"));
        let mut offsets: Vec<u64> = (1..rule.span).collect();
        offsets.sort_by_cached_key(|offset| *digest(*offset).as_bytes());
        offsets.truncate(rule.edits as usize - 1);
        offsets.push(0);
        offsets.sort_unstable();
        let edit = |offset: &u64| {
            let reference = bases[*offset as usize];
            let others: Vec<u8> = b"ACGT"
                .iter()
                .copied()
                .filter(|base| *base != reference)
                .collect();
            let alternate = others[usize::from(digest(*offset).as_bytes()[31]) % others.len()];
            let texts = [reference, alternate].map(|base| char::from(base).to_string());
            EditSpec::new(contig.name(), start + offset + 1, &texts[0], &texts[1])
                .expect("a base is replaced by another one")
        };
        let chain: Vec<EditSpec> = offsets.iter().map(edit).collect();
        if !all.contains(&chain) {
            all.push(chain);
        }
    }
    all
}

fn number(digest: Digest) -> u64 {
    let bytes = digest
        .as_bytes()
        .first_chunk()
        .expect("a digest has 32 bytes");
    u64::from_be_bytes(*bytes)
}

/// The contig and the place in it of a base of all contigs.
fn place(contigs: &[&Contig], mut base: u64) -> (usize, u64) {
    for (i, contig) in contigs.iter().enumerate() {
        match base.checked_sub(contig.len()) {
            None => return (i, base),
            Some(rest) => base = rest,
        }
    }
    unreachable!("a base of all contigs is one of theirs")
}

/// Whether no chain of another place comes near enough to be joined with those of this one.
fn is_free(places: &BTreeSet<(usize, u64)>, (contig, start): (usize, u64), span: u64) -> bool {
    let apart = 2 * span + 1;
    let near = (contig, start.saturating_sub(apart))..=(contig, start + apart);
    places.range(near).next().is_none()
}

fn is_known(
    fasta: &Fasta,
    contig: &Contig,
    start: u64,
    rule: &ChainRule,
) -> Result<bool, PrepareBenchmarkError> {
    let (from, to) = (
        start.saturating_sub(KNOWN),
        (start + KNOWN).min(contig.len()),
    );
    if start + rule.span > contig.len() {
        return Ok(false);
    }
    let bases = fasta.fetch(contig, from, to)?.to_ascii_uppercase();
    Ok(is_acgt(&bases))
}
