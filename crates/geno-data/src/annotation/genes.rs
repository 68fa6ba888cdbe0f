//! The transcripts of a genome.

use std::path::Path;

use super::{
    bed::BedRow,
    draft::Drafts,
    feature::Feature,
    rows::{BadRows, ReadAnnotationError, for_each_row},
    transcript::Transcript,
};

/// The transcripts of an annotation file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Genes {
    /// The transcripts, in the order in which the file first names them.
    pub transcripts: Vec<Transcript>,
    /// The rows that could not be read.
    pub bad_rows: BadRows,
}

impl Genes {
    /// Reads a GTF, GFF3 or BED file, plain, gzip or bgzip, which its contents tell.
    ///
    /// GTF and GFF3 may be of Ensembl, GENCODE or RefSeq: exons, coding sequences and stop codons
    /// are put together by the transcript they name. A row of BED is a transcript if it has twelve
    /// columns, else an exon. A file that says nowhere what is translated gives transcripts of
    /// which nobody knows ([`Translation::Unknown`](super::transcript::Translation)).
    ///
    /// # Errors
    ///
    /// [`ReadAnnotationError`] if the file cannot be read or no transcript is in it.
    ///
    /// # Examples
    ///
    /// ```
    /// use geno_data::Genes;
    ///
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("exons.bed");
    /// std::fs::write(&path, "20\t10\t20\tT1\n20\t90\t95\tT1\n20\tten\t20\tT2\n")?;
    ///
    /// let genes = Genes::open(&path)?;
    /// assert_eq!(genes.transcripts[0].exons, [10..20, 90..95]);
    /// assert_eq!(genes.bad_rows.first[0].line, 3);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<Self, ReadAnnotationError> {
        let path = path.as_ref();
        let mut drafts = Drafts::default();
        let bad_rows = for_each_row(path, |row| match is_feature(row) {
            true => drafts.add_feature(&Feature::parse(row)?),
            false => drafts.add_bed(BedRow::parse(row)?),
        })?;
        let transcripts = drafts.finish();
        if transcripts.is_empty() {
            return Err(ReadAnnotationError::Nothing {
                path: path.to_owned(),
                what: "transcript",
                malformed: bad_rows.n,
            });
        }
        Ok(Self {
            transcripts,
            bad_rows,
        })
    }
}

/// Whether a row is of GTF or GFF3: one of BED has a number in its second column.
fn is_feature(row: &str) -> bool {
    let mut columns = row.split('\t');
    let second = columns.nth(1).unwrap_or_default();
    second.parse::<u64>().is_err() && columns.count() >= 6
}

#[cfg(test)]
mod tests {
    use super::{
        super::transcript::{CodingRegion, Strand, Translation},
        *,
    };

    fn genes(text: &str) -> Genes {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Genes::open(file.path()).unwrap()
    }

    fn coding(transcript: &Transcript) -> &CodingRegion {
        match &transcript.translation {
            Translation::Coding(coding) => coding,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn gtf_of_ensembl_is_read_with_its_stop_codon() {
        let attributes = "gene_id \"ENSG1\"; transcript_id \"ENST1\"; gene_name \"ABC\"; \
                          transcript_biotype \"protein_coding\"; tag \"basic\"; \
                          tag \"Ensembl_canonical\"; tag \"cds_start_NF\";";
        let rows = [
            "gene\t101\t300\t.\t-\t.",
            "transcript\t101\t300\t.\t-\t.",
            "exon\t201\t300\t.\t-\t.",
            "CDS\t201\t280\t.\t-\t2",
            "exon\t101\t150\t.\t-\t.",
            "CDS\t124\t150\t.\t-\t0",
            "stop_codon\t121\t123\t.\t-\t0",
            "exon\tx\t150\t.\t-\t.",
        ];
        let rows = rows.map(|row| format!("21\tensembl\t{row}\t{attributes}\n"));
        let genes = genes(&format!("#!genome-build GRCh38\n{}", rows.concat()));
        assert_eq!((genes.bad_rows.n, genes.bad_rows.first[0].line), (1, 9));
        let [transcript] = &genes.transcripts[..] else {
            panic!("{genes:?}");
        };
        assert_eq!(transcript.id, "ENST1");
        assert_eq!(transcript.gene.as_deref(), Some("ABC"));
        assert_eq!(transcript.biotype.as_deref(), Some("protein_coding"));
        assert_eq!(transcript.strand, Strand::Reverse);
        assert!(transcript.is_canonical);
        assert_eq!(transcript.exons, [100..150, 200..300]);
        let coding = coding(transcript);
        assert_eq!(coding.segments, [120..150, 200..280]);
        assert_eq!(coding.phase, Some(2));
        assert!(coding.is_start_missing && coding.is_consistent);
    }

    #[test]
    fn gff3_of_refseq_names_genes_through_parents() {
        let text = "##gff-version 3\n\
            NC_000001.11\tBestRefSeq\tgene\t11\t90\t.\t+\t.\tID=gene-X;Name=X;gene_biotype=protein_coding\n\
            NC_000001.11\tBestRefSeq\tmRNA\t11\t90\t.\t+\t.\tID=rna-NM_1.2;Parent=gene-X;tag=MANE Select;transcript_id=NM_1.2\n\
            NC_000001.11\tBestRefSeq\texon\t11\t30\t.\t+\t.\tID=e1;Parent=rna-NM_1.2\n\
            NC_000001.11\tBestRefSeq\texon\t61\t90\t.\t+\t.\tID=e2;Parent=rna-NM_1.2\n\
            NC_000001.11\tBestRefSeq\tCDS\t21\t30\t.\t+\t0\tID=cds;Parent=rna-NM_1.2\n\
            NC_000001.11\tBestRefSeq\tCDS\t61\t71\t.\t+\t2\tID=cds;Parent=rna-NM_1.2\n\
            NC_012920.1\tRefSeq\tgene\t3307\t4262\t.\t+\t.\tID=gene-ND1;Name=ND1\n\
            NC_012920.1\tRefSeq\tCDS\t3307\t4262\t.\t+\t0\tID=cds-ND1;Parent=gene-ND1;gene=ND1\n\
            NC_000001.11\tRefSeq\tlnc_RNA\t11\t90\t.\t+\t.\tID=rna-NR_1;Parent=gene-X\n\
            NC_000001.11\tRefSeq\texon\t11\t90\t.\t+\t.\tParent=rna-NR_1\n";
        let genes = genes(text);
        assert_eq!(genes.bad_rows.n, 0);
        let [mrna, nd1, noncoding] = &genes.transcripts[..] else {
            panic!("{genes:?}");
        };
        assert_eq!(
            (mrna.id.as_str(), mrna.gene.as_deref()),
            ("NM_1.2", Some("X"))
        );
        assert_eq!(mrna.biotype.as_deref(), Some("protein_coding"));
        assert!(mrna.is_canonical && coding(mrna).is_consistent);
        assert_eq!((nd1.id.as_str(), nd1.gene.as_deref()), ("ND1", Some("ND1")));
        assert_eq!(nd1.span(), 3_306..4_262);
        assert_eq!(noncoding.translation, Translation::None);
    }

    #[test]
    fn phases_that_contradict_lengths_are_noticed() {
        let row = |start: u64, end: u64, phase: char| {
            format!("1\t.\tCDS\t{start}\t{end}\t.\t+\t{phase}\ttranscript_id \"t\";\n")
        };
        for (rows, expected) in [
            ([row(1, 10, '0'), row(21, 30, '2')], true),
            ([row(1, 10, '1'), row(21, 30, '0')], true),
            ([row(1, 10, '.'), row(21, 30, '.')], true),
            ([row(1, 10, '0'), row(21, 30, '0')], false),
            ([row(1, 10, '0'), row(10, 30, '0')], false),
        ] {
            let genes = genes(&rows.concat());
            assert_eq!(coding(&genes.transcripts[0]).is_consistent, expected);
        }
    }

    #[test]
    fn a_file_of_exons_alone_says_nothing_of_translation() {
        let genes = genes(
            "20\t10\t20\tG|ENSG1|ENST1|ENSE1\t0\t-\n20\t30\t40\tG|ENSG1|ENST1|ENSE2\t0\t-\n\
             20\t5\t9\tENST2_exon_0_0\t0\t+\n",
        );
        let [first, second] = &genes.transcripts[..] else {
            panic!("{genes:?}");
        };
        assert_eq!(
            (first.id.as_str(), first.gene.as_deref()),
            ("ENST1", Some("G"))
        );
        assert_eq!(first.exons, [10..20, 30..40]);
        assert_eq!(first.translation, Translation::Unknown);
        assert_eq!(second.id, "ENST2");
    }

    #[test]
    fn twelve_columns_give_the_coding_region() {
        let genes = genes("1\t10\t40\tNM_1\t0\t+\t15\t38\t0\t2\t10,5,\t0,25,\n");
        assert_eq!(coding(&genes.transcripts[0]).segments, [15..20, 35..38]);
    }

    #[test]
    fn a_file_without_a_transcript_is_an_error() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "chr1\tno\n").unwrap();
        let error = Genes::open(file.path()).unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("holds no transcript, and 1 rows that cannot be read")
        );
    }
}
