//! Runs that are cut off, and runs in other company: the same bytes.

use std::fs;

use geno_runtime::{
    CarbonBaselineError, Completion, LikelihoodLevel, MemoryBudget, PartialError, Recipe, Strands,
};

use super::{Run, centered, demo, quick, small_inputs};

#[test]
fn a_run_stopped_again_and_again_gives_the_bytes_of_a_whole_one() {
    let folder = small_inputs();
    let recipes = [quick(), Recipe::RightEnd { context_bp: 100 }];
    for (i, recipe) in recipes.into_iter().enumerate() {
        let model = demo(&recipe);
        for format in ["jsonl", "tsv"] {
            let names = [format!("whole{i}.{format}"), format!("torn{i}.{format}")];
            let whole = Run::new(folder.path(), &names[0], recipe);
            let summary = whole.finish(&model);
            assert!(summary.scored > 80 && summary.rejected.len() >= 2);

            let mut torn = Run::new(folder.path(), &names[1], recipe);
            // A chunk is computed as one batch, so that the run can stop in its midst.
            torn.memory_budget = MemoryBudget::of_bytes(1);
            for n_batches in [1, 4, 0, 2, 7] {
                let stopped = torn.score(&model, n_batches).unwrap();
                assert_eq!(stopped, Completion::Interrupted);
                assert!(!torn.file("").exists());
                assert!(torn.file(".partial").exists());
            }
            let mut resumed = torn.finish(&model);
            resumed.rejected_path = summary.rejected_path.clone();
            assert_eq!(resumed, summary);
            assert!(!torn.file(".partial").exists());
            let renamed = |bytes: Vec<u8>| {
                String::from_utf8(bytes)
                    .unwrap()
                    .replace(&names[1], &names[0])
                    .into_bytes()
            };
            assert_eq!(torn.bytes().map(|bytes| bytes.map(renamed)), whole.bytes());
        }
    }
}

#[test]
fn a_run_of_another_recipe_is_not_resumed() {
    let folder = small_inputs();
    let mut run = Run::new(folder.path(), "s.jsonl", quick());
    run.memory_budget = MemoryBudget::of_bytes(1);
    let model = demo(&run.recipe);
    run.score(&model, 2).unwrap();
    let others = [
        (
            centered(120, LikelihoodLevel::Token, Strands::Both),
            "recipe",
        ),
        (
            centered(126, LikelihoodLevel::Base, Strands::Both),
            "window",
        ),
    ];
    for (recipe, expected) in others {
        run.recipe = recipe;
        match run.score(&model, usize::MAX).unwrap_err() {
            CarbonBaselineError::Partial(PartialError::OtherRun { what, .. }) => {
                assert_eq!(what, expected);
            }
            error => panic!("{error}"),
        }
    }
}

#[test]
fn batches_budgets_and_threads_change_no_byte() {
    let folder = small_inputs();
    let model = demo(&quick());
    let first = Run::new(folder.path(), "first.tsv", quick());
    first.finish(&model);
    for (batch_size, bytes, threads) in [(1, 1 << 29, 1), (64, 1 << 29, 3), (7, 1, 2)] {
        let mut run = Run::new(folder.path(), "other.tsv", quick());
        run.batch_size = batch_size;
        run.memory_budget = MemoryBudget::of_bytes(bytes);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build().unwrap().install(|| run.finish(&model));
        assert_eq!(run.bytes()[..2], first.bytes()[..2]);
    }

    // A variant alone has the line that it has among others.
    let vcf = fs::read_to_string(folder.path().join("in.vcf")).unwrap();
    let lines: Vec<&str> = vcf.lines().collect();
    let alone = format!("{}\n{}\n{}\n", lines[0], lines[1], lines[30]);
    fs::write(folder.path().join("in.vcf"), alone).unwrap();
    let run = Run::new(folder.path(), "alone.tsv", quick());
    let summary = run.finish(&model);
    assert!(summary.scored > 0);
    let all = fs::read_to_string(first.file("")).unwrap();
    let own = fs::read_to_string(run.file("")).unwrap();
    assert!(
        own.lines()
            .all(|line| all.lines().any(|other| other == line))
    );
}
