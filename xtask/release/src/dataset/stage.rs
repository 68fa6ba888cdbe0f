//! Files of a data set, made from what they are made of.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

use anyhow::{Context, Result};
use geno_data::{TextLines, VcfHeader, VcfWriter, canonical_contig};
use geno_provenance::{PublicPath, write_atomic};

use super::spec::{Interval, Make};

/// Makes a file of a data set.
pub(crate) fn stage(make: &Make, inputs: &Path, output: &Path) -> Result<()> {
    if let Some(folder) = output.parent() {
        fs::create_dir_all(folder)?;
    }
    match make {
        Make::Copy { input } => copy(&input.under(inputs), output),
        Make::Variants {
            input,
            regions,
            min_frequency,
        } => variants(&input.under(inputs), regions, *min_frequency, output),
        Make::Regions { regions } => Ok(write_atomic(output, |out| {
            regions.iter().try_for_each(|interval| {
                let Interval { contig, start, end } = interval;
                writeln!(out, "{contig}\t{start}\t{end}")
            })
        })?),
    }
}

/// Whether the file of an input is there.
pub(crate) fn exists(inputs: &Path, input: &PublicPath) -> bool {
    input.under(inputs).is_file()
}

fn copy(input: &Path, output: &Path) -> Result<()> {
    let mut file = File::open(input).with_context(|| format!("no `{}`", input.display()))?;
    Ok(write_atomic(output, |out| {
        io::copy(&mut file, out).map(drop)
    })?)
}

/// Copies the rows of a VCF file that lie in regions and are frequent enough.
fn variants(
    input: &Path,
    regions: &[Interval],
    min_frequency: Option<f64>,
    output: &Path,
) -> Result<()> {
    let at = |line: u64| format!("`{}`, line {line}", input.display());
    let mut lines = TextLines::open(input)?;
    let mut meta = Vec::new();
    let mut writer = None;
    while let Some(line) = lines.next_line()? {
        if line.starts_with("##") {
            meta.push(line.to_owned());
            continue;
        }
        if let Some(columns) = line.strip_prefix('#') {
            let samples: Vec<&str> = columns.split('\t').skip(9).collect();
            let header = VcfHeader::new(std::mem::take(&mut meta), &samples);
            writer = Some(VcfWriter::create(output, &header)?);
            continue;
        }
        if line.is_empty() {
            continue;
        }
        let row = line.to_owned();
        let number = lines.line();
        let writer = writer.as_mut();
        let writer = writer.with_context(|| format!("{}: a row before the header", at(number)))?;
        if is_taken(&row, regions, min_frequency).with_context(|| at(number))? {
            writer.write_row(row.as_bytes())?;
        }
    }
    let writer = writer.with_context(|| format!("`{}` has no header", input.display()))?;
    writer.finish()?;
    Ok(())
}

fn is_taken(row: &str, regions: &[Interval], min_frequency: Option<f64>) -> Result<bool> {
    let columns: Vec<&str> = row.splitn(9, '\t').collect();
    let [chrom, pos, _, reference, ..] = columns[..] else {
        anyhow::bail!("a row of fewer than four columns");
    };
    let start = pos.parse::<u64>().ok().filter(|&pos| pos > 0);
    let start = start.context("POS is no position")? - 1;
    let end = start + reference.len() as u64;
    let chrom = canonical_contig(chrom);
    let holds = |interval: &Interval| {
        canonical_contig(&interval.contig) == chrom
            && interval.start <= start
            && end <= interval.end
    };
    let is_inside = regions.is_empty() || regions.iter().any(holds);
    let is_frequent = match min_frequency {
        None => true,
        Some(least) => {
            let info = columns.get(7).copied().unwrap_or_default();
            let af = info.split(';').find_map(|entry| entry.strip_prefix("AF="));
            let af = af.map(|values| values.split(',').map(str::parse::<f64>));
            af.into_iter()
                .flatten()
                .any(|value| value.is_ok_and(|value| (least..=1.0 - least).contains(&value)))
        }
    };
    Ok(is_inside && is_frequent)
}
