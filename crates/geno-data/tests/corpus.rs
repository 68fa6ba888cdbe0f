//! Windows of corpora and genomes, against the Python package and against hostile files.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
};

use flate2::{Compression, write::GzEncoder};
use geno_core::{Coded, PythonRandom};
use geno_data::{
    CorpusError, CorpusFields, CorpusReader, CorpusRow, CorpusSource, CorpusWindow, CutOptions,
    CutReport, CutWindows, CutWindowsError, Fasta, RecordFault, StableSubset, WindowInput,
    WindowLayout, WindowPhase, WindowReader, WindowRow, cut_windows, write_window_line,
};

const RECORDS: &str = include_str!("../../../fixtures/parity/corpus/records.jsonl");
const WINDOWS: &str = include_str!("../../../fixtures/parity/corpus/windows.jsonl");
const GOLDEN: &str = include_str!("../../../fixtures/parity/golden_base/python_golden.json");

fn options(window: u64, margin: u64, stride: u64) -> CutOptions {
    CutOptions {
        layout: WindowLayout::new(window, margin, stride).unwrap(),
        phase: WindowPhase::Start,
        subset: None,
        max_n_fraction: 1.0,
        max_windows: None,
        mix: None,
    }
}

fn mrna() -> CorpusFields {
    CorpusFields {
        default_source: Some(CorpusSource::Mrna),
        ..CorpusFields::default()
    }
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    /// Windows, rejected rows and report of a run.
    fn run(&self, input: WindowInput<'_>, options: CutOptions) -> (String, String, CutReport) {
        let (output, rejected) = (self.path("windows.jsonl"), self.path("rejected.jsonl"));
        let request = CutWindows {
            input,
            options,
            output: &output,
            rejected: Some(&rejected),
        };
        let report = cut_windows(request, |_| {}, &AtomicBool::new(false));
        let read = |path: &Path| fs::read_to_string(path).unwrap();
        (read(&output), read(&rejected), report.unwrap().unwrap())
    }

    fn corpus(&self, text: &str, options: CutOptions) -> (String, String, CutReport) {
        let path = self.write("corpus.jsonl", text);
        let (path, fields) = (path.as_path(), mrna());
        self.run(WindowInput::Corpus { path, fields }, options)
    }

    fn genome(
        &self,
        fasta: &str,
        bed: Option<&str>,
        options: CutOptions,
    ) -> (Vec<CorpusWindow>, String, CutReport) {
        let fasta = Fasta::open(self.write("ref.fa", fasta)).unwrap();
        let bed = bed.map(|bed| self.write("regions.bed", bed));
        let input = WindowInput::Genome {
            fasta: &fasta,
            bed: bed.as_deref(),
            source: "reference",
        };
        let (windows, rejected, report) = self.run(input, options);
        (read_back(&windows), rejected, report)
    }
}

fn read_back(text: &str) -> Vec<CorpusWindow> {
    let bytes = std::io::Cursor::new(text.as_bytes().to_vec());
    let rows = WindowReader::new(bytes).unwrap();
    let window = |row| match row {
        Ok(WindowRow::Window(window)) => window,
        other => panic!("{other:?}"),
    };
    rows.map(window).collect()
}

fn places(windows: &[CorpusWindow]) -> Vec<(String, u64)> {
    let place = |window: &CorpusWindow| (window.chrom.clone().unwrap(), window.start_bp());
    windows.iter().map(place).collect()
}

fn place(chrom: &str, start: u64) -> (String, u64) {
    (chrom.to_owned(), start)
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn windows_of_a_corpus_equal_the_published_ones_to_the_byte() {
    let published = CutOptions {
        phase: WindowPhase::Python(Box::new(PythonRandom::new(5))),
        subset: Some(StableSubset::new(0.8, 3).unwrap()),
        ..options(40, 5, 24)
    };
    let (windows, rejected, report) = Folder::new().corpus(RECORDS, published);
    assert_eq!(windows, WINDOWS);
    assert_eq!(report.counts.windows, 23);
    assert_eq!(report.rejected["INPUT.GENERIC"], 3);
    let lines: Vec<&str> = rejected.lines().collect();
    assert!(
        lines[0].contains("no nucleotide code at base 20") && lines[0].contains("\"line\": 10")
    );
    assert!(lines[1].contains("source is none of") && lines[1].contains("\"id\": \"rec10\""));
    assert!(lines[2].contains("field `sequence` holds no text"));
}

#[test]
fn subsets_equal_the_published_ones() {
    let golden: serde_json::Value = serde_json::from_str(GOLDEN).unwrap();
    let expected = golden["stable_subset_seed0"].as_array().unwrap();
    let n_in = expected.iter().filter(|pair| pair[1] == true).count();
    assert!(expected.len() == 40 && n_in == 8, "{n_in}");
    // The fraction that the golden file was made with.
    let subset = StableSubset::new(0.25, 0).unwrap();
    for pair in expected {
        let id = pair[0].as_str().unwrap();
        assert_eq!(pair[1], subset.includes(id), "{id}");
    }
}

#[test]
fn windows_that_were_written_are_read_back() {
    let windows = read_back(WINDOWS);
    let mut text = Vec::new();
    for window in &windows {
        write_window_line(window, &mut text).unwrap();
    }
    assert_eq!(String::from_utf8(text).unwrap(), WINDOWS);
    assert!(
        windows
            .iter()
            .any(|window| window.record_id == "r\u{e9}c\u{2028}6")
    );
}

#[test]
fn placed_windows_of_the_python_package_are_read() {
    let line = r#"{"chrom": "21", "end_bp": 14, "record_id": "gnomad:21:11-14", "sequence": "ACGT", "source": "gnomad_common", "start_bp": 10, "variant_count": 3, "variant_source": "gnomad"}"#;
    let [window] = &read_back(line)[..] else {
        panic!()
    };
    assert_eq!(window.chrom.as_deref(), Some("21"));
    assert_eq!((window.start_bp(), window.end_bp()), (10, 14));
    assert_eq!(window.window.bases(), b"ACGT");
    let bare = r#"{"record_id": "a", "source": "s", "sequence": "acgt"}"#;
    assert_eq!(read_back(bare)[0].end_bp(), 4);
}

#[test]
fn rows_that_are_no_windows_are_named_and_the_rest_is_read() {
    let rows = [
        r#"{"record_id": "a", "source": "s", "sequence": "ACGT", "start_bp": 3, "end_bp": 8}"#,
        r#"{"record_id": "a", "source": "s", "sequence": "", "start_bp": 3}"#,
        r#"{"record_id": "", "source": "s", "sequence": "ACGT"}"#,
        r#"{"record_id": "a", "source": "s", "sequence": "AC GT"}"#,
        r#"{"record_id": "a", "source": "s", "sequence": "ACGT", "start_bp": -1}"#,
        r#"{"record_id": "a", "source": "s", "sequence": "ACGT", "start_bp": 18446744073709551615}"#,
        r#"{"record_id": "a", "source": "s", "sequence": "ACGT", "chrom": 7}"#,
        "nonsense",
        r#"{"record_id": "b", "source": "s", "sequence": "ACGT"}"#,
    ];
    let text = rows.join("\r\n").into_bytes();
    let rows: Vec<_> = WindowReader::new(std::io::Cursor::new(text))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let (last, faulty) = rows.split_last().unwrap();
    assert!(matches!(last, WindowRow::Window(window) if window.record_id == "b"));
    let faults: Vec<RecordFault> = faulty
        .iter()
        .zip(1..)
        .map(|(row, line)| match row {
            WindowRow::Rejected(row) if row.line == line => row.reason.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(faults[0], RecordFault::BadSpan { len: 4 });
    assert_eq!(faults[3], RecordFault::NotNucleotide { offset: 2 });
    assert_eq!(faults[5], RecordFault::BadSpan { len: 4 });
    assert_eq!(faults[7], RecordFault::NotAnObject);
}

#[test]
fn a_corpus_is_read_whatever_its_compression_and_a_cut_one_is_an_error() {
    let folder = Folder::new();
    let plain = folder.corpus(RECORDS, options(40, 5, 24));
    let packed = folder.write("corpus.jsonl.gz", gzip(RECORDS.as_bytes()));
    let (path, fields) = (packed.as_path(), mrna());
    let input = WindowInput::Corpus { path, fields };
    assert_eq!(folder.run(input, options(40, 5, 24)), plain);

    let whole = gzip(RECORDS.as_bytes());
    let cut = folder.write("cut.jsonl.gz", &whole[..whole.len() - 20]);
    let output = folder.path("none.jsonl");
    let request = CutWindows {
        input: WindowInput::Corpus {
            path: &cut,
            fields: mrna(),
        },
        options: options(40, 5, 24),
        output: &output,
        rejected: None,
    };
    let error = cut_windows(request, |_| {}, &AtomicBool::new(false)).unwrap_err();
    let truncated = CutWindowsError::Corpus(CorpusError::Truncated { path: cut });
    assert_eq!(error.to_string(), truncated.to_string());
    assert_eq!(error.code().as_str(), "INPUT.TRUNCATED");
    assert!(!output.exists());
}

#[test]
fn an_interrupted_run_leaves_nothing() {
    let folder = Folder::new();
    let (corpus, output) = (
        folder.write("corpus.jsonl", RECORDS),
        folder.path("out.jsonl"),
    );
    let request = CutWindows {
        input: WindowInput::Corpus {
            path: &corpus,
            fields: mrna(),
        },
        options: options(40, 5, 24),
        output: &output,
        rejected: None,
    };
    let report = cut_windows(request, |_| {}, &AtomicBool::new(true)).unwrap();
    assert_eq!(report, None);
    assert!(!output.exists());
}

#[test]
fn an_empty_corpus_is_an_error_and_a_missing_one_too() {
    let empty = CorpusReader::new(&b""[..], mrna()).unwrap().next().unwrap();
    assert!(matches!(empty, Err(CorpusError::Empty { .. })));
    let missing = CorpusReader::open("no/such/file", mrna()).err().unwrap();
    assert_eq!(missing.code().as_str(), "RESOURCE.IO");
}

#[test]
fn a_line_beyond_all_measure_is_rejected_and_the_next_is_read() {
    let long = format!("{{\"sequence\": \"{}\"}}\n", "A".repeat(1 << 26));
    let text = format!("\u{feff}{{\"sequence\": \"ACGT\"}}\n{long}{{\"sequence\": \"TTTT\"}}");
    let rows = CorpusReader::new(std::io::Cursor::new(text.into_bytes()), mrna()).unwrap();
    let rows: Vec<_> = rows.map(Result::unwrap).collect();
    let [
        CorpusRow::Record(first),
        CorpusRow::Rejected(second),
        CorpusRow::Record(third),
    ] = &rows[..]
    else {
        panic!("{rows:?}")
    };
    assert_eq!(
        (first.sequence.as_slice(), third.sequence.as_slice()),
        (&b"ACGT"[..], &b"TTTT"[..])
    );
    assert_eq!((second.line, &second.reason), (2, &RecordFault::TooLong));
}

#[test]
fn phases_of_a_seed_do_not_depend_on_other_records() {
    let seeded = || CutOptions {
        phase: WindowPhase::Seeded(9),
        ..options(40, 5, 24)
    };
    let folder = Folder::new();
    let (all, _, _) = folder.corpus(RECORDS, seeded());
    let last: Vec<&str> = RECORDS.lines().rev().take(2).collect();
    let (some, _, _) = folder.corpus(&last.join("\n"), seeded());
    assert!(!some.is_empty());
    assert!(
        some.lines()
            .all(|line| all.lines().any(|other| other == line))
    );
    let other_seed = CutOptions {
        phase: WindowPhase::Seeded(10),
        ..options(40, 5, 24)
    };
    assert_ne!(folder.corpus(RECORDS, other_seed).0, all);
}

#[test]
fn a_mix_shares_the_windows_out_and_says_what_is_missing() {
    let record = |source: &str, n: usize| {
        let sequence = "ACGT".repeat(n);
        format!(
            "{{\"source\": \"{source}\", \"sequence\": \"{sequence}\", \"id\": \"{source}\"}}\n"
        )
    };
    let corpus = record("mrna", 10) + &record("gtdb", 10) + &record("splice_mrna", 1);
    let mixed = CutOptions {
        max_windows: Some(10),
        mix: Some("gtdb=0.5,mrna=0.3,splice_mrna=0.2".parse().unwrap()),
        ..options(4, 0, 4)
    };
    let (_, _, report) = Folder::new().corpus(&corpus, mixed);
    let sources: Vec<_> = report.counts.sources.into_iter().collect();
    let expected = [("gtdb", 5), ("mrna", 3), ("splice_mrna", 1)];
    assert_eq!(sources, expected.map(|(source, n)| (source.to_owned(), n)));
    assert_eq!(report.counts.over_quota, 12);
    assert_eq!(report.missing["splice_mrna"], 1);
}

const GENOME: &str = ">1\nACGTACGTACGTACGTNNNN\nNNNNNNACGTACGTACGTAC\n>chr2 short\nACGTa\n";

#[test]
fn a_genome_is_tiled_and_unknown_stretches_are_left_out() {
    let tiled = CutOptions {
        max_n_fraction: 0.25,
        ..options(8, 2, 4)
    };
    let (windows, _, report) = Folder::new().genome(GENOME, None, tiled);
    let expected = [2, 6, 10, 26, 30].map(|start| place("1", start));
    assert_eq!(places(&windows), expected);
    assert_eq!(windows[0].window.bases(), b"GTACGTAC");
    assert_eq!(windows[0].record_id, "reference:1:3-10");
    assert_eq!((report.counts.too_many_n, report.counts.too_short), (3, 1));
    assert_eq!(report.counts.sources["reference"], 5);
}

#[test]
fn regions_give_the_windows_in_them_or_the_one_around_them() {
    let bed = "track name=x\n#c\nchr1\t0\t16\tgene\n1\t30\t32\n1 30 31\r\n\
               1\t30\t33\n1\t30\t41\n9\t0\t5\n1\t5\t5\n1\tx\t9\n2\t0\t2\nchr1\t28\t40\n";
    let (windows, rejected, report) = Folder::new().genome(GENOME, Some(bed), options(8, 0, 4));
    // Two of the three small regions have one middle; contig 2 is shorter than one.
    let expected = [0, 4, 8, 27, 26, 28, 32].map(|start| place("1", start));
    assert_eq!(places(&windows), expected);
    assert_eq!((report.counts.duplicates, report.counts.too_short), (1, 1));
    let codes: Vec<_> = report.rejected.into_iter().collect();
    let expected = [
        ("INPUT.GENERIC", 2),
        ("INPUT.OUT_OF_WINDOW", 1),
        ("INPUT.UNKNOWN_CONTIG", 1),
    ];
    assert_eq!(codes, expected);
    let lines: Vec<&str> = rejected.lines().collect();
    assert!(lines[0].contains("\"line\": 7"), "{}", lines[0]);
}

#[test]
fn a_file_of_something_else_is_an_error_that_says_what_its_first_row_lacks() {
    let folder = Folder::new();
    let corpus = folder.write("genes.fa", ">gene\nACGT\n");
    let output = folder.path("windows.jsonl");
    let request = CutWindows {
        input: WindowInput::Corpus {
            path: &corpus,
            fields: mrna(),
        },
        options: options(40, 5, 24),
        output: &output,
        rejected: None,
    };
    let error = cut_windows(request, |_| {}, &AtomicBool::new(false)).unwrap_err();
    let CutWindowsError::NothingUsable { source, .. } = error else {
        panic!("{error:?}")
    };
    assert_eq!(source, RecordFault::NotAnObject);
    assert!(!output.exists());
}
