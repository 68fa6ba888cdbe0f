//! Variants of ClinVar's VCF.

use std::{collections::BTreeMap, ops::ControlFlow};

use geno_provenance::Json;

use super::{
    OnProgress, PrepareBenchmarkError, PrepareProgress, ReadFile, collect::Collector, consequence,
    found::Found, table::PROGRESS_ROWS,
};
use crate::{
    benchmark::rule::ClinvarRule,
    label_rule::ClassRule,
    variant_rows::{VariantRow, VariantRows},
};

/// INFO keys that go to the labels, under the names they have there.
const KEPT: [(&str, &str); 5] = [
    ("clinical_significance", "CLNSIG"),
    ("clinical_significance", "CLASS"),
    ("review_status", "CLNREVSTAT"),
    ("gene_symbol", "GENEINFO"),
    ("gene_symbol", "GENE"),
];

/// Reads the VCF; nothing if `on_progress` breaks off.
pub(super) fn read(
    rule: &ClinvarRule,
    collector: &mut Collector<'_>,
    on_progress: OnProgress<'_>,
) -> Result<Option<Vec<ReadFile>>, PrepareBenchmarkError> {
    let path = collector.request.file(&rule.source);
    let classes = ClassRule::default();
    let mut rows = VariantRows::open(path)?;
    let mut n_rows = 0;
    while let Some(row) = rows.next()? {
        for allele in 0..row.alternates.len() {
            let class = classes.class(&row, allele, rows.is_vcf());
            match class.map_err(|fault| rows.at(fault))? {
                None => collector.skip(0, row.place.number(), "unsupported_clinical_significance"),
                Some(is_positive) => collector.take(found(rule, &row, allele, is_positive))?,
            }
        }
        n_rows += 1;
        let progress = PrepareProgress {
            file: rows.progress(),
            found: collector.n_found(),
        };
        if u64::is_multiple_of(n_rows, PROGRESS_ROWS)
            && on_progress(progress) == ControlFlow::Break(())
        {
            return Ok(None);
        }
    }
    let digest = rows.digest()?.expect("the file was read to its end");
    Ok(Some(vec![ReadFile::of(path, digest)?]))
}

fn found(rule: &ClinvarRule, row: &VariantRow, allele: usize, is_positive: bool) -> Found {
    let mut extra: BTreeMap<String, Json> = BTreeMap::new();
    for (name, key) in KEPT {
        if let Some(text) = row.text(key, allele) {
            let text = match name {
                // `BRCA2:675|ZAR1L:646799`
                "gene_symbol" => text.split([':', '|']).next().unwrap_or_default().to_owned(),
                _ => text.into_owned(),
            };
            extra.entry(name.to_owned()).or_insert(text.into());
        }
    }
    let terms = row.text("MC", allele);
    Found {
        file: 0,
        line: row.place.number(),
        contig: row.chrom.clone(),
        pos: row.pos,
        reference: row.reference.clone(),
        alternate: row.alternates[allele].clone(),
        label: f64::from(is_positive),
        terms: terms.map_or_else(Vec::new, |text| consequence::terms_of(&text)),
        region: Some(rule.region),
        extra,
        pair: None,
    }
}
