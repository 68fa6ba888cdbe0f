//! Region, repeat, gene and consequence of an edit.

use std::{cmp::Reverse, fmt, sync::Arc};

use geno_action::EditSpec;
use geno_core::{RegionClass, RepeatClass, classify_region, classify_repeat};

use super::{
    allele::Allele,
    consequence::{Consequence, Consequences},
    effect::{effect, needs_sequence},
    genes::Genes,
    labelled::Labelled,
    sequences::CodingSequences,
    tandem::{self, tandem_unit},
    transcript::{Transcript, Translation},
};
use crate::{
    fasta::{Fasta, FetchError},
    intervals::IntervalIndex,
    reference::{ReferenceError, check_reference},
};

/// Bases before a transcript where its promoter is looked for, unless another number is given.
pub const DEFAULT_UPSTREAM: u64 = 1_000;

/// What edits are annotated from. Nothing has to be there.
#[derive(Debug)]
pub struct AnnotationSources {
    /// The reference. Without it, changes of a coding sequence are not translated.
    pub fasta: Option<Arc<Fasta>>,
    /// Transcripts.
    pub genes: Option<Genes>,
    /// Bases before a transcript that are `upstream_gene_variant`.
    pub upstream: u64,
    /// Regions with a class, such as promoters.
    pub regions: Option<Labelled<RegionClass>>,
    /// Repeats.
    pub repeats: Option<Labelled<RepeatClass>>,
    /// Whether tandem repeats are looked for in the reference.
    pub tandem_repeats: bool,
    /// Whether lower case in the reference is a transposon where nothing else is known of it.
    pub soft_mask: bool,
}

/// What is known of an edit. A field is `None` where its sources say nothing of the contig, or
/// there is no source.
///
/// Its `Debug` shows the classes alone, not the gene.
#[derive(Clone, Eq, PartialEq)]
pub struct Annotation {
    /// The class of the region.
    pub region: Option<RegionClass>,
    /// The class of the repeat.
    pub repeat: Option<RepeatClass>,
    /// What the edit does to the transcript that it hits hardest.
    pub consequences: Option<Consequences>,
    /// That transcript; `None` between genes.
    pub transcript: Option<String>,
    /// The gene of that transcript.
    pub gene: Option<String>,
}

impl fmt::Debug for Annotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Annotation")
            .field("region", &self.region)
            .field("repeat", &self.repeat)
            .finish_non_exhaustive()
    }
}

/// Annotates edits. Those in genome order take the least time.
#[derive(Debug)]
pub struct Annotator {
    sources: AnnotationSources,
    /// The numbers of the transcripts, each over its exons, introns and what is upstream.
    index: IntervalIndex<u32>,
    sequences: CodingSequences,
}

impl Annotator {
    /// Indexes the transcripts.
    pub fn new(sources: AnnotationSources) -> Self {
        let transcripts = sources.genes.iter().flat_map(|genes| &genes.transcripts);
        let reach = |transcript: &Transcript| {
            let span = transcript.span();
            match transcript.upstream(sources.upstream) {
                Some(upstream) => span.start.min(upstream.start)..span.end.max(upstream.end),
                None => span,
            }
        };
        let intervals = (0..).zip(transcripts);
        let intervals =
            intervals.map(|(i, transcript)| (transcript.contig.as_str(), reach(transcript), i));
        let index = IntervalIndex::new(intervals);
        Self {
            index,
            sources,
            sequences: CodingSequences::default(),
        }
    }

    /// What edits are annotated from.
    pub fn sources(&self) -> &AnnotationSources {
        &self.sources
    }

    /// What the sources say of an edit.
    ///
    /// The consequence is the most severe over all transcripts, in the order of [`Consequence`];
    /// among equals a canonical transcript wins, then one that is translated, then the first of the
    /// file. The region is its class, unless a region of a file ranks higher: splice, nonsense,
    /// missense, synonymous, UTR, promoter, enhancer, intron, intergenic. The repeat is that of the
    /// files, or else a tandem repeat, or else soft mask.
    ///
    /// # Errors
    ///
    /// The outer error is a reference that cannot be read, which ends a run; the inner one an edit
    /// that does not fit the reference.
    pub fn annotate(
        &mut self,
        edit: &EditSpec,
    ) -> Result<Result<Annotation, ReferenceError>, FetchError> {
        if let Some(fasta) = &self.sources.fasta
            && let Err(fault) = check_reference(fasta, edit)?
        {
            return Ok(Err(fault));
        }
        let allele = Allele::of(edit);
        let effects = self.effects_of(edit.chrom(), &allele)?;
        let worst = effects.as_ref().map(|effects| self.worst(effects));
        let (consequences, transcript) = worst.unzip();
        let transcript = transcript.flatten();
        Ok(Ok(Annotation {
            region: self.region(edit.chrom(), &allele, consequences),
            repeat: self.repeat(edit.chrom(), &allele)?,
            consequences,
            transcript: transcript.map(|transcript| transcript.id.clone()),
            gene: transcript.and_then(|transcript| transcript.gene.clone()),
        }))
    }

    /// What an edit does to each transcript that it touches or comes shortly before, in the order
    /// of the file. `None` if there are no transcripts on the contig.
    ///
    /// # Errors
    ///
    /// [`FetchError`] if the reference cannot be read.
    pub fn effects(
        &mut self,
        edit: &EditSpec,
    ) -> Result<Option<Vec<(&Transcript, Consequences)>>, FetchError> {
        let effects = self.effects_of(edit.chrom(), &Allele::of(edit))?;
        let named = |(i, consequences)| (self.transcript(i), consequences);
        Ok(effects.map(|effects| effects.into_iter().map(named).collect()))
    }

    fn effects_of(
        &mut self,
        contig: &str,
        allele: &Allele,
    ) -> Result<Option<Vec<(u32, Consequences)>>, FetchError> {
        let (Some(intervals), Some(genes)) = (self.index.contig(contig), &self.sources.genes)
        else {
            return Ok(None);
        };
        let footprint = allele.footprint();
        let mut effects = Vec::new();
        for (_, &i) in intervals.overlaps(footprint.clone()) {
            let transcript = &genes.transcripts[i as usize];
            let sequence = match &self.sources.fasta {
                Some(fasta) if needs_sequence(transcript, allele) => {
                    self.sequences.get(fasta, i, transcript)?
                }
                _ => None,
            };
            let mut found = effect(transcript, allele, sequence);
            let is_upstream = transcript
                .upstream(self.sources.upstream)
                .is_some_and(|range| range.start < footprint.end && footprint.start < range.end);
            if found.worst().is_none() && is_upstream {
                found.insert(Consequence::UpstreamGene);
            }
            if found.worst().is_some() {
                effects.push((i, found));
            }
        }
        effects.sort_by_key(|(i, _)| *i);
        Ok(Some(effects))
    }

    fn transcript(&self, i: u32) -> &Transcript {
        let genes = self.sources.genes.as_ref();
        &genes.expect("only transcripts have effects").transcripts[i as usize]
    }

    fn worst(&self, effects: &[(u32, Consequences)]) -> (Consequences, Option<&Transcript>) {
        let rank = |(i, consequences): &&(u32, Consequences)| {
            let transcript = self.transcript(*i);
            let is_coding = matches!(transcript.translation, Translation::Coding(_));
            (
                consequences.worst(),
                Reverse((transcript.is_canonical, is_coding)),
            )
        };
        match effects.iter().min_by_key(rank) {
            Some((i, consequences)) => (*consequences, Some(self.transcript(*i))),
            None => {
                let mut intergenic = Consequences::default();
                intergenic.insert(Consequence::Intergenic);
                (intergenic, None)
            }
        }
    }

    fn region(
        &self,
        contig: &str,
        allele: &Allele,
        consequences: Option<Consequences>,
    ) -> Option<RegionClass> {
        let of_transcript = consequences
            .and_then(Consequences::worst)
            .map(Consequence::region);
        let regions = self.sources.regions.as_ref();
        let of_files = regions
            .and_then(|regions| regions.index.contig(contig))
            .into_iter()
            .flat_map(|regions| regions.overlaps(allele.footprint()))
            .map(|(_, class)| *class);
        let mut classes = of_transcript.into_iter().chain(of_files).peekable();
        classes.peek()?;
        Some(classify_region(classes.map(RegionClass::as_str)))
    }

    fn repeat(&self, contig: &str, allele: &Allele) -> Result<Option<RepeatClass>, FetchError> {
        let footprint = allele.footprint();
        let AnnotationSources {
            fasta,
            repeats,
            tandem_repeats,
            soft_mask,
            ..
        } = &self.sources;
        let intervals = repeats
            .as_ref()
            .and_then(|repeats| repeats.index.contig(contig));
        let hits = intervals.map(|intervals| intervals.overlaps(footprint.clone()));
        let classes = hits.into_iter().flatten().map(|(_, class)| class.as_str());
        if let Ok(class) = classify_repeat(classes)
            && class != RepeatClass::None
        {
            return Ok(Some(class));
        }
        let is_known = intervals.is_some().then_some(RepeatClass::None);
        let Some(fasta) = fasta.as_ref().filter(|_| *tandem_repeats || *soft_mask) else {
            return Ok(is_known);
        };
        let Some(contig) = fasta.resolve(contig) else {
            return Ok(is_known);
        };
        let start = footprint.start.saturating_sub(tandem::FLANK);
        let end = contig.len().min(footprint.end + tandem::FLANK);
        let bases = fasta.fetch(contig, start, end)?;
        let locus =
            (footprint.start - start) as usize..(footprint.end - start).min(end - start) as usize;
        let is_tandem = *tandem_repeats && tandem_unit(&bases, locus.clone()).is_some();
        let is_masked = *soft_mask && bases[locus].iter().any(u8::is_ascii_lowercase);
        Ok(Some(match (is_tandem, is_masked) {
            (true, _) => RepeatClass::Simple,
            (false, true) => RepeatClass::Transposon,
            (false, false) => RepeatClass::None,
        }))
    }
}
