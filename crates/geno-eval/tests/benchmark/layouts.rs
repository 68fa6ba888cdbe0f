//! Each published layout, by hand.

use std::{fs::File, sync::Arc};

use arrow_array::{
    ArrayRef, BooleanArray, Int64Array, LargeStringArray, RecordBatch, StringArray, StringViewArray,
};
use geno_eval::{Assembly, PreparedBenchmark, Selection};
use parquet::arrow::ArrowWriter;

use crate::Bench;

/// A table of saturation mutagenesis: substitutions, a deletion of one base, two builds, two elements.
const ELEMENTS: &str = "\
Chrom\tPos\tRef\tAlt\tBarcodes\tDNA\tRNA\tCoefficient\tpValue\tElement\tRelease
20\t6\tG\tA\t100\t1\t1\t-0.5\t0.01\tONE\tGRCh37
20\t11\tC\t-\t12\t1\t1\t0.25\tNA\tONE\tGRCh37
20\t12\tC\tA\t9\t1\t1\t2\t0.5\tONE\tGRCh37
20\t16\tA\tT\t50\t1\t1\t0.125\t0.5\tTWO\tGRCh37
20\t16\tA\tC\t50\t1\t1\t0.125\t0.5\tTWO\tGRCh38
";

#[test]
fn deletions_of_one_base_get_the_base_before_them() {
    let bench = Bench::new(Assembly::Grch37);
    bench.write("elements.tsv", ELEMENTS);
    let sources = [("elements", "elements.tsv")];
    let prepared = bench.prepare("mpra_saturation", &sources, "mpra").unwrap();
    // Position 10 of contig 20 is the last of five G.
    assert_eq!(
        bench.variants("mpra"),
        ["20 6 G A", "20 10 GC G", "20 16 A T"]
    );
    assert_eq!(bench.values("mpra", "label"), [0.5, 0.25, 0.125]);
    let skipped: Vec<_> = prepared.skipped.into_iter().collect();
    assert_eq!(skipped, [("below_minimum", 1), ("other_assembly", 1)]);
    assert_eq!(
        bench.text("mpra/skipped.jsonl"),
        "{\"file\":\"elements.tsv\",\"line\":4,\"reason\":\"below_minimum\"}\n\
         {\"file\":\"elements.tsv\",\"line\":6,\"reason\":\"other_assembly\"}\n"
    );
    let row = &bench.labels("mpra")[0];
    assert_eq!(row.get("region").unwrap().as_str(), Some("ONE"));
    let source = row.get("source").unwrap();
    assert_eq!(source.get("Coefficient").unwrap().as_f64(), Some(-0.5));

    let one = Selection {
        groups: vec!["TWO".to_owned()],
        ..Selection::default()
    };
    let prepared = bench.prepare_some("mpra_saturation", &sources, None, "two", &one);
    assert_eq!(prepared.unwrap().written, 1);
}

#[test]
fn a_spreadsheet_of_function_scores_has_its_header_below_a_title() {
    let bench = Bench::new(Assembly::Grch37);
    bench.write(
        "findlay.csv",
        "Supplementary Table 1,,,,,,\n,,,,,,\n\
         gene,chromosome,position (hg19),reference,alt,consequence,function.score.mean,func.class\n\
         BRCA1,13,2,C,T,Missense,\"-1.5\",LOF\n\
         BRCA1,13,3,G,A,Synonymous,0.1,FUNC\n\
         BRCA1,13,4,T,C,\"Splice, region\",-0.9,INT\n\
         BRCA1,13,5,A,C,Intronic,,NA\n",
    );
    let sources = [("scores", "findlay.csv")];
    let prepared = bench
        .prepare("brca1_saturation", &sources, "brca1")
        .unwrap();
    assert_eq!(bench.values("brca1", "label"), [1.0, 0.0, 0.0]);
    assert_eq!(prepared.labels, "1 positive, 2 negative");
    assert_eq!(prepared.skipped[&"unsupported_label"], 1);
    let row = &bench.labels("brca1")[2];
    assert_eq!(
        row.get("consequence").unwrap().as_str(),
        Some("Splice, region")
    );
    assert_eq!(row.get("split").unwrap().as_str(), Some("brca1"));
}

#[test]
fn traitgym_reads_truth_values_and_drops_what_comes_twice() {
    let bench = Bench::new(Assembly::Grch38);
    bench.write(
        "test.tsv",
        "chrom\tpos\tref\talt\tlabel\tOMIM\tconsequence\n\
         13\t2\tC\tT\tTrue\t1234\t5_prime_UTR_variant\n\
         13\t3\tG\tA\tFalse\t\tintron_variant\n\
         chr13\t3\tG\tA\tFalse\t\tintron_variant\n\
         20\t1\tT\tTA\tFalse\t\tintron_variant\n",
    );
    let sources = [("variants", "test.tsv")];
    let prepared = bench.prepare("traitgym_mendelian", &sources, "tg").unwrap();
    assert_eq!(bench.variants("tg"), ["13 2 C T", "13 3 G A"]);
    let skipped: Vec<_> = prepared.skipped.into_iter().collect();
    assert_eq!(skipped, [("duplicate", 1), ("not_snv", 1)]);
    let opened = PreparedBenchmark::open(&bench.path("tg")).unwrap();
    assert_eq!(opened.benchmark.split, "traitgym_mendelian");
}

#[test]
fn traitgym_is_read_as_it_is_published_in_parquet() {
    let bench = Bench::new(Assembly::Grch38);
    // Texts of the three kinds that writers of Parquet use.
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            "chrom",
            Arc::new(StringArray::from(vec!["13", "chr13", "13"])),
        ),
        ("pos", Arc::new(Int64Array::from(vec![2, 3, 4]))),
        ("ref", Arc::new(LargeStringArray::from(vec!["C", "G", "T"]))),
        ("alt", Arc::new(StringViewArray::from(vec!["T", "A", "TA"]))),
        (
            "label",
            Arc::new(BooleanArray::from(vec![true, false, false])),
        ),
        (
            "OMIM",
            Arc::new(StringArray::from(vec![Some("1234"), None, None])),
        ),
        (
            "consequence",
            Arc::new(StringArray::from(vec!["intron_variant"; 3])),
        ),
    ];
    let batch = columns.into_iter().map(|(name, array)| (name, array, true));
    let batch = RecordBatch::try_from_iter_with_nullable(batch).unwrap();
    let file = File::create(bench.path("test.parquet")).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();

    let sources = [("variants", "test.parquet")];
    let prepared = bench.prepare("traitgym_mendelian", &sources, "tg").unwrap();
    assert_eq!(bench.variants("tg"), ["13 2 C T", "13 3 G A"]);
    assert_eq!(bench.values("tg", "label"), [1.0, 0.0]);
    let skipped: Vec<_> = prepared.skipped.into_iter().collect();
    assert_eq!(skipped, [("not_snv", 1)]);

    let other = [("variants", "other.parquet")];
    let columns: Vec<(&str, ArrayRef)> = vec![("chrom", Arc::new(StringArray::from(vec!["13"])))];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let file = File::create(bench.path("other.parquet")).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let error = bench
        .prepare("traitgym_mendelian", &other, "no")
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("no column `pos`, `ref`, `alt`, `label`"),
        "{error}"
    );
}

const CLINVAR: &str = "\
##fileformat=VCFv4.1
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
NC_000013.11\t2\t1\tC\tT\t.\t.\tCLNSIG=Pathogenic;MC=SO:0001587|nonsense,SO:0001627|intron_variant;CLNREVSTAT=reviewed_by_expert_panel;GENEINFO=BRCA2:675|X:1
13\t3\t2\tG\tA\t.\t.\tCLNSIG=Benign/Likely_benign;MC=SO:0001819|synonymous_variant
13\t4\t3\tT\tC\t.\t.\tCLNSIG=Likely_pathogenic;MC=SO:0001627|intron_variant
13\t5\t4\tA\tC\t.\t.\tCLNSIG=Benign;MC=SO:0001624|3_prime_UTR_variant
13\t6\t5\tC\tA\t.\t.\tCLNSIG=Uncertain_significance;MC=SO:0001583|missense_variant
13\t7\t6\tG\tA\t.\t.\tCLNSIG=Benign
13\t8\t7\tT\tTA\t.\t.\tCLNSIG=Benign;MC=SO:0001589|frameshift_variant
";

#[test]
fn clinvar_is_parted_by_consequence() {
    let bench = Bench::new(Assembly::Grch38);
    bench.write("clinvar.vcf", CLINVAR);
    let sources = [("clinvar", "clinvar.vcf")];
    let coding = bench.prepare("clinvar_coding", &sources, "coding").unwrap();
    assert_eq!(bench.variants("coding"), ["13 2 C T", "13 3 G A"]);
    assert_eq!(bench.values("coding", "label"), [1.0, 0.0]);
    let row = &bench.labels("coding")[0];
    for (field, value) in [
        ("consequence", "nonsense"),
        ("gene_symbol", "BRCA2"),
        ("review_status", "reviewed_by_expert_panel"),
        ("clinical_significance", "Pathogenic"),
    ] {
        assert_eq!(row.get(field).unwrap().as_str(), Some(value));
    }
    let skipped: Vec<_> = coding.skipped.into_iter().collect();
    let expected = [
        ("missing_consequence", 1),
        ("not_snv", 1),
        ("other_region", 2),
        ("unsupported_clinical_significance", 1),
    ];
    assert_eq!(skipped, expected);
    bench
        .prepare("clinvar_noncoding", &sources, "noncoding")
        .unwrap();
    assert_eq!(bench.variants("noncoding"), ["13 4 T C", "13 5 A C"]);
}

#[test]
fn transcripts_say_what_clinvar_does_not() {
    let bench = Bench::new(Assembly::Grch37);
    bench.write(
        "clinvar.vcf",
        "##fileformat=VCFv4.1\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n\
         13\t3\t.\tG\tA\t.\t.\tCLASS=P_LP\n13\t5\t.\tA\tC\t.\t.\tCLASS=B_LB\n\
         20\t5\t.\tT\tC\t.\t.\tCLASS=B_LB\n",
    );
    bench.write("genes.bed", "13\t1\t10\tT\n20\t20\t30\tU\n");
    let sources = [("clinvar", "clinvar.vcf")];
    let genes = bench.path("genes.bed");
    let all = Selection::default();
    let prepared = bench.prepare_some("clinvar_coding", &sources, Some(&genes), "out", &all);
    assert_eq!(prepared.unwrap().skipped[&"other_region"], 1);
    assert_eq!(bench.variants("out"), ["13 3 G A", "13 5 A C"]);
}

/// Scores of a score set, and its variants in VRS.
pub(crate) fn mave(bench: &Bench, contig: &str) {
    bench.write(
        "scores.csv",
        "accession,hgvs_nt,score\nurn:a#1,c.1A>G,-1.5\nurn:a#2,\"c.[2A>G,3C>T]\",0.5\nurn:a#3,c.4A>G,NA\n\
         urn:a#4,c.5A>G,0.25\n",
    );
    let record = |name: &str, current: bool, end: u64, reference: &str, alternate: &str| {
        format!(
            r#"{{"variantUrn": "{name}", "current": {current}, "postMapped": {{"type": "Allele",
             "location": {{"end": {end}, "start": {}, "sequenceReference": {{"label": "{contig}"}}}},
             "extensions": [{{"name": "vrs_ref_allele_seq", "value": "{reference}"}}],
             "state": {{"sequence": "{alternate}"}}}}}}"#,
            end - 1
        )
    };
    let records = [
        record("urn:a#1", true, 2, "C", "T"),
        record("urn:a#2", true, 3, "G", "A"),
        record("urn:a#2", false, 4, "T", "A"),
        record("urn:a#3", true, 5, "A", "C"),
        record("urn:a#4", true, 7, "GT", "G"),
        r#"{"variantUrn": "urn:a#4", "current": true, "postMapped": null}"#.to_owned(),
        r#"{"current": true}"#.to_owned(),
    ];
    bench.write("mapped.json", format!("[{}]", records.join(",\n")));
}

#[test]
fn scores_of_mavedb_meet_their_variants_with_the_sign_turned() {
    let bench = Bench::new(Assembly::Grch38);
    mave(&bench, "NC_000013.11");
    let sources = [("scores", "scores.csv"), ("mapping", "mapped.json")];
    let prepared = bench
        .prepare("brca2_saturation", &sources, "brca2")
        .unwrap();
    assert_eq!(bench.variants("brca2"), ["13 2 C T", "13 3 G A"]);
    assert_eq!(bench.values("brca2", "label"), [1.5, -0.5]);
    let row = &bench.labels("brca2")[0];
    assert_eq!(row.get("split").unwrap().as_str(), Some("brca2"));
    assert_eq!(row.get("source_id").unwrap().as_str(), Some("urn:a#1"));
    let skipped: Vec<_> = prepared.skipped.into_iter().collect();
    let expected = [
        ("invalid_mapping_row", 1),
        ("missing_score", 2),
        ("not_current", 1),
        ("not_snv", 1),
        ("unmapped", 1),
    ];
    assert_eq!(skipped, expected);
}
