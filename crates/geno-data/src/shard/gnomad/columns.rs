//! The columns of a gnomAD shard.

use std::{iter, sync::Arc};

use arrow_array::{
    ArrayRef, RecordBatch, StringArray,
    builder::{Float32Builder, Int64Builder, StringBuilder},
};
use arrow_schema::{DataType, Field, Schema, SchemaRef};

use super::{
    SCHEMA_VERSION,
    frequencies::{Frequencies, Population},
};
use crate::shard::row::Row;

/// Name and type, in their order.
pub(super) const COLUMNS: [(&str, DataType); 22] = [
    ("chrom", DataType::Utf8),
    ("pos", DataType::Int64),
    ("ref", DataType::Utf8),
    ("alt", DataType::Utf8),
    ("af_global", DataType::Float32),
    ("af_afr", DataType::Float32),
    ("af_ami", DataType::Float32),
    ("af_amr", DataType::Float32),
    ("af_asj", DataType::Float32),
    ("af_eas", DataType::Float32),
    ("af_fin", DataType::Float32),
    ("af_nfe", DataType::Float32),
    ("af_oth", DataType::Float32),
    ("af_sas", DataType::Float32),
    ("filter", DataType::Utf8),
    ("schema_version", DataType::Utf8),
    ("af_mid", DataType::Float32),
    ("af_remaining", DataType::Float32),
    ("af_grpmax", DataType::Float32),
    ("ac", DataType::Int64),
    ("an", DataType::Int64),
    ("nhomalt", DataType::Int64),
];

/// How many of them a shard of the Python package has.
pub(super) const N_OLD_COLUMNS: usize = 16;

pub(super) fn schema() -> SchemaRef {
    // As in the Python package, Parquet forbids no nulls, wherever there are none.
    let field = |(name, data_type): (&str, DataType)| Field::new(name, data_type, true);
    Arc::new(Schema::new(COLUMNS.map(field).to_vec()))
}

/// Rows of a shard in the making.
#[derive(Default)]
pub(crate) struct GnomadColumns {
    chrom: StringBuilder,
    pos: Int64Builder,
    reference: StringBuilder,
    alternate: StringBuilder,
    af_global: Float32Builder,
    af: [Float32Builder; Population::ALL.len()],
    af_grpmax: Float32Builder,
    filter: StringBuilder,
    ac: Int64Builder,
    an: Int64Builder,
    nhomalt: Int64Builder,
}

impl GnomadColumns {
    /// Appends an allele, whose place among the row's alternates is `i`. It has a frequency.
    pub(super) fn push(&mut self, row: &Row<'_>, alternate: &str, i: usize, of: &Frequencies<'_>) {
        // Frequencies keep the precision that their files give, which is less than that of `f32`.
        let float = |frequency: Option<f64>| frequency.map(|frequency| frequency as f32);
        self.chrom.append_value(row.chrom);
        self.pos.append_value(row.pos);
        self.reference.append_value(&row.reference);
        self.alternate.append_value(alternate);
        self.af_global.append_option(float(of.global(i)));
        for (column, population) in self.af.iter_mut().zip(Population::ALL) {
            column.append_option(float(of.of_population(population, i)));
        }
        self.af_grpmax.append_option(float(of.grpmax(i)));
        self.filter
            .append_value(String::from_utf8_lossy(row.filter));
        self.ac.append_option(of.ac(i));
        self.an.append_option(of.an(i));
        self.nhomalt.append_option(of.nhomalt(i));
    }

    pub(super) fn finish(mut self) -> RecordBatch {
        let pos = self.pos.finish();
        let versions = iter::repeat_n(SCHEMA_VERSION, pos.len());
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(self.chrom.finish()),
            Arc::new(pos),
            Arc::new(self.reference.finish()),
            Arc::new(self.alternate.finish()),
            Arc::new(self.af_global.finish()),
        ];
        let mut populations = self
            .af
            .iter_mut()
            .map(|column| Arc::new(column.finish()) as _);
        // The Python package's nine populations stand before the others.
        columns.extend(populations.by_ref().take(9));
        columns.push(Arc::new(self.filter.finish()));
        columns.push(Arc::new(StringArray::from_iter_values(versions)));
        columns.extend(populations);
        columns.push(Arc::new(self.af_grpmax.finish()));
        columns.push(Arc::new(self.ac.finish()));
        columns.push(Arc::new(self.an.finish()));
        columns.push(Arc::new(self.nhomalt.finish()));
        match RecordBatch::try_new(schema(), columns) {
            Ok(batch) => batch,
            Err(error) => panic!("columns differ from their schema: {error}"),
        }
    }
}
