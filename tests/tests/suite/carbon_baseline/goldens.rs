//! Published recipes against transformers, and the Python package's own against its rows.

use std::fs;

use geno_encoder::TokenDomain;
use geno_provenance::Json;
use geno_runtime::{CarbonModel, LikelihoodLevel, Recipe, Strands};
use geno_tests::{copy_of, fixture};

use super::{Run, centered, json_lines, load, number, text};

/// A folder with a VCF of rows `contig, position, reference, alternates`.
fn folder(rows: &[String]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let vcf = format!("#CHROM\tPOS\tID\tREF\tALT\n{}\n", rows.join("\n"));
    fs::write(folder.path().join("in.vcf"), vcf).unwrap();
    folder
}

fn golden() -> Json {
    Json::parse(&fs::read(fixture("parity/likelihood_golden.json")).unwrap()).unwrap()
}

fn items(json: &Json, name: &str) -> Vec<Json> {
    match json.get(name) {
        Some(Json::Array(items)) => items.clone(),
        _ => panic!("no list `{name}`"),
    }
}

fn rows(model: &CarbonModel, folder: &tempfile::TempDir, recipe: Recipe) -> Vec<Json> {
    let mut run = Run::new(folder.path(), "s.jsonl", recipe);
    run.fasta = fixture("parity/ref.fa");
    let summary = run.finish(model);
    assert_eq!(summary.rejected.len(), 0);
    run.rows()
}

fn assert_near(found: f64, expected: f64, tolerance: f64, what: &str) {
    let difference = (found - expected).abs();
    assert!(difference <= tolerance, "{what}: {found} {expected}");
}

#[test]
fn centered_scores_are_those_of_transformers() {
    let (snvs, encoder) = (items(&golden(), "snvs"), copy_of("parity/model/encoder"));
    assert_eq!(snvs.len(), 8);
    let vcf: Vec<String> = snvs
        .iter()
        .map(|snv| {
            let pos = number(snv, "pos");
            let (contig, r, a) = (text(snv, "contig"), text(snv, "ref"), text(snv, "alt"));
            format!("{contig}\t{pos}\t.\t{r}\t{a}")
        })
        .collect();
    let folder = folder(&vcf);
    let levels = [
        (LikelihoodLevel::Base, None, "base_delta", 2e-6),
        (LikelihoodLevel::Token, None, "token_delta", 1e-5),
        (
            LikelihoodLevel::Token,
            Some(TokenDomain::Dna),
            "token_delta_dna_rows",
            1e-5,
        ),
    ];
    for (level, domain, field, tolerance) in levels {
        let model = load(
            encoder.path(),
            &centered(1_024, level, Strands::Both),
            domain,
        );
        for window_bp in [1_024, 8_192] {
            for (strands, prefix) in [(Strands::Forward, ""), (Strands::Both, "rcavg_")] {
                let found = rows(&model, &folder, centered(window_bp, level, strands));
                assert_eq!(found.len(), 8);
                for (row, snv) in found.iter().zip(&snvs) {
                    let golden = snv.get(&format!("centred_{window_bp}")).unwrap();
                    let what = format!("{field} {window_bp} {prefix}{}", number(row, "pos"));
                    let expected = match strands {
                        Strands::Forward => number(golden.get("fwd").unwrap(), field),
                        Strands::Both => number(golden, &format!("{prefix}{field}")),
                    };
                    assert_near(
                        -number(row, "carbon_zero_shot_score"),
                        expected,
                        tolerance,
                        &what,
                    );
                    assert_eq!(number(row, "window_bp"), number(golden, "window_bp"));
                    let locus = number(row, "pos") - 1.0 - number(row, "window_start_bp");
                    assert_eq!(locus, number(golden, "variant_index"));
                    let softmax = match (level, domain) {
                        (LikelihoodLevel::Base, _) => "6-mers",
                        (LikelihoodLevel::Token, None) => "vocabulary",
                        (LikelihoodLevel::Token, Some(_)) => "dna",
                    };
                    assert_eq!(text(row, "softmax"), softmax);
                }
            }
        }
    }
}

#[test]
fn right_end_scores_of_all_alternates_are_those_of_transformers() {
    let (snvs, encoder) = (items(&golden(), "snvs"), copy_of("parity/model/encoder"));
    let vcf: Vec<String> = snvs
        .iter()
        .map(|snv| {
            let (contig, pos, r) = (text(snv, "contig"), number(snv, "pos"), text(snv, "ref"));
            let others: Vec<_> = ["A", "C", "G", "T"]
                .into_iter()
                .filter(|b| *b != r)
                .collect();
            format!("{contig}\t{pos}\t.\t{r}\t{}", others.join(","))
        })
        .collect();
    let model = load(encoder.path(), &Recipe::RIGHT_END, None);
    let found = rows(&model, &folder(&vcf), Recipe::RIGHT_END);
    assert_eq!(found.len(), 24);
    for (rows, snv) in found.chunks(3).zip(&snvs) {
        let golden = snv.get("right_end").unwrap();
        for row in rows {
            let expected = number(golden.get("score_block").unwrap(), text(row, "alt"));
            let what = format!("{} {}", number(row, "pos"), text(row, "alt"));
            assert_near(number(row, "carbon_zero_shot_score"), expected, 1e-4, &what);
            assert_eq!(number(row, "window_bp"), number(golden, "context_bp") + 1.0);
        }
    }
}

#[test]
fn legacy_rows_are_those_of_the_python_package() {
    let golden = json_lines(&fs::read(fixture("parity/carbon_baseline.w4096.jsonl")).unwrap());
    assert_eq!(golden.len(), 9);
    let vcf: Vec<String> = golden
        .iter()
        .map(|row| {
            let pos = number(row, "pos");
            let (contig, r, a) = (text(row, "chrom"), text(row, "ref"), text(row, "alt"));
            format!("{contig}\t{pos}\t.\t{r}\t{a}")
        })
        .collect();
    let recipe = Recipe::Legacy { window_bp: 4_096 };
    let encoder = copy_of("parity/model/encoder");
    let model = load(encoder.path(), &recipe, Some(TokenDomain::Vocabulary));
    let found = rows(&model, &folder(&vcf), recipe);
    assert_eq!(found.len(), golden.len());
    for (row, golden) in found.iter().zip(&golden) {
        let Json::Object(fields) = golden else {
            panic!("a row is an object");
        };
        for (name, expected) in fields {
            match expected {
                Json::Float(value) => {
                    // Sums of f32 near 8,400.
                    assert_near(number(row, name), value.get(), 5e-2, name);
                }
                _ => assert_eq!(row.get(name), Some(expected), "{name}"),
            }
        }
    }
}
