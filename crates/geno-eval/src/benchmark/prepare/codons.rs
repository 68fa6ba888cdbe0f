//! Early stop codons, and silent changes of the same codons.

use std::{collections::BTreeMap, ops::ControlFlow};

use geno_action::EditSpec;
use geno_data::{Consequence, Strand, Transcript, Translation};

use super::{
    OnProgress, PrepareBenchmarkError, PrepareProgress, ReadFile, collect::Collector, found::Found,
    select::order,
};
use crate::benchmark::rule::StopRule;

/// Transcripts between two looks at the progress.
const PROGRESS_GENES: usize = 16;

/// Makes up to so many pairs of each transcript; nothing if `on_progress` breaks off.
///
/// Codons are tried in the order of the digests of seed and place, and of the changes of a codon the first that ends
/// the protein and the first that changes nothing in any transcript are taken, by the same order.
pub(super) fn make(
    rule: &StopRule,
    transcripts: &[Transcript],
    collector: &mut Collector<'_>,
    on_progress: OnProgress<'_>,
) -> Result<Option<Vec<ReadFile>>, PrepareBenchmarkError> {
    for (i, transcript) in transcripts.iter().enumerate() {
        let line = i as u64 + 1;
        match codons(transcript) {
            _ if !collector.is_wanted(&transcript.contig) => {}
            None => collector.skip(0, line, "no_coding_sequence"),
            Some(codons) => {
                let n = pairs(rule, transcript, codons, line, collector)?;
                if n == 0 {
                    collector.skip(0, line, "no_pair");
                }
            }
        }
        let progress = PrepareProgress {
            file: geno_data::Progress {
                read: line,
                total: Some(transcripts.len() as u64),
            },
            found: collector.n_found(),
        };
        if i % PROGRESS_GENES == 0 && on_progress(progress) == ControlFlow::Break(()) {
            return Ok(None);
        }
    }
    Ok(Some(Vec::new()))
}

/// The whole codons between the first and the last, as 0-based places.
fn codons(transcript: &Transcript) -> Option<Vec<[u64; 3]>> {
    let Translation::Coding(region) = &transcript.translation else {
        return None;
    };
    let phase = region.phase.filter(|_| region.is_consistent)?;
    let mut places: Vec<u64> = region.segments.iter().cloned().flatten().collect();
    if transcript.strand == Strand::Reverse {
        places.reverse();
    }
    let places = places.get(usize::from(phase)..)?;
    let codons: Vec<[u64; 3]> = places.as_chunks().0.to_vec();
    let inner = codons.get(1..codons.len().checked_sub(1)?)?;
    Some(inner.to_vec())
}

fn pairs(
    rule: &StopRule,
    transcript: &Transcript,
    mut codons: Vec<[u64; 3]>,
    line: u64,
    collector: &mut Collector<'_>,
) -> Result<u64, PrepareBenchmarkError> {
    let (request, fasta) = (collector.request, collector.fasta);
    let Some(contig) = fasta.resolve(&transcript.contig) else {
        return Ok(0);
    };
    let name = |codon: &[u64; 3]| format!("{}:{}", contig.name(), codon[0] + 1);
    codons.sort_by_cached_key(|codon| *order(request, &name(codon)).as_bytes());
    let mut n = 0;
    for codon in codons {
        if n == rule.per_transcript {
            break;
        }
        if codon.iter().any(|place| *place >= contig.len()) {
            continue;
        }
        let mut changes = Vec::new();
        for place in codon {
            let reference = fasta.fetch(contig, place, place + 1)?[0].to_ascii_uppercase();
            let others = b"ACGT".iter().filter(|base| **base != reference);
            changes.extend(others.map(|base| (place, reference, *base)));
        }
        let pair = name(&codon);
        changes.sort_by_cached_key(|(place, _, base)| {
            *order(request, &format!("{pair} {place} {base}")).as_bytes()
        });
        let (mut stop, mut silent) = (None, None);
        for (place, reference, alternate) in changes {
            let (reference, alternate) = (char::from(reference), char::from(alternate));
            let texts = (reference.to_string(), alternate.to_string());
            let Ok(edit) = EditSpec::new(contig.name(), place + 1, &texts.0, &texts.1) else {
                continue;
            };
            let annotation = collector.annotate(&edit)?;
            let slot = match annotation.and_then(|one| one.consequences?.worst()) {
                Some(Consequence::StopGained) => &mut stop,
                Some(Consequence::Synonymous) => &mut silent,
                _ => continue,
            };
            slot.get_or_insert(edit);
        }
        if let (Some(stop), Some(silent)) = (stop, silent) {
            n += 1;
            for (edit, label) in [(stop, 1.0), (silent, 0.0)] {
                collector.take(Found {
                    file: 0,
                    line,
                    contig: edit.chrom().to_owned(),
                    pos: edit.pos(),
                    reference: edit.reference().to_owned(),
                    alternate: edit.alternate().to_owned(),
                    label,
                    terms: Vec::new(),
                    region: None,
                    extra: BTreeMap::from([("pair".to_owned(), pair.as_str().into())]),
                    pair: Some(pair.clone()),
                })?;
            }
        }
    }
    Ok(n)
}
