//! The variants of all sources, compared with the reference and with each other.

use std::collections::{BTreeMap, HashMap};

use geno_action::EditSpec;
use geno_core::is_acgt;
use geno_data::{
    Annotation, Annotator, Fasta, ReferenceError, VariantKey, VariantKeys, canonical_contig,
    check_reference,
};
use geno_provenance::{Json, canonical_json};

use super::{
    PrepareBenchmark, PrepareBenchmarkError, consequence,
    found::{Found, Skipped},
    select::select,
};
use crate::benchmark::{
    entry::{Assembly, LabelKind},
    rule::{ClinvarRegion, Rule, VariantKind},
};

/// Longest allele that is taken: no longer one can be scored.
const MAX_ALLELE: usize = 16;

/// Brings the variants of all sources together.
pub(super) struct Collector<'a> {
    pub(super) request: &'a PrepareBenchmark<'a>,
    pub(super) fasta: &'a Fasta,
    annotator: Option<Annotator>,
    chromosomes: Vec<String>,
    keys: VariantKeys<'a>,
    /// Variants by the form that all spellings share.
    by_key: HashMap<VariantKey, Vec<usize>>,
    found: Vec<Found>,
    skipped: Vec<Skipped>,
    n_mismatches: u64,
}

/// What is left of all rows.
pub(super) struct Collected {
    /// In the order of the reference.
    pub(super) variants: Vec<Found>,
    /// In the order of the files.
    pub(super) skipped: Vec<Skipped>,
    /// Variants that fit and are no duplicates, before some were chosen.
    pub(super) usable: u64,
}

impl<'a> Collector<'a> {
    pub(super) fn new(
        request: &'a PrepareBenchmark<'a>,
        fasta: &'a Fasta,
        annotator: Option<Annotator>,
    ) -> Self {
        let chromosomes = request.selection.chromosomes.iter();
        Self {
            chromosomes: chromosomes.map(|name| canonical_contig(name)).collect(),
            keys: VariantKeys::new(Some(fasta)),
            request,
            fasta,
            annotator,
            by_key: HashMap::new(),
            found: Vec::new(),
            skipped: Vec::new(),
            n_mismatches: 0,
        }
    }

    /// Variants found until now.
    pub(super) fn n_found(&self) -> u64 {
        self.found.len() as u64
    }

    /// Leaves a row out.
    pub(super) fn skip(&mut self, file: usize, line: u64, reason: &'static str) {
        self.skipped.push(Skipped { file, line, reason });
    }

    /// Whether a contig is asked for.
    pub(super) fn is_wanted(&self, contig: &str) -> bool {
        self.chromosomes.is_empty() || self.chromosomes.contains(&canonical_contig(contig))
    }

    /// Takes a variant, or leaves it out.
    pub(super) fn take(&mut self, mut found: Found) -> Result<(), PrepareBenchmarkError> {
        match self.fitting(&mut found)? {
            Err(reason) => self.skipped.push(found.skipped(reason)),
            Ok(key) => {
                self.by_key.entry(key).or_default().push(self.found.len());
                self.found.push(found);
            }
        }
        Ok(())
    }

    /// Why a variant is left out, or its key.
    fn fitting(
        &mut self,
        found: &mut Found,
    ) -> Result<Result<VariantKey, &'static str>, PrepareBenchmarkError> {
        let assembly = self.request.assembly;
        if !is_of(assembly, &found.contig) {
            let path = self.path_of(found.file);
            return Err(PrepareBenchmarkError::OtherAssembly {
                path,
                line: found.line,
                contig: found.contig.clone(),
                assembly,
            });
        }
        found.contig = canonical_contig(&found.contig);
        if !self.is_wanted(&found.contig) {
            return Ok(Err("other_chromosome"));
        }
        if found.alternate.is_empty()
            && let Err(reason) = self.anchor(found)?
        {
            return Ok(Err(reason));
        }
        if let Some(reason) = self.bad_alleles(found) {
            return Ok(Err(reason));
        }
        let Found {
            contig,
            pos,
            reference,
            alternate,
            ..
        } = &*found;
        let Ok(edit) = EditSpec::new(contig, *pos, reference, alternate) else {
            return Ok(Err("no_edit"));
        };
        if let Err(fault) = check_reference(self.fasta, &edit)? {
            return Ok(Err(self.reference_fault(&fault)));
        }
        if found.terms.is_empty() {
            let annotation = self.annotate(&edit)?;
            let terms = annotation.and_then(|annotation| annotation.consequences);
            let terms = terms.iter().flat_map(|terms| terms.iter());
            found.terms = terms.map(|term| term.term().to_owned()).collect();
        }
        if let Some(region) = found.region {
            if found.terms.is_empty() {
                return Ok(Err("missing_consequence"));
            }
            if (region == ClinvarRegion::Coding) != consequence::is_coding(&found.terms) {
                return Ok(Err("other_region"));
            }
        }
        let key = self
            .keys
            .add(edit.chrom(), edit.pos(), edit.reference(), edit.alternate())?;
        Ok(key.ok_or("no_edit"))
    }

    /// What the transcripts say of an edit.
    pub(super) fn annotate(
        &mut self,
        edit: &EditSpec,
    ) -> Result<Option<Annotation>, PrepareBenchmarkError> {
        match &mut self.annotator {
            None => Ok(None),
            Some(annotator) => Ok(annotator.annotate(edit)?.ok()),
        }
    }

    fn path_of(&self, file: usize) -> std::path::PathBuf {
        let source = self.request.benchmark.sources.get(file);
        let path = source.map(|source| self.request.file(&source.name));
        path.or(self.request.genes)
            .map(ToOwned::to_owned)
            .unwrap_or_default()
    }

    /// Puts the base before a deletion in front of both alleles.
    fn anchor(&self, found: &mut Found) -> Result<Result<(), &'static str>, PrepareBenchmarkError> {
        let Some(contig) = self.fasta.resolve(&found.contig) else {
            return Ok(Err("unknown_contig"));
        };
        if found.pos < 2 || found.pos - 1 > contig.len() {
            return Ok(Err("past_contig"));
        }
        let before = self.fasta.fetch(contig, found.pos - 2, found.pos - 1)?;
        let before = char::from(before[0].to_ascii_uppercase());
        found.pos -= 1;
        found.reference.insert(0, before);
        found.alternate.push(before);
        Ok(Ok(()))
    }

    fn bad_alleles(&self, found: &Found) -> Option<&'static str> {
        let variants = match &self.request.benchmark.rule {
            Rule::Table(rule) => rule.variants,
            _ => VariantKind::Snv,
        };
        let alleles = [&found.reference, &found.alternate];
        let is_snv = alleles.iter().all(|allele| allele.len() == 1);
        if variants == VariantKind::Snv && !is_snv {
            return Some("not_snv");
        }
        if alleles
            .iter()
            .any(|one| one.is_empty() || !is_acgt(one.as_bytes()))
        {
            return Some("not_acgt");
        }
        if alleles.iter().any(|one| one.len() > MAX_ALLELE) {
            return Some("too_long");
        }
        (found.reference == found.alternate).then_some("no_edit")
    }

    fn reference_fault(&mut self, fault: &ReferenceError) -> &'static str {
        match fault {
            ReferenceError::UnknownContig { .. } => "unknown_contig",
            ReferenceError::PastContig { .. } => "past_contig",
            ReferenceError::UnknownBases { .. } => "unknown_bases",
            _ => {
                self.n_mismatches += 1;
                "reference_mismatch"
            }
        }
    }

    /// What is left: without duplicates, chosen, in the order of the reference.
    pub(super) fn finish(mut self) -> Result<Collected, PrepareBenchmarkError> {
        let checked = self.n_mismatches + self.n_found();
        if self.n_mismatches * 2 > checked {
            return Err(PrepareBenchmarkError::OtherReference {
                fasta: self.request.fasta.to_owned(),
                mismatches: self.n_mismatches,
                checked,
            });
        }
        self.drop_duplicates();
        self.drop_halves();
        let usable = self.n_found();
        let chosen = select(self.request, &self.found);
        let mut is_chosen = vec![false; self.found.len()];
        chosen.into_iter().for_each(|i| is_chosen[i] = true);
        let mut variants = Vec::new();
        for (found, is_chosen) in self.found.into_iter().zip(is_chosen) {
            match is_chosen {
                true => variants.push(found),
                false => self.skipped.push(found.skipped("not_selected")),
            }
        }
        self.skipped.sort_unstable();
        check_classes(self.request, &variants, &self.skipped)?;
        let contigs = self.fasta.contigs().iter().enumerate();
        let places: HashMap<String, usize> = contigs
            .map(|(i, contig)| (canonical_contig(contig.name()), i))
            .collect();
        let place = |found: &Found| {
            let place = places.get(&found.contig).copied();
            let (reference, alternate) = (found.reference.clone(), found.alternate.clone());
            (place, found.pos, reference, alternate)
        };
        variants.sort_by_cached_key(place);
        Ok(Collected {
            variants,
            skipped: self.skipped,
            usable,
        })
    }

    /// Keeps one row of a variant, whatever their order, and none where labels differ.
    fn drop_duplicates(&mut self) {
        let mut is_kept = vec![false; self.found.len()];
        let mut reasons: Vec<&'static str> = vec!["duplicate"; self.found.len()];
        for places in self.by_key.values() {
            let label = self.found[places[0]].label;
            if places.iter().any(|i| self.found[*i].label != label) {
                places
                    .iter()
                    .for_each(|i| reasons[*i] = "conflicting_duplicate");
                continue;
            }
            let first = places.iter().min_by_key(|i| spelled(&self.found[**i]));
            first.into_iter().for_each(|i| is_kept[*i] = true);
        }
        self.retain(&is_kept, &reasons);
    }

    /// Leaves out variants whose pair lost the other one.
    fn drop_halves(&mut self) {
        let mut sizes: BTreeMap<String, usize> = BTreeMap::new();
        let pairs = self.found.iter().filter_map(|found| found.pair.clone());
        pairs.for_each(|pair| *sizes.entry(pair).or_default() += 1);
        let is_whole = |found: &Found| found.pair.as_ref().is_none_or(|pair| sizes[pair] == 2);
        let is_kept: Vec<bool> = self.found.iter().map(is_whole).collect();
        let reasons = vec!["other_of_pair_left_out"; is_kept.len()];
        self.retain(&is_kept, &reasons);
    }

    fn retain(&mut self, is_kept: &[bool], reasons: &[&'static str]) {
        let all = std::mem::take(&mut self.found);
        for (i, found) in all.into_iter().enumerate() {
            match is_kept[i] {
                true => self.found.push(found),
                false => self.skipped.push(found.skipped(reasons[i])),
            }
        }
    }
}

/// What two rows of one variant are told apart by, so that which of them is kept does not depend on their order.
fn spelled(found: &Found) -> (u64, String, String, Vec<u8>) {
    let extra = Json::Object(found.extra.clone());
    let (reference, alternate) = (found.reference.clone(), found.alternate.clone());
    (found.pos, reference, alternate, canonical_json(&extra))
}

/// Whether a contig can be of a build: an accession is of one alone.
fn is_of(assembly: Assembly, contig: &str) -> bool {
    if !contig.starts_with("NC_") {
        return true;
    }
    // The accessions of a chromosome stand last among its names, that of GRCh37 first.
    let chromosome = canonical_contig(contig);
    let names = geno_core::contig_aliases(&chromosome);
    let mut accessions = names.iter().filter(|name| name.starts_with("NC_"));
    let (first, last) = (accessions.next(), accessions.next_back());
    let own = match assembly {
        Assembly::Grch37 => first,
        Assembly::Grch38 => last.or(first),
    };
    chromosome != contig && own.is_some_and(|own| own == contig)
}

fn check_classes(
    request: &PrepareBenchmark<'_>,
    variants: &[Found],
    skipped: &[Skipped],
) -> Result<(), PrepareBenchmarkError> {
    let label = request.benchmark.label.as_ref();
    let is_binary = label.is_some_and(|label| label.kind == LabelKind::Binary);
    let has = |label: f64| variants.iter().any(|found| found.label == label);
    let what = match is_binary {
        _ if variants.is_empty() => "variant",
        true if !has(1.0) => "positive variant",
        true if !has(0.0) => "negative variant",
        _ => return Ok(()),
    };
    let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
    skipped
        .iter()
        .for_each(|row| *counts.entry(row.reason).or_default() += 1);
    let skipped = counts.into_iter().collect();
    Err(PrepareBenchmarkError::NothingLeft { what, skipped })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_accession_is_of_one_build() {
        use Assembly::{Grch37, Grch38};
        for (contig, is_37, is_38) in [
            ("13", true, true),
            ("chr13", true, true),
            ("NC_000013.10", true, false),
            ("NC_000013.11", false, true),
            ("NC_000013.9", false, false),
            ("NC_060937.1", false, false),
            ("NC_012920.1", true, true),
            ("GL000220.1", true, true),
        ] {
            assert_eq!(is_of(Grch37, contig), is_37, "{contig}");
            assert_eq!(is_of(Grch38, contig), is_38, "{contig}");
        }
    }
}
