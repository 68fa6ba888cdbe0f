//! Inputs that give no score, or hardly one.

use std::fs;

use geno_core::{Coded, ErrorCode};
use geno_runtime::{CarbonBaselineError, LikelihoodLevel, Recipe, RecipeError, Strands};

use super::{Run, centered, demo, number, quick, small_inputs, text};

/// A folder with one contig and a VCF of these rows.
fn folder(contig: &str, rows: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("ref.fa"), format!(">1\n{contig}\n")).unwrap();
    let vcf = format!("#CHROM\tPOS\tID\tREF\tALT\n{rows}");
    fs::write(folder.path().join("in.vcf"), vcf).unwrap();
    folder
}

#[test]
fn a_right_end_takes_substitutions_alone() {
    let contig = "N".repeat(20) + &"ACGTACGTTGCA".repeat(10);
    let rows = "1\t21\t.\tA\tC,G\n1\t50\t.\tC\tCA\n1\t50\t.\tCG\tTA\n1\t50\t.\tCG\tC\n\
                1\t10\t.\tN\tA\n1\t10\t.\tA\tC\n1\t140\t.\tA\tT\n";
    let folder = folder(&contig, rows);
    let recipe = Recipe::RightEnd { context_bp: 60 };
    let run = Run::new(folder.path(), "s.jsonl", recipe);
    let summary = run.finish(&demo(&recipe));
    assert_eq!(summary.scored, 3);
    assert_eq!(summary.rejected["INPUT.UNSUPPORTED_EDIT"], 3);
    assert_eq!(summary.rejected.values().sum::<u64>(), 5);
    let rejected = fs::read_to_string(run.file(".rejected")).unwrap();
    assert!(rejected.contains("not a substitution of one base"));

    // Nothing known stands left of base 21: the context is empty, and all alternates share it.
    let found = run.rows();
    assert_eq!(number(&found[0], "window_bp"), 1.0);
    assert_eq!(number(&found[0], "window_start_bp"), 20.0);
    assert_eq!(
        number(&found[0], "carbon_ref_log_likelihood"),
        number(&found[1], "carbon_ref_log_likelihood")
    );
    assert_eq!(number(&found[2], "window_bp"), 61.0);
}

#[test]
fn windows_that_reach_past_the_contig_are_shorter() {
    let contig = "ACGTTGCATTGACCA".repeat(3);
    let rows = "1\t1\t.\tA\tC\n1\t1\t.\tA\tAGG\n1\t1\t.\tACG\tA\n1\t45\t.\tA\tT\n1\t45\t.\tA\tACGT\n\
                1\t43\t.\tCCA\tC\n1\t22\t.\tC\tG\n";
    let folder = folder(&contig, rows);
    for level in [LikelihoodLevel::Base, LikelihoodLevel::Token] {
        let recipe = centered(400, level, Strands::Both);
        let run = Run::new(folder.path(), "s.jsonl", recipe);
        let summary = run.finish(&demo(&recipe));
        assert_eq!((summary.scored, summary.rejected.len()), (7, 0));
        for row in run.rows() {
            assert_eq!(number(&row, "window_bp"), 45.0);
            // However near to the end it lies, a variant is part of what is scored; only what is
            // inserted behind the last base is pushed out of the window as a whole.
            let is_behind = text(&row, "alt") == "ACGT";
            assert_eq!(number(&row, "carbon_zero_shot_score") == 0.0, is_behind);
            assert_eq!(text(&row, "level"), level.as_str());
        }
    }
}

#[test]
fn unknown_bases_around_a_variant_are_scored_over() {
    let contig = "N".repeat(40) + "ACGTNNTTGCATNACG" + &"N".repeat(40);
    let folder = folder(&contig, "1\t41\t.\tA\tC\n1\t48\t.\tT\tG\n1\t53\t.\tN\tA\n");
    for level in [LikelihoodLevel::Base, LikelihoodLevel::Token] {
        let recipe = centered(64, level, Strands::Both);
        let run = Run::new(folder.path(), "s.jsonl", recipe);
        assert_eq!(run.finish(&demo(&recipe)).scored, 2);
    }
}

#[test]
fn strict_runs_end_at_the_first_bad_row() {
    let folder = small_inputs();
    let mut run = Run::new(folder.path(), "s.jsonl", quick());
    run.strict = true;
    let error = run.score(&demo(&quick()), usize::MAX).unwrap_err();
    assert!(matches!(error, CarbonBaselineError::Rejected(_)), "{error}");
    assert!(!run.file("").exists());
}

#[test]
fn runs_that_cannot_be_are_refused_before_they_begin() {
    let folder = small_inputs();
    let short = Recipe::Legacy { window_bp: 8 };
    let run = Run::new(folder.path(), "s.jsonl", short);
    let error = run.score(&demo(&short), usize::MAX).unwrap_err();
    let expected = RecipeError::ShortWindow { window_bp: 8 };
    assert!(matches!(error, CarbonBaselineError::Recipe(found) if found == expected));

    // The demo's encoder takes 530 tokens.
    let run = Run::new(folder.path(), "s.jsonl", Recipe::CENTERED);
    let error = run.score(&demo(&Recipe::CENTERED), usize::MAX).unwrap_err();
    assert_eq!(error.code(), ErrorCode::ConfigGeneric);

    let mut run = Run::new(folder.path(), "s.jsonl", quick());
    run.cache = Some(run.file(""));
    let error = run.score(&demo(&quick()), usize::MAX).unwrap_err();
    assert!(matches!(error, CarbonBaselineError::SameFile { .. }));
    assert!(!run.file("").exists() && !run.file(".partial").exists());
}
