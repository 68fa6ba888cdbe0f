//! Likelihoods that are remembered: the same bytes, and nobody's rows lost.

use std::{
    fs::{self, File},
    io::Write,
};

use geno_core::{Coded, ErrorCode};
use geno_encoder::TokenDomain;
use geno_runtime::{Completion, LikelihoodLevel, MemoryBudget, Recipe, Strands};
use geno_tests::fixture;

use super::{Run, centered, demo, json_lines, load, number, quick, small_inputs, text};

const OTHERS: &str = "{\"carbon_model\": \"other/model\", \"carbon_revision\": \"main\", \
                      \"generated_by\": \"x\", \"log_likelihood\": -7.5, \"sequence_sha256\": \
                      \"00\", \"schema_version\": \"1.0.0\"}\n";

#[test]
fn a_second_run_computes_nothing_and_gives_the_same_bytes() {
    let folder = small_inputs();
    let model = demo(&quick());
    let whole = Run::new(folder.path(), "whole.jsonl", quick());
    let summary = whole.finish(&model);

    let cache = folder.path().join("cache.jsonl");
    fs::write(&cache, OTHERS).unwrap();
    let mut run = Run::new(folder.path(), "first.jsonl", quick());
    run.cache = Some(cache.clone());
    assert_eq!(run.finish(&model).remembered, 0);
    assert_eq!(run.bytes()[0], whole.bytes()[0]);
    let after_first = fs::read(&cache).unwrap();
    assert!(after_first.starts_with(OTHERS.as_bytes()));
    assert!(json_lines(&after_first).len() as u64 > summary.scored / 2);

    run.name = "second.jsonl";
    let second = run.finish(&model);
    assert_eq!((second.remembered, second.full_passes), (summary.scored, 0));
    assert_eq!(run.bytes()[0], whole.bytes()[0]);
    assert_eq!(fs::read(&cache).unwrap(), after_first);
    let metadata = json_lines_of_one(&run.bytes()[2]);
    assert_eq!(number(&metadata, "new_logp_evaluations"), 0.0);

    // What decides a value is part of its row.
    run.recipe = centered(120, LikelihoodLevel::Base, Strands::Forward);
    run.name = "forward.jsonl";
    assert_eq!(run.finish(&model).remembered, 0);
    assert!(fs::read(&cache).unwrap().starts_with(&after_first));
}

fn json_lines_of_one(bytes: &Option<Vec<u8>>) -> geno_provenance::Json {
    geno_provenance::Json::parse(bytes.as_ref().unwrap()).unwrap()
}

#[test]
fn an_interrupted_run_leaves_what_it_computed() {
    let folder = small_inputs();
    let model = demo(&quick());
    let mut run = Run::new(folder.path(), "s.jsonl", quick());
    run.memory_budget = MemoryBudget::of_bytes(1);
    run.cache = Some(folder.path().join("cache.jsonl"));
    assert_eq!(run.score(&model, 12).unwrap(), Completion::Interrupted);
    fs::remove_dir_all(run.file(".partial")).unwrap();
    let cache = run.cache.clone().unwrap();
    let kept = json_lines(&fs::read(&cache).unwrap()).len() as u64;
    assert!(kept >= 2);
    // Half a row, as a power cut leaves it.
    let mut file = fs::OpenOptions::new().append(true).open(&cache).unwrap();
    file.write_all(b"{\"arithmetic\": \"0.").unwrap();
    drop(file);
    assert_eq!(run.finish(&model).remembered, kept);
    let whole = Run::new(folder.path(), "whole.jsonl", quick());
    whole.finish(&model);
    assert_eq!(run.bytes()[0], whole.bytes()[0]);
    json_lines(&fs::read(&cache).unwrap());
}

#[test]
fn rows_of_the_python_package_are_sums_of_its_recipe_alone() {
    let folder = small_inputs();
    let recipe = Recipe::Legacy { window_bp: 120 };
    let place = fixture("demo/model/encoder");
    let model = load(&place, &recipe, Some(TokenDomain::Dna));
    let mut run = Run::new(folder.path(), "s.jsonl", recipe);
    run.finish(&model);
    let first = run.rows().remove(0);

    // Its rows for both windows of one variant, under the name that the model was given by.
    let cache = folder.path().join("cache.jsonl");
    let row = |window: &str, sum: f64, revision: &str| {
        format!(
            "{{\"carbon_model\": \"{}\", \"carbon_revision\": \"{revision}\", \"log_likelihood\": \
             {sum:?}, \"sequence_sha256\": \"{window}\"}}\n",
            place.display()
        )
    };
    let windows = ["reference_window_sha256", "alternate_window_sha256"];
    let [before, after] = windows.map(|name| text(&first, name));
    let rows = row(before, -100.0, "main") + &row(after, -101.5, "main");
    // The last line lacks nothing but its end.
    fs::write(&cache, rows + row(after, -7.0, "older").trim_end()).unwrap();
    run.cache = Some(cache.clone());
    assert!(run.finish(&model).remembered >= 1);
    assert_eq!(number(&run.rows()[0], "carbon_zero_shot_score"), 1.5);
    json_lines(&fs::read(&cache).unwrap());

    fs::write(
        &cache,
        row(before, -100.0, "main") + &row(after, -101.5, "main"),
    )
    .unwrap();
    run.recipe = quick();
    assert_eq!(run.finish(&demo(&quick())).remembered, 0);
}

#[test]
fn a_file_that_is_no_cache_is_refused_and_left_alone() {
    let folder = small_inputs();
    let model = demo(&quick());
    let mut run = Run::new(folder.path(), "s.jsonl", quick());
    let cache = folder.path().join("cache.jsonl");
    run.cache = Some(cache.clone());
    for (text, line) in [
        ("# notes\nmore\n".to_owned(), 1),
        (format!("{OTHERS}[1]\n"), 2),
    ] {
        fs::write(&cache, &text).unwrap();
        let error = run.score(&model, usize::MAX).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InputGeneric);
        assert!(
            error
                .to_string()
                .starts_with(&format!("line {line} of cache")),
            "{error}"
        );
        assert_eq!(fs::read_to_string(&cache).unwrap(), text);
    }
    fs::write(&cache, "").unwrap();
    let other = File::open(&cache).unwrap();
    other.lock().unwrap();
    let error = run.score(&model, usize::MAX).unwrap_err();
    assert_eq!(error.code(), ErrorCode::ResourceGeneric);
}
