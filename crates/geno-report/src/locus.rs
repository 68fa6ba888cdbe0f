//! Stretches of a genome that are drawn with what lies in them.

mod lanes;
mod picture;
mod region;

use std::ops::Range;

use geno_core::{RepeatClass, contig_aliases};
use geno_data::{AnnotationSources, Transcript, Translation};

pub use self::region::{LocusRegion, ParseLocusError};
use crate::scores::{ScoreTable, Scored};

/// Bases between neighbouring variants beyond which a new locus begins.
const MAX_GAP: u64 = 20_000;

/// Bases that a locus has at most.
const MAX_LEN: u64 = 200_000;

/// Loci that are drawn at most: those with the most variants.
const MAX_LOCI: usize = 16;

/// Variants that lie near each other, and what else lies there.
#[derive(Clone, Debug)]
pub(crate) struct Locus<'a> {
    pub(crate) contig: &'a str,
    /// 0-based, half-open: what was asked for, or a little more than where the variants lie.
    pub(crate) region: Range<u64>,
    /// By position.
    pub(crate) variants: Vec<&'a Scored>,
    /// One transcript a gene, by position.
    pub(crate) genes: Vec<Gene>,
    pub(crate) repeats: Vec<(Range<u64>, RepeatClass)>,
    /// Whether genes and repeats were looked up.
    pub(crate) has: Looked,
}

/// What was looked up.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Looked {
    pub(crate) genes: bool,
    pub(crate) repeats: bool,
}

/// A gene, by the transcript that stands for it: the canonical one, or else the one with the most bases.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Gene {
    pub(crate) name: String,
    pub(crate) is_forward: bool,
    pub(crate) exons: Vec<Range<u64>>,
    /// What of the exons is translated.
    pub(crate) coding: Vec<Range<u64>>,
}

/// The loci of the variants that are shown, in genome order, and the place of the one with the most
/// variants. Variants of further loci are in no picture. Where a region is asked for, it is the only locus; none if no
/// variant that is shown lies there.
pub(crate) fn loci<'a>(
    table: &'a ScoreTable,
    sources: Option<&AnnotationSources>,
    asked: Option<&LocusRegion>,
) -> (Vec<Locus<'a>>, usize) {
    if let Some(region) = asked {
        let mut run: Vec<&Scored> = table.rows_in(region).collect();
        run.sort_by_key(|row| (row.pos, row.number));
        let locus = (!run.is_empty()).then(|| Locus::of(table, &run, region.bases(), sources));
        return (locus.into_iter().collect(), 0);
    }
    let mut rows: Vec<&Scored> = table.rows.iter().collect();
    // A contig has one number, whatever stands between its rows.
    let mut first_seen = std::collections::HashMap::new();
    for row in &rows {
        first_seen.entry(row.contig).or_insert(row.number);
    }
    rows.sort_by_key(|row| (first_seen[&row.contig], row.pos, row.number));
    let mut runs: Vec<&[&Scored]> = Vec::new();
    let mut start = 0;
    for i in 1..=rows.len() {
        let is_next = rows.get(i).is_none_or(|row| {
            let (first, last) = (rows[start], rows[i - 1]);
            row.contig != first.contig
                || row.pos - last.pos > MAX_GAP
                || row.pos - first.pos >= MAX_LEN
        });
        if is_next {
            runs.push(&rows[start..i]);
            start = i;
        }
    }
    let mut by_size: Vec<usize> = (0..runs.len()).collect();
    by_size.sort_by_key(|i| (std::cmp::Reverse(runs[*i].len()), *i));
    by_size.truncate(MAX_LOCI);
    let largest = by_size.first().copied();
    by_size.sort_unstable();
    let default = by_size.iter().position(|i| Some(*i) == largest);
    let loci = by_size.iter().map(|i| {
        let run = runs[*i];
        let (first, last) = (run[0].pos - 1, run[run.len() - 1].pos);
        let margin = ((last - first) / 40).max(50);
        let region = first.saturating_sub(margin)..last + margin;
        Locus::of(table, run, region, sources)
    });
    (loci.collect(), default.unwrap_or_default())
}

impl<'a> Locus<'a> {
    /// At least one variant, by position, in the region that is drawn.
    fn of(
        table: &'a ScoreTable,
        run: &[&'a Scored],
        region: Range<u64>,
        sources: Option<&AnnotationSources>,
    ) -> Self {
        let contig = table.words.text(run[0].contig);
        let genes = sources.and_then(|sources| sources.genes.as_ref());
        let repeats = sources.and_then(|sources| sources.repeats.as_ref());
        let found = repeats.and_then(|repeats| repeats.index.contig(contig));
        let found = found.map(|repeats| repeats.overlaps(region.clone()));
        let mut found: Vec<_> = found
            .into_iter()
            .flatten()
            .map(|(at, class)| (at, *class))
            .collect();
        found.retain(|(_, class)| *class != RepeatClass::None);
        found.sort_by_key(|(at, _)| (at.start, at.end));
        let aliases = contig_aliases(contig);
        let transcripts = genes.iter().flat_map(|genes| &genes.transcripts);
        let transcripts = transcripts.filter(|transcript| {
            let span = transcript.span();
            span.start < region.end
                && region.start < span.end
                && aliases.contains(&transcript.contig)
        });
        Self {
            contig,
            variants: run.to_vec(),
            genes: by_gene(transcripts),
            repeats: found,
            has: Looked {
                genes: genes.is_some(),
                repeats: repeats.is_some(),
            },
            region,
        }
    }

    /// `20:3300001-3325000`, as genome browsers take it.
    pub(crate) fn name(&self) -> String {
        let Range { start, end } = self.region;
        format!("{}:{}-{end}", self.contig, start + 1)
    }
}

fn by_gene<'t>(transcripts: impl Iterator<Item = &'t Transcript>) -> Vec<Gene> {
    let mut genes: std::collections::BTreeMap<&str, &Transcript> = Default::default();
    let rank = |transcript: &Transcript| {
        let n_bases: u64 = transcript
            .exons
            .iter()
            .map(|exon| exon.end - exon.start)
            .sum();
        let is_coding = matches!(transcript.translation, Translation::Coding(_));
        (transcript.is_canonical, is_coding, n_bases)
    };
    for transcript in transcripts {
        let name = transcript.gene.as_deref().unwrap_or(&transcript.id);
        let gene = genes.entry(name).or_insert(transcript);
        if rank(transcript) > rank(gene) {
            *gene = transcript;
        }
    }
    let mut genes: Vec<Gene> = genes
        .into_iter()
        .map(|(name, transcript)| Gene::of(name, transcript))
        .collect();
    genes.sort_by_key(|gene| (gene.span().start, gene.span().end));
    genes
}

impl Gene {
    fn of(name: &str, transcript: &Transcript) -> Self {
        Self {
            name: name.to_owned(),
            is_forward: transcript.strand == geno_data::Strand::Forward,
            exons: transcript.exons.clone(),
            coding: match &transcript.translation {
                Translation::Coding(coding) => coding.segments.clone(),
                Translation::None | Translation::Unknown => Vec::new(),
            },
        }
    }

    /// From its first exon to its last.
    pub(crate) fn span(&self) -> Range<u64> {
        self.exons[0].start..self.exons[self.exons.len() - 1].end
    }
}
