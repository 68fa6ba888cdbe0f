//! `geno-lewm plan` from files to files, on a model whose predictor moves states.

mod edges;
mod limits;
mod space;
mod states;
mod targets;

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use geno_tests::{copy_of, fixture};
use serde_json::Value;
use tempfile::TempDir;

/// Values of a state of the model.
const WIDTH: usize = 64;

/// A window of 600 bases in the middle of the contig.
const REGION: &str = "chrA:15001-15600";

/// Where the window begins, 0-based.
const START: usize = 15_000;

/// A folder with the model, its reference and a state to reach.
struct Bench(TempDir);

/// What a run said and wrote.
struct Run {
    code: Option<i32>,
    stdout: String,
    stderr: String,
    /// `plan.json`, if there is one.
    plan: Option<Value>,
}

impl Bench {
    fn new() -> Self {
        let folder = copy_of("parity/model");
        let bench = Self(folder);
        fs::copy(fixture("parity/ref.fa"), bench.path().join("ref.fa")).unwrap();
        bench.write("target.json", states(&[state(1)]));
        bench
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, contents: impl AsRef<[u8]>) {
        fs::write(self.path().join(name), contents).unwrap();
    }

    /// A plan of the window with few candidates; later flags are added.
    fn command(&self, flags: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_geno-lewm"));
        command
            .current_dir(self.path())
            .env("GENO_LEWM_LOG_LEVEL", "warn")
            .env("SOURCE_DATE_EPOCH", "1767225600")
            .args("plan --quiet --model-dir . --fasta ref.fa".split(' '))
            .args(flags.split_whitespace());
        command
    }

    fn run(&self, flags: &str) -> Run {
        Run::of(self, &self.command(flags).output().unwrap())
    }

    /// The plan of a run that succeeds.
    fn plan(&self, flags: &str) -> Value {
        let run = self.run(flags);
        assert_eq!(run.code, Some(0), "{flags}: {}", run.stderr);
        run.plan.expect("a run that succeeds writes its plan")
    }
}

impl Run {
    fn of(bench: &Bench, output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let plan = bench.path().join("plan.json");
        let written = fs::read(&plan).ok();
        if written.is_some() {
            fs::remove_file(plan).unwrap();
        }
        Self {
            code: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
            plan: written.map(|bytes| serde_json::from_slice(&bytes).unwrap()),
        }
    }
}

/// A state of length 1 without a pattern.
fn state(seed: u32) -> Vec<f64> {
    let mut random = seed;
    let mut value = || {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(random >> 8) / f64::from(1 << 24) - 0.5
    };
    let values: Vec<f64> = (0..WIDTH).map(|_| value()).collect();
    let length = values.iter().map(|x| x * x).sum::<f64>().sqrt();
    values.into_iter().map(|x| x / length).collect()
}

/// A `.json` file of states.
fn states(rows: &[Vec<f64>]) -> String {
    serde_json::to_string(rows).unwrap()
}

/// `[start, end)` in the window and the alternate of every edit of a list.
fn edits(list: &Value) -> Vec<(usize, usize, &str)> {
    let text = |edit: &Value, key: &str| edit[key].as_str().unwrap().len();
    let edit = |edit: &'_ Value| {
        let start = edit["rel_pos"].as_u64().unwrap() as usize;
        (start, start + text(edit, "ref_bases"))
    };
    let all = list.as_array().unwrap().iter();
    all.map(|e| {
        let (start, end) = edit(e);
        (start, end, e["alt_bases"].as_str().unwrap())
    })
    .collect()
}

/// The edits of the best plan and of the whole front.
fn all_edits(plan: &Value) -> Vec<(usize, usize, &str)> {
    let result = &plan["result"];
    let front = result["pareto_front"].as_array().unwrap().iter();
    let lists = front.map(|point| &point["edits"]);
    lists
        .chain([&result["best_edits"]])
        .flat_map(edits)
        .collect()
}

fn n_best(plan: &Value) -> usize {
    plan["result"]["best_edits"].as_array().unwrap().len()
}
