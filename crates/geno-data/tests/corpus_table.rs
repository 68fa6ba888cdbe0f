//! Corpora and windows in Parquet files.

use std::{fs, io::Read, path::Path, sync::atomic::AtomicBool};

use geno_core::Coded;
use geno_data::{
    CorpusError, CorpusFields, CorpusReader, CorpusRow, CorpusSource, CorpusWindow, CutOptions,
    CutWindows, WindowFormat, WindowInput, WindowLayout, WindowPhase, WindowReader, WindowRow,
    WindowWriter, cut_windows,
};

/// Written by pyarrow, with large strings, a dictionary and a nested column.
const TABLE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../fixtures/parity/corpus/records.parquet"
);
const LINES: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../fixtures/parity/corpus/records.jsonl"
);

fn fields() -> CorpusFields {
    CorpusFields {
        default_source: Some(CorpusSource::Mrna),
        ..CorpusFields::default()
    }
}

fn rows(path: impl AsRef<Path>) -> Vec<CorpusRow> {
    let reader = CorpusReader::open(path, fields()).unwrap();
    reader.map(Result::unwrap).collect()
}

fn windows(path: &Path) -> Vec<CorpusWindow> {
    let window = |row| match row {
        Ok(WindowRow::Window(window)) => window,
        other => panic!("{other:?}"),
    };
    WindowReader::open(path).unwrap().map(window).collect()
}

/// Cuts the corpus into a file of this name, and reads it as bytes.
fn cut(folder: &Path, name: &str) -> Vec<u8> {
    let output = folder.join(name);
    let request = CutWindows {
        input: WindowInput::Corpus {
            path: Path::new(TABLE),
            fields: fields(),
        },
        options: CutOptions {
            layout: WindowLayout::new(40, 5, 24).unwrap(),
            phase: WindowPhase::Seeded(1),
            subset: None,
            max_n_fraction: 1.0,
            max_windows: None,
            mix: None,
        },
        output: &output,
        rejected: None,
    };
    cut_windows(request, |_| {}, &AtomicBool::new(false)).unwrap();
    fs::read(output).unwrap()
}

#[test]
fn a_table_gives_the_rows_that_its_lines_give() {
    let (table, lines) = (rows(TABLE), rows(LINES));
    assert_eq!((table.len(), &table), (14, &lines));
}

#[test]
fn windows_are_the_same_in_every_form_and_twice() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let expected = cut(folder, "windows.jsonl");
    assert_eq!(cut(folder, "w.parquet"), cut(folder, "again.parquet"));
    let plain = windows(&folder.join("windows.jsonl"));
    assert!(plain.len() > 20);
    assert_eq!(windows(&folder.join("w.parquet")), plain);

    let packed = cut(folder, "windows.jsonl.gz");
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(&packed[..])
        .read_to_end(&mut text)
        .unwrap();
    assert_eq!(text, expected);
    assert!(WindowFormat::of_path(Path::new("windows.csv")).is_err());
}

#[test]
fn lines_in_zstd_are_read_and_a_cut_file_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("corpus.jsonl.zst");
    let packed = zstd::encode_all(&fs::read(LINES).unwrap()[..], 3).unwrap();
    fs::write(&path, &packed).unwrap();
    assert_eq!(rows(&path), rows(LINES));
    fs::write(&path, &packed[..packed.len() - 30]).unwrap();
    let error = CorpusReader::open(&path, fields()).err().unwrap();
    assert!(matches!(error, CorpusError::Truncated { .. }), "{error}");
}

#[test]
fn placed_windows_keep_their_contig_over_many_row_groups() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("windows.parquet");
    let window = |i: u64| CorpusWindow {
        record_id: format!("w{i}"),
        source: "reference".to_owned(),
        chrom: (i < 2_500).then(|| format!("chr{}", i % 3)),
        window: geno_core::Window::new(i, b"ACGTN".as_slice()).unwrap(),
    };
    let mut writer = WindowWriter::new(Vec::new(), WindowFormat::Parquet).unwrap();
    for i in 0..5_000 {
        writer.write(window(i)).unwrap();
    }
    fs::write(&path, writer.finish().unwrap()).unwrap();
    let read = windows(&path);
    assert_eq!(read, (0..5_000).map(window).collect::<Vec<_>>());
}

#[test]
fn tables_that_are_cut_broken_or_of_something_else_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let whole = fs::read(TABLE).unwrap();
    let path = folder.path().join("corpus.parquet");
    let error = |bytes: &[u8], fields: CorpusFields| {
        fs::write(&path, bytes).unwrap();
        let rows = match CorpusReader::open(&path, fields) {
            Ok(rows) => rows.collect::<Result<Vec<_>, _>>(),
            Err(error) => Err(error),
        };
        rows.unwrap_err()
    };
    let cut = error(&whole[..whole.len() / 2], fields());
    assert!(matches!(cut, CorpusError::Table(_)), "{cut}");
    let other = CorpusFields {
        sequence: "dna".to_owned(),
        ..fields()
    };
    let no_column = error(&whole, other);
    assert_eq!(no_column.code().as_str(), "CONFIG.SCHEMA_INCOMPAT");
    assert!(matches!(no_column, CorpusError::NoColumn { column, .. } if column == "dna"));

    // Any byte behind the magic number may be wrong: an error or other rows, never the end of the
    // process.
    for i in (4..whole.len()).step_by(13) {
        let mut flipped = whole.clone();
        flipped[i] ^= 0x55;
        fs::write(&path, &flipped).unwrap();
        if let Ok(rows) = CorpusReader::open(&path, fields()) {
            assert!(rows.count() <= 15, "byte {i}");
        }
    }
}
