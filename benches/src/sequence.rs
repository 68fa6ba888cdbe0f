//! Random sequence, sites in it, and files of it.

use std::{fmt::Write as _, fs, path::Path, sync::Arc};

use anyhow::Result;
use geno_action::{RelEdit, Site};
use geno_core::{RandomStream, Window};

/// Bases of a window.
pub(crate) const WINDOW_BP: usize = 12_288;

/// Bases between two variants whose windows differ.
const SPARSE_STEP: usize = 700;

/// Bases at either end of a window that hold no variant of a dense file.
const DENSE_MARGIN: usize = 64;

/// Random bases, named so that two sequences differ.
pub(crate) fn bases(name: &str, n: usize) -> Vec<u8> {
    let mut stream = RandomStream::new(0, name);
    (0..n).map(|_| b"ACGT"[stream.below(4) as usize]).collect()
}

/// The base after this one in the alphabet.
fn other(base: u8) -> u8 {
    match base {
        b'A' => b'C',
        b'C' => b'G',
        b'G' => b'T',
        _ => b'A',
    }
}

/// Windows with one substitution each, at the centre.
pub(crate) fn sparse_sites(n: usize) -> Result<Vec<Site>> {
    let site = |i: usize| {
        site(
            &bases(&format!("bench/window/{i}"), WINDOW_BP),
            &[WINDOW_BP / 2],
        )
    };
    (0..n).map(site).collect()
}

/// One window with a substitution at every locus.
pub(crate) fn site(bases: &[u8], loci: &[usize]) -> Result<Site> {
    let edit = |&locus: &usize| -> Result<RelEdit> {
        let [from, to] =
            [bases[locus], other(bases[locus])].map(|base| char::from(base).to_string());
        Ok(RelEdit::new(locus, &from, &to)?)
    };
    let edits: Vec<RelEdit> = loci.iter().map(edit).collect::<Result<_>>()?;
    Ok(Site::new(Arc::new(Window::new(0, bases)?), edits)?)
}

/// Loci spread evenly over some bases.
pub(crate) fn spread(from: usize, to: usize, n: usize) -> Vec<usize> {
    (0..n).map(|i| from + i * (to - from) / n).collect()
}

/// Where the variants of a file lie on its contig, and how long that is.
pub(crate) struct Contig {
    pub(crate) len: usize,
    pub(crate) loci: Vec<usize>,
}

impl Contig {
    /// Every variant at the centre of a window of its own.
    pub(crate) fn sparse(n: usize) -> Self {
        Self {
            len: WINDOW_BP + n * SPARSE_STEP + 2_000,
            loci: (0..n)
                .map(|i| WINDOW_BP / 2 + 500 + i * SPARSE_STEP)
                .collect(),
        }
    }

    /// A contig of one window, full of variants.
    pub(crate) fn dense(n: usize) -> Self {
        Self {
            len: WINDOW_BP,
            loci: spread(DENSE_MARGIN, WINDOW_BP - DENSE_MARGIN, n),
        }
    }

    /// Writes the contig as FASTA and its variants as VCF.
    ///
    /// # Errors
    ///
    /// If a file cannot be written.
    pub(crate) fn write(&self, fasta: &Path, vcf: &Path) -> Result<()> {
        let bases = bases("bench/contig", self.len);
        let mut text = String::from(">bench\n");
        for line in bases.chunks(60) {
            text.push_str(str::from_utf8(line)?);
            text.push('\n');
        }
        fs::write(fasta, text)?;

        let mut text = format!(
            "##fileformat=VCFv4.2\n##contig=<ID=bench,length={}>\n\
             #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n",
            self.len
        );
        for &locus in &self.loci {
            let [from, to] = [bases[locus], other(bases[locus])].map(char::from);
            let pos = locus + 1;
            writeln!(text, "bench\t{pos}\t.\t{from}\t{to}\t.\tPASS\t.")?;
        }
        Ok(fs::write(vcf, text)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sparse_variants_have_whole_windows_and_dense_ones_share_a_contig() {
        let sparse = Contig::sparse(9);
        let half = WINDOW_BP / 2;
        let whole = |&locus: &usize| locus >= half && locus + half <= sparse.len;
        assert!(sparse.loci.iter().all(whole));

        let dense = Contig::dense(256);
        assert_eq!((dense.len, dense.loci.len()), (WINDOW_BP, 256));
        assert!(dense.loci.is_sorted_by(|a, b| a < b));
        assert!(
            dense
                .loci
                .iter()
                .all(|&locus| (64..WINDOW_BP - 64).contains(&locus))
        );
    }

    #[test]
    fn sites_hold_the_edits_that_were_asked_for() {
        let sites = sparse_sites(2).unwrap();
        assert!(sites.iter().all(|site| site.edits().len() == 1));
        assert_ne!(sites[0].window().bases(), sites[1].window().bases());
        let loci = spread(6_144, 12_288, 256);
        let dense = site(&bases("x", 12_352), &loci).unwrap();
        assert_eq!(dense.edits().len(), 256);
        assert_eq!(dense.edits()[1].rel_pos(), 6_168);
    }
}
