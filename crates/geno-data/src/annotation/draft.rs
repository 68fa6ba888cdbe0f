//! Transcripts put together from the rows that name them.

use std::{collections::HashMap, ops::Range};

use super::{
    bed::BedRow,
    feature::Feature,
    rows::RowFault,
    transcript::{CodingRegion, Strand, Transcript, Translation, merged},
};

/// What a row says of a transcript or a gene beside its exons.
#[derive(Clone, Debug, Default)]
struct Labels {
    name: Option<String>,
    gene: Option<String>,
    biotype: Option<String>,
    is_canonical: bool,
    is_start_missing: bool,
    /// In GFF3, what it is a part of.
    parent: Option<String>,
}

/// The rows of one transcript.
#[derive(Debug)]
struct Draft {
    contig: String,
    id: String,
    strand: Strand,
    exons: Vec<Range<u64>>,
    /// Parts of the coding sequence with their phases, stop codons left out where they stand apart.
    coding: Vec<(Range<u64>, Option<u8>)>,
    stops: Vec<Range<u64>>,
    labels: Labels,
    n_rows: u64,
}

/// Collects the rows of a file, in any order.
#[derive(Debug, Default)]
pub(crate) struct Drafts {
    drafts: Vec<Draft>,
    /// The draft that was last added to.
    last: usize,
    by_id: HashMap<(String, bool), HashMap<String, usize>>,
    /// GFF3: what the rows say that others are parts of.
    nodes: HashMap<String, Labels>,
}

impl Drafts {
    /// Takes a row of a GTF or GFF3 file.
    pub(crate) fn add_feature(&mut self, feature: &Feature<'_>) -> Result<(), RowFault> {
        let part = match feature.kind {
            "exon" | "CDS" | "stop_codon" => true,
            "transcript" => false,
            _ if feature.is_gff3() => false,
            _ => return Ok(()),
        };
        match (part, feature.is_gff3()) {
            (false, true) => {
                if let Some(id) = feature.attribute("ID") {
                    let labels = || Labels::of(feature);
                    self.nodes.entry(id.into_owned()).or_insert_with(labels);
                }
                Ok(())
            }
            (_, false) => {
                let id = feature
                    .attribute("transcript_id")
                    .ok_or(RowFault::NoTranscript)?;
                self.add_part(feature, &id)
            }
            (true, true) => {
                let mut parents = feature.values("Parent").peekable();
                parents.peek().ok_or(RowFault::NoTranscript)?;
                parents.try_for_each(|id| self.add_part(feature, &id))
            }
        }
    }

    fn add_part(&mut self, feature: &Feature<'_>, id: &str) -> Result<(), RowFault> {
        let strand = feature.strand.ok_or(RowFault::BadStrand)?;
        let draft = self.draft(feature.contig, strand, id);
        let region = feature.region.clone();
        match feature.kind {
            "exon" => draft.exons.push(region),
            "CDS" => draft.coding.push((region, feature.phase)),
            "stop_codon" => draft.stops.push(region),
            _ => {}
        }
        // Every row of a transcript repeats what it says of the whole.
        if draft.n_rows == 0 || matches!(feature.kind, "transcript" | "CDS") {
            draft.labels.complete(Labels::of(feature));
        }
        draft.n_rows += 1;
        Ok(())
    }

    /// Takes a row of a BED file: a transcript in twelve columns, or else an exon.
    ///
    /// An exon is of the transcript in the third part of its name, where parts are divided by `|`;
    /// or of what stands before `_exon_` or `_cds_`; or else of its whole name. Without a strand it
    /// counts as forward.
    pub(crate) fn add_bed(&mut self, row: BedRow<'_>) -> Result<(), RowFault> {
        let name = row.name.ok_or(RowFault::NoTranscript)?;
        let strand = row.strand.unwrap_or(Strand::Forward);
        let parts: Vec<&str> = name.split('|').collect();
        let (gene, id) = match (parts.as_slice(), &row.blocks) {
            ([gene, _, transcript, ..], _) => (Some(*gene), *transcript),
            (_, Some(_)) => (None, name),
            (_, None) => {
                let cut = ["_exon_", "_cds_"].iter().find_map(|mark| name.find(mark));
                (None, &name[..cut.unwrap_or(name.len())])
            }
        };
        let draft = self.draft(row.contig, strand, id);
        draft.labels.gene = gene.map(str::to_owned);
        match row.blocks {
            None => draft.exons.push(row.region),
            Some(blocks) => {
                let coding = blocks.exons.iter().map(|exon| {
                    exon.start.max(blocks.coding.start)..exon.end.min(blocks.coding.end)
                });
                let coding = coding.filter(|part| !part.is_empty());
                draft.coding.extend(coding.map(|part| (part, None)));
                draft.exons.extend(blocks.exons);
            }
        }
        Ok(())
    }

    /// The draft of a transcript, which is mostly that of the row before.
    fn draft(&mut self, contig: &str, strand: Strand, id: &str) -> &mut Draft {
        let is_last =
            |draft: &Draft| draft.id == id && draft.strand == strand && draft.contig == contig;
        if self
            .drafts
            .get(self.last)
            .is_none_or(|draft| !is_last(draft))
        {
            let place = (contig.to_owned(), strand == Strand::Forward);
            let of_place = self.by_id.entry(place).or_default();
            self.last = *of_place.entry(id.to_owned()).or_insert(self.drafts.len());
        }
        if self.last == self.drafts.len() {
            self.drafts.push(Draft {
                contig: contig.to_owned(),
                id: id.to_owned(),
                strand,
                exons: Vec::new(),
                coding: Vec::new(),
                stops: Vec::new(),
                labels: Labels::default(),
                n_rows: 0,
            });
        }
        &mut self.drafts[self.last]
    }

    /// The transcripts, in the order in which the file first names them.
    pub(crate) fn finish(mut self) -> Vec<Transcript> {
        let has_coding = self.drafts.iter().any(|draft| !draft.coding.is_empty());
        let drafts = std::mem::take(&mut self.drafts);
        let finish = |draft| self.finish_one(draft, has_coding);
        drafts.into_iter().filter_map(finish).collect()
    }

    fn finish_one(&self, mut draft: Draft, has_coding: bool) -> Option<Transcript> {
        let mut id = draft.id;
        if let Some(node) = self.nodes.get(&id) {
            draft.labels.complete(node.clone());
            let gene = node.parent.as_ref().and_then(|gene| self.nodes.get(gene));
            if let Some(gene) = gene {
                let name = gene.name.clone().or_else(|| gene.gene.clone());
                draft.labels.gene = draft.labels.gene.or(name);
                draft.labels.biotype = draft.labels.biotype.or_else(|| gene.biotype.clone());
            }
            id = node.name.clone().unwrap_or(id);
        }
        let coding = std::mem::take(&mut draft.coding);
        let regions = coding.iter().map(|(region, _)| region.clone());
        draft.exons.extend(regions);
        draft.exons.append(&mut draft.stops.clone());
        let exons = merged(draft.exons);
        if exons.is_empty() {
            return None;
        }
        let is_start_missing = draft.labels.is_start_missing;
        Some(Transcript {
            id,
            gene: draft.labels.gene,
            biotype: draft.labels.biotype,
            contig: draft.contig,
            strand: draft.strand,
            exons,
            translation: match (coding.is_empty(), has_coding) {
                (true, false) => Translation::Unknown,
                (true, true) => Translation::None,
                (false, _) => {
                    let coding = coding_region(coding, draft.stops, draft.strand, is_start_missing);
                    Translation::Coding(coding)
                }
            },
            is_canonical: draft.labels.is_canonical,
        })
    }
}

impl Labels {
    fn of(feature: &Feature<'_>) -> Self {
        let is_canonical = |tag: &str| {
            let tag = tag.replace(' ', "_");
            ["Ensembl_canonical", "MANE_Select", "RefSeq_Select"].contains(&tag.as_str())
        };
        let starts_before = match feature.strand {
            Some(Strand::Reverse) => "end_range",
            _ => "start_range",
        };
        let name = match (feature.is_gff3(), feature.kind) {
            (true, "gene" | "pseudogene" | "ncRNA_gene") => feature.first_of(&["Name", "gene_id"]),
            (true, _) => feature.first_of(&["transcript_id", "Name"]),
            (false, _) => None,
        };
        Self {
            name,
            gene: feature.first_of(&["gene_name", "gene", "gene_id"]),
            biotype: feature.first_of(&[
                "transcript_type",
                "transcript_biotype",
                "biotype",
                "gene_type",
                "gene_biotype",
            ]),
            is_canonical: feature.values("tag").any(|tag| is_canonical(&tag)),
            is_start_missing: feature.values("tag").any(|tag| tag == "cds_start_NF")
                || feature.attribute(starts_before).is_some(),
            parent: match feature.is_gff3() {
                true => feature.first_of(&["Parent"]),
                false => None,
            },
        }
    }

    /// Adds what another row says and these do not.
    fn complete(&mut self, other: Self) {
        self.gene = self.gene.take().or(other.gene);
        self.biotype = self.biotype.take().or(other.biotype);
        self.is_canonical |= other.is_canonical;
        self.is_start_missing |= other.is_start_missing;
    }
}

/// Joins the parts of a coding sequence and compares their phases with their lengths.
fn coding_region(
    mut coding: Vec<(Range<u64>, Option<u8>)>,
    stops: Vec<Range<u64>>,
    strand: Strand,
    is_start_missing: bool,
) -> CodingRegion {
    coding.sort_by_key(|(region, _)| region.start);
    let overlaps = coding
        .windows(2)
        .any(|pair| pair[1].0.start < pair[0].0.end);
    if strand == Strand::Reverse {
        coding.reverse();
    }
    let phase = coding[0].1;
    let mut n_before = 0;
    let mut agree = true;
    for (region, given) in &coding {
        let first = u64::from(phase.unwrap_or(0));
        let expected = (first + 3 - n_before % 3) % 3;
        agree &= given.is_none_or(|given| u64::from(given) == expected);
        n_before += region.end - region.start;
    }
    let regions = coding.into_iter().map(|(region, _)| region);
    CodingRegion {
        segments: merged(regions.chain(stops).collect()),
        phase,
        is_start_missing,
        is_consistent: agree && !overlaps,
    }
}
