//! Rows of variants with named values: JSON lines, tables with a header, VCF, Parquet.

mod error;
#[cfg(feature = "parquet")]
mod table;
mod text;
mod values;

use std::path::Path;

use geno_core::Digest;
use geno_data::Progress;
#[cfg(feature = "parquet")]
use geno_data::TableRows;

#[cfg(feature = "parquet")]
use self::table::ParquetRows;
use self::text::TextRows;
pub use self::{
    error::{ReadVariantsError, RowFault, RowPlace},
    values::{Number, Value, VariantRow},
};

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
/// (separated by tabs), or a VCF; or, with the feature `parquet`, a Parquet file. Its contents tell. Blank
/// lines are passed over.
///
/// ```
/// use geno_eval::{Number, VariantRows};
///
/// # let scores = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/parity/scores.jsonl");
/// let mut rows = VariantRows::open(scores.as_ref())?;
/// let row = rows.next()?.expect("a score");
/// assert!(matches!(row.number("sigma_calibrated", 0), Number::Given(_)));
/// # Ok::<_, geno_eval::ReadVariantsError>(())
/// ```
pub struct VariantRows {
    source: Source,
    n_rows: u64,
}

enum Source {
    Text(Box<TextRows>),
    #[cfg(feature = "parquet")]
    Table(Box<ParquetRows>),
}

impl VariantRows {
    /// Opens a file and reads its header, if it has one.
    ///
    /// # Errors
    ///
    /// [`ReadVariantsError`] if there is no file, no row, or no column that says which variant a row is of.
    pub fn open(path: &Path) -> Result<Self, ReadVariantsError> {
        let source = Source::open(path)?;
        Ok(Self { source, n_rows: 0 })
    }

    /// The next row, if there is one.
    ///
    /// # Errors
    ///
    /// [`ReadVariantsError`], which names the row.
    #[expect(clippy::should_implement_trait, reason = "an iterator cannot fail")]
    pub fn next(&mut self) -> Result<Option<VariantRow>, ReadVariantsError> {
        let read = match &mut self.source {
            Source::Text(rows) => rows.next()?,
            #[cfg(feature = "parquet")]
            Source::Table(rows) => rows.next()?,
        };
        match read {
            None if self.n_rows == 0 => Err(ReadVariantsError::Empty {
                path: self.path().to_owned(),
            }),
            None => Ok(None),
            Some(row) => {
                self.n_rows += 1;
                row.map(Some).map_err(|fault| self.at(fault))
            }
        }
    }

    /// A fault of the row read last.
    pub fn at(&self, source: RowFault) -> ReadVariantsError {
        ReadVariantsError::Row {
            path: self.path().to_owned(),
            place: self.place(),
            source,
        }
    }

    /// Whether values come from the INFO column of a VCF.
    pub fn is_vcf(&self) -> bool {
        match &self.source {
            Source::Text(rows) => rows.is_vcf(),
            #[cfg(feature = "parquet")]
            Source::Table(_) => false,
        }
    }

    /// The columns, where every row has the same.
    fn columns(&self) -> Option<&[String]> {
        match &self.source {
            Source::Text(rows) => rows.columns(),
            #[cfg(feature = "parquet")]
            Source::Table(rows) => Some(rows.columns()),
        }
    }

    /// Whether the rows can have such a value: of a table its columns tell.
    pub fn may_have(&self, name: &str) -> bool {
        let has = |columns: &[String]| columns.iter().any(|column| column == name);
        self.columns().is_none_or(has)
    }

    /// Columns whose values are neither text nor number, and are not read.
    pub fn left_out(&self) -> &[String] {
        match &self.source {
            Source::Text(_) => &[],
            #[cfg(feature = "parquet")]
            Source::Table(rows) => rows.rows.left_out(),
        }
    }

    /// The digest of the file as it is stored, once it was read to its end.
    ///
    /// # Errors
    ///
    /// [`ReadVariantsError::Lines`] if the file cannot be read once more, as a Parquet file has to be.
    pub fn digest(&self) -> Result<Option<Digest>, ReadVariantsError> {
        match &self.source {
            Source::Text(rows) => Ok(rows.lines.digest()),
            #[cfg(feature = "parquet")]
            Source::Table(rows) => {
                let digest = rows.rows.digest().map_err(|error| io(self.path(), error));
                Ok(Some(digest?))
            }
        }
    }

    /// How much of the file was read.
    pub fn progress(&self) -> Progress {
        match &self.source {
            Source::Text(rows) => rows.lines.progress(),
            #[cfg(feature = "parquet")]
            Source::Table(rows) => rows.rows.progress(),
        }
    }

    /// The row read last.
    pub fn place(&self) -> RowPlace {
        match &self.source {
            Source::Text(rows) => RowPlace::Line(rows.lines.line()),
            #[cfg(feature = "parquet")]
            Source::Table(rows) => RowPlace::Row(rows.rows.row()),
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        match &self.source {
            Source::Text(rows) => rows.lines.path(),
            #[cfg(feature = "parquet")]
            Source::Table(rows) => rows.rows.path(),
        }
    }
}

impl Source {
    fn open(path: &Path) -> Result<Self, ReadVariantsError> {
        #[cfg(feature = "parquet")]
        if path != "-" && TableRows::is_table(path).map_err(|error| io(path, error))? {
            return Ok(Self::Table(Box::new(ParquetRows::open(path)?)));
        }
        Ok(Self::Text(Box::new(TextRows::open(path)?)))
    }
}

#[cfg(feature = "parquet")]
fn io(path: &Path, source: std::io::Error) -> ReadVariantsError {
    let path = path.to_owned();
    geno_data::ReadLinesError::Io { path, source }.into()
}

/// Where the columns stand that say which variant a row is of.
fn places(path: &Path, names: &[String]) -> Result<[usize; 4], ReadVariantsError> {
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
    Ok(variant)
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
        assert_eq!((row.place, row.alternates.len()), (RowPlace::Line(2), 2));
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
