//! What is read, what is set aside, what is refused, and what is written.

use std::io::Write;

use geno_core::Coded;
use geno_data::{CallFault, ImportError, RawDataProvider, VcfIndex};

use crate::files::{Files, rows};

use RawDataProvider::{Ancestry, MyHeritage, Sequencing, TwentyThreeAndMe};

const FASTA: &str = ">1\nACGTACGTACGTACGTACGT\n>20\nAACCGGTTNNAACCGGTTAA\n>X\nACGTACGTAC\n>Y\nACGTACGTAC\n\
                     >MT\nACGTACGTAC\n";

#[test]
fn rows_that_cannot_be_read_cost_no_other_and_are_listed_by_line() {
    let files = Files::new(FASTA);
    let long = "A".repeat(70_000);
    let good = (1..=9)
        .map(|i| format!("rs{i}\t1\t{i}\tAC\n"))
        .collect::<String>();
    let text = format!(
        "{good}rs1\t1\t5\nrs2\t99\t5\tAA\nrs3\t1\tx\tAA\nrs4\t1\t5\tXY\nrs;5\t1\t5\tAA\n{long}\n\
         rs7\t1\t5000000000\tAA\nrs8\t20\t9\tAC\nrs9\t20\t21\tAC\n"
    );
    let (report, vcf) = files.import(TwentyThreeAndMe, &text);
    assert_eq!(rows(&vcf).len(), 9);
    assert_eq!(report.rejected.values().sum::<u64>(), 9);
    assert_eq!(
        files.sidecar_lines(),
        (10..=18).collect::<Vec<u64>>(),
        "each fault has its line"
    );
    assert!(!files.sidecar().contains("XY"), "no genotype is repeated");

    let mut strict = files.request(TwentyThreeAndMe);
    strict.strict = true;
    let error = files.run(&strict, text.as_bytes()).unwrap_err();
    let ImportError::Strict {
        line: 10, source, ..
    } = &error
    else {
        panic!("{error:?}");
    };
    assert_eq!(
        *source,
        CallFault::Columns {
            found: 3,
            expected: 4
        }
    );
    assert_eq!(error.code().as_str(), "INPUT.VCF_PARSE");
}

#[test]
fn a_file_of_another_service_is_refused_and_named() {
    let files = Files::new(FASTA);
    let text = "#AncestryDNA raw data download\nrsid\tchromosome\tposition\tallele1\tallele2\n\
                rs1\t1\t1\tC\tA\n";
    let error = files
        .run(&files.request(MyHeritage), text.as_bytes())
        .unwrap_err();
    let ImportError::OtherFormat { looks_like, .. } = error else {
        panic!("{error:?}");
    };
    assert_eq!(looks_like, Some(Ancestry));

    let many = "1,2,3\n".repeat(100_000);
    let error = files
        .run(&files.request(Ancestry), many.as_bytes())
        .unwrap_err();
    assert!(
        matches!(error, ImportError::OtherFormat { rows: 1000, .. }),
        "{error:?}"
    );

    let error = files
        .run(&files.request(Ancestry), b"##fileformat=VCFv4.2\n#CHROM\n")
        .unwrap_err();
    assert!(matches!(error, ImportError::IsVcf { .. }));
    for text in [&b""[..], b"# only a comment\n\n"] {
        let error = files.run(&files.request(Ancestry), text).unwrap_err();
        assert!(matches!(error, ImportError::Empty { .. }));
    }
    for json in ["[{]", "{\"variants\": 3}", "7", "[] []", "[{\"a\":"] {
        let error = files
            .run(&files.request(Sequencing), json.as_bytes())
            .unwrap_err();
        assert!(
            matches!(error, ImportError::Json { line: 1, .. }),
            "{json}: {error:?}"
        );
    }
    let long = format!("[{{\"chrom\": \"{}\"}}]", "1".repeat(3 << 20));
    let error = files
        .run(&files.request(Sequencing), long.as_bytes())
        .unwrap_err();
    assert!(
        matches!(error, ImportError::LongRow { line: 1, .. }),
        "{error:?}"
    );
}

#[test]
fn archives_and_marks_of_byte_order_are_seen_through() {
    let files = Files::new(FASTA);
    let request = files.request(TwentyThreeAndMe);
    let text = b"\xef\xbb\xbfrs1\t1\t2\tCT\n";
    let expected = ["1 2 rs1 C T 0/1"];

    files.run(&request, text).unwrap();
    assert_eq!(rows(&files.vcf()), expected);

    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text).unwrap();
    let gzip = gzip.finish().unwrap();
    files.run(&request, &gzip).unwrap();
    assert_eq!(rows(&files.vcf()), expected);
    let error = files.run(&request, &gzip[..gzip.len() - 9]).unwrap_err();
    assert!(matches!(error, ImportError::Truncated { .. }), "{error:?}");

    let one = files.zip(&[("../../genome.txt", text)]);
    files.run(&request, &one).unwrap();
    assert_eq!(rows(&files.vcf()), expected);
    let with_folder = files.zip(&[("__MACOSX/x", b"junk"), ("a/", b""), ("a/b.txt", text)]);
    files.run(&request, &with_folder).unwrap();
    assert_eq!(rows(&files.vcf()), expected);

    let two = files.zip(&[("a.txt", text), ("b.txt", text)]);
    let error = files.run(&request, &two).unwrap_err();
    assert!(matches!(error, ImportError::ZipMembers { files: 2, .. }));
    let mut corrupt = one.clone();
    let end = corrupt.len() / 3;
    corrupt[end] ^= 0xff;
    let error = files.run(&request, &corrupt).unwrap_err();
    assert!(matches!(error, ImportError::Corrupt { .. }), "{error:?}");
    let error = files.run(&request, &one[..40]).unwrap_err();
    assert!(matches!(error, ImportError::Corrupt { .. }), "{error:?}");

    for utf16 in [&b"\xff\xfer\0s\0"[..], b"\xfe\xff\0r\0s"] {
        let error = files.run(&request, utf16).unwrap_err();
        assert!(matches!(error, ImportError::Utf16 { .. }));
    }
}

#[test]
fn a_compressed_vcf_is_indexed_and_the_same_every_time() {
    let files = Files::new(FASTA);
    let output = files.path("calls.vcf.gz");
    let mut request = files.request(TwentyThreeAndMe);
    request.output = &output;
    let text = b"rs2\t20\t5\tGA\nrs1\t1\t2\tCT\n";
    let report = files.run(&request, text).unwrap();
    let index = files.path("calls.vcf.gz.tbi");
    assert_eq!(report.index, VcfIndex::Tabix(index.clone()));
    let bytes = || {
        (
            std::fs::read(&output).unwrap(),
            std::fs::read(&index).unwrap(),
        )
    };
    let before = bytes();
    files.run(&request, text).unwrap();
    assert_eq!(bytes(), before);
}

#[test]
fn a_sample_without_a_name_is_refused() {
    let files = Files::new(FASTA);
    let mut request = files.request(Ancestry);
    for sample in ["", "a b", "a\tb"] {
        request.sample = sample;
        let error = files.run(&request, b"rs1\t1\t1\tA\tA\n").unwrap_err();
        assert!(matches!(error, ImportError::SampleName));
    }
}

#[test]
fn no_input_is_overwritten_and_no_old_sidecar_stays() {
    let files = Files::new(FASTA);
    let (input, fasta) = (files.path("raw"), files.path("ref.fa"));
    for output in [&input, &fasta, &files.path("out.rejected.jsonl")] {
        let mut request = files.request(TwentyThreeAndMe);
        request.output = output;
        let error = files.run(&request, b"rs1\t1\t2\tCT\n").unwrap_err();
        assert!(matches!(error, ImportError::SameFile { .. }), "{error:?}");
    }
    let request = files.request(TwentyThreeAndMe);
    files
        .run(&request, b"rs1\t1\t2\tCT\nrs2\t1\t3\tXX\n")
        .unwrap();
    assert_eq!(files.sidecar_lines(), [2]);
    files.run(&request, b"rs1\t1\t2\tCT\n").unwrap();
    assert!(!files.path("out.rejected.jsonl").exists());
}

#[test]
fn a_map_for_alleles_that_are_named_is_refused() {
    let files = Files::new(FASTA);
    let map = files.write("map.tsv", b"1\t2\tC\n");
    let mut request = files.request(Sequencing);
    request.alleles = Some(&map);
    let error = files.run(&request, b"[]").unwrap_err();
    assert!(matches!(
        error,
        ImportError::UselessMap {
            provider: Sequencing
        }
    ));
}
