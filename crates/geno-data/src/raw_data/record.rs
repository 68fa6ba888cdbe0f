//! A row of the VCF, and what several rows of one position make together.

use super::{
    call::{CallFault, RejectedCall},
    report::Counts,
    strand::Mark,
};

/// A row of the VCF to be.
pub(crate) struct Record {
    /// Place among the contigs.
    pub(crate) contig: u32,
    /// 1-based.
    pub(crate) position: u32,
    /// The row of the raw data that it comes from.
    pub(crate) line: u32,
    pub(crate) id: Box<str>,
    /// REF and the alternates, with commas between.
    pub(crate) alleles: Box<str>,
    pub(crate) genotype: Called,
    pub(crate) mark: Mark,
}

/// A genotype of a VCF: numbers of alleles.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Called {
    /// `None` is a missing allele.
    alleles: [Option<u16>; 2],
    /// How many of them there are; with none, nothing was called.
    ploidy: u8,
    pub(crate) is_phased: bool,
}

impl Called {
    /// Adds an allele; `None` if there are two already.
    pub(crate) fn with(mut self, allele: Option<u16>) -> Option<Self> {
        *self.alleles.get_mut(usize::from(self.ploidy))? = allele;
        self.ploidy += 1;
        Some(self)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Option<u16>> {
        self.alleles.into_iter().take(usize::from(self.ploidy))
    }

    /// The GT column.
    pub(crate) fn text(&self) -> String {
        let number = |allele: Option<u16>| allele.map_or(".".to_owned(), |n| n.to_string());
        let numbers: Vec<_> = self.iter().map(number).collect();
        match self.ploidy {
            0 => ".".to_owned(),
            _ => numbers.join(if self.is_phased { "|" } else { "/" }),
        }
    }
}

impl Record {
    pub(crate) fn reference(&self) -> &str {
        self.alleles.split(',').next().unwrap_or_default()
    }

    /// The ALT column, empty where there is no alternate.
    pub(crate) fn alternates(&self) -> &str {
        self.alleles
            .split_once(',')
            .map_or("", |(_, alternates)| alternates)
    }

    /// Whether something was called and all of it is the reference's.
    pub(crate) fn is_reference(&self) -> bool {
        self.genotype.ploidy > 0 && self.genotype.iter().all(|allele| allele == Some(0))
    }

    /// The alleles that were called, each once and in order.
    fn called(&self) -> Vec<Option<&str>> {
        let text = |n: u16| self.alleles.split(',').nth(usize::from(n));
        let mut called: Vec<_> = self.genotype.iter().map(|n| n.and_then(text)).collect();
        called.sort_unstable();
        called.dedup();
        called
    }

    /// Whether two records are about the same: in arrays one base of the reference, in files that
    /// name their alleles the same alleles.
    fn is_same_site(&self, other: &Self, names_alleles: bool) -> bool {
        (self.contig, self.position) == (other.contig, other.position)
            && match names_alleles {
                true => self.alleles == other.alleles,
                false => self.reference() == other.reference(),
            }
    }
}

/// Puts records in the order of the VCF. Of those that say the same one is left, under all their
/// names; those that contradict each other are set aside.
pub(crate) fn merge(
    mut records: Vec<Record>,
    names_alleles: bool,
    counts: &mut Counts,
    rejected: &mut Vec<RejectedCall>,
) -> Vec<Record> {
    records.sort_by(|a, b| {
        let place = |record: &Record| (record.contig, record.position);
        place(a)
            .cmp(&place(b))
            .then_with(|| a.reference().cmp(b.reference()))
            .then_with(|| match names_alleles {
                true => a.alleles.cmp(&b.alleles),
                false => std::cmp::Ordering::Equal,
            })
            .then(a.line.cmp(&b.line))
    });
    let mut merged: Vec<Record> = Vec::with_capacity(records.len());
    let mut records = records.into_iter().peekable();
    while let Some(mut first) = records.next() {
        let mut others = Vec::new();
        while let Some(other) = records.next_if(|next| first.is_same_site(next, names_alleles)) {
            others.push(other);
        }
        if others.iter().any(|other| other.called() != first.called()) {
            others.push(first);
            rejected.extend(others.into_iter().map(|record| RejectedCall {
                line: record.line.into(),
                fault: CallFault::Contradiction,
                id: Some(record.id.into()),
            }));
            continue;
        }
        counts.repeated += others.len() as u64;
        if !others.is_empty() {
            first.id = join_ids(&first, &others);
        }
        merged.push(first);
    }
    merged
}

fn join_ids(first: &Record, others: &[Record]) -> Box<str> {
    let all = [first]
        .into_iter()
        .chain(others)
        .flat_map(|record| record.id.split(';'));
    let mut ids: Vec<&str> = Vec::new();
    for id in all {
        if id != "." && !ids.contains(&id) {
            ids.push(id);
        }
    }
    match ids.is_empty() {
        true => ".".into(),
        false => ids.join(";").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(position: u32, line: u32, id: &str, alleles: &str, called: &[u16]) -> Record {
        let mut genotype = Called::default();
        for &allele in called {
            genotype = genotype.with(Some(allele)).unwrap();
        }
        Record {
            contig: 0,
            position,
            line,
            id: id.into(),
            alleles: alleles.into(),
            genotype,
            mark: Mark::None,
        }
    }

    #[test]
    fn records_that_say_the_same_become_one_under_all_names() {
        let (mut counts, mut rejected) = (Counts::default(), Vec::new());
        let records = vec![
            record(9, 1, "rs9", "A,G", &[0, 1]),
            record(5, 2, "rs2", "A,G", &[0, 1]),
            record(5, 3, "i3", "A,G", &[1, 0]),
        ];
        let merged = merge(records, false, &mut counts, &mut rejected);
        let ids: Vec<_> = merged.iter().map(|record| &*record.id).collect();
        assert_eq!(ids, ["rs2;i3", "rs9"]);
        assert_eq!((counts.repeated, rejected.len()), (1, 0));
    }

    #[test]
    fn records_that_contradict_each_other_are_set_aside() {
        let (mut counts, mut rejected) = (Counts::default(), Vec::new());
        let records = vec![
            record(5, 2, "rs2", "A,G", &[0, 1]),
            record(5, 3, "i3", "A", &[0, 0]),
            record(6, 4, "rs4", "A", &[0, 0]),
        ];
        let merged = merge(records, false, &mut counts, &mut rejected);
        assert_eq!(merged.len(), 1);
        let lines: Vec<_> = rejected.iter().map(|call| call.line).collect();
        assert_eq!(lines, [3, 2]);
    }

    #[test]
    fn alternates_that_are_named_apart_stay_apart() {
        let (mut counts, mut rejected) = (Counts::default(), Vec::new());
        let records = vec![
            record(5, 2, "rs2", "A,T", &[0, 1]),
            record(5, 3, "rs2", "A,G", &[0, 1]),
        ];
        let merged = merge(records, true, &mut counts, &mut rejected);
        assert_eq!((merged.len(), rejected.len()), (2, 0));
    }
}
