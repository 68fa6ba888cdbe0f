//! Labels and scores in Parquet, as benchmarks publish them and `score` writes them.

use std::{fs::File, path::Path, sync::Arc};

use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, ListArray, RecordBatch, StringArray,
    types::Int32Type,
};
use geno_data::{ScoreRecord, ScoreTable, TableColumns};
use geno_eval::{ClassRule, Join, JoinError, JoinFiles, LabelRule, ScoreSource};
use parquet::arrow::ArrowWriter;

use super::files::{Files, read, source};

/// Places, labels and frequencies of four variants.
const LABELS: [(i64, bool, Option<f64>); 4] = [
    (100, true, Some(1e-5)),
    (200, false, Some(0.25)),
    (300, true, None),
    (400, false, Some(0.5)),
];

fn write(path: &Path, columns: Vec<(&str, ArrayRef)>) {
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, array)| (name, array, true)),
    );
    let batch = batch.unwrap();
    let file = File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

/// As benchmarks have them: a truth value as label, and columns that nobody asks for.
fn labels(path: &Path, positions: Vec<Option<i64>>) {
    let n = positions.len();
    let lists = ListArray::from_iter_primitive::<Int32Type, _, _>(vec![Some([Some(1)]); n]);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("chrom", Arc::new(StringArray::from(vec!["21"; n]))),
        ("pos", Arc::new(Int64Array::from(positions))),
        ("ref", Arc::new(StringArray::from(vec!["A"; n]))),
        ("alt", Arc::new(StringArray::from(vec!["g"; n]))),
        (
            "label",
            Arc::new(BooleanArray::from_iter(
                LABELS
                    .iter()
                    .cycle()
                    .take(n)
                    .map(|(_, label, _)| Some(*label)),
            )),
        ),
        (
            "AF",
            Arc::new(Float64Array::from_iter(
                LABELS
                    .iter()
                    .cycle()
                    .take(n)
                    .map(|(_, _, frequency)| *frequency),
            )),
        ),
        (
            "consequence",
            Arc::new(StringArray::from(vec!["missense_variant"; n])),
        ),
        ("transcripts", Arc::new(lists)),
    ];
    write(path, columns);
}

fn scores(path: &Path, percentiles: [f64; 5]) {
    let notes = [
        ("schema_version", "1.0.0"),
        ("generated_by", "geno-lewm-score"),
    ];
    let file = File::create(path).unwrap();
    let mut table = ScoreTable::create(file, &notes, TableColumns::default()).unwrap();
    for (pos, percentile) in (1..).map(|i| 100 * i).zip(percentiles) {
        let row = ScoreRecord {
            chrom: "chr21",
            pos,
            reference: "A",
            alternate: "G",
            sigma_raw: 1.0,
            sigma_calibrated: percentile,
            bucket_id: "*",
            confidence: 1.0,
            low_confidence: false,
            n_calibration: 7,
            windows: None,
            signals: &[],
            notation: None,
        };
        table.push(&row).unwrap();
    }
    table.finish().unwrap();
}

fn join(labels: &Path, scores: &ScoreSource) -> Result<Join, JoinError> {
    read(&JoinFiles {
        labels,
        rule: &LabelRule::Class(ClassRule::default()),
        scores,
        baselines: &[],
        fasta: None,
        background: None,
    })
}

fn places(positions: impl IntoIterator<Item = i64>) -> Vec<Option<i64>> {
    positions.into_iter().map(Some).collect()
}

#[test]
fn tables_say_what_text_says() {
    let files = Files::new();
    let [own, percentiles] = ["labels", "scores"].map(|name| files.write(name, ""));
    labels(&own, places(LABELS.map(|(pos, ..)| pos)));
    scores(&percentiles, [0.9, 0.2, 0.7, 0.4, 0.1]);
    let by_score = ScoreSource {
        producer: Some("geno-lewm-score"),
        ..source("scores", &percentiles, "sigma_calibrated")
    };
    let found = join(&own, &by_score).unwrap();
    assert_eq!(found.columns[0].values, [0.9, 0.2, 0.7, 0.4]);
    assert_eq!(found.labels.classes().unwrap(), [true, false, true, false]);
    let bytes = std::fs::read(&own).unwrap();
    assert_eq!(found.labels_digest, Some(geno_core::Digest::of(&bytes)));

    let row = |(pos, label, af): (i64, bool, Option<f64>)| {
        let af = af.map_or("NA".to_owned(), |af| af.to_string());
        format!("21\t{pos}\tA\tG\t{label}\t{af}\tmissense_variant\n")
    };
    let text = LABELS.map(row).concat();
    let heading = "chrom\tpos\tref\talt\tlabel\tAF\tconsequence\n";
    let text = files.write("labels.tsv", format!("{heading}{text}"));
    let by_text = join(&text, &by_score).unwrap();
    assert_eq!(
        (&found.variants, &found.labels),
        (&by_text.variants, &by_text.labels)
    );
    assert_eq!(found.coverage, by_text.coverage);

    let other = ScoreSource {
        producer: Some("geno-lewm-carbon-baseline"),
        ..by_score
    };
    let error = join(&own, &other).unwrap_err();
    assert!(error.to_string().ends_with("scores`, row 1"), "{error}");
}

#[test]
fn faults_name_file_and_row() {
    let files = Files::new();
    let [own, percentiles] = ["labels", "scores"].map(|name| files.write(name, ""));
    scores(&percentiles, [0.9, 0.2, f64::NAN, 0.4, 0.1]);
    let by_score = source("scores", &percentiles, "sigma_calibrated");
    let fault = |positions: Vec<Option<i64>>, by: &ScoreSource| {
        labels(&own, positions);
        let error = join(&own, by).unwrap_err();
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        let folder = format!("{}/", own.parent().unwrap().display());
        format!("{error}: {}", cause.unwrap_or_default()).replace(&folder, "")
    };
    assert_eq!(
        fault(vec![Some(100), None], &by_score),
        "`labels`, row 2: `pos` does not say which variant the row is of"
    );
    assert_eq!(
        fault(places([100, 200, 100]), &by_score),
        "`labels`, row 3: the variant was on row 1 already"
    );
    assert_eq!(
        fault(places([100, 200, 300]), &by_score),
        "`scores`, row 3: `sigma_calibrated` is no finite number"
    );
    let nowhere = source("scores", &percentiles, "sigma");
    assert_eq!(
        fault(places([100]), &nowhere),
        "`scores` has no column `sigma`: "
    );
    // Cut in the middle it has no footer.
    let bytes = std::fs::read(&percentiles).unwrap();
    std::fs::write(&percentiles, &bytes[..bytes.len() / 2]).unwrap();
    let said = fault(places([100]), &by_score);
    assert!(
        said.starts_with("`scores` is no whole Parquet file"),
        "{said}"
    );
}
