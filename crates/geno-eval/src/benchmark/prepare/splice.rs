//! Destroyed splice sites, and controls inside introns.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::{ControlFlow, Range},
};

use geno_action::EditSpec;
use geno_data::{Consequence, Strand, Transcript};

use super::{
    OnProgress, PrepareBenchmarkError, PrepareProgress, ReadFile, collect::Collector, found::Found,
    select::order,
};
use crate::benchmark::rule::SpliceRule;

/// Transcripts between two looks at the progress.
const PROGRESS_GENES: usize = 64;

/// Makes a pair for each end of each intron; nothing if `on_progress` breaks off.
///
/// The site is the first base of an intron that begins with GT or the last of one that ends with AG, in the direction
/// of the transcript. Which base replaces it, and which base of the same kind further inside is its control, the digest
/// of seed and place decides.
pub(super) fn make(
    rule: &SpliceRule,
    transcripts: &[Transcript],
    collector: &mut Collector<'_>,
    on_progress: OnProgress<'_>,
) -> Result<Option<Vec<ReadFile>>, PrepareBenchmarkError> {
    let mut seen = BTreeSet::new();
    let mut number = 0;
    for (i, transcript) in transcripts.iter().enumerate() {
        if !collector.is_wanted(&transcript.contig) {
            continue;
        }
        for intron in transcript.introns() {
            for is_start in [true, false] {
                let site = match is_start {
                    true => intron.start,
                    false => intron.end - 1,
                };
                if !seen.insert((transcript.contig.clone(), site)) {
                    continue;
                }
                number += 1;
                let end = End {
                    transcript,
                    intron: intron.clone(),
                    is_start,
                    site,
                };
                match end.pair(rule, collector)? {
                    Err(reason) => collector.skip(0, number, reason),
                    Ok(pair) => {
                        for found in pair {
                            collector.take(Found {
                                line: number,
                                ..found
                            })?;
                        }
                    }
                }
            }
        }
        let progress = PrepareProgress {
            file: geno_data::Progress {
                read: i as u64,
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

/// An end of an intron.
struct End<'a> {
    transcript: &'a Transcript,
    intron: Range<u64>,
    /// Whether it is the end of lower positions.
    is_start: bool,
    /// The base that is replaced, 0-based.
    site: u64,
}

impl End<'_> {
    fn pair(
        &self,
        rule: &SpliceRule,
        collector: &mut Collector<'_>,
    ) -> Result<Result<[Found; 2], &'static str>, PrepareBenchmarkError> {
        let Some(inside) = self.controls(rule) else {
            return Ok(Err("intron_too_short"));
        };
        let (fasta, request) = (collector.fasta, collector.request);
        let Some(contig) = fasta.resolve(&self.transcript.contig) else {
            return Ok(Err("unknown_contig"));
        };
        if self.intron.end > contig.len() {
            return Ok(Err("past_contig"));
        }
        let fetch = |range: Range<u64>| -> Result<Vec<u8>, PrepareBenchmarkError> {
            let mut bases = fasta.fetch(contig, range.start, range.end)?;
            bases.make_ascii_uppercase();
            Ok(bases)
        };
        let ends = match self.is_start {
            true => fetch(self.site..self.site + 2)?,
            false => fetch(self.site - 1..self.site + 1)?,
        };
        let expected = match (self.transcript.strand, self.is_start) {
            (Strand::Forward, true) => "GT",
            (Strand::Forward, false) => "AG",
            (Strand::Reverse, true) => "CT",
            (Strand::Reverse, false) => "AC",
        };
        if ends != expected.as_bytes() {
            return Ok(Err("not_gt_ag"));
        }
        let reference = match self.is_start {
            true => ends[0],
            false => ends[1],
        };
        let chrom = contig.name().to_owned();
        let name = format!("{chrom}:{}", self.site + 1);
        let draw = order(request, &name);
        let others = *b"ACGT";
        let others: Vec<u8> = others
            .into_iter()
            .filter(|base| *base != reference)
            .collect();
        let alternate = others[usize::from(draw.as_bytes()[0]) % others.len()];
        let bases = fetch(inside.clone())?;
        let mut controls: Vec<u64> = (inside.start..)
            .zip(&bases)
            .filter(|(_, base)| **base == reference)
            .map(|(place, _)| place)
            .collect();
        controls.sort_by_cached_key(|place| *order(request, &format!("{name} {place}")).as_bytes());
        let edit = |place: u64| {
            let (reference, alternate) = (char::from(reference), char::from(alternate));
            EditSpec::new(
                &chrom,
                place + 1,
                &reference.to_string(),
                &alternate.to_string(),
            )
        };
        let wanted = match self.transcript.strand == Strand::Forward {
            true if self.is_start => Consequence::SpliceDonor,
            true => Consequence::SpliceAcceptor,
            false if self.is_start => Consequence::SpliceAcceptor,
            false => Consequence::SpliceDonor,
        };
        let mut worst_of = |place: u64| -> Result<Option<Consequence>, PrepareBenchmarkError> {
            let Ok(edit) = edit(place) else {
                return Ok(None);
            };
            let annotation = collector.annotate(&edit)?;
            Ok(annotation.and_then(|one| one.consequences?.worst()))
        };
        if worst_of(self.site)? != Some(wanted) {
            return Ok(Err("other_consequence"));
        }
        for place in controls {
            if worst_of(place)? == Some(Consequence::Intron) {
                let found = |place: u64, label: f64| Found {
                    file: 0,
                    line: 0,
                    contig: chrom.clone(),
                    pos: place + 1,
                    reference: char::from(reference).into(),
                    alternate: char::from(alternate).into(),
                    label,
                    terms: Vec::new(),
                    region: None,
                    extra: BTreeMap::from([("pair".to_owned(), name.as_str().into())]),
                    pair: Some(name.clone()),
                };
                return Ok(Ok([found(self.site, 1.0), found(place, 0.0)]));
            }
        }
        Ok(Err("no_control"))
    }

    /// Where a control may lie: in the intron, and far enough from its ends.
    fn controls(&self, rule: &SpliceRule) -> Option<Range<u64>> {
        let (from, to) = (rule.control_from, rule.control_to);
        let inner = self.intron.start + from..self.intron.end.checked_sub(from)?;
        let range = match self.is_start {
            true => inner.start..inner.end.min(self.site + to),
            false => inner.start.max(self.site.saturating_sub(to))..inner.end,
        };
        (range.start < range.end).then_some(range)
    }
}
