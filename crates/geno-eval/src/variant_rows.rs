//! Rows of variants with named values: JSON lines, tables with a header, VCF.

mod error;
mod values;

use std::path::Path;

use geno_core::Digest;
use geno_data::{Progress, TextLines};
use geno_provenance::Json;

pub use self::error::{ReadVariantsError, RowFault};
use self::values::Values;
pub(crate) use self::values::{Number, VariantRow};

/// Names of the columns that say which variant a row is of, and those they go by elsewhere.
const COLUMNS: [(&str, &[&str]); 4] = [
    ("chrom", &["#chrom", "chromosome", "chr", "contig"]),
    ("pos", &["position"]),
    ("ref", &["reference"]),
    ("alt", &["alternate"]),
];

/// Reads variants with what a file says of them, in file order and constant memory.
///
/// The file may be plain, gzip or bgzip, and is JSON lines, a table whose first line names its columns
/// (separated by tabs), or a VCF: its contents tell. Blank lines are passed over.
pub(crate) struct VariantRows {
    lines: TextLines,
    layout: Layout,
    /// The first row, where there was no header to read.
    first: Option<String>,
    n_rows: u64,
}

/// How a line is read.
enum Layout {
    JsonLines,
    Table(Table),
}

/// Where the columns of a table stand.
struct Table {
    names: Vec<String>,
    variant: [usize; 4],
    /// The INFO column of a VCF.
    info: Option<usize>,
}

impl VariantRows {
    /// Opens a file and reads its header, if it has one.
    pub(crate) fn open(path: &Path) -> Result<Self, ReadVariantsError> {
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
            n_rows: 0,
        })
    }

    /// The next row, if there is one.
    pub(crate) fn next(&mut self) -> Result<Option<VariantRow>, ReadVariantsError> {
        let first = self.first.take();
        let read = match &first {
            Some(line) => parse(&self.layout, line),
            None => loop {
                match self.lines.next_line()? {
                    None => return self.end(),
                    Some(line) if line.trim().is_empty() => {}
                    Some(line) => break parse(&self.layout, line),
                }
            },
        };
        let line = self.lines.line();
        self.n_rows += 1;
        match read {
            Ok(row) => Ok(Some(VariantRow { line, ..row })),
            Err(fault) => Err(self.at(fault)),
        }
    }

    /// A fault of the row read last.
    pub(crate) fn at(&self, source: RowFault) -> ReadVariantsError {
        ReadVariantsError::Row {
            path: self.lines.path().to_owned(),
            line: self.lines.line(),
            source,
        }
    }

    fn end(&self) -> Result<Option<VariantRow>, ReadVariantsError> {
        match self.n_rows {
            0 => Err(ReadVariantsError::Empty {
                path: self.lines.path().to_owned(),
            }),
            _ => Ok(None),
        }
    }

    /// Whether values come from the INFO column of a VCF.
    pub(crate) fn is_vcf(&self) -> bool {
        matches!(&self.layout, Layout::Table(table) if table.info.is_some())
    }

    /// Whether the rows can have such a value: of a table its columns tell.
    pub(crate) fn may_have(&self, name: &str) -> bool {
        match &self.layout {
            Layout::Table(table) if table.info.is_none() => {
                table.names.iter().any(|column| column == name)
            }
            _ => true,
        }
    }

    /// Of a file that was read to its end.
    pub(crate) fn digest(&self) -> Option<Digest> {
        self.lines.digest()
    }

    pub(crate) fn progress(&self) -> Progress {
        self.lines.progress()
    }

    /// The line read last, 1-based.
    pub(crate) fn line(&self) -> u64 {
        self.lines.line()
    }

    pub(crate) fn path(&self) -> &Path {
        self.lines.path()
    }
}

fn table(path: &Path, header: &str, is_vcf: bool) -> Result<Table, ReadVariantsError> {
    let names: Vec<String> = header
        .split('\t')
        .map(|name| name.trim().to_owned())
        .collect();
    let place = |name: &str| {
        names
            .iter()
            .position(|column| column.eq_ignore_ascii_case(name))
    };
    let mut variant = [0; 4];
    for (at, (column, others)) in variant.iter_mut().zip(COLUMNS) {
        let found = place(column).or_else(|| others.iter().find_map(|name| place(name)));
        *at = found.ok_or_else(|| ReadVariantsError::NoColumn {
            path: path.to_owned(),
            column: column.to_owned(),
        })?;
    }
    let is_vcf = is_vcf || names[0] == "#CHROM";
    let info = place("INFO").filter(|_| is_vcf);
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
        line: 0,
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
        line: 0,
        chrom: cell(0)?.to_owned(),
        pos: position(cell(1)?.parse().ok())?,
        reference: cell(2)?.to_ascii_uppercase(),
        alternates: match table.info {
            Some(_) => alternates.split(',').map(str::to_owned).collect(),
            None => vec![alternates],
        },
        values: match table.info {
            Some(info) => Values::of_info(cells[info]),
            None => Values::of_cells(&table.names, &cells),
        },
    })
}

fn position(pos: Option<u64>) -> Result<u64, RowFault> {
    let field = "pos";
    pos.filter(|pos| *pos > 0)
        .ok_or(RowFault::Variant { field })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Result<Vec<VariantRow>, ReadVariantsError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows");
        std::fs::write(&path, text).unwrap();
        let mut rows = VariantRows::open(&path)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(row);
        }
        Ok(all)
    }

    #[test]
    fn three_forms_of_a_row_say_the_same() {
        let json = r#"
{"chrom": "20", "pos": 5, "ref": "a", "alt": "C", "x": 1.5, "name": "n"}
"#;
        let table = "Chromosome\tposition\tREF\tALT\tx\tname\n20\t5\tA\tc\t1.5\tn\n";
        let vcf = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n\
            20\t5\t.\ta\tc\t.\t.\tflag;x=1.5;name=n\n";
        for text in [json, table, vcf] {
            let row = rows(text).unwrap().remove(0);
            assert_eq!((row.chrom.as_str(), row.pos), ("20", 5));
            assert_eq!(
                (row.reference.as_str(), row.alternates[0].as_str()),
                ("A", "C")
            );
            assert_eq!(row.number("x", 0), Number::Given(1.5));
            assert_eq!(row.text("name", 0).as_deref(), Some("n"));
            assert_eq!(row.number("name", 0), Number::Unusable);
            assert_eq!(row.number("y", 0), Number::Missing);
        }
    }

    #[test]
    fn values_of_a_vcf_go_by_allele() {
        let vcf = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n\
            20\t5\t.\tA\tC,G\t.\t.\tAF=0.1,0.2;AN=7;CLNSIG=a,b,c\n";
        let row = rows(vcf).unwrap().remove(0);
        assert_eq!((row.line, row.alternates.len()), (2, 2));
        assert_eq!(row.number("AF", 1), Number::Given(0.2));
        assert_eq!(row.number("AN", 1), Number::Given(7.0));
        assert_eq!(row.text("CLNSIG", 0).as_deref(), Some("a,b,c"));
    }

    #[test]
    fn a_fault_names_its_line() {
        let table = |row: &str| format!("chrom\tpos\tref\talt\tx\n1\t5\tA\tC\t1\n{row}\n");
        for (text, expected) in [
            (
                table("1\t0\tA\tC\t1"),
                "line 3: `pos` does not say where a variant is",
            ),
            (table("1\t5\tA"), "line 3: row has 3 columns, not 5"),
            (
                "{\"chrom\": \"1\", \"pos\": true}\n".to_owned(),
                "line 1: `chrom",
            ),
            (
                "{\"chrom\": 1}\n{\"pos\": 1}\n".to_owned(),
                "line 1: `chrom`",
            ),
            ("chrom\tpos\tref\nx\n".to_owned(), "has no column `alt`"),
            ("\n\n".to_owned(), "holds no row"),
            ("chrom\tpos\tref\talt\n".to_owned(), "holds no row"),
        ] {
            let error = rows(&text).unwrap_err();
            let source = std::error::Error::source(&error).map(ToString::to_string);
            let said = format!("{error}: {}", source.unwrap_or_default());
            let expected = expected.split('`').next().unwrap();
            assert!(said.contains(expected), "{said}");
        }
    }
}
