//! Files that are not what they are said to be.

use std::{fs, io::Write};

use geno_core::{Coded, ErrorCode};
use geno_eval::{Assembly, OpenBenchmarkError, PrepareBenchmarkError, PreparedBenchmark};

use crate::{Bench, layouts::mave, said};

const TRAITGYM: &str = "chrom\tpos\tref\talt\tlabel\n13\t2\tC\tT\tTrue\n13\t3\tG\tA\tFalse\n";

fn traitgym(text: impl AsRef<[u8]>) -> (Bench, Result<u64, PrepareBenchmarkError>) {
    let bench = Bench::new(Assembly::Grch38);
    bench.write("test.tsv", text);
    let sources = [("variants", "test.tsv")];
    let prepared = bench.prepare("traitgym_complex", &sources, "out");
    (bench, prepared.map(|prepared| prepared.written))
}

#[test]
fn missing_columns_are_named_with_file_and_line() {
    let (_, error) = traitgym(TRAITGYM.replace("ref", "REF").replace("label", "y"));
    let said = said(&error.unwrap_err());
    assert!(
        said.ends_with("test.tsv`, line 1: no column `ref`, `label`"),
        "{said}"
    );
}

#[test]
fn values_that_are_none_name_their_line() {
    for (from, to, expected) in [
        ("13\t3", "13\t-3", "line 3: `pos` is no position"),
        ("False", "maybe", "line 3: `label` is no finite number"),
        ("3\tG\t", "3\t\t", "line 3: `ref` is empty"),
        ("A\tFalse", "A", "line 3: 4 values in 5 columns"),
    ] {
        let (bench, error) = traitgym(TRAITGYM.replace(from, to));
        let said = said(&error.unwrap_err());
        assert!(said.ends_with(expected), "{said}");
        assert!(!bench.path("out").exists());
    }
}

#[test]
fn an_accession_of_the_other_build_ends_it() {
    let bench = Bench::new(Assembly::Grch38);
    mave(&bench, "NC_000013.10");
    let sources = [("scores", "scores.csv"), ("mapping", "mapped.json")];
    let error = bench
        .prepare("brca2_saturation", &sources, "out")
        .unwrap_err();
    let said = said(&error);
    let expected = "mapped.json`, line 1: `NC_000013.10` is no accession of GRCh38";
    assert!(said.ends_with(expected), "{said}");
}

#[test]
fn another_base_than_the_reference_is_left_out_and_many_are_an_error() {
    let some = format!("{TRAITGYM}13\t4\tA\tC\tFalse\n13\t999\tA\tC\tFalse\nX\t4\tA\tC\tFalse\n");
    let (bench, written) = traitgym(&some);
    assert_eq!(written.unwrap(), 2);
    let skipped = bench.text("out/skipped.jsonl");
    for reason in ["reference_mismatch", "past_contig", "unknown_contig"] {
        assert!(skipped.contains(reason), "{reason}");
    }
    let most = format!("{TRAITGYM}13\t4\tA\tC\tFalse\n13\t5\tC\tG\tTrue\n13\t6\tA\tC\tFalse\n");
    let error = traitgym(most).1.unwrap_err();
    assert_eq!(error.code(), ErrorCode::InputRefMismatch);
    assert!(said(&error).starts_with("3 of 5 variants have another base"));
}

#[test]
fn all_rows_of_a_contradiction_are_left_out() {
    let conflict = format!("{TRAITGYM}13\t4\tT\tA\tTrue\nchr13\t4\tT\tA\tFalse\n");
    let (bench, written) = traitgym(conflict);
    assert_eq!(written.unwrap(), 2);
    let skipped = bench.text("out/skipped.jsonl");
    assert_eq!(skipped.matches("conflicting_duplicate").count(), 2);
}

#[test]
fn one_class_alone_is_an_error_that_says_what_was_left_out() {
    let error = traitgym(TRAITGYM.replace("True", "NaN")).1.unwrap_err();
    assert_eq!(error.code(), ErrorCode::EvalDataset);
    let expected = "no positive variant is left: left out were 1 missing_label";
    assert_eq!(said(&error), expected);
}

#[test]
fn a_compressed_file_that_is_cut_is_said() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(TRAITGYM.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let (_, whole) = traitgym(&gzip);
    assert_eq!(whole.unwrap(), 2);
    let (_, cut) = traitgym(&gzip[..gzip.len() - 6]);
    assert_eq!(cut.unwrap_err().code(), ErrorCode::InputTruncated);
}

#[test]
fn sources_are_those_of_the_benchmark() {
    let bench = Bench::new(Assembly::Grch38);
    bench.write("test.tsv", TRAITGYM);
    let error = bench.prepare("traitgym_complex", &[("x", "test.tsv")], "out");
    let expected = "`traitgym_complex` has no source `x`: its sources are variants";
    assert_eq!(said(&error.unwrap_err()), expected);
    let error = bench.prepare("traitgym_complex", &[], "out").unwrap_err();
    assert!(said(&error).contains("needs `--source variants=FILE`"));
    let error = bench.prepare("perturbation_stop_codons", &[], "out");
    assert!(said(&error.unwrap_err()).contains("give `--genes`"));
    let error = bench.prepare("brca1_saturation", &[("scores", "test.tsv")], "out");
    assert!(said(&error.unwrap_err()).contains("not published in GRCh38"));
}

#[test]
fn a_folder_is_kept_and_a_changed_one_refused() {
    let (bench, written) = traitgym(TRAITGYM);
    assert_eq!(written.unwrap(), 2);
    let again = bench.prepare("traitgym_complex", &[("variants", "test.tsv")], "out");
    assert!(again.unwrap().was_there);
    let other = bench.prepare("traitgym_mendelian", &[("variants", "test.tsv")], "out");
    let error = other.unwrap_err();
    assert!(matches!(error, PrepareBenchmarkError::Occupied { .. }));
    PreparedBenchmark::open(&bench.path("out")).unwrap();

    let labels = bench.path("out/labels.jsonl");
    let text = fs::read_to_string(&labels)
        .unwrap()
        .replace("\"label\":1", "\"label\":0");
    fs::write(labels, text).unwrap();
    let error = PreparedBenchmark::open(&bench.path("out")).unwrap_err();
    assert!(
        matches!(error, OpenBenchmarkError::Changed { .. }),
        "{error}"
    );
    let error = PreparedBenchmark::open(&bench.path("ref.fa")).unwrap_err();
    assert!(
        matches!(error, OpenBenchmarkError::Missing { .. }),
        "{error}"
    );
}
