//! Common variants of each part of the chromosome, sites only.

use std::{
    fs::File,
    io::{BufRead, BufReader, Write},
    path::Path,
};

use anyhow::{Context, Result, ensure};
use flate2::read::MultiGzDecoder;
use geno_provenance::write_atomic;
use noodles_bgzf as bgzf;

use crate::{
    sources::PHASED,
    split::{CALIBRATE, DEMO, Part, TEST, TRAIN, VALIDATE},
};

/// Variants that the demo scores.
pub(crate) const SCORED: &str = "variants.vcf";

/// The other common variants of the demo's slice.
pub(crate) const BACKGROUND: &str = "background.vcf.gz";

/// How many variants the demo scores, and from which position on.
const N_SCORED: usize = 120;
const FIRST_SCORED: u64 = 3_300_000;

/// Bases left out at either end of the demo's slice, so that every window is real sequence.
const MARGIN: u64 = 12_288;

/// Frequency from which on a variant is common.
const COMMON: f64 = 0.01;

const HEADER: &str = "\
##fileformat=VCFv4.2
##source=1000 Genomes phase 3, by the Debian package shapeit4-example 4.2.2+dfsg-1
##contig=<ID=20,length=63025520,assembly=GRCh37>
##INFO=<ID=AF,Number=A,Type=Float,Description=\"ALT frequency among 503 EUR samples of 1000 Genomes\">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
";

/// A variant that neither allele makes rare.
struct CommonVariant {
    position: u64,
    row: String,
}

/// Writes `common.PART.vcf` and `PART.bed` for every part.
pub(crate) fn write_parts(data: &Path) -> Result<()> {
    let common = read(&data.join(PHASED))?;
    for part in [TRAIN, VALIDATE, CALIBRATE, TEST] {
        let rows = common
            .iter()
            .filter(|variant| part.contains(variant.position));
        write_vcf(&data.join(vcf_name(part)), rows)?;
        write_text(&data.join(bed_name(part)), &part.bed())?;
    }
    Ok(())
}

/// Name of the common variants of a part.
pub(crate) fn vcf_name(part: Part) -> String {
    format!("common.{}.vcf", part.name)
}

/// Name of the file that says where a part lies.
pub(crate) fn bed_name(part: Part) -> String {
    format!("{}.bed", part.name)
}

/// Writes what the demo scores, and the other common variants of its slice.
pub(crate) fn write_demo(data: &Path, demo: &Path) -> Result<()> {
    let common = read(&data.join(PHASED))?;
    let is_inside = |variant: &&CommonVariant| {
        (DEMO.start + MARGIN..=DEMO.end - MARGIN).contains(&variant.position)
    };
    let inside: Vec<_> = common.iter().filter(is_inside).collect();
    let first = inside.partition_point(|variant| variant.position < FIRST_SCORED);
    ensure!(
        inside.len() >= first + N_SCORED,
        "too few variants to score"
    );
    let scored = &inside[first..first + N_SCORED];
    let others = inside[..first].iter().chain(&inside[first + N_SCORED..]);

    write_vcf(&demo.join(SCORED), scored.iter().copied())?;
    let mut out = bgzf::io::Writer::new(Vec::new());
    out.write_all(vcf(others.copied()).as_bytes())?;
    let bytes = out.finish()?;
    Ok(write_atomic(&demo.join(BACKGROUND), |file| {
        file.write_all(&bytes)
    })?)
}

fn read(source: &Path) -> Result<Vec<CommonVariant>> {
    let file = File::open(source).context("cannot open the variants")?;
    let mut common = Vec::new();
    for line in BufReader::new(MultiGzDecoder::new(file)).lines() {
        common.extend(common_variant(&line?));
    }
    Ok(common)
}

fn common_variant(line: &str) -> Option<CommonVariant> {
    let fields: Vec<&str> = line.split('\t').take(8).collect();
    let [chrom, pos, id, reference, alternate, _, _, info] = fields[..] else {
        return None;
    };
    let af = info
        .split(';')
        .find_map(|field| field.strip_prefix("AF="))?;
    let is_common = (COMMON..=1.0 - COMMON).contains(&af.parse().ok()?);
    is_common.then_some(CommonVariant {
        position: pos.parse().ok()?,
        row: format!("{chrom}\t{pos}\t{id}\t{reference}\t{alternate}\t.\tPASS\tAF={af}\n"),
    })
}

fn vcf<'a>(variants: impl Iterator<Item = &'a CommonVariant>) -> String {
    let mut text = HEADER.to_owned();
    text.extend(variants.map(|variant| variant.row.as_str()));
    text
}

fn write_vcf<'a>(path: &Path, variants: impl Iterator<Item = &'a CommonVariant>) -> Result<()> {
    write_text(path, &vcf(variants))
}

fn write_text(path: &Path, text: &str) -> Result<()> {
    Ok(write_atomic(path, |out| out.write_all(text.as_bytes()))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_alleles_and_headers_are_no_common_variants() {
        let row = |af: &str| format!("20\t7\trs1\tA\tG\t.\t.\tAC=1;AF={af}\tGT\t0|1");
        assert!(common_variant("#CHROM\tPOS").is_none());
        assert!(common_variant(&row("0.009")).is_none());
        assert!(common_variant(&row("0.995")).is_none());
        let common = common_variant(&row("0.01")).unwrap();
        assert_eq!(common.position, 7);
        assert_eq!(common.row, "20\t7\trs1\tA\tG\t.\tPASS\tAF=0.01\n");
    }
}
