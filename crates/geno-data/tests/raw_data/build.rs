//! Builds of raw data: told by what is known, refused where it disagrees.

use geno_core::Coded;
use geno_data::{Build, ImportError, RawDataProvider::TwentyThreeAndMe};

use crate::files::{Files, rows};

/// Markers of chromosome 1 that every build has somewhere else, with their GRCh37 position.
const MARKERS: &str =
    "rs3094315\t1\t752566\t--\nrs2341354\t1\t918573\t--\nrs11928389\t3\t50927009\t--\n";

/// A chromosome without a repeat, and calls of a person that fit it.
fn genome() -> (String, String) {
    let mut state = 1u64;
    let mut base = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        char::from(b"ACGT"[(state >> 62) as usize])
    };
    let sequence: String = (0..5000).map(|_| base()).collect();
    let calls = sequence.char_indices().skip(10).step_by(10);
    let calls = calls.map(|(i, base)| format!("rs{i}\t1\t{}\t{base}{base}\n", i + 1));
    (format!(">1\n{sequence}\n"), calls.collect())
}

fn shifted(calls: &str) -> String {
    let row = |line: &str| {
        let columns: Vec<_> = line.split('\t').collect();
        let position: u64 = columns[2].parse().unwrap();
        format!("{}\t1\t{}\t{}\n", columns[0], position - 7, columns[3])
    };
    calls.lines().map(row).collect()
}

#[test]
fn markers_and_comments_tell_the_build_of_a_file() {
    let (fasta, calls) = genome();
    let files = Files::new(&fasta);
    let (report, vcf) = files.import(TwentyThreeAndMe, &format!("{MARKERS}{calls}"));
    assert_eq!(report.build, Some(Build::Grch37));
    assert_eq!(report.evidence.markers, [0, 3, 0]);
    assert_eq!(
        report.evidence.reference_checked,
        report.evidence.reference_agree
    );
    assert!(vcf.contains("##contig=<ID=1,length=5000,assembly=GRCh37>\n"));

    let (report, _) = files.import(TwentyThreeAndMe, &calls);
    assert_eq!(report.build, None);
    let json = geno_provenance::summary_json(&report.to_json());
    assert!(
        json.contains("\"build\": null") || json.contains("\"build\":null"),
        "{json}"
    );
}

#[test]
fn a_build_that_was_named_must_be_that_of_the_file() {
    let (fasta, calls) = genome();
    let files = Files::new(&fasta);
    let mut request = files.request(TwentyThreeAndMe);
    request.build = Some(Build::Grch38);
    let text = format!("{MARKERS}{calls}");
    let error = files.run(&request, text.as_bytes()).unwrap_err();
    assert!(
        matches!(
            error,
            ImportError::OtherBuild {
                found: Build::Grch37,
                declared: Build::Grch38,
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(error.code().as_str(), "INPUT.REF_MISMATCH");
    assert!(!files.path("out.vcf").exists());
}

#[test]
fn a_comment_that_markers_contradict_is_refused_until_the_build_is_named() {
    let (fasta, calls) = genome();
    let files = Files::new(&fasta);
    let text = format!("# build 36\n{MARKERS}{calls}");
    let mut request = files.request(TwentyThreeAndMe);
    let error = files.run(&request, text.as_bytes()).unwrap_err();
    assert!(matches!(
        error,
        ImportError::BuildContradiction { markers_n: 3, .. }
    ));
    request.build = Some(Build::Grch37);
    files.run(&request, text.as_bytes()).unwrap();
}

#[test]
fn a_reference_of_another_build_is_refused_by_its_lengths() {
    // GRCh37 has 59,373,566 bases on Y; the index alone says so.
    let files = Files::new(">1\nACGT\n");
    let fasta = files.write("y.fa", b">chrY\n");
    let mut bases = vec![b'N'; 59_373_566];
    bases.push(b'\n');
    std::fs::write(&fasta, [&b">chrY\n"[..], &bases].concat()).unwrap();
    let fasta = geno_data::Fasta::open(&fasta).unwrap();
    let mut request = files.request(TwentyThreeAndMe);
    request.fasta = Some(&fasta);
    let text = b"# reference human assembly build 36\nrs1\tY\t5\tA\n";
    let error = files.run(&request, text).unwrap_err();
    assert!(
        matches!(
            error,
            ImportError::ReferenceBuild {
                found: Build::Ncbi36,
                fasta: Build::Grch37,
                ..
            }
        ),
        "{error:?}"
    );
}

#[test]
fn calls_that_name_other_bases_than_the_reference_are_of_another_build() {
    let (fasta, calls) = genome();
    let files = Files::new(&fasta);
    let request = files.request(TwentyThreeAndMe);
    let error = files.run(&request, shifted(&calls).as_bytes()).unwrap_err();
    let ImportError::ReferenceDiffers { agree, checked, .. } = error else {
        panic!("{error:?}");
    };
    assert!(checked == 499 && agree < 200, "{agree} of {checked}");
}

#[test]
fn the_mitochondrion_of_hg19_takes_no_calls_of_the_other() {
    let mitochondrion = "A".repeat(16_571);
    let files = Files::new(&format!(">chr1\nACGT\n>chrM\n{mitochondrion}\n"));
    let text = "# build 37\nrs1\t1\t1\tAG\nrs2\tMT\t73\tG\nrs3\tMT\t74\t--\n";
    let (report, vcf) = files.import(TwentyThreeAndMe, text);
    assert_eq!(rows(&vcf), ["chr1 1 rs1 A G 0/1"]);
    assert_eq!(files.sidecar_faults(), ["INPUT.REF_MISMATCH rs2"]);
    assert_eq!(report.counts.no_calls, 1);
}

#[test]
fn contigs_may_go_by_their_accession() {
    let files = Files::new(">NC_000001.10\nACGT\n>NC_012920.1\nACGT\n");
    let (_, vcf) = files.import(TwentyThreeAndMe, "rs2\tMT\t2\tT\nrs1\t1\t1\tAG\n");
    assert_eq!(
        rows(&vcf),
        ["NC_000001.10 1 rs1 A G 0/1", "NC_012920.1 2 rs2 C T 1"]
    );
}

#[test]
fn a_reference_without_any_of_the_chromosomes_is_refused() {
    let files = Files::new(">contig1\nACGT\n");
    let request = files.request(TwentyThreeAndMe);
    let error = files.run(&request, b"rs1\t1\t1\tAG\n").unwrap_err();
    assert!(matches!(error, ImportError::NoContig { .. }), "{error:?}");
}
