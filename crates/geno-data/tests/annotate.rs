//! A small genome with two genes, annotated from files.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
};

use geno_action::EditSpec;
use geno_core::{RegionClass, RepeatClass};
use geno_data::{
    Annotation, AnnotationReport, AnnotationSources, Annotator, Fasta, Genes, Labelled,
    LabelledFile, VcfIndex, annotate_vcf,
};
use proptest::prelude::*;

type Outcome = Result<(), Box<dyn Error>>;

/// Contig `20`: `ATGAAATGGTAA` at 101..112 forward, the same at 301..312 on the other strand, a
/// dinucleotide repeat at 401..412, soft mask at 501..510. Contig `MT`: a gene at 1..9.
fn genome(folder: &Path) -> PathBuf {
    let mut contig: Vec<u8> = b"GCTAGGCATC".repeat(60);
    contig[100..112].copy_from_slice(b"ATGAAATGGTAA");
    contig[300..312].copy_from_slice(b"TTACCATTTCAT");
    contig[400..412].copy_from_slice(b"ACACACACACAC");
    contig[500..510].make_ascii_lowercase();
    let path = folder.join("genome.fa");
    let contig = String::from_utf8(contig).unwrap();
    fs::write(&path, format!(">20\n{contig}\n>MT\nATTTGAAGA\n")).unwrap();
    path
}

const GTF: &str = "\
chr20\t.\texon\t91\t130\t.\t+\t.\tgene_name \"PLUS\"; transcript_id \"T1\"; tag \"Ensembl_canonical\";
chr20\t.\tCDS\t101\t109\t.\t+\t0\tgene_name \"PLUS\"; transcript_id \"T1\";
chr20\t.\tstop_codon\t110\t112\t.\t+\t0\tgene_name \"PLUS\"; transcript_id \"T1\";
chr20\t.\texon\t81\t130\t.\t+\t.\tgene_name \"PLUS\"; transcript_id \"T2\";
chr20\t.\texon\t301\t320\t.\t-\t.\tgene_name \"MINUS\"; transcript_id \"T3\";
chr20\t.\tCDS\t301\t312\t.\t-\t0\tgene_name \"MINUS\"; transcript_id \"T3\";
chr20\t.\tCDS\tx\t312\t.\t-\t0\tgene_name \"MINUS\"; transcript_id \"T3\";
chrM\t.\tCDS\t1\t9\t.\t+\t0\tgene_name \"MT-X\"; transcript_id \"T4\";
";

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

fn annotator(folder: &Path) -> Result<Annotator, Box<dyn Error>> {
    let file = |name, text| LabelledFile {
        path: write(folder, name, text),
        class: None,
    };
    let enhancer = LabelledFile {
        class: Some(RegionClass::Enhancer),
        ..file("enhancers.bed", "chr20\t450\t460\n20\t100\t103\n")
    };
    let repeats = LabelledFile {
        path: write(folder, "repeats.bed", "20\t205\t210\tLINE/L1\n"),
        class: None,
    };
    Ok(Annotator::new(AnnotationSources {
        fasta: Some(Arc::new(Fasta::open(genome(folder))?)),
        genes: Some(Genes::open(write(folder, "genes.gtf", GTF))?),
        upstream: 20,
        regions: Some(Labelled::regions(&[enhancer])?),
        repeats: Some(Labelled::repeats(&[repeats])?),
        tandem_repeats: true,
        soft_mask: true,
    }))
}

fn annotate(
    annotator: &mut Annotator,
    position: u64,
    alleles: (&str, &str),
) -> Result<Annotation, Box<dyn Error>> {
    let edit = EditSpec::new("20", position, alleles.0, alleles.1)?;
    Ok(annotator.annotate(&edit)??)
}

#[test]
fn each_edit_has_the_consequence_of_its_place() -> Outcome {
    let folder = tempfile::tempdir()?;
    let mut annotator = annotator(folder.path())?;
    for (position, alleles, consequence, region, gene) in [
        (
            104,
            ("A", "G"),
            "missense_variant",
            "coding_missense",
            "PLUS",
        ),
        (101, ("A", "G"), "start_lost", "coding_nonsense", "PLUS"),
        (109, ("G", "A"), "stop_gained", "coding_nonsense", "PLUS"),
        (
            107,
            ("TGG", "TAA"),
            "stop_gained",
            "coding_nonsense",
            "PLUS",
        ),
        (
            112,
            ("A", "G"),
            "stop_retained_variant",
            "coding_synonymous",
            "PLUS",
        ),
        (
            104,
            ("A", "AC"),
            "frameshift_variant",
            "coding_nonsense",
            "PLUS",
        ),
        (
            103,
            ("GAAA", "G"),
            "inframe_deletion",
            "coding_missense",
            "PLUS",
        ),
        (95, ("G", "A"), "5_prime_UTR_variant", "utr5", "PLUS"),
        (120, ("C", "A"), "3_prime_UTR_variant", "utr3", "PLUS"),
        (
            85,
            ("G", "A"),
            "non_coding_transcript_exon_variant",
            "other",
            "PLUS",
        ),
        (70, ("C", "A"), "upstream_gene_variant", "promoter", "PLUS"),
        (60, ("C", "A"), "intergenic_variant", "intergenic", ""),
        (310, ("C", "T"), "start_lost", "coding_nonsense", "MINUS"),
        (
            307,
            ("T", "C"),
            "synonymous_variant",
            "coding_synonymous",
            "MINUS",
        ),
        (
            330,
            ("C", "A"),
            "upstream_gene_variant",
            "promoter",
            "MINUS",
        ),
        (290, ("C", "A"), "intergenic_variant", "intergenic", ""),
        (455, ("G", "A"), "intergenic_variant", "enhancer", ""),
    ] {
        let found = annotate(&mut annotator, position, alleles)?;
        assert_eq!(
            found.consequences.unwrap().to_string(),
            consequence,
            "{position}"
        );
        assert_eq!(found.region.unwrap().as_str(), region, "{position}");
        assert_eq!(found.gene.unwrap_or_default(), gene, "{position}");
    }
    Ok(())
}

#[test]
fn repeats_of_a_file_come_before_tandem_repeats_and_those_before_soft_mask() -> Outcome {
    let folder = tempfile::tempdir()?;
    let mut annotator = annotator(folder.path())?;
    for (position, alleles, class) in [
        (206, ("G", "A"), RepeatClass::Transposon),
        (405, ("A", "G"), RepeatClass::Simple),
        (400, ("C", "CAC"), RepeatClass::Simple),
        (505, ("G", "A"), RepeatClass::Transposon),
        (250, ("C", "A"), RepeatClass::None),
    ] {
        let found = annotate(&mut annotator, position, alleles)?;
        assert_eq!(found.repeat, Some(class), "{position}");
    }
    Ok(())
}

#[test]
fn mitochondria_have_their_own_code() -> Outcome {
    let folder = tempfile::tempdir()?;
    let mut annotator = annotator(folder.path())?;
    // ATT TGA AGA: a start, tryptophan, a stop.
    for (position, alleles, consequence) in [
        (3, ("T", "C"), "start_retained_variant"),
        (6, ("A", "G"), "synonymous_variant"),
        (5, ("G", "A"), "stop_gained"),
        (5, ("G", "C"), "missense_variant"),
        (9, ("A", "G"), "stop_retained_variant"),
        (9, ("A", "C"), "stop_lost"),
    ] {
        let edit = EditSpec::new("NC_012920.1", position, alleles.0, alleles.1)?;
        let found = annotator.annotate(&edit)??.consequences.unwrap();
        assert_eq!(found.to_string(), consequence, "{position}");
    }
    Ok(())
}

const VCF: &str = "\
##fileformat=VCFv4.2
##contig=<ID=20>
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
20\t104\t.\tA\tG,*,T\t.\tPASS\tAC=1,1,1;GENO_LEWM_REGION=old,old,old
20\t250\t.\tC\t<NON_REF>\t.\t.\t.
20\t251\t.\tA\tC\t.\t.\t.
not a row
20\t405\t.\tA\tG\t.\t.\t.
Y\t5\t.\tA\tG\t.\t.\t.
";

fn run(folder: &Path, output: &Path) -> Result<AnnotationReport, Box<dyn Error>> {
    let input = write(folder, "in.vcf", VCF);
    let never = AtomicBool::new(false);
    let mut annotator = annotator(folder)?;
    let report = annotate_vcf(&input, output, &mut annotator, |_, _| (), &never)?;
    Ok(report.expect("nobody stops it"))
}

#[test]
fn a_vcf_is_written_again_with_a_value_for_each_allele() -> Outcome {
    let folder = tempfile::tempdir()?;
    let output = folder.path().join("out.vcf");
    let report = run(folder.path(), &output)?;
    let text = fs::read_to_string(&output)?;
    let rows: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(
        rows,
        [
            "20\t104\t.\tA\tG,*,T\t.\tPASS\tAC=1,1,1;\
             GENO_LEWM_REGION=coding_missense,.,coding_nonsense;GENO_LEWM_REPEAT=none,.,none;\
             GENO_LEWM_CONSEQUENCE=missense_variant,.,stop_gained;GENO_LEWM_GENE=PLUS,.,PLUS;\
             GENO_LEWM_TRANSCRIPT=T1,.,T1",
            "20\t250\t.\tC\t<NON_REF>\t.\t.\t.",
            "20\t251\t.\tA\tC\t.\t.\t.",
            "20\t405\t.\tA\tG\t.\t.\tGENO_LEWM_REGION=intergenic;GENO_LEWM_REPEAT=simple;\
             GENO_LEWM_CONSEQUENCE=intergenic_variant",
            "Y\t5\t.\tA\tG\t.\t.\t.",
        ]
    );
    assert_eq!((report.rows, report.annotated, report.left_out), (5, 3, 1));
    let rejected: Vec<(&str, u64)> = report.rejected.into_iter().collect();
    assert_eq!(
        rejected,
        [
            ("INPUT.REF_MISMATCH", 1),
            ("INPUT.STAR_ALLELE", 1),
            ("INPUT.SYMBOLIC_ALLELE", 1),
            ("INPUT.UNKNOWN_CONTIG", 1),
            ("INPUT.VCF_PARSE", 1),
        ]
    );
    let lines: Vec<u64> = report
        .first_rejected
        .iter()
        .map(|(line, _)| *line)
        .collect();
    assert_eq!(lines, [4, 5, 6, 7, 9]);
    Ok(())
}

#[test]
fn a_compressed_output_is_indexed() -> Outcome {
    let folder = tempfile::tempdir()?;
    let output = folder.path().join("out.vcf.gz");
    let report = run(folder.path(), &output)?;
    assert_eq!(
        report.index,
        VcfIndex::Tabix(folder.path().join("out.vcf.gz.tbi"))
    );
    Ok(())
}

#[test]
fn without_a_reference_coding_changes_are_placed_and_not_translated() -> Outcome {
    let folder = tempfile::tempdir()?;
    let mut annotator = Annotator::new(AnnotationSources {
        fasta: None,
        genes: Some(Genes::open(write(folder.path(), "genes.gtf", GTF))?),
        upstream: 0,
        regions: None,
        repeats: None,
        tandem_repeats: false,
        soft_mask: false,
    });
    let found = annotate(&mut annotator, 104, ("A", "G"))?;
    assert_eq!(
        found.consequences.unwrap().to_string(),
        "coding_sequence_variant"
    );
    assert_eq!(
        (found.region, found.repeat),
        (Some(RegionClass::Other), None)
    );
    let elsewhere = annotator.annotate(&EditSpec::new("X", 1, "A", "C")?)??;
    assert_eq!((elsewhere.region, elsewhere.consequences), (None, None));
    Ok(())
}

proptest! {
    #[test]
    fn no_damage_to_an_annotation_makes_it_panic(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        edits in prop::collection::vec((1u64..600, "[ACGT]{1,4}", "[ACGT]{1,4}"), 1..20),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut gtf = GTF.as_bytes().to_vec();
        for (place, byte) in damage {
            let place = place.index(gtf.len());
            gtf[place] = byte;
        }
        let path = folder.path().join("damaged.gtf");
        fs::write(&path, gtf).unwrap();
        if let Ok(genes) = Genes::open(&path) {
            let mut annotator = Annotator::new(AnnotationSources {
                fasta: Some(Arc::new(Fasta::open(genome(folder.path())).unwrap())),
                genes: Some(genes),
                upstream: 20,
                regions: None,
                repeats: None,
                tandem_repeats: true,
                soft_mask: true,
            });
            for (position, reference, alternate) in edits {
                if let Ok(edit) = EditSpec::new("20", position, &reference, &alternate) {
                    annotator.effects(&edit).unwrap();
                    annotator.annotate(&edit).unwrap().ok();
                }
            }
        }
    }
}
