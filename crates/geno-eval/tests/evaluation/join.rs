//! Files as people have them.

use std::{collections::BTreeMap, io::Write};

use geno_data::Fasta;
use geno_eval::{ClassRule, Coverage, JoinError, JoinFiles, LabelRule};

use super::files::{Files, label, read, source};

const LABELS: &str = "\
##fileformat=VCFv4.2
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
20\t5\t.\tA\tC,G\t.\t.\tCLNSIG=Pathogenic;AF=0.1,0.2
20\t9\t.\tA\tC\t.\t.\tCLNSIG=Benign;CLNREVSTAT=practice_guideline
20\t11\t.\tCAT\tCGT\t.\t.\tCLNSIG=Likely_benign
20\t20\t.\tA\t<DEL>\t.\t.\tCLNSIG=Benign
20\t21\t.\tA\tC\t.\t.\tCLNSIG=Uncertain_significance
20\t22\t.\tA\tC\t.\t.\tCLNSIG=Benign
20\t23\t.\tA\tC\t.\t.\tAF=0.3
";

/// The first four variants of [`LABELS`], spelled otherwise, and one more.
const SCORES: &str = "chrom\tpos\tref\talt\ts\n\
    chr20\t5\ta\tc\t0.9\nchr20\t5\tA\tG\t0.8\nchr20\t8\tTA\tTC\t0.8\nchr20\t12\tA\tG\t0.1\n\
    chr20\t22\tA\tC\t.\nchr21\t5\tA\tC\t0.5\n";

#[test]
fn spellings_and_formats_of_people_meet() {
    let files = Files::new();
    let mut gzip = flate2_of(LABELS);
    let labels = files.write("labels.vcf.gz", &gzip);
    let scores = files.write("scores.tsv", SCORES);
    let join = files.join(&labels, &scores).unwrap();
    let values: Vec<f64> = join.columns[0].values.clone();
    assert_eq!(values, [0.9, 0.8, 0.8, 0.1]);
    assert_eq!(join.labels.classes().unwrap(), [true, true, false, false]);
    let scores_of = |n| BTreeMap::from([(label("scores"), n)]);
    let expected = Coverage {
        label_rows: 8,
        without_label: 2,
        not_comparable: 1,
        labelled: 5,
        evaluated: 4,
        without_score: scores_of(1),
        extra_scores: scores_of(1),
    };
    assert_eq!(join.coverage, expected);
    let unmatched: Vec<String> = join.unmatched.iter().map(ToString::to_string).collect();
    assert_eq!(unmatched, ["20:20:A:<DEL>", "20:22:A:C"]);
    assert_eq!(join.variants[1].strata.allele_frequency, Some(0.2));
    assert_eq!(join.variants[2].strata.review_stars, Some(4));

    // The order of the files' rows, and their format, change nothing.
    let rows = SCORES.lines().collect::<Vec<_>>();
    let turned = rows[..1].iter().chain(rows[1..].iter().rev());
    let turned: String = turned.map(|row| format!("{row}\n")).collect();
    let again = files
        .join(&labels, &files.write("turned.tsv", turned))
        .unwrap();
    assert_eq!(again.columns[0].values, values);

    gzip.truncate(gzip.len() - 5);
    let cut = files.write("cut.vcf.gz", gzip);
    let error = files.join(&cut, &scores).unwrap_err();
    assert!(error.to_string().contains("ends before its end"), "{error}");
}

fn flate2_of(text: &str) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text.as_bytes()).unwrap();
    gzip.finish().unwrap()
}

#[test]
fn a_deletion_meets_its_other_spelling_with_a_reference_alone() {
    let files = Files::new();
    let fasta = files.write("ref.fa", ">20\nGCACACATTTGA\n");
    let fasta = Fasta::open(&fasta).unwrap();
    let labels = "chrom\tpos\tref\talt\tlabel\n20\t1\tGCA\tG\t1\n20\t9\tT\tA\t0\n";
    let scores = "chrom\tpos\tref\talt\ts\n20\t4\tCAC\tC\t2\n20\t9\tT\tA\t1\n";
    let (labels, scores) = (files.write("l.tsv", labels), files.write("s.tsv", scores));
    let without = files.join(&labels, &scores).unwrap();
    assert_eq!(without.coverage.evaluated, 1);
    let join = read(&JoinFiles {
        labels: &labels,
        rule: &LabelRule::Class(ClassRule::default()),
        scores: &source("scores", &scores, "s"),
        baselines: &[],
        fasta: Some(&fasta),
        background: None,
    });
    assert_eq!(join.unwrap().coverage.evaluated, 2);
}

#[test]
fn every_fault_names_its_file_and_line() {
    let files = Files::new();
    let labels = "chrom\tpos\tref\talt\tlabel\n1\t5\tA\tC\tP\n1\t6\tA\tC\tB\n";
    let scores = "chrom\tpos\tref\talt\ts\n1\t5\tA\tC\t1\n1\t6\tA\tC\t2\n";
    for (labels, scores, expected) in [
        (
            format!("{labels}chr1\t5\tA\tC\tB\n"),
            scores.to_owned(),
            "`labels`, line 4: the variant was on line 2 already",
        ),
        (
            labels.to_owned(),
            format!("{scores}chr1\t6\tA\tC\t2\n"),
            "`scores`, line 4: the variant was on line 3 already",
        ),
        (
            labels.to_owned(),
            scores.replace("\t2\n", "\tNaN\n"),
            "`scores`, line 3: `s` is no finite number",
        ),
        (
            labels.to_owned(),
            scores.replace("\ts\n", "\tt\n"),
            "`scores` has no column `s`",
        ),
        (
            labels.replace("\tP\n", "\tVUS\n").replace("\tB\n", "\t\n"),
            scores.to_owned(),
            "no variant of `labels` has a label: which field or INFO key holds it?",
        ),
        (
            labels.replace("1\t5", "2\t5").replace("1\t6", "2\t6"),
            scores.to_owned(),
            "none of the 2 labelled variants of `labels` has a score in every file: are they of \
             one genome build?",
        ),
        (
            "{\"chrom\": \"1\", \"pos\": 5, \"ref\": \"A\", \"alt\": \"C\"}\n".to_owned(),
            scores.to_owned(),
            "`labels`, line 1: `clinical_significance` is missing",
        ),
        (String::new(), scores.to_owned(), "`labels` holds no row"),
    ] {
        assert_eq!(files.fault(&labels, &scores), expected);
    }
}

#[test]
fn a_background_with_a_labelled_variant_is_refused() {
    let files = Files::new();
    let labels = files.write("labels.vcf", LABELS);
    let scores = source("scores", &files.write("scores.tsv", SCORES), "s");
    let background = |rows: &str| {
        let head = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";
        let path = files.write("background.vcf", format!("{head}{rows}"));
        read(&JoinFiles {
            labels: &labels,
            rule: &LabelRule::Class(ClassRule::default()),
            scores: &scores,
            baselines: &[],
            fasta: None,
            background: Some(&path),
        })
    };
    background("20\t6\t.\tA\tC\t.\t.\t.\n").unwrap();
    let error = background("20\t6\t.\tA\tC\t.\t.\t.\nchr20\t5\t.\tA\tT,G\t.\t.\t.\n").unwrap_err();
    let JoinError::InBackground { shared, lines, .. } = error else {
        panic!("{error}");
    };
    assert_eq!((shared, lines), (1, vec![4]));
}
