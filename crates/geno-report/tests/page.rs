//! What stands on a page, and what does not.

use std::{fs, ops::ControlFlow, path::Path};

use geno_data::{AnnotationFiles, Annotator, LabelledFile};
use geno_eval::{
    Bootstrap, ClassRule, JoinFiles, LabelRule, LabelledScores, OpenJoin, ScoreSource,
};
use geno_provenance::Label;
use geno_report::{Evaluation, LookUps, MetricsFile, Provenance, Report, ScoreFile, ScoreTable};

const HEADING: &str = "chrom\tpos\tref\talt\tsigma_raw\tsigma_calibrated\tbucket_id\tconfidence\tlow_confidence\tn_calibration";

fn row(contig: &str, pos: u64, percentile: f64, bucket: &str) -> String {
    format!("{contig}\t{pos}\tA\tG\t0.5\t{percentile}\t{bucket}\t1.0\tfalse\t7")
}

fn read(lines: &[String], max_rows: usize, annotator: Option<&mut Annotator>) -> ScoreTable {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scores.tsv");
    fs::write(&path, format!("{HEADING}\n{}\n", lines.join("\n"))).unwrap();
    let path = path.as_path();
    let look_ups = LookUps {
        annotator,
        labels: None,
    };
    ScoreFile { path, max_rows }.read(look_ups).unwrap()
}

fn page(report: &Report<'_>) -> String {
    let mut page = Vec::new();
    report.write_html(&mut page).unwrap();
    String::from_utf8(page).unwrap()
}

fn plain<'a>(scores: &'a ScoreTable, provenance: &'a Provenance) -> Report<'a> {
    Report {
        title: "Scores",
        scores,
        provenance,
        metrics: &[],
        evaluations: &[],
        annotation: None,
        locus: None,
    }
}

/// The data of the table.
fn data(page: &str) -> serde_json::Value {
    let (_, rest) = page.split_once("id=\"data\">").unwrap();
    let (json, _) = rest.split_once("</script>").unwrap();
    serde_json::from_str(json).unwrap()
}

fn column(data: &serde_json::Value, key: &str) -> serde_json::Value {
    let columns = data["columns"].as_array().unwrap();
    columns
        .iter()
        .find(|column| column["key"] == key)
        .unwrap()
        .clone()
}

#[test]
fn the_same_scores_give_the_same_bytes() {
    let lines: Vec<_> = (1..50)
        .map(|i| row("20", i * 100, i as f64 / 50.0, "other"))
        .collect();
    let make = || page(&plain(&read(&lines, 100, None), &Provenance::default()));
    assert_eq!(make(), make());
}

#[test]
fn every_row_is_in_the_table_as_the_file_has_it() {
    let lines = [
        row("20", 5, 0.25, "intron|mid|none"),
        row("X", 7, 1.0, "other"),
    ];
    let data = data(&page(&plain(
        &read(&lines, 10, None),
        &Provenance::default(),
    )));
    assert_eq!(data["n"], 2);
    assert_eq!(
        column(&data, "chrom")["words"],
        serde_json::json!(["20", "X"])
    );
    assert_eq!(column(&data, "pos")["numbers"], serde_json::json!([5, 7]));
    assert_eq!(
        column(&data, "sigma_calibrated")["numbers"],
        serde_json::json!([0.25, 1])
    );
    assert_eq!(
        column(&data, "n_calibration")["numbers"],
        serde_json::json!([7, 7])
    );
}

#[test]
fn every_row_has_its_label_from_one_reading() {
    let folder = tempfile::tempdir().unwrap();
    let [labels, scores] = ["labels.tsv", "scores.tsv"].map(|name| folder.path().join(name));
    let label = "chrom\tpos\tref\talt\tclass\nchr20\t5\tA\tG\tP\nchr20\t6\tA\tG\tB\n";
    fs::write(&labels, label).unwrap();
    let rows = [0.75, 0.25, 0.5].into_iter().zip(5..);
    let rows: Vec<String> = rows.map(|(p, pos)| row("20", pos, p, "other")).collect();
    fs::write(&scores, format!("{HEADING}\n{}\n", rows.join("\n"))).unwrap();
    let rule = LabelRule::Class(ClassRule::new(Some("class".to_owned()), &[], &[]));
    let source = ScoreSource {
        name: Label::new("scores").unwrap(),
        path: scores.clone(),
        field: "sigma_calibrated".to_owned(),
        threshold: None,
        producer: None,
    };
    let files = JoinFiles {
        labels: &labels,
        rule: &rule,
        scores: &source,
        baselines: &[],
        fasta: None,
        background: None,
    };
    let join = OpenJoin::read_labels(files, |_| ControlFlow::Continue(()));
    let mut join = join.unwrap().unwrap();
    let file = ScoreFile {
        path: &scores,
        max_rows: 10,
    };
    let look_ups = LookUps {
        annotator: None,
        labels: Some(&mut join),
    };
    let scores = file.read(look_ups).unwrap();
    let counts: Vec<(&str, u64)> = scores
        .by_label
        .iter()
        .map(|(label, of)| (label.as_str(), of.n()))
        .collect();
    assert_eq!(counts, [("negative", 1), ("positive", 1)]);
    let page = page(&plain(&scores, &Provenance::default()));
    let column = column(&data(&page), "label");
    assert_eq!(
        column["words"],
        serde_json::json!(["positive", "negative", ""])
    );
    assert_eq!(column["codes"], serde_json::json!([0, 1, 2]));
    let join = join.finish(|_| ControlFlow::Continue(())).unwrap().unwrap();
    assert_eq!(join.columns[0].values, [0.75, 0.25]);
}

#[test]
fn of_more_rows_than_are_shown_the_highest_are_and_the_page_says_so() {
    let lines: Vec<_> = (1..=100)
        .map(|i| row("20", i, i as f64 / 100.0, "other"))
        .collect();
    let scores = read(&lines, 10, None);
    assert_eq!(
        (scores.n_rows, scores.n_shown(), scores.all.n()),
        (100, 10, 100)
    );
    let page = page(&plain(&scores, &Provenance::default()));
    assert!(page.contains("show the 10 rows with the highest percentiles; 90 rows are left out"));
    let expected: Vec<u64> = (91..=100).collect();
    assert_eq!(
        column(&data(&page), "pos")["numbers"],
        serde_json::json!(expected)
    );
}

#[test]
fn a_region_that_is_asked_for_is_the_one_that_is_drawn() {
    let lines: Vec<_> = (1..=100)
        .map(|i| row("chr20", i * 50, i as f64 / 100.0, "other"))
        .chain([row("X", 300, 0.5, "other")])
        .collect();
    let scores = read(&lines, 1_000, None);
    let provenance = Provenance::default();
    let region = "20:201-300".parse().unwrap();
    assert_eq!(scores.n_in(&region), 2);
    let report = Report {
        locus: Some(&region),
        ..plain(&scores, &provenance)
    };
    let locus = &report.figures()[0];
    assert_eq!(locus.picture.title(), "Percentiles at chr20:201-300");
    let where_they_are: Vec<&str> = locus.numbers.rows.iter().map(|row| &*row[1]).collect();
    assert_eq!(where_they_are, ["chr20:300 A>G", "chr20:250 A>G"]);
    let page = page(&report);
    assert!(!page.contains("locus-choice\">"));
    assert_eq!(page.matches("class=\"locus\"").count(), 1);
    assert_eq!(data(&page)["n"], 101, "the table has all rows");
}

#[test]
fn no_text_of_a_file_becomes_markup() {
    let hostile = "</script><script>alert(1)</script>{{script}}";
    let lines = [
        row(hostile, 5, 0.25, hostile),
        row(hostile, 6, 0.5, "other"),
    ];
    let scores = read(&lines, 10, None);
    let provenance = Provenance::default();
    let report = Report {
        title: hostile,
        ..plain(&scores, &provenance)
    };
    let page = page(&report);
    assert_eq!(
        page.matches("<script").count(),
        2,
        "the data and the script of the page"
    );
    assert_eq!(page.matches("</script").count(), 2);
    assert!(!page.contains("alert(1)</"));
    for figure in report.figures() {
        assert!(!figure.picture.to_svg().contains("<script"));
    }
}

#[test]
fn nothing_is_loaded_from_anywhere() {
    let scores = read(&[row("20", 5, 0.25, "other")], 10, None);
    let page = page(&plain(&scores, &Provenance::default()));
    assert!(page.contains("default-src 'none'"));
    for word in ["http://", "https://", "src=", "@import", "url("] {
        // The name of SVG's namespace is no address that anything asks for.
        let page = page.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
        assert!(!page.contains(word), "{word}");
    }
}

#[test]
fn genes_and_repeats_are_drawn_and_looked_up() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let gtf = |kind: &str, start: u64, end: u64| {
        format!(
            "chr20\t.\t{kind}\t{start}\t{end}\t.\t+\t0\tgene_name \"ABC\"; transcript_id \"T1\";\n"
        )
    };
    let genes = gtf("exon", 100, 200)
        + &gtf("exon", 400, 500)
        + &gtf("CDS", 150, 200)
        + &gtf("CDS", 400, 450);
    let files = AnnotationFiles {
        genes: Some(write("genes.gtf", &genes)),
        repeats: vec![LabelledFile {
            path: write("repeats.bed", "20\t299\t320\tSimple_repeat\n"),
            class: None,
        }],
        ..AnnotationFiles::default()
    };
    let mut annotator = Annotator::new(files.open().unwrap());
    let lines = [
        row("20", 160, 0.9, "other"),
        row("20", 310, 0.2, "other"),
        row("20", 900, 0.2, "other"),
    ];
    let scores = read(&lines, 10, Some(&mut annotator));
    let provenance = Provenance::default();
    let report = Report {
        annotation: Some(annotator.sources()),
        ..plain(&scores, &provenance)
    };
    let figures = report.figures();
    let locus = &figures[0];
    let svg = locus.picture.to_svg();
    // Two exons, and what of them is translated.
    assert_eq!(svg.matches("bar c2").count(), 4, "{svg}");
    assert_eq!(svg.matches("bar c5").count(), 1);
    assert!(svg.contains("ABC →"));
    let where_is = |what: &str| {
        let row = locus
            .numbers
            .rows
            .iter()
            .find(|row| row[0] == what)
            .unwrap();
        row[1..].join(" ")
    };
    assert_eq!(where_is("gene"), "20:100-500 ABC, 2 exons");
    assert_eq!(where_is("repeat"), "20:300-320 simple");

    let data = data(&page(&report));
    let words = |key: &str| {
        let column = column(&data, key);
        let codes = column["codes"].as_array().unwrap().clone();
        let word =
            |code: &serde_json::Value| column["words"][code.as_u64().unwrap() as usize].clone();
        codes.iter().map(word).collect::<Vec<_>>()
    };
    assert_eq!(words("repeat"), ["none", "simple", "none"]);
    assert_eq!(words("gene"), ["ABC", "ABC", ""]);
    assert_eq!(
        words("consequence")[1..],
        ["intron_variant", "intergenic_variant"]
    );
}

#[test]
fn loci_are_where_variants_lie_together() {
    let mut lines: Vec<_> = (0..30)
        .map(|i| row("20", 1_000 + i * 500, 0.5, "other"))
        .collect();
    lines.extend((0..40).map(|i| row("chr3", 5_000_000 + i * 19_000, 0.5, "other")));
    lines.push(row("20", 90_000_000, 0.5, "other"));
    let scores = read(&lines, 1_000, None);
    let provenance = Provenance::default();
    let report = plain(&scores, &provenance);
    let page = page(&report);
    // 40 variants over 741 kb are cut into parts of at most 200 kb.
    let names: Vec<&str> = page
        .split("<option value=")
        .skip(1)
        .map(|text| {
            let (_, text) = text.split_once('>').unwrap();
            text.split_once('<').unwrap().0
        })
        .collect();
    assert_eq!(names.len(), 6, "{names:?}");
    assert!(
        names[0].starts_with("20:") && names[0].ends_with("(30 variants)"),
        "{names:?}"
    );
    assert!(
        report.figures()[0]
            .picture
            .title()
            .starts_with("Percentiles at 20:")
    );
}

#[test]
fn metrics_and_curves_stand_on_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("metrics.json");
    let keys = format!("sha256:{}", "0".repeat(64));
    let metrics = format!(
        r#"{{"schema_version": "1.0.0", "generated_by": "geno-lewm-eval", "generated_at": "2026-01-01T00:00:00Z",
        "metrics": [{{"name": "l2", "split": "s", "value": 0.5, "unit": "l2", "higher_is_better": false,
        "baseline": "copy", "baseline_value": 0.25, "delta_vs_baseline": 0.25, "ci_low": 0.4, "ci_high": 0.6,
        "evaluated_variant_keys_sha256": "{keys}", "baseline_evaluated_variant_keys_sha256": "{keys}"}}],
        "artifacts": {{}}, "negative_findings": ["worse than <copying>"], "limitations": ["few"],
        "conclusions": ["none"]}}"#
    );
    fs::write(&path, metrics).unwrap();
    let metrics = [MetricsFile::read(&path).unwrap()];
    let rows = (0..200u32).map(|i| (i % 4 == 0, f64::from((i * 37) % 100) / 100.0));
    let labelled = LabelledScores::new(rows).unwrap();
    let few = Bootstrap {
        n_resamples: 50,
        ..Bootstrap::default()
    };
    let evaluations = [Evaluation::of("Missense & more", &labelled, &few, true)];
    let scores = read(&[row("20", 5, 0.25, "other")], 10, None);
    let provenance = Provenance::default();
    let report = Report {
        metrics: &metrics,
        evaluations: &evaluations,
        ..plain(&scores, &provenance)
    };
    let page = page(&report);
    assert!(page.contains("<td>0.4000 to 0.6000</td>") && page.contains("<td>-0.2500</td>"));
    assert!(page.contains("worse than &lt;copying&gt;"));
    assert!(page.contains("50 positive and 150 negative variants"));
    let names: Vec<String> = report
        .figures()
        .into_iter()
        .map(|figure| figure.name)
        .collect();
    for name in ["roc", "precision-recall", "reliability"] {
        assert!(
            names.contains(&format!("{name}-missense---more")),
            "{names:?}"
        );
    }
    for figure in report.figures() {
        let svg = figure.picture.to_svg();
        assert!(svg.contains("<title ") && svg.contains("<desc ") && !svg.contains("NaN"));
        assert!(!figure.numbers.rows.is_empty(), "{}", figure.name);
    }
    assert!(Path::new(&names[0]).file_name().is_some());
}
