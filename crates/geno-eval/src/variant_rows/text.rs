//! Rows of text: JSON lines, tables with a header, VCF.

use std::{path::Path, sync::Arc};

use geno_data::TextLines;
use geno_provenance::Json;

use super::{
    COLUMNS, ReadVariantsError, RowFault, RowPlace, VariantRow, places, position, values::Values,
};

/// The lines of a file, told apart by its first.
pub(super) struct TextRows {
    pub(super) lines: TextLines,
    layout: Layout,
    /// The first row, where there was no header to read.
    first: Option<String>,
}

/// How a line is read.
enum Layout {
    JsonLines,
    Table(Table),
}

/// Where the columns of a table stand.
struct Table {
    names: Arc<[String]>,
    variant: [usize; 4],
    /// The INFO column of a VCF.
    info: Option<usize>,
}

impl TextRows {
    /// Opens a file and reads its header, if it has one.
    pub(super) fn open(path: &Path) -> Result<Self, ReadVariantsError> {
        let mut lines = TextLines::open(path)?;
        let (mut header, mut is_vcf) = (None, false);
        while let Some(line) = lines.next_line()? {
            is_vcf |= line.starts_with("##fileformat=VCF");
            if !line.trim().is_empty() && !line.starts_with("##") {
                header = Some(line.to_owned());
                break;
            }
        }
        let Some(header) = header else {
            let path = path.to_owned();
            return Err(ReadVariantsError::Empty { path });
        };
        let (layout, first) = match header.trim_start().starts_with('{') {
            true => (Layout::JsonLines, Some(header)),
            false => (Layout::Table(table(path, &header, is_vcf)?), None),
        };
        Ok(Self {
            lines,
            layout,
            first,
        })
    }

    /// The next row, if there is one; an error is that of reading, and a fault that of the row.
    pub(super) fn next(
        &mut self,
    ) -> Result<Option<Result<VariantRow, RowFault>>, ReadVariantsError> {
        let first = self.first.take();
        let read = match &first {
            Some(line) => parse(&self.layout, line),
            None => loop {
                match self.lines.next_line()? {
                    None => return Ok(None),
                    Some(line) if line.trim().is_empty() => {}
                    Some(line) => break parse(&self.layout, line),
                }
            },
        };
        let place = RowPlace::Line(self.lines.line());
        Ok(Some(read.map(|row| VariantRow { place, ..row })))
    }

    /// The columns of a table.
    pub(super) fn columns(&self) -> Option<&[String]> {
        match &self.layout {
            Layout::Table(table) if table.info.is_none() => Some(&table.names),
            _ => None,
        }
    }

    pub(super) fn is_vcf(&self) -> bool {
        matches!(&self.layout, Layout::Table(table) if table.info.is_some())
    }
}

fn table(path: &Path, header: &str, is_vcf: bool) -> Result<Table, ReadVariantsError> {
    let names: Arc<[String]> = header
        .split('\t')
        .map(|name| name.trim().to_owned())
        .collect();
    let variant = places(path, &names)?;
    let is_vcf = is_vcf || names[0] == "#CHROM";
    let info = names.iter().position(|name| name == "INFO");
    let info = info.filter(|_| is_vcf);
    if is_vcf && info.is_none() {
        return Err(ReadVariantsError::NoColumn {
            path: path.to_owned(),
            column: "INFO".to_owned(),
        });
    }
    Ok(Table {
        names,
        variant,
        info,
    })
}

/// Reads a line; its number is not known here.
fn parse(layout: &Layout, line: &str) -> Result<VariantRow, RowFault> {
    match layout {
        Layout::JsonLines => json_row(line),
        Layout::Table(table) => table_row(table, line),
    }
}

fn json_row(line: &str) -> Result<VariantRow, RowFault> {
    let Json::Object(fields) = Json::parse(line.as_bytes())? else {
        return Err(RowFault::NotAnObject);
    };
    let text = |field: &'static str| match fields.get(field) {
        Some(Json::String(text)) if !text.is_empty() => Ok(text.clone()),
        _ => Err(RowFault::Variant { field }),
    };
    let pos = fields.get("pos").and_then(Json::as_u64);
    Ok(VariantRow {
        place: RowPlace::Line(0),
        chrom: text("chrom")?,
        pos: position(pos)?,
        reference: text("ref")?.to_ascii_uppercase(),
        alternates: vec![text("alt")?.to_ascii_uppercase()],
        values: Values::Json(fields),
    })
}

fn table_row(table: &Table, line: &str) -> Result<VariantRow, RowFault> {
    let cells: Vec<&str> = line.split('\t').collect();
    let expected = table.names.len();
    // A VCF may have samples that its header does not name apart; a table may not be ragged.
    if cells.len() < expected || (table.info.is_none() && cells.len() != expected) {
        let found = cells.len();
        return Err(RowFault::Columns { found, expected });
    }
    let cell = |i: usize| {
        let text = cells[table.variant[i]];
        let field = COLUMNS[i].0;
        (!text.is_empty())
            .then_some(text)
            .ok_or(RowFault::Variant { field })
    };
    let alternates = cell(3)?.to_ascii_uppercase();
    Ok(VariantRow {
        place: RowPlace::Line(0),
        chrom: cell(0)?.to_owned(),
        pos: position(cell(1)?.parse().ok())?,
        reference: cell(2)?.to_ascii_uppercase(),
        alternates: match table.info {
            Some(_) => alternates.split(',').map(str::to_owned).collect(),
            None => vec![alternates],
        },
        values: match table.info {
            Some(info) => Values::of_info(cells[info]),
            None => Values::of_cells(Arc::clone(&table.names), &cells),
        },
    })
}
