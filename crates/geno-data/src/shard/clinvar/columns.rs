//! The columns of a ClinVar shard.

use std::{iter, sync::Arc};

use arrow_array::{
    RecordBatch, StringArray,
    builder::{Int32Builder, Int64Builder, StringBuilder},
};
use arrow_schema::{DataType, Field, Schema, SchemaRef};

use super::{
    SCHEMA_VERSION,
    significance::{ClinicalSignificance, of_allele},
};
use crate::{
    review_stars,
    shard::{
        info::{self, pairs, text},
        row::Row,
    },
};

/// Name and type, in their order.
pub(super) const COLUMNS: [(&str, DataType); 14] = [
    ("chrom", DataType::Utf8),
    ("pos", DataType::Int64),
    ("ref", DataType::Utf8),
    ("alt", DataType::Utf8),
    ("clinical_significance", DataType::Utf8),
    ("review_status", DataType::Utf8),
    ("gene_symbol", DataType::Utf8),
    ("clinvar_id", DataType::Int64),
    ("schema_version", DataType::Utf8),
    ("variation_id", DataType::Int64),
    ("allele_id", DataType::Int64),
    ("review_stars", DataType::Int32),
    ("significance_text", DataType::Utf8),
    ("conflicting_text", DataType::Utf8),
];

/// How many of them a shard of the Python package has.
pub(super) const N_OLD_COLUMNS: usize = 9;

pub(super) fn schema() -> SchemaRef {
    // As in the Python package, Parquet forbids no nulls, wherever there are none.
    let field = |(name, data_type): (&str, DataType)| Field::new(name, data_type, true);
    Arc::new(Schema::new(COLUMNS.map(field).to_vec()))
}

/// What a row says of its variant.
pub(super) struct Labels<'a> {
    id: &'a str,
    n_alleles: usize,
    significance: Option<String>,
    conflicting: Option<String>,
    review_status: Option<String>,
    gene: Option<String>,
    variation_id: Option<&'a [u8]>,
    allele_id: Option<&'a [u8]>,
}

impl<'a> Labels<'a> {
    pub(super) fn of(row: &Row<'a>) -> Self {
        let mut labels = Self {
            id: row.id,
            n_alleles: row.n_places(),
            significance: None,
            conflicting: None,
            review_status: None,
            gene: None,
            variation_id: None,
            allele_id: None,
        };
        for (key, value) in pairs(row.info) {
            match key {
                b"CLNSIG" => labels.significance = text(value).map(decode),
                b"CLNSIGCONF" => labels.conflicting = text(value).map(decode),
                b"CLNREVSTAT" => labels.review_status = text(value).map(decode),
                b"GENEINFO" => {
                    let symbol = text(value).and_then(|genes| genes.split([':', '|']).next());
                    let symbol = symbol.filter(|symbol| !symbol.is_empty());
                    labels.gene = symbol.map(str::to_owned);
                }
                b"CLNVID" => labels.variation_id = Some(value),
                b"ALLELEID" => labels.allele_id = Some(value),
                _ => {}
            }
        }
        labels
    }

    pub(super) fn significance(&self, allele: usize) -> ClinicalSignificance {
        let terms = self.significance_text(allele);
        let terms = terms.or(self.conflicting_text(allele));
        ClinicalSignificance::of_terms(terms.unwrap_or_default())
    }

    pub(super) fn variation_id(&self, allele: usize) -> Option<i64> {
        let of_column = self.id.split(';').find_map(id);
        of_column.or_else(|| id_of(self.variation_id, allele))
    }

    fn significance_text(&self, allele: usize) -> Option<&str> {
        let text = self.significance.as_deref()?;
        Some(of_allele(text, allele, self.n_alleles))
    }

    fn conflicting_text(&self, allele: usize) -> Option<&str> {
        let text = self.conflicting.as_deref()?;
        Some(of_allele(text, allele, self.n_alleles))
    }

    fn review_status(&self, allele: usize) -> &str {
        let status = self.review_status.as_deref().unwrap_or("unknown");
        of_allele(status, allele, self.n_alleles)
    }
}

fn id_of(value: Option<&[u8]>, allele: usize) -> Option<i64> {
    id(text(info::of_allele(value?, allele)?)?)
}

fn id(text: &str) -> Option<i64> {
    text.parse().ok().filter(|&id| id > 0)
}

/// Undoes what percent signs stand for in VCF, with `_` for a space, as ClinVar writes it.
fn decode(text: &str) -> String {
    let mut parts = text.split('%');
    let mut decoded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let byte = part
            .get(..2)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte {
            Some(b' ') => decoded.push('_'),
            Some(byte) if byte.is_ascii_graphic() => decoded.push(byte.into()),
            _ => {
                decoded.push('%');
                decoded.push_str(part);
                continue;
            }
        }
        decoded.push_str(&part[2..]);
    }
    decoded
}

/// Rows of a shard in the making.
#[derive(Default)]
pub(crate) struct ClinvarColumns {
    chrom: StringBuilder,
    pos: Int64Builder,
    reference: StringBuilder,
    alternate: StringBuilder,
    significance: StringBuilder,
    review_status: StringBuilder,
    gene: StringBuilder,
    variation_id: Int64Builder,
    allele_id: Int64Builder,
    stars: Int32Builder,
    significance_text: StringBuilder,
    conflicting_text: StringBuilder,
}

impl ClinvarColumns {
    /// Appends an allele, whose place among the row's alternates is `i`.
    pub(super) fn push(&mut self, row: &Row<'_>, alternate: &str, i: usize, labels: &Labels<'_>) {
        let status = labels.review_status(i);
        self.chrom.append_value(row.chrom);
        self.pos.append_value(row.pos);
        self.reference.append_value(&row.reference);
        self.alternate.append_value(alternate);
        self.significance
            .append_value(labels.significance(i).as_str());
        self.review_status.append_value(status);
        self.gene.append_option(labels.gene.as_deref());
        self.variation_id.append_option(labels.variation_id(i));
        self.allele_id.append_option(id_of(labels.allele_id, i));
        self.stars.append_option(review_stars(status));
        self.significance_text
            .append_option(labels.significance_text(i));
        self.conflicting_text
            .append_option(labels.conflicting_text(i));
    }

    pub(super) fn finish(mut self) -> RecordBatch {
        let pos = self.pos.finish();
        let versions = iter::repeat_n(SCHEMA_VERSION, pos.len());
        let versions = StringArray::from_iter_values(versions);
        let variation_id = Arc::new(self.variation_id.finish());
        let columns = RecordBatch::try_new(
            schema(),
            vec![
                Arc::new(self.chrom.finish()),
                Arc::new(pos),
                Arc::new(self.reference.finish()),
                Arc::new(self.alternate.finish()),
                Arc::new(self.significance.finish()),
                Arc::new(self.review_status.finish()),
                Arc::new(self.gene.finish()),
                Arc::clone(&variation_id) as _,
                Arc::new(versions),
                variation_id,
                Arc::new(self.allele_id.finish()),
                Arc::new(self.stars.finish()),
                Arc::new(self.significance_text.finish()),
                Arc::new(self.conflicting_text.finish()),
            ],
        );
        match columns {
            Ok(batch) => batch,
            Err(error) => panic!("columns differ from their schema: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, alternates: &str, info: &str) -> String {
        format!("13\t7\t{id}\tA\t{alternates}\t.\t.\t{info}")
    }

    #[test]
    fn the_variation_id_is_that_of_the_id_column() {
        for (id, info, expected) in [
            ("12", "ALLELEID=7;CLNVID=8", Some(12)),
            ("rs5", "CLNVID=8,9", Some(9)),
            (".", "ALLELEID=7", None),
            ("rs5;12", "", Some(12)),
            ("0", "", None),
        ] {
            let line = row(id, "C,G", info);
            let row = Row::split(line.as_bytes()).unwrap();
            assert_eq!(Labels::of(&row).variation_id(1), expected, "{id} {info}");
        }
    }

    #[test]
    fn qualified_significance_is_that_of_every_allele() {
        let line = row(
            "1",
            "C,G",
            "CLNSIG=Pathogenic,_low_penetrance;ONC=Benign;SCI=x",
        );
        let row = Row::split(line.as_bytes()).unwrap();
        let labels = Labels::of(&row);
        for allele in 0..2 {
            let class = labels.significance(allele);
            assert_eq!(class, ClinicalSignificance::Pathogenic, "{allele}");
        }
    }

    #[test]
    fn percent_signs_are_undone_where_they_stand_for_something() {
        assert_eq!(decode("a%2Fb%20c%2c_d"), "a/b_c,_d");
        assert_eq!(decode("100%"), "100%");
        assert_eq!(decode("%zz%é%00"), "%zz%é%00");
    }
}
