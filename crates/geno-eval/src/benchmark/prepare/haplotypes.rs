//! Haplotypes as a phased VCF from which the very same ones are read again.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use geno_action::EditSpec;
use geno_data::{Fasta, canonical_contig};

use super::{PrepareBenchmark, write::write_head};

/// Haplotypes in the order in which a VCF gives them, each with the column that it stands in.
pub(super) struct Columns {
    haplotypes: Vec<(Vec<EditSpec>, usize)>,
    n: usize,
}

impl Columns {
    /// Gives each haplotype the first column in which the one before it ends more than `max_gap` bases before it begins,
    /// so that no reader joins them. They are in the order of the reference.
    pub(super) fn new(haplotypes: Vec<Vec<EditSpec>>, max_gap: u64) -> Self {
        let mut ends: Vec<(String, u64)> = Vec::new();
        let mut placed = Vec::new();
        for edits in haplotypes {
            let (first, last) = (&edits[0], &edits[edits.len() - 1]);
            let is_free = |(contig, end): &(String, u64)| {
                contig != first.chrom() || end + max_gap < first.pos()
            };
            let column = ends.iter().position(is_free).unwrap_or(ends.len());
            let end = (first.chrom().to_owned(), last.pos());
            match ends.get_mut(column) {
                Some(slot) => *slot = end,
                None => ends.push(end),
            }
            placed.push((edits, column));
        }
        Self {
            haplotypes: placed,
            n: ends.len(),
        }
    }

    /// Writes the VCF: a column is a sample with one chromosome copy.
    pub(super) fn write(
        &self,
        request: &PrepareBenchmark<'_>,
        fasta: &Fasta,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let contigs = fasta.contigs().iter().enumerate();
        let places: BTreeMap<String, usize> = contigs
            .map(|(i, contig)| (canonical_contig(contig.name()), i))
            .collect();
        let mut rows: BTreeMap<(usize, u64, &str, &str), Vec<usize>> = BTreeMap::new();
        for (edits, column) in &self.haplotypes {
            for edit in edits {
                let place = places[&canonical_contig(edit.chrom())];
                let row = (place, edit.pos(), edit.reference(), edit.alternate());
                rows.entry(row).or_default().push(*column);
            }
        }
        let is_used = |name: &str| rows.keys().any(|row| places[name] == row.0);
        write_head(request, fasta, &is_used, out)?;
        writeln!(
            out,
            "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype of one chromosome copy\">"
        )?;
        write!(out, "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT")?;
        (1..=self.n).try_for_each(|column| write!(out, "\tH{column}"))?;
        writeln!(out)?;
        let names: Vec<&String> = {
            let mut names: Vec<(&String, &usize)> = places.iter().collect();
            names.sort_by_key(|(_, place)| **place);
            names.into_iter().map(|(name, _)| name).collect()
        };
        for ((place, pos, reference, alternate), carried) in rows {
            let name = names[place];
            write!(
                out,
                "{name}\t{pos}\t.\t{reference}\t{alternate}\t.\t.\t.\tGT"
            )?;
            for column in 0..self.n {
                let call = if carried.contains(&column) {
                    "\t1"
                } else {
                    "\t0"
                };
                out.write_all(call.as_bytes())?;
            }
            writeln!(out)?;
        }
        Ok(())
    }
}
