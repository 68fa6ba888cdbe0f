//! What the files of a data set hold: records, and classes of labels.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, Result};
use geno_data::TextLines;
use geno_provenance::{Json, PublicPath};

/// What a file holds.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Contents {
    /// Alternate alleles of a VCF file, lines of others; none of a file that is no list of records.
    pub(crate) records: Option<u64>,
    /// Records by their class.
    pub(crate) labels: BTreeMap<&'static str, u64>,
}

/// INFO keys and fields of JSON that hold a class.
const LABEL_KEYS: [&str; 4] = ["CLNSIG", "CLASS", "clinical_significance", "label"];

impl Contents {
    /// Reads a file of a data set.
    pub(crate) fn of(folder: &Path, path: &PublicPath) -> Result<Self> {
        let name = path.as_str();
        let stem = name.strip_suffix(".gz").unwrap_or(name);
        let ending = stem.rsplit('.').next().unwrap_or_default();
        let read = match ending {
            "vcf" => vcf_row,
            "jsonl" => json_line,
            "bed" | "tsv" | "csv" | "txt" => plain_line,
            _ => return Ok(Self::default()),
        };
        let mut contents = Self {
            records: Some(0),
            ..Self::default()
        };
        let mut lines = TextLines::open(&path.under(folder))?;
        while let Some(line) = lines.next_line()? {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let (records, label) = read(line).with_context(|| format!("`{path}`"))?;
            *contents.records.get_or_insert(0) += records;
            if let Some(label) = label {
                *contents.labels.entry(label).or_default() += records;
            }
        }
        Ok(contents)
    }
}

/// How many records a line holds, and of which class.
type Line = (u64, Option<&'static str>);

fn vcf_row(line: &str) -> Result<Line> {
    let columns: Vec<&str> = line.splitn(9, '\t').collect();
    let alternates = columns.get(4).context("a row of fewer than five columns")?;
    let info = columns.get(7).copied().unwrap_or_default();
    let value = |key: &str| {
        let mut entries = info.split(';').filter_map(|entry| entry.split_once('='));
        entries.find_map(|(name, value)| (name == key).then_some(value))
    };
    let label = LABEL_KEYS.iter().find_map(|key| value(key));
    Ok((alternates.split(',').count() as u64, label.and_then(class)))
}

fn json_line(line: &str) -> Result<Line> {
    let row = Json::parse(line.as_bytes()).context("a line is not JSON")?;
    let label = LABEL_KEYS.iter().find_map(|key| row.get(key));
    let label = match label {
        Some(Json::String(text)) => class(text),
        Some(Json::Bool(value)) => Some(if *value { "positive" } else { "negative" }),
        Some(Json::Int(value)) => match value.as_str() {
            "1" => Some("positive"),
            "0" => Some("negative"),
            _ => Some("other"),
        },
        _ => None,
    };
    Ok((1, label))
}

fn plain_line(_: &str) -> Result<Line> {
    Ok((1, None))
}

/// The class that a text names; a conflict or a doubt is no class for either side.
fn class(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase().replace(' ', "_");
    let words: Vec<&str> = lower.split(['/', '|', ',', ';', '&']).collect();
    let any = |names: &[&str]| words.iter().any(|word| names.contains(&word.trim()));
    match text.trim() {
        "" | "." => None,
        _ if lower.contains("conflicting") => Some("other"),
        _ if any(&["vus", "uncertain_significance"]) => Some("VUS"),
        _ if any(&["p_lp"]) => Some("P/LP"),
        _ if any(&["b_lb"]) => Some("B/LB"),
        _ if any(&["likely_pathogenic", "lp"]) => Some("LP"),
        _ if any(&["pathogenic", "p"]) => Some("P"),
        _ if any(&["likely_benign", "lb"]) => Some("LB"),
        _ if any(&["benign", "b"]) => Some("B"),
        _ => Some("other"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_and_classes_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        let rows = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n\
            20\t5\t.\tA\tC,G\t.\t.\tCLNSIG=Pathogenic/Likely_pathogenic\n\
            20\t6\t.\tA\tC\t.\t.\tCLNSIG=Benign\n20\t7\t.\tA\tC\t.\t.\tX=1\n\
            20\t8\t.\tA\tC\t.\t.\tCLNSIG=Conflicting_classifications_of_pathogenicity\n";
        std::fs::write(folder.path().join("a.vcf"), rows).unwrap();
        let path = PublicPath::new("a.vcf").unwrap();
        let contents = Contents::of(folder.path(), &path).unwrap();
        assert_eq!(contents.records, Some(5));
        assert_eq!(contents.labels, [("B", 1), ("LP", 2), ("other", 1)].into());

        std::fs::write(
            folder.path().join("b.jsonl"),
            "{\"label\":1}\n\n{\"label\":\"VUS\"}\n",
        )
        .unwrap();
        let path = PublicPath::new("b.jsonl").unwrap();
        let contents = Contents::of(folder.path(), &path).unwrap();
        assert_eq!(contents.records, Some(2));
        assert_eq!(contents.labels, [("VUS", 1), ("positive", 1)].into());
    }
}
