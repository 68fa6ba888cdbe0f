//! One transcript of each gene.

use std::{cmp::Reverse, collections::BTreeMap};

use geno_data::{Genes, Transcript, Translation};

use super::PrepareBenchmark;

impl PrepareBenchmark<'_> {
    /// One transcript of each gene: the one that the file calls canonical, or else that with the longest coding
    /// sequence, then the longest exons, then the first name. By contig and place.
    pub(super) fn representatives(&self, genes: &Genes) -> Vec<Transcript> {
        let mut by_gene: BTreeMap<(&str, &str), &Transcript> = BTreeMap::new();
        for transcript in &genes.transcripts {
            let gene = transcript.gene.as_deref().unwrap_or(&transcript.id);
            let best = by_gene
                .entry((&transcript.contig, gene))
                .or_insert(transcript);
            if rank(transcript) > rank(best) {
                *best = transcript;
            }
        }
        let mut all: Vec<Transcript> = by_gene.into_values().cloned().collect();
        all.sort_by(|a, b| {
            let key = |one: &Transcript| (one.contig.clone(), one.span().start, one.id.clone());
            key(a).cmp(&key(b))
        });
        all
    }
}

fn rank(transcript: &Transcript) -> (bool, u64, u64, Reverse<&str>) {
    let total = |parts: &[std::ops::Range<u64>]| parts.iter().map(|one| one.end - one.start).sum();
    let coding = match &transcript.translation {
        Translation::Coding(region) => total(&region.segments),
        Translation::None | Translation::Unknown => 0,
    };
    let (exons, name) = (total(&transcript.exons), Reverse(&*transcript.id));
    (transcript.is_canonical, coding, exons, name)
}
