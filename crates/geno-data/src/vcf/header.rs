//! The header of a VCF file to write.

use std::fmt;

use super::info::InfoKey;

const VERSION: &[u8] = b"##fileformat=VCFv4.2";
const COLUMNS: [&str; 8] = [
    "#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO",
];

/// The lines before the first row of a VCF file.
///
/// # Examples
///
/// ```
/// use geno_data::{InfoKey, InfoKind, VcfHeader};
///
/// let mut header = VcfHeader::new(["##contig=<ID=20,length=63025520>"], &["NA12878"]);
/// header.declare(&InfoKey {
///     id: "AF",
///     kind: InfoKind::Float,
///     description: "Allele frequency",
/// });
/// let text = String::from_utf8(header.to_bytes())?;
/// let lines: Vec<_> = text.lines().collect();
///
/// assert_eq!(lines[0], "##fileformat=VCFv4.2");
/// assert!(lines[2].starts_with("##INFO=<ID=AF,Number=A,Type=Float,"));
/// assert!(lines[3].ends_with("INFO\tFORMAT\tNA12878"));
/// # Ok::<_, std::string::FromUtf8Error>(())
/// ```
///
/// Its `Debug` shows how many lines it has, for they may name samples.
#[derive(Clone, Eq, PartialEq)]
pub struct VcfHeader {
    /// Lines that begin with `##`, the file format first.
    meta: Vec<Vec<u8>>,
    columns: Vec<u8>,
}

impl VcfHeader {
    /// A header of lines that begin with `##`, for rows with the genotypes of some samples or of
    /// none. The line of the file format may be left out.
    ///
    /// # Panics
    ///
    /// If a line does not begin with `##` or a text holds a line break or, in a sample, a tab.
    pub fn new<L: Into<Vec<u8>>>(meta: impl IntoIterator<Item = L>, samples: &[&str]) -> Self {
        let mut columns = COLUMNS.map(str::to_owned).to_vec();
        if !samples.is_empty() {
            columns.push("FORMAT".to_owned());
        }
        for sample in samples {
            assert!(!sample.contains(['\t', '\n', '\r']), "a sample's name");
            columns.push((*sample).to_owned());
        }
        let mut header = Self::from_lines(Vec::new(), columns.join("\t").into_bytes());
        for line in meta {
            header.push(line);
        }
        header
    }

    /// The header as it was read; columns that a row may do without are added.
    pub(crate) fn from_lines(mut meta: Vec<Vec<u8>>, mut columns: Vec<u8>) -> Self {
        if !meta.first().is_some_and(|line| is_version(line)) {
            meta.insert(0, VERSION.to_vec());
        }
        let n_columns = columns.split(|&byte| byte == b'\t').count();
        for missing in COLUMNS.iter().skip(n_columns) {
            columns.push(b'\t');
            columns.extend_from_slice(missing.as_bytes());
        }
        Self { meta, columns }
    }

    /// Adds a line that begins with `##` after the others; one of the file format takes the place
    /// of what was said of it.
    ///
    /// # Panics
    ///
    /// If the line does not begin with `##`, or holds a line break.
    pub fn push(&mut self, line: impl Into<Vec<u8>>) {
        let line = line.into();
        assert!(line.starts_with(b"##"), "a header line begins with `##`");
        assert!(!line.iter().any(|byte| b"\r\n".contains(byte)), "one line");
        match is_version(&line) {
            true => self.meta[0] = line,
            false => self.meta.push(line),
        }
    }

    /// Declares a key of the INFO column, in place of any declaration of that name, else after the
    /// last of the others.
    pub fn declare(&mut self, key: &InfoKey<'_>) {
        let line = key.declaration().into_bytes();
        let mut declared = (0..self.meta.len()).filter(|&i| key.is_declared_by(&self.meta[i]));
        if let Some(first) = declared.next() {
            self.meta[first] = line;
            let mut i = 0;
            self.meta.retain(|line| {
                i += 1;
                i - 1 <= first || !key.is_declared_by(line)
            });
            return;
        }
        let last = self
            .meta
            .iter()
            .rposition(|line| line.starts_with(b"##INFO="));
        let place = last.map_or(self.meta.len(), |last| last + 1);
        self.meta.insert(place, line);
    }

    /// The lines that begin with `##`, without their line breaks.
    pub fn meta(&self) -> impl Iterator<Item = &[u8]> {
        self.meta.iter().map(Vec::as_slice)
    }

    /// The whole text.
    pub fn to_bytes(&self) -> Vec<u8> {
        let lines = self.meta.iter().chain([&self.columns]);
        lines
            .flat_map(|line| [line.as_slice(), b"\n"])
            .collect::<Vec<_>>()
            .concat()
    }
}

impl fmt::Debug for VcfHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VcfHeader")
            .field("n_meta", &self.meta.len())
            .finish_non_exhaustive()
    }
}

fn is_version(line: &[u8]) -> bool {
    line.starts_with(b"##fileformat=")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vcf::info::InfoKind;

    const KEY: InfoKey<'_> = InfoKey {
        id: "X",
        kind: InfoKind::Integer,
        description: "x",
    };

    fn lines(header: &VcfHeader) -> Vec<String> {
        let text = String::from_utf8(header.to_bytes()).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_declaration_stands_among_its_like() {
        let meta = ["##INFO=<ID=A,Number=1>", "##contig=<ID=20>"];
        let mut header = VcfHeader::new(meta, &[]);
        header.declare(&KEY);
        header.push("##source=here");
        assert_eq!(
            lines(&header),
            [
                "##fileformat=VCFv4.2",
                "##INFO=<ID=A,Number=1>",
                "##INFO=<ID=X,Number=A,Type=Integer,Description=\"x\">",
                "##contig=<ID=20>",
                "##source=here",
                "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO",
            ]
        );
    }

    #[test]
    fn an_earlier_declaration_of_the_name_is_replaced() {
        let meta = [
            "##fileformat=VCFv4.3",
            "##INFO=<Number=1,ID=X>",
            "##contig=<ID=20>",
            "##INFO=<ID=X,Number=2>",
        ];
        let mut header = VcfHeader::new(meta, &[]);
        header.declare(&KEY);
        assert_eq!(
            lines(&header)[..3],
            [
                "##fileformat=VCFv4.3",
                "##INFO=<ID=X,Number=A,Type=Integer,Description=\"x\">",
                "##contig=<ID=20>",
            ]
        );
        assert_eq!(lines(&header).len(), 4);
    }

    #[test]
    fn a_header_of_five_columns_gets_the_others() {
        let header = VcfHeader::from_lines(Vec::new(), b"#CHROM\tPOS\tID\tREF\tALT".to_vec());
        assert_eq!(header, VcfHeader::new(Vec::<Vec<u8>>::new(), &[]));
    }
}
