//! The VCF of an import.

use std::path::Path;

use super::{Build, RawDataProvider, contigs::Contigs, record::Record, strand::Mark};
use crate::{Fasta, VcfHeader, VcfIndex, VcfWriter, WriteVcfError};

/// What the header of the VCF is made of.
pub(crate) struct Heading<'a> {
    pub(crate) provider: RawDataProvider,
    pub(crate) contigs: &'a Contigs,
    pub(crate) fasta: Option<&'a Fasta>,
    pub(crate) build: Option<Build>,
    pub(crate) sample: &'a str,
}

impl Heading<'_> {
    fn header(&self) -> VcfHeader {
        let mut lines = vec![
            "##fileformat=VCFv4.2".to_owned(),
            "##source=geno-lewm-import".to_owned(),
        ];
        let name = self.fasta.and_then(|fasta| fasta.path().file_name());
        if let Some(name) = name {
            let name = name.to_string_lossy().replace(char::is_control, "_");
            lines.push(format!("##reference={name}"));
        }
        let assembly = self
            .build
            .map_or(String::new(), |build| format!(",assembly={build}"));
        for (name, len) in self.contigs.iter() {
            let len = len.map_or(String::new(), |len| format!(",length={len}"));
            lines.push(format!("##contig=<ID={name}{len}{assembly}>"));
        }
        lines.extend(DECLARATIONS.map(str::to_owned));
        VcfHeader::new(lines, &[self.sample])
    }

    /// Writes records, which must be in order.
    pub(crate) fn write(&self, path: &Path, records: &[Record]) -> Result<VcfIndex, WriteVcfError> {
        let mut writer = VcfWriter::create(path, &self.header())?;
        for record in records {
            writer.write_row(self.row(record).as_bytes())?;
        }
        writer.finish()
    }

    fn row(&self, record: &Record) -> String {
        let flag = match record.mark {
            Mark::None => "",
            Mark::Ambiguous => ";STRAND_AMBIGUOUS",
            Mark::Flipped => ";STRAND_FLIPPED",
            Mark::Suspect => ";STRAND_SUSPECT",
        };
        let alternates = match record.alternates() {
            "" => ".",
            alternates => alternates,
        };
        format!(
            "{}\t{}\t{}\t{}\t{alternates}\t.\tPASS\tSOURCE={}{flag}\tGT\t{}",
            self.contigs.name(record.contig),
            record.position,
            record.id,
            record.reference(),
            self.provider,
            record.genotype.text(),
        )
    }
}

const DECLARATIONS: [&str; 6] = [
    "##FILTER=<ID=PASS,Description=\"All filters passed\">",
    "##INFO=<ID=SOURCE,Number=1,Type=String,Description=\"Service whose raw data this is\">",
    "##INFO=<ID=STRAND_AMBIGUOUS,Number=0,Type=Flag,Description=\"REF and the called bases are A \
     and T, or C and G, so that both strands read alike; taken as written\">",
    "##INFO=<ID=STRAND_FLIPPED,Number=0,Type=Flag,Description=\"Called bases were complemented, \
     since REF is among their complements alone\">",
    "##INFO=<ID=STRAND_SUSPECT,Number=0,Type=Flag,Description=\"REF is among the complements of \
     the called bases alone; taken as written\">",
    "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">",
];
