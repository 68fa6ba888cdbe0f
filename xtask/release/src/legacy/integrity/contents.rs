//! The records of a file of a data set: how many, by which keys, with which labels.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use anyhow::{Context, Result, bail};
use geno_data::{TableRows, TextLines, canonical_contig};
use geno_provenance::Json;

use crate::legacy::release::text;

/// Columns of a table that keys and labels are made of.
const COLUMNS: [&str; 7] = [
    "chrom",
    "pos",
    "ref",
    "alt",
    "clinical_significance",
    "label",
    "clnsig",
];
/// Fields with a label, the first that has one counts.
const LABELS: [&str; 3] = ["clinical_significance", "label", "clnsig"];
/// INFO fields with a label.
const INFO_LABELS: [&str; 3] = ["CLNSIG", "CLNSIGCONF", "label"];

/// What a file holds.
#[derive(Default)]
pub(in crate::legacy) struct Contents {
    /// How many records, if the format tells.
    pub(super) n: Option<u64>,
    /// What the package compares records by.
    pub(super) keys: BTreeSet<String>,
    /// Where they lie, as far as they say.
    pub(super) places: Vec<Place>,
    pub(super) labels: BTreeMap<String, u64>,
}

/// A stretch of a contig, the whole name of which does not matter.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(in crate::legacy) struct Place {
    pub(in crate::legacy) contig: String,
    /// From 0.
    pub(in crate::legacy) start: u64,
    pub(in crate::legacy) end: u64,
    /// The alleles of a variant, nothing for a window.
    pub(in crate::legacy) alleles: Option<[String; 2]>,
}

impl Contents {
    /// Reads a file.
    pub(super) fn of(path: &Path) -> Result<Self> {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().to_lowercase());
        let name = name.unwrap_or_default();
        let mut contents = Self::default();
        let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
        if ends(&[".parquet"]) {
            contents.read_table(path)?;
        } else if ends(&[".jsonl", ".vcf", ".vcf.gz", ".txt", ".tsv", ".csv"]) {
            contents.n = Some(0);
            let mut lines = TextLines::open(path)?;
            while let Some(line) = lines.next_line()? {
                let line = line.trim();
                if line.is_empty() || !ends(&[".jsonl"]) && line.starts_with('#') {
                    continue;
                }
                if ends(&[".jsonl"]) {
                    let row = Json::parse(line.as_bytes()).context("a row is no JSON")?;
                    contents.add(&row);
                } else if ends(&[".vcf", ".vcf.gz"]) {
                    contents.add_variants(line)?;
                } else {
                    contents.count();
                }
            }
        }
        Ok(contents)
    }

    fn read_table(&mut self, path: &Path) -> Result<()> {
        let mut table = TableRows::open(path)?;
        let columns = table.columns().clone();
        self.n = Some(0);
        while let Some(row) = table.next_row()? {
            let cells = columns.iter().zip(row);
            let cells = cells.filter(|(column, _)| COLUMNS.contains(&column.as_str()));
            self.add(&Json::object(
                cells.map(|(column, cell)| (column.clone(), cell)),
            ));
        }
        Ok(())
    }

    fn add(&mut self, row: &Json) {
        self.count();
        let scalar = |name| match row.get(name) {
            Some(Json::String(text)) => Some(text.clone()),
            Some(Json::Int(number)) => Some(number.as_str().to_owned()),
            _ => None,
        };
        let variant = ["chrom", "pos", "ref", "alt"].map(scalar);
        let named = ["locus_key", "variant_key"]
            .into_iter()
            .find_map(|name| text(row, name));
        if let [
            Some(contig),
            Some(position),
            Some(reference),
            Some(alternate),
        ] = &variant
        {
            self.place_variant(contig, position, reference, alternate);
        } else {
            self.place_window(row);
        }
        match (named, variant) {
            (Some(key), _) => self.keys.insert(key.to_owned()),
            (
                None,
                [
                    Some(contig),
                    Some(position),
                    Some(reference),
                    Some(alternate),
                ],
            ) => self
                .keys
                .insert(key(&contig, &position, &reference, &alternate)),
            _ => text(row, "record_id").is_some_and(|id| self.keys.insert(format!("record:{id}"))),
        };
        let mut values = LABELS.iter().filter_map(|name| row.get(name));
        let value = values.find(|value| **value != Json::Null);
        self.label(value.and_then(canonical_label));
    }

    fn add_variants(&mut self, line: &str) -> Result<()> {
        let columns: Vec<&str> = line.split('\t').collect();
        let [contig, position, _, reference, alternates, ..] = columns[..] else {
            bail!("a row of a VCF has fewer than 5 columns");
        };
        let info = columns.get(7).copied().unwrap_or_default();
        let info: BTreeMap<&str, &str> = info
            .split(';')
            .filter_map(|item| item.split_once('='))
            .collect();
        let alternates: Vec<&str> = alternates
            .split(',')
            .filter(|text| !text.is_empty())
            .collect();
        let n = self.n.get_or_insert_default();
        *n += alternates.len().max(1) as u64;
        for (i, alternate) in alternates.into_iter().enumerate() {
            self.keys
                .insert(key(contig, position, reference, alternate));
            self.place_variant(contig, position, reference, alternate);
            let said = INFO_LABELS
                .iter()
                .filter_map(|name| info.get(name))
                .find_map(|said| {
                    let values: Vec<&str> = said.split(',').collect();
                    values.get(if values.len() == 1 { 0 } else { i }).copied()
                });
            self.label(said.and_then(|said| canonical_label(&said.into())));
        }
        Ok(())
    }

    fn count(&mut self) {
        *self.n.get_or_insert_default() += 1;
    }

    fn label(&mut self, label: Option<&'static str>) {
        if let Some(label) = label {
            *self.labels.entry(label.to_owned()).or_default() += 1;
        }
    }

    fn place_variant(&mut self, contig: &str, position: &str, reference: &str, alternate: &str) {
        if let Some(start) = position
            .parse::<u64>()
            .ok()
            .and_then(|at| at.checked_sub(1))
        {
            self.places.push(Place {
                contig: canonical_contig(contig),
                start,
                end: start + reference.len() as u64,
                alleles: Some([reference, alternate].map(str::to_uppercase)),
            });
        }
    }

    fn place_window(&mut self, row: &Json) {
        let end = |name| row.get(name).and_then(Json::as_u64);
        if let (Some(contig), Some(start), Some(end)) =
            (text(row, "chrom"), end("start_bp"), end("end_bp"))
        {
            let contig = canonical_contig(contig);
            self.places.push(Place {
                contig,
                start,
                end,
                alleles: None,
            });
        }
    }
}

fn key(contig: &str, position: &str, reference: &str, alternate: &str) -> String {
    let [reference, alternate] = [reference, alternate].map(str::to_uppercase);
    format!("{contig}:{position}:{reference}>{alternate}")
}

/// The label that a value stands for, if for one.
fn canonical_label(value: &Json) -> Option<&'static str> {
    let said = match value {
        Json::Bool(true) => return Some("positive"),
        Json::Bool(false) => return Some("negative"),
        Json::String(text) => text.trim(),
        number => match number.as_f64() {
            Some(1.0) => return Some("positive"),
            Some(0.0) => return Some("negative"),
            _ => return None,
        },
    };
    if matches!(said, "" | ".") {
        return None;
    }
    let said = said.to_uppercase().replace("%2F", "/").replace("%20", "_");
    let said = said.replace([' ', '-'], "_");
    let means = |word: &str| match word {
        "P" | "PATHOGENIC" => "P",
        "LP" | "LIKELY_PATHOGENIC" => "LP",
        "B" | "BENIGN" => "B",
        "LB" | "LIKELY_BENIGN" => "LB",
        "VUS" | "UNCERTAIN_SIGNIFICANCE" | "UNCERTAIN" => "VUS",
        _ => "OTHER",
    };
    let words: BTreeSet<_> = said.split(['/', '|', ',', ';', '&']).map(means).collect();
    ["VUS", "LP", "P", "LB", "B", "OTHER"]
        .into_iter()
        .find(|label| words.contains(label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_have_one_name_each() {
        let said = |text: &str| canonical_label(&Json::from(text));
        assert_eq!(said("Pathogenic/Likely_pathogenic"), Some("LP"));
        assert_eq!(said("Benign|uncertain significance"), Some("VUS"));
        assert_eq!(said("risk_factor"), Some("OTHER"));
        assert_eq!(said(" . "), None);
        assert_eq!(canonical_label(&Json::from(1u64)), Some("positive"));
        assert_eq!(canonical_label(&Json::from(2u64)), None);
    }
}
