//! Checking a stream on many threads gives the verdicts of checking its receipts one by one.

use std::io::{self, BufReader, Read};

use geno_core::{Coded, Digest};
use geno_provenance::{
    Json, Label, MAX_RECEIPT_BYTES, Manifest, Receipt, ReceiptCheck, ReceiptDraft, ReceiptOutput,
    ReceiptReader, StreamCheck, Timestamp,
};
use proptest::prelude::*;

const MANIFEST: &[u8] = include_bytes!("../../../fixtures/parity/model/manifest.json");
const STREAM: &str = include_str!("../../../fixtures/parity/receipts.jsonl");

/// Verdicts: line, code and message of every failure, and the counts.
type Verdicts = (Vec<(u64, String)>, StreamCheck);

fn said(error: &dyn Coded) -> String {
    let cause = error.source().map(ToString::to_string);
    format!("{}: {error}: {}", error.code(), cause.unwrap_or_default())
}

fn check() -> ReceiptCheck {
    ReceiptCheck::new(MANIFEST).unwrap()
}

fn one_by_one(bytes: &[u8]) -> Verdicts {
    let check = check();
    let mut receipts = ReceiptReader::new(bytes);
    let (mut failures, mut summary) = (Vec::new(), StreamCheck::default());
    while let Some(receipt) = receipts.next() {
        summary.n_receipts += 1;
        let failure = match receipt {
            Ok(receipt) => check.check(&receipt).err().map(|error| said(&error)),
            Err(error) => Some(said(&error)),
        };
        if let Some(failure) = failure {
            summary.n_failed += 1;
            failures.push((receipts.line(), failure));
        }
    }
    (failures, summary)
}

fn in_parallel(bytes: &[u8], n_threads: usize) -> Verdicts {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads);
    pool.build().unwrap().install(|| {
        let mut failures = Vec::new();
        let summary =
            check().check_stream(bytes, |line, error| failures.push((line, said(&error))));
        (failures, summary)
    })
}

fn label(text: &str) -> Label {
    Label::new(text).unwrap()
}

/// A sealed receipt as a run over a VCF writes it.
fn sealed(row: u64, sigma: f64, facts: Vec<(String, Json)>) -> Receipt {
    let output = ReceiptOutput::new(sigma, 0.5, label("other|mid|none"), 1.0, false).unwrap();
    let timestamp = Timestamp::from_unix_seconds(1_767_323_045 + row).unwrap();
    let draft = draft(row, output, facts);
    ReceiptDraft { timestamp, ..draft }.seal().unwrap()
}

fn draft(row: u64, output: ReceiptOutput, facts: Vec<(String, Json)>) -> ReceiptDraft {
    let manifest = Manifest::parse(MANIFEST).unwrap();
    let mut details = std::collections::BTreeMap::from([
        ("row_index".to_owned(), row.into()),
        ("window_start_bp".to_owned(), (row * 1_000).into()),
        ("weights_id".to_owned(), manifest.weights_id().into()),
        ("manifest_sha256".to_owned(), Digest::of(MANIFEST).into()),
    ]);
    details.extend(facts);
    details.remove("receipt_digest");
    ReceiptDraft {
        model_id: manifest.model_id(),
        input_commitment: Digest::of(&row.to_be_bytes()),
        output,
        calibration_hash: manifest.calibration.hash,
        backend: label("cpu"),
        device: label("cpu/x86_64"),
        carbon_revision: label("parity-r1"),
        timestamp: Timestamp::from_unix_seconds(1_767_323_045).unwrap(),
        details,
    }
}

/// Any JSON value, plain and odd ones alike.
fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_filter_map("finite", |value| Json::float(value).ok()),
        "[ -~]{0,12}".prop_map(Json::from),
        "\\PC{0,6}".prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::Array),
            prop::collection::btree_map("[a-z_]{0,6}", inner, 0..4).prop_map(Json::Object),
        ]
    })
}

fn any_line() -> impl Strategy<Value = Vec<u8>> {
    let facts = prop::collection::vec(("[a-z_]{0,12}", any_json()), 0..4);
    let sealed = (0u64..1 << 20, any::<f64>(), facts).prop_filter_map("finite", |row| {
        let (row, sigma, facts) = row;
        sigma
            .is_finite()
            .then(|| sealed(row, sigma, facts).to_line())
    });
    let unsealed = (0usize..40).prop_map(|i| {
        let line = STREAM.lines().nth(i).unwrap();
        format!("{line}\n").into_bytes()
    });
    let other = prop_oneof![
        Just(b"\n".to_vec()),
        Just(b" \t\r\n".to_vec()),
        Just(b"{}\n".to_vec()),
        Just(b"{\n".to_vec()),
        Just(b"\xff\n".to_vec()),
    ];
    prop_oneof![4 => sealed, 2 => unsealed, 1 => other]
}

/// Receipts of one run: those of a few rows differ in little, in text of other lengths, or in more.
fn any_run() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let device = prop::sample::select(vec!["cpu/x86_64", "cpu/aarch64", "é"]);
    let bucket = prop::sample::select(vec!["other|mid|none", "*", "coding|low|a", "\"q\""]);
    let sigma = prop_oneof![Just(1.0), Just(1.5), 0.0..1.0, any::<f64>()];
    let facts = prop_oneof![
        3 => Just(Vec::new()),
        1 => any::<i64>().prop_map(|n| vec![("z".to_owned(), n.into())]),
        1 => (0.0..1e3).prop_map(|x| vec![("a".to_owned(), Json::float(x).unwrap())]),
        1 => any_json().prop_map(|any| vec![("n".to_owned(), any)]),
    ];
    let row = (
        0u64..2_000,
        sigma,
        bucket,
        device,
        0u64..3,
        any::<bool>(),
        facts,
    );
    let line = row.prop_filter_map(
        "finite",
        |(row, sigma, bucket, device, second, low, facts)| {
            let output = ReceiptOutput::new(sigma, 0.25, label(bucket), 1.0, low).ok()?;
            let mut draft = draft(row, output, facts);
            draft.device = label(device);
            draft.timestamp = Timestamp::from_unix_seconds(1_767_323_045 + second).unwrap();
            Some(draft.seal().unwrap().to_line())
        },
    );
    prop::collection::vec(line, 2..12)
}

/// One change of a line: a byte put in the place of another, added or removed.
fn any_change() -> impl Strategy<Value = (prop::sample::Index, u8, u8)> {
    let byte = prop_oneof![
        any::<u8>(),
        prop::sample::select(b" \n\"\\{}[],:.+-0123456789eEtfn".to_vec()),
    ];
    (any::<prop::sample::Index>(), 0u8..3, byte)
}

fn change(line: &mut Vec<u8>, (at, how, byte): (prop::sample::Index, u8, u8)) {
    if line.is_empty() {
        return;
    }
    let at = at.index(line.len());
    match how {
        0 => line[at] = byte,
        1 => line.insert(at, byte),
        _ => drop(line.remove(at)),
    }
}

proptest! {
    #[test]
    fn verdicts_do_not_depend_on_the_way_a_stream_is_checked(
        lines in prop::collection::vec(any_line(), 0..12),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any_change()), 0..4),
    ) {
        let mut lines = lines;
        for (which, how) in changes {
            if !lines.is_empty() {
                let i = which.index(lines.len());
                change(&mut lines[i], how);
            }
        }
        let bytes = lines.concat();
        let expected = one_by_one(&bytes);
        prop_assert_eq!(&in_parallel(&bytes, 1), &expected);
        prop_assert_eq!(&in_parallel(&bytes, 3), &expected);
    }

    #[test]
    fn verdicts_do_not_depend_on_the_lines_before(
        lines in any_run(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any_change()), 0..3),
        swap in any::<[prop::sample::Index; 2]>(),
    ) {
        let mut lines = lines;
        let [i, j] = swap.map(|index| index.index(lines.len()));
        for (which, how) in changes {
            let i = which.index(lines.len());
            change(&mut lines[i], how);
        }
        lines.swap(i, j);
        let bytes = lines.concat();
        prop_assert_eq!(in_parallel(&bytes, 1), one_by_one(&bytes));
    }

    #[test]
    fn a_changed_number_is_not_canonical_or_not_the_same(
        sigma in any::<f64>(), at in any::<prop::sample::Index>(), how in any_change(),
    ) {
        prop_assume!(sigma.is_finite());
        let line = String::from_utf8(sealed(1, sigma, Vec::new()).to_line()).unwrap();
        let start = line.find("\"sigma_raw\":").unwrap() + 12;
        let end = start + line[start..].find('}').unwrap();
        let mut number = line.as_bytes()[start..end].to_vec();
        change(&mut number, (at, how.1, how.2));
        let bytes = [&line.as_bytes()[..start], &number, &line.as_bytes()[end..]].concat();
        // Behind a first line, which is read in another way, and one of its shape.
        let before = [0.5, 1.5].map(|sigma| sealed(1, sigma, Vec::new()).to_line());
        let bytes = [before.concat(), bytes].concat();
        prop_assert_eq!(in_parallel(&bytes, 1), one_by_one(&bytes));
    }
}

#[test]
fn a_long_stream_is_checked_to_its_end_and_in_order() {
    let n = 30_000;
    let mut bytes = Vec::new();
    for row in 0..n {
        let mut line = sealed(row, 0.1 * row as f64, Vec::new()).to_line();
        if row % 7_000 == 6_999 {
            line[40] ^= 1;
        }
        bytes.extend(line);
    }
    let expected = one_by_one(&bytes);
    assert_eq!(expected.1.n_receipts, n);
    let lines: Vec<u64> = expected.0.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [7_000, 14_000, 21_000, 28_000]);
    for n_threads in [1, 2, 5] {
        assert_eq!(in_parallel(&bytes, n_threads), expected);
    }
}

#[test]
fn short_and_long_lines_are_told_apart_wherever_reading_pauses() {
    let line = sealed(1, 0.5, Vec::new()).to_line();
    let long = |n_bytes: u64| [vec![b'x'; n_bytes as usize - 1], b"\n".to_vec()].concat();
    let streams = [
        [&line[..], &b"\n".repeat(10_000), &line].concat(),
        [&line[..], &b"{}\n".repeat(4_096), b"{}"].concat(),
        [&line[..], &long(MAX_RECEIPT_BYTES), &line, b"{"].concat(),
        [&line[..], &line, &long(MAX_RECEIPT_BYTES + 1), &line].concat(),
        [line.repeat(2_000), line[..line.len() - 1].to_vec()].concat(),
    ];
    for bytes in streams {
        assert_eq!(in_parallel(&bytes, 2), one_by_one(&bytes));
    }
}

#[test]
fn a_line_without_an_end_stops_the_stream() {
    let line = sealed(1, 0.5, Vec::new()).to_line();
    let endless =
        BufReader::new(io::Cursor::new([&line[..], &line].concat()).chain(io::repeat(b'[')));
    let mut failures = Vec::new();
    let summary = check().check_stream(endless, |line, error| {
        failures.push((line, error.to_string()))
    });
    let message = format!("receipt at line 3 is longer than {MAX_RECEIPT_BYTES} bytes");
    assert_eq!(failures, [(3, message)]);
    let (n_receipts, n_failed) = (3, 1);
    assert_eq!(
        summary,
        StreamCheck {
            n_receipts,
            n_failed
        }
    );
}

#[test]
fn a_reader_that_fails_ends_the_stream() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::PermissionDenied.into())
        }
    }
    let line = sealed(1, 0.5, Vec::new()).to_line();
    let reader = BufReader::new(io::Cursor::new([&line[..], &line].concat()).chain(Failing));
    let mut failures = Vec::new();
    let summary = check().check_stream(reader, |line, error| {
        failures.push((line, error.to_string()))
    });
    assert_eq!(failures, [(3, "cannot read receipts at line 3".to_owned())]);
    assert_eq!(summary.n_receipts, 3);
}
