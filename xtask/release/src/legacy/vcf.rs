//! What a demonstration says of the VCF that was scored.

use anyhow::{Context, Result, ensure};
use geno_data::TextLines;
use geno_provenance::Json;

use super::release::Release;

/// So many variants are named.
const FIRST: usize = 5;

/// Rows, alternate alleles, contigs and the first variants of a VCF of the demonstration.
pub(super) fn summary(release: &Release, file: &str) -> Result<Json> {
    let name = file.split_once('/').map_or(file, |(_, name)| name);
    let mut lines = TextLines::open(&release.folder("demo").join(name))?;
    let (mut n_rows, mut n_alleles) = (0u64, 0u64);
    let (mut contigs, mut first) = (Vec::<String>::new(), Vec::new());
    while let Some(line) = lines.next_line()? {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let columns: Vec<&str> = line.split('\t').collect();
        let [contig, position, _, reference, alternates, _, _, _, ..] = columns[..] else {
            anyhow::bail!("a row has fewer than 8 columns");
        };
        let position: u64 = position.parse().context("a position is no number")?;
        ensure!(position > 0, "a position is 0");
        let alternates = alternates.to_uppercase();
        let is_allele = |allele: &&str| !matches!(*allele, "" | ".");
        let alternates: Vec<&str> = alternates.split(',').filter(is_allele).collect();
        if alternates.is_empty() {
            continue;
        }
        n_rows += 1;
        n_alleles += alternates.len() as u64;
        let contig = plain(contig);
        if !contigs.contains(&contig) {
            contigs.push(contig.clone());
        }
        if first.len() < FIRST {
            first.push(Json::object([
                ("chrom", Json::from(contig)),
                ("pos", position.into()),
                ("ref", reference.to_uppercase().into()),
                (
                    "alts",
                    Json::Array(alternates.into_iter().map(Json::from).collect()),
                ),
            ]));
        }
    }
    ensure!(n_rows > 0, "there is no variant to score");
    Ok(Json::object([
        ("format", "vcf".into()),
        ("variant_records", n_rows.into()),
        ("alternate_alleles", n_alleles.into()),
        (
            "contigs",
            Json::Array(contigs.into_iter().map(Json::from).collect()),
        ),
        ("first_variants", Json::Array(first)),
    ]))
}

/// A contig as the Python package names it.
fn plain(contig: &str) -> String {
    let contig = contig.trim();
    let is_long = contig
        .get(..3)
        .is_some_and(|start| start.eq_ignore_ascii_case("chr"));
    let contig = if is_long { &contig[3..] } else { contig };
    match contig.to_uppercase().as_str() {
        "M" => "MT".to_owned(),
        known @ ("X" | "Y" | "XY" | "MT") => known.to_owned(),
        _ => contig.to_owned(),
    }
}

/// The contigs, on one line.
pub(super) fn contigs(summary: &Json) -> String {
    joined(summary.get("contigs"), ", ")
}

/// The first variants, on one line.
pub(super) fn first_variants(summary: &Json) -> String {
    let Some(Json::Array(variants)) = summary.get("first_variants") else {
        return "-".to_owned();
    };
    let written = variants.iter().map(|variant| {
        let part = |name| super::release::shown(variant.get(name));
        let alternates = joined(variant.get("alts"), "/");
        format!(
            "{}:{}:{}>{alternates}",
            part("chrom"),
            part("pos"),
            part("ref")
        )
    });
    written.collect::<Vec<_>>().join(", ")
}

fn joined(texts: Option<&Json>, between: &str) -> String {
    let Some(Json::Array(texts)) = texts else {
        return "-".to_owned();
    };
    let texts: Vec<_> = texts.iter().filter_map(Json::as_str).collect();
    texts.join(between)
}
