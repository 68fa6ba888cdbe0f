//! Alleles known at sites, of which an import keeps what its calls ask for.

use std::{
    collections::{HashMap, HashSet},
    io::BufRead,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use geno_core::{Base, is_acgt};

use super::{
    MAX_ROW_BYTES,
    call::Call,
    chromosome::{Chromosome, Placement},
    error::{ImportError, Stop},
    genotype::Genotype,
    table::parse_position,
    text::with_text,
};
use crate::{RejectReason, VcfReader, VcfRow, lines::read_line};

/// What is known at the sites of some calls.
#[derive(Default)]
pub(crate) struct AlleleMap {
    sites: HashMap<(Chromosome, u32), Site>,
    indels: HashMap<(Chromosome, Box<str>), IndelSite>,
    /// Rows that could not be used.
    pub(crate) rejected: u64,
}

/// The base of the reference at a site, and the bases that are known to take its place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Site {
    /// `None` where rows contradict each other.
    pub(crate) reference: Option<Base>,
    /// Empty where nobody knows.
    pub(crate) alternates: Vec<Base>,
}

/// The one indel that goes by a name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum IndelSite {
    One {
        position: u32,
        reference: Box<str>,
        alternate: Box<str>,
    },
    /// There are several.
    Several,
}

/// What the calls of a file ask for.
struct Wanted<'a> {
    sites: HashSet<(Chromosome, u32)>,
    indels: HashSet<(Chromosome, &'a str)>,
}

impl AlleleMap {
    /// Reads what concerns some calls: a VCF, or rows of `CHROM POS REF [ALT [ID]]`.
    pub(crate) fn read(
        path: &Path,
        calls: &[Call],
        interrupted: &AtomicBool,
    ) -> Result<Self, Stop> {
        let mut wanted = Wanted {
            sites: HashSet::new(),
            indels: HashSet::new(),
        };
        for call in calls {
            match call.genotype {
                Genotype::Bases(_) => {
                    wanted.sites.insert((call.chromosome, call.position));
                }
                Genotype::Indel(_) => {
                    wanted.indels.insert((call.chromosome, &call.id));
                }
                Genotype::NoCall | Genotype::HalfCall => {}
            }
        }
        let mut map = Self::default();
        let read = Arc::new(AtomicU64::new(0));
        let is_vcf = with_text(path, &read, |text| {
            map.read_table(path, text, &wanted, interrupted)
        })?;
        if is_vcf {
            map.read_vcf(path, &wanted, interrupted)?;
        }
        Ok(map)
    }

    /// What is known at a position.
    pub(crate) fn site(&self, chromosome: Chromosome, position: u32) -> Option<&Site> {
        self.sites.get(&(chromosome, position))
    }

    /// The indel of a name.
    pub(crate) fn indel(&self, chromosome: Chromosome, id: &str) -> Option<&IndelSite> {
        self.indels.get(&(chromosome, id.into()))
    }

    fn read_vcf(
        &mut self,
        path: &Path,
        wanted: &Wanted<'_>,
        interrupted: &AtomicBool,
    ) -> Result<(), Stop> {
        for row in VcfReader::open(path)? {
            stop_if(interrupted)?;
            let is_used = match &row? {
                VcfRow::Variant(variant) => {
                    let edit = variant.edit();
                    let position = u32::try_from(edit.pos()).ok();
                    position.is_some_and(|position| {
                        let alleles = (edit.reference(), Some(edit.alternate()));
                        self.add(wanted, edit.chrom(), position, alleles, variant.id())
                    })
                }
                // A row without ALT still says what REF is.
                VcfRow::Rejected(row) if row.reason == RejectReason::NoAlternate => {
                    match (&row.chrom, &row.pos, &row.reference) {
                        (Some(chrom), Some(pos), Some(reference)) => parse_position(pos)
                            .is_some_and(|position| {
                                self.add(wanted, chrom, position, (reference, None), ".")
                            }),
                        _ => false,
                    }
                }
                VcfRow::Rejected(_) => false,
            };
            self.rejected += u64::from(!is_used);
        }
        Ok(())
    }

    /// Reads rows; says whether it is a VCF instead.
    fn read_table(
        &mut self,
        path: &Path,
        mut text: &mut dyn BufRead,
        wanted: &Wanted<'_>,
        interrupted: &AtomicBool,
    ) -> Result<bool, Stop> {
        let mut kept = Vec::new();
        let (mut number, mut used, mut first_bad) = (0u64, 0u64, None);
        while read_line(&mut text, &mut kept, MAX_ROW_BYTES)
            .map_err(|source| ImportError::of_read(path, source))?
            .is_some()
        {
            stop_if(interrupted)?;
            number += 1;
            if kept.starts_with(b"##fileformat=VCF") {
                return Ok(true);
            }
            let row = String::from_utf8_lossy(kept.trim_ascii());
            let columns: Vec<_> = row.split_ascii_whitespace().collect();
            let is_header = columns.first().is_none_or(|first| {
                first.starts_with('#')
                    || ["chrom", "chr", "chromosome", "contig"]
                        .iter()
                        .any(|name| first.eq_ignore_ascii_case(name))
            });
            if is_header {
                continue;
            }
            if self.add_row(wanted, &columns) {
                used += 1;
            } else {
                first_bad = first_bad.or(Some(number));
                self.rejected += 1;
            }
        }
        let path = path.to_owned();
        match (used, first_bad) {
            (0, Some(line)) => Err(ImportError::AlleleMap { path, line }.into()),
            (0, None) => Err(ImportError::Empty { path }.into()),
            _ => Ok(false),
        }
    }

    fn add_row(&mut self, wanted: &Wanted<'_>, columns: &[&str]) -> bool {
        let (Some(chrom), Some(position), Some(reference)) =
            (columns.first(), columns.get(1), columns.get(2))
        else {
            return false;
        };
        let Some(position) = parse_position(position) else {
            return false;
        };
        let reference = reference.to_ascii_uppercase();
        let alternates = columns
            .get(3)
            .map(|alternates| alternates.to_ascii_uppercase());
        let id = columns.get(4).copied().unwrap_or(".");
        match alternates.as_deref() {
            None | Some(".") => self.add(wanted, chrom, position, (&reference, None), id),
            Some(alternates) => alternates.split(',').all(|alternate| {
                let alleles = (&reference[..], Some(alternate));
                self.add(wanted, chrom, position, alleles, id)
            }),
        }
    }

    /// Adds one alternate, or a reference alone; says whether it made sense.
    fn add(
        &mut self,
        wanted: &Wanted<'_>,
        chrom: &str,
        position: u32,
        (reference, alternate): (&str, Option<&str>),
        id: &str,
    ) -> bool {
        let chromosome = match Chromosome::parse(chrom) {
            Some(Placement::On(chromosome)) => chromosome,
            Some(Placement::Pseudoautosomal) => Chromosome::X,
            // Other contigs carry no marker of an array.
            Some(Placement::Unplaced) | None => return true,
        };
        let alternate = alternate.unwrap_or("");
        let Some(base) = reference.bytes().next().and_then(Base::from_letter) else {
            return false;
        };
        if !is_acgt(reference.as_bytes()) || !is_acgt(alternate.as_bytes()) {
            return false;
        }
        if wanted.sites.contains(&(chromosome, position)) {
            let site = self.sites.entry((chromosome, position));
            let site = site.or_insert_with(|| Site {
                reference: Some(base),
                alternates: Vec::new(),
            });
            if site.reference != Some(base) {
                site.reference = None;
            }
            if let ([_], &[alternate]) = (reference.as_bytes(), alternate.as_bytes())
                && let Some(alternate) = Base::from_letter(alternate)
                && !site.alternates.contains(&alternate)
            {
                site.alternates.push(alternate);
            }
        }
        let is_indel = !alternate.is_empty() && reference.len() != alternate.len();
        for id in id.split(';') {
            if is_indel && wanted.indels.contains(&(chromosome, id)) {
                let site = IndelSite::One {
                    position,
                    reference: reference.into(),
                    alternate: alternate.into(),
                };
                let known = self.indels.entry((chromosome, id.into()));
                let known = known.or_insert_with(|| site.clone());
                if *known != site {
                    *known = IndelSite::Several;
                }
            }
        }
        true
    }
}

fn stop_if(interrupted: &AtomicBool) -> Result<(), Stop> {
    match interrupted.load(Ordering::Relaxed) {
        true => Err(Stop::Interrupted),
        false => Ok(()),
    }
}
