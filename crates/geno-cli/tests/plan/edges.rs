//! Searches with nothing to do, or with no more than there is room for.

use crate::{Bench, REGION, n_best, state, states};

const SEARCH: &str = "--target-state target.json --distance cosine --samples 16 --elite 4 \
                      --iterations 1 --stopping-eps 0";

#[test]
fn a_horizon_is_the_most_edits_and_beyond_what_is_taken_at_once_they_come_one_by_one() {
    let bench = Bench::new();
    let run =
        |horizon: usize| bench.run(&format!("--region {REGION} {SEARCH} --horizon {horizon}"));
    // The predictor takes 16 at once.
    for (horizon, prediction) in [
        (0, "at_once"),
        (1, "at_once"),
        (16, "at_once"),
        (17, "edit_by_edit"),
        (20, "edit_by_edit"),
    ] {
        let run = run(horizon);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let plan = run.plan.unwrap();
        assert_eq!(plan["runtime"]["prediction"], prediction);
        let n = n_best(&plan);
        // From this state to that every edit helps.
        assert!(n <= horizon && (n > 0) == (horizon > 0), "{n} of {horizon}");
    }
}

#[test]
fn a_window_of_unknown_bases_has_the_empty_plan() {
    let bench = Bench::new();
    bench.write("ref.fa", format!(">chrN\n{}\n", "N".repeat(600)));
    for solver in ["cem", "mcts", "exhaustive"] {
        let plan = bench.plan(&format!(
            "--region chrN:1-600 {SEARCH} --horizon 2 --solver {solver}"
        ));
        assert_eq!(n_best(&plan), 0, "{solver}");
        assert_eq!(plan["result"]["stopped_reason"], "exhausted", "{solver}");
        assert_eq!(plan["result"]["n_evaluations"], 1, "{solver}");
    }
}

#[test]
fn a_target_that_is_the_source_needs_no_edits() {
    let bench = Bench::new();
    bench.write(
        "scaled.json",
        states(&[state(1).iter().map(|x| 3. * x).collect()]),
    );
    for solver in ["cem", "mcts", "exhaustive"] {
        for target in [
            format!("--target-region {REGION}"),
            "--initial-state target.json --target-state target.json".to_owned(),
            "--initial-state target.json --target-state scaled.json --distance cosine".to_owned(),
        ] {
            let plan = bench.plan(&format!(
                "--region {REGION} {target} --horizon 2 --solver {solver} --verify-with-encoder"
            ));
            let distance = plan["result"]["best_distance"].as_f64().unwrap();
            assert_eq!(n_best(&plan), 0, "{solver} {target}");
            assert!(distance < 1e-12, "{solver} {target}: {distance}");
        }
    }
}
