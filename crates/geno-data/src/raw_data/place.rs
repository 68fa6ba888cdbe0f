//! From calls to records: which base is the reference's, and what the alleles are beside it.

use geno_core::Base;

use super::{
    StrandRule,
    allele_map::{AlleleMap, IndelSite, Site},
    build::{Build, BuildEvidence, OLD_MITOCHONDRION_LEN},
    call::{Call, CallFault, RejectedCall},
    chromosome::Chromosome,
    contigs::Contigs,
    genotype::{Alleles, Genotype, Length},
    record::{Called, Record},
    report::Counts,
    sequencing::ExplicitCall,
    strand::{Mark, on_reference_strand},
};
use crate::{Contig, Fasta, FetchError};

/// Where the bases of the reference come from.
pub(crate) struct Reference<'a> {
    pub(crate) fasta: Option<&'a Fasta>,
    pub(crate) map: Option<AlleleMap>,
}

/// A call on its contig, with the reference's base.
pub(crate) struct Placed {
    pub(crate) call: Call,
    contig: u32,
    reference: Option<Base>,
}

impl Reference<'_> {
    /// Puts calls on their contigs, in the order of the VCF, and compares them with the reference.
    pub(crate) fn place(
        &self,
        calls: Vec<Call>,
        contigs: &Contigs,
        evidence: &mut BuildEvidence,
        rejected: &mut Vec<RejectedCall>,
    ) -> Result<Vec<Placed>, FetchError> {
        let mut placed = Vec::with_capacity(calls.len());
        for call in calls {
            match contigs.of(call.chromosome) {
                Some(contig) => placed.push(Placed {
                    call,
                    contig,
                    reference: None,
                }),
                None => rejected.push(call.reject(CallFault::UnknownContig)),
            }
        }
        // In this order the reference is read from its beginning to its end.
        placed.sort_by_key(|placed| (placed.contig, placed.call.position, placed.call.line));
        for placed in &mut placed {
            if let Genotype::Bases(called) = placed.call.genotype {
                placed.reference = self.base(&placed.call, placed.contig)?;
                if let Some(reference) = placed.reference {
                    evidence.reference_checked += 1;
                    evidence.reference_agree += u64::from(called.contains(reference));
                }
            }
        }
        Ok(placed)
    }

    /// The base of the reference at a call: of the FASTA if there is one, else of the map.
    fn base(&self, call: &Call, contig: u32) -> Result<Option<Base>, FetchError> {
        let Some(fasta) = self.fasta else {
            return Ok(self.site(call).and_then(|site| site.reference));
        };
        let bases = bases(fasta, contig, call.position, 1)?;
        Ok(bases.and_then(|bases| Base::from_letter(bases[0])))
    }

    /// What the map knows at a call.
    fn site(&self, call: &Call) -> Option<&Site> {
        let map = self.map.as_ref()?;
        map.site(call.chromosome, call.position)
    }

    /// Whether the reference's mitochondrion is not the one that the markers are of.
    fn has_other_mitochondrion(&self, contig: u32, build: Option<Build>) -> bool {
        let is_old = |fasta: &Fasta| contig_of(fasta, contig).len() == OLD_MITOCHONDRION_LEN;
        self.fasta.is_some_and(is_old) && build != Some(Build::Ncbi36)
    }

    /// Turns calls into records.
    pub(crate) fn records(
        &self,
        calls: Vec<Placed>,
        rule: StrandRule,
        build: Option<Build>,
        counts: &mut Counts,
        rejected: &mut Vec<RejectedCall>,
    ) -> Result<Vec<Record>, FetchError> {
        let mut records = Vec::new();
        for Placed {
            call,
            contig,
            reference,
        } in calls
        {
            let is_missing = matches!(call.genotype, Genotype::NoCall | Genotype::HalfCall);
            let is_other =
                call.chromosome == Chromosome::MT && self.has_other_mitochondrion(contig, build);
            if is_other && !is_missing {
                rejected.push(call.reject(CallFault::OtherMitochondrion));
                continue;
            }
            let record = match call.genotype {
                Genotype::NoCall => {
                    counts.no_calls += 1;
                    continue;
                }
                Genotype::HalfCall => {
                    counts.half_calls += 1;
                    continue;
                }
                Genotype::Bases(called) => {
                    self.bases_record(&call, contig, reference, called, rule)
                }
                Genotype::Indel(called) => match self.indel_record(&call, contig, called)? {
                    Some(record) => {
                        counts.indels_resolved += u64::from(record.is_ok());
                        record
                    }
                    None => {
                        counts.indels_unresolved += 1;
                        continue;
                    }
                },
            };
            match record {
                Ok(record) => records.push(record),
                Err(fault) => rejected.push(call.reject(fault)),
            }
        }
        Ok(records)
    }

    fn bases_record(
        &self,
        call: &Call,
        contig: u32,
        reference: Option<Base>,
        called: Alleles<Base>,
        rule: StrandRule,
    ) -> Result<Record, CallFault> {
        let called = haploid(call.chromosome, called)?;
        let Some(reference) = reference else {
            let end = self.fasta.map(|fasta| contig_of(fasta, contig).len());
            return Err(match end {
                Some(end) if u64::from(call.position) > end => CallFault::PastContig,
                _ => CallFault::NoReference,
            });
        };
        // A map that has another base there than the FASTA says nothing of its alternates.
        let site = self.site(call);
        let site = site.filter(|site| site.reference == Some(reference));
        let known = site.map_or(&[][..], |site| &site.alternates);
        let (called, mark) = on_reference_strand(called, reference, known, rule)?;

        let mut alleles = vec![reference];
        let numbers = called.map(
            |base| match alleles.iter().position(|known| *known == base) {
                Some(i) => i as u16,
                None => {
                    alleles.push(base);
                    alleles.len() as u16 - 1
                }
            },
        );
        let letters: Vec<_> = alleles
            .iter()
            .map(|base| char::from(base.letter()).to_string())
            .collect();
        Ok(call.record(contig, call.position, letters.join(","), numbers, mark))
    }

    /// The indel of a call's name, if the map has just one, as the FASTA has it too.
    fn indel_record(
        &self,
        call: &Call,
        contig: u32,
        called: Alleles<Length>,
    ) -> Result<Option<Result<Record, CallFault>>, FetchError> {
        let map = self.map.as_ref();
        let Some(IndelSite::One {
            position,
            reference,
            alternate,
        }) = map.and_then(|map| map.indel(call.chromosome, &call.id))
        else {
            return Ok(None);
        };
        if let Some(fasta) = self.fasta {
            let bases = bases(fasta, contig, *position, reference.len())?;
            if bases.as_deref() != Some(reference.as_bytes()) {
                return Ok(Some(Err(CallFault::ReferenceMismatch)));
            }
        }
        Ok(Some(haploid(call.chromosome, called).map(|called| {
            let alternate_is = match alternate.len() > reference.len() {
                true => Length::Inserted,
                false => Length::Deleted,
            };
            let numbers = called.map(|length| u16::from(length == alternate_is));
            let alleles = match called.contains(alternate_is) {
                true => format!("{reference},{alternate}"),
                false => reference.to_string(),
            };
            call.record(contig, *position, alleles, numbers, Mark::None)
        })))
    }

    /// Turns variants that name their own alleles into records.
    pub(crate) fn explicit_records(
        &self,
        calls: Vec<ExplicitCall>,
        contigs: &mut Contigs,
        evidence: &mut BuildEvidence,
        rejected: &mut Vec<RejectedCall>,
    ) -> Result<Vec<Record>, FetchError> {
        let mut records = Vec::with_capacity(calls.len());
        for call in calls {
            let reject = |fault| RejectedCall {
                line: call.line.into(),
                fault,
                id: Some(call.id.to_string()),
            };
            let Some(contig) = contigs.find(&call.chrom, self.fasta) else {
                rejected.push(reject(CallFault::UnknownContig));
                continue;
            };
            records.push(Record {
                contig,
                position: call.position,
                line: call.line,
                id: call.id,
                alleles: call.alleles,
                genotype: call.genotype,
                mark: Mark::None,
            });
        }
        let Some(fasta) = self.fasta else {
            return Ok(records);
        };
        records.sort_by_key(|record| (record.contig, record.position, record.line));
        let mut kept = Vec::with_capacity(records.len());
        for record in records {
            let reference = record.reference();
            let bases = bases(fasta, record.contig, record.position, reference.len())?;
            let fault = match bases {
                None => Some(CallFault::PastContig),
                Some(bases) => {
                    let agrees = bases == reference.as_bytes();
                    evidence.reference_checked += 1;
                    evidence.reference_agree += u64::from(agrees);
                    (!agrees).then_some(CallFault::ReferenceMismatch)
                }
            };
            match fault {
                None => kept.push(record),
                Some(fault) => rejected.push(RejectedCall {
                    line: record.line.into(),
                    fault,
                    id: Some(record.id.into()),
                }),
            }
        }
        Ok(kept)
    }
}

/// A contig by its place, which is that in the FASTA.
fn contig_of(fasta: &Fasta, contig: u32) -> &Contig {
    &fasta.contigs()[contig as usize]
}

/// Bases of the FASTA in upper case, if the contig has them.
fn bases(
    fasta: &Fasta,
    contig: u32,
    position: u32,
    len: usize,
) -> Result<Option<Vec<u8>>, FetchError> {
    let contig = contig_of(fasta, contig);
    let start = u64::from(position) - 1;
    let end = start + len as u64;
    if end > contig.len() {
        return Ok(None);
    }
    let mut bases = fasta.fetch(contig, start, end)?;
    bases.make_ascii_uppercase();
    Ok(Some(bases))
}

/// One allele where nobody has two: services write it twice.
fn haploid<T: Copy + Eq>(
    chromosome: Chromosome,
    called: Alleles<T>,
) -> Result<Alleles<T>, CallFault> {
    match chromosome.is_haploid() {
        true if called.is_heterozygous() => Err(CallFault::HeterozygousHaploid),
        true => Ok(Alleles {
            first: called.first,
            second: None,
        }),
        false => Ok(called),
    }
}

impl Call {
    fn reject(self, fault: CallFault) -> RejectedCall {
        RejectedCall {
            line: self.line.into(),
            fault,
            id: Some(self.id.into()),
        }
    }

    fn record(
        &self,
        contig: u32,
        position: u32,
        alleles: String,
        numbers: Alleles<u16>,
        mark: Mark,
    ) -> Record {
        let genotype = numbers.iter().fold(Called::default(), |genotype, number| {
            genotype.with(Some(number)).unwrap_or(genotype)
        });
        Record {
            contig,
            position,
            line: self.line,
            id: self.id.clone(),
            alleles: alleles.into(),
            genotype,
            mark,
        }
    }
}
