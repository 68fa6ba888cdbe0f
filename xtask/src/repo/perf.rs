//! `repo perf`: compare benchmarks with recorded ones of the same kind of machine.

mod noise;
mod timing;

use std::{collections::BTreeMap, fmt::Write as _, path::PathBuf};

use anyhow::{Result, bail, ensure};
use serde_json::json;

use self::{
    noise::Ratio,
    timing::{Machine, Timing, Work, read},
};
use super::Verdict;

#[derive(clap::Args)]
#[command(after_help = "Example:
  cargo xtask bench score-sparse --repeats 9 > now.jsonl
  cargo xtask repo perf --current now.jsonl --baseline baselines")]
pub(super) struct Args {
    /// What `cargo xtask bench` printed just now: a file, or a folder of them
    #[arg(long, value_name = "FILE|DIR")]
    current: PathBuf,

    /// What it printed before: a file, or a folder of them
    #[arg(long, value_name = "FILE|DIR")]
    baseline: PathBuf,

    /// Slowdown that is let pass, as a part of the time
    #[arg(long, value_name = "PART", default_value_t = 0.05)]
    threshold: f64,

    /// What two runs of one program differ by, as a part of the time, beside what their repeats show
    #[arg(long, value_name = "PART", default_value_t = 0.02)]
    noise: f64,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Verdict> {
    ensure!(
        args.threshold >= 0.0 && args.noise >= 0.0,
        "thresholds are not below 0"
    );
    let current = read(&args.current)?;
    ensure!(
        !current.is_empty(),
        "`{}` holds no benchmark",
        args.current.display()
    );
    let baseline = match args.baseline.exists() {
        true => read(&args.baseline)?,
        false => Vec::new(),
    };
    if baseline.is_empty() {
        eprintln!(
            "nothing recorded in `{}`: nothing to compare with",
            args.baseline.display()
        );
        return Ok(Verdict::Holds);
    }

    let rows = compare(&current, &baseline, args)?;
    if args.json {
        let rows: Vec<_> = rows.iter().map(Row::to_json).collect();
        println!("{}", serde_json::to_string_pretty(&rows)?);
    } else {
        for row in &rows {
            println!("{}", row.told());
        }
    }
    let slower = rows.iter().filter(|row| row.finding == Finding::Slower);
    let slower = slower.map(|row| format!("slower: {}", row.told()));
    Ok(Verdict::of(&slower.collect::<Vec<_>>()))
}

/// What is said of one piece of work.
struct Row {
    work: Work,
    finding: Finding,
    ratio: Option<Ratio>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Finding {
    Same,
    Faster,
    Slower,
    /// On the one side alone.
    New,
    Gone,
}

impl Row {
    fn told(&self) -> String {
        let mut text = self.work.to_string();
        match &self.ratio {
            None => _ = write!(text, ": {}", self.finding.as_str()),
            Some(Ratio { value, low, high }) => {
                let finding = self.finding.as_str();
                _ = write!(
                    text,
                    ": {value:.3} [{low:.3}, {high:.3}] of the time, {finding}"
                );
            }
        }
        text
    }

    fn to_json(&self) -> serde_json::Value {
        let ratio = self.ratio.as_ref();
        json!({ "name": self.work.name, "work": self.work.work, "about": self.work.about,
            "finding": self.finding.as_str(), "ratio": ratio.map(|ratio| ratio.value),
            "low": ratio.map(|ratio| ratio.low), "high": ratio.map(|ratio| ratio.high) })
    }
}

impl Finding {
    fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Faster => "faster",
            Self::Slower => "slower",
            Self::New => "new",
            Self::Gone => "gone",
        }
    }
}

/// Compares what both sides timed on the same kind of machine.
///
/// # Errors
///
/// If a work was recorded on other kinds of machine alone, or on one that is not named.
fn compare(current: &[Timing], baseline: &[Timing], args: &Args) -> Result<Vec<Row>> {
    let (current, baseline) = (pooled(current)?, pooled(baseline)?);
    let mut rows = Vec::new();
    for (work, machines) in &current {
        let Some(recorded) = baseline.get(work) else {
            rows.push(Row {
                work: work.clone(),
                finding: Finding::New,
                ratio: None,
            });
            continue;
        };
        for (machine, seconds) in machines {
            let Some(before) = recorded.get(machine) else {
                let others: Vec<_> = recorded.keys().map(ToString::to_string).collect();
                bail!(
                    "{work}: timed on {machine}, recorded on {}",
                    others.join("; ")
                );
            };
            let ratio = Ratio::of(seconds, before, args.noise);
            let finding = if ratio.low > 1.0 + args.threshold {
                Finding::Slower
            } else if ratio.high < 1.0 / (1.0 + args.threshold) {
                Finding::Faster
            } else {
                Finding::Same
            };
            rows.push(Row {
                work: work.clone(),
                finding,
                ratio: Some(ratio),
            });
        }
    }
    let gone = baseline.keys().filter(|work| !current.contains_key(work));
    rows.extend(gone.map(|work| Row {
        work: work.clone(),
        finding: Finding::Gone,
        ratio: None,
    }));
    Ok(rows)
}

/// All repeats of each work on each kind of machine.
fn pooled(timings: &[Timing]) -> Result<BTreeMap<Work, BTreeMap<Machine, Vec<f64>>>> {
    let mut works = BTreeMap::<_, BTreeMap<_, Vec<f64>>>::new();
    for timing in timings {
        let Some(machine) = &timing.machine else {
            bail!(
                "{}: `cpu` and `threads` are not named, so nothing can be compared",
                timing.work
            );
        };
        let machines = works.entry(timing.work.clone()).or_default();
        machines
            .entry(machine.clone())
            .or_default()
            .extend(&timing.seconds);
    }
    Ok(works)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn args() -> Args {
        let path = PathBuf::new();
        Args {
            current: path.clone(),
            baseline: path,
            threshold: 0.05,
            noise: 0.02,
            json: false,
        }
    }

    fn line(name: &str, cpu: &str, samples: &[f64]) -> Timing {
        timing::parse(
            &json!({ "name": name, "work": "w", "cpu": cpu, "threads": 2,
            "dtype": "fp32", "samples": samples, "hostname": "a" }),
        )
        .unwrap()
    }

    fn findings(current: &[Timing], baseline: &[Timing]) -> Vec<Finding> {
        let rows = compare(current, baseline, &args()).unwrap();
        rows.iter().map(|row| row.finding).collect()
    }

    #[test]
    fn only_what_lies_past_noise_and_threshold_is_slower() {
        let steady = [1.0, 1.01, 0.99, 1.0, 1.0];
        let of = |factor: f64| [line("a", "x", &steady.map(|seconds| seconds * factor))];
        let base = of(1.0);
        assert_eq!(findings(&of(1.02), &base), [Finding::Same]);
        assert_eq!(findings(&of(1.08), &base), [Finding::Same]);
        assert_eq!(findings(&of(1.30), &base), [Finding::Slower]);
        assert_eq!(findings(&of(0.70), &base), [Finding::Faster]);
        let noisy = [line("a", "x", &[1.0, 1.9, 1.3, 0.7, 2.4])];
        assert_eq!(findings(&noisy, &base), [Finding::Same]);
    }

    #[test]
    fn what_is_on_one_side_alone_fails_nothing() {
        let (a, b) = (line("a", "x", &[1.0; 3]), line("b", "x", &[1.0; 3]));
        assert_eq!(findings(&[a], &[b]), [Finding::New, Finding::Gone]);
    }

    #[test]
    fn another_machine_is_refused() {
        let refusal = compare(
            &[line("a", "x", &[1.0])],
            &[line("a", "y", &[1.0])],
            &args(),
        );
        let refusal = refusal.err().unwrap().to_string();
        assert!(
            refusal.contains("timed on x, 2 threads, fp32, recorded on y"),
            "{refusal}"
        );
        assert!(!refusal.contains("hostname"));
        let unnamed = json!({ "name": "a", "work": "w", "seconds": 1.0 });
        let nameless = [timing::parse(&unnamed).unwrap()];
        assert!(compare(&nameless, &nameless, &args()).is_err());
        // One that was recorded among others is found.
        let recorded = [line("a", "y", &[9.0]), line("a", "x", &[1.0])];
        assert_eq!(
            findings(&[line("a", "x", &[1.0])], &recorded),
            [Finding::Same]
        );
    }

    #[test]
    fn a_row_says_its_interval() {
        let rows = compare(
            &[line("a", "x", &[2.0])],
            &[line("a", "x", &[1.0])],
            &args(),
        )
        .unwrap();
        let row: Value = rows[0].to_json();
        assert_eq!(
            (&row["finding"], &row["ratio"]),
            (&json!("slower"), &json!(2.0))
        );
        assert!(rows[0].told().starts_with("a (w): 2.000 ["));
    }
}
