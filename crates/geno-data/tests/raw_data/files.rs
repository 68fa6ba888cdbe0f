//! A folder with a reference, into which raw data is imported.

use std::{
    io::{Cursor, Write},
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
};

use geno_data::{Fasta, ImportError, ImportRawData, ImportReport, RawDataProvider};
use zip::write::SimpleFileOptions;

pub(crate) struct Files {
    folder: tempfile::TempDir,
    fasta: Fasta,
    input: PathBuf,
    output: PathBuf,
    rejected: PathBuf,
}

impl Files {
    pub(crate) fn new(fasta: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("ref.fa"), fasta).unwrap();
        Self {
            fasta: Fasta::open(path("ref.fa")).unwrap(),
            input: path("raw"),
            output: path("out.vcf"),
            rejected: path("out.rejected.jsonl"),
            folder,
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// An import of what [`Files::run`] writes.
    pub(crate) fn request(&self, provider: RawDataProvider) -> ImportRawData<'_> {
        ImportRawData {
            fasta: Some(&self.fasta),
            rejected: Some(&self.rejected),
            ..ImportRawData::new(provider, &self.input, &self.output)
        }
    }

    pub(crate) fn run(
        &self,
        request: &ImportRawData<'_>,
        raw: &[u8],
    ) -> Result<ImportReport, ImportError> {
        std::fs::write(&self.input, raw).unwrap();
        let report = request.run(|_| {}, &AtomicBool::new(false))?;
        Ok(report.expect("nobody interrupted it"))
    }

    pub(crate) fn import(&self, provider: RawDataProvider, raw: &str) -> (ImportReport, String) {
        let report = self.run(&self.request(provider), raw.as_bytes()).unwrap();
        (report, self.vcf())
    }

    pub(crate) fn vcf(&self) -> String {
        read(&self.output)
    }

    pub(crate) fn sidecar(&self) -> String {
        read(&self.rejected)
    }

    /// The lines that were set aside.
    pub(crate) fn sidecar_lines(&self) -> Vec<u64> {
        let sidecar = self.sidecar();
        let line = |row: &str| field(row, "line").parse().unwrap();
        sidecar.lines().map(line).collect()
    }

    /// Code and marker of each row that was set aside.
    pub(crate) fn sidecar_faults(&self) -> Vec<String> {
        let sidecar = self.sidecar();
        let fault = |row: &str| format!("{} {}", field(row, "code"), field(row, "id"));
        sidecar.lines().map(fault).collect()
    }

    pub(crate) fn zip(&self, members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in members {
            let options = SimpleFileOptions::default()
                .compression_method(zip::CompressionMethod::Deflated)
                .last_modified_time(zip::DateTime::default());
            match name.strip_suffix('/') {
                Some(folder) => zip.add_directory(folder, options).unwrap(),
                None => {
                    zip.start_file(*name, options).unwrap();
                    zip.write_all(bytes).unwrap();
                }
            }
        }
        zip.finish().unwrap().into_inner()
    }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn field<'a>(row: &'a str, name: &str) -> &'a str {
    let (_, rest) = row.split_once(&format!("\"{name}\":")).unwrap();
    let rest = rest.trim_start_matches([' ', '"']);
    rest.split([',', '}', '"']).next().unwrap()
}

/// CHROM, POS, ID, REF, ALT and GT of the rows of a VCF.
pub(crate) fn rows(vcf: &str) -> Vec<String> {
    let rows = vcf.lines().filter(|line| !line.starts_with('#'));
    rows.map(|row| {
        let columns: Vec<_> = row.split('\t').collect();
        let [
            chrom,
            pos,
            id,
            reference,
            alternate,
            ".",
            "PASS",
            info,
            "GT",
            genotype,
        ] = columns[..]
        else {
            panic!("{row}");
        };
        assert!(info.starts_with("SOURCE="), "{row}");
        [chrom, pos, id, reference, alternate, genotype].join(" ")
    })
    .collect()
}
