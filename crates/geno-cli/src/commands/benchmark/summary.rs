//! What a run over a benchmark gave, on standard output.

use std::io::{self, Write};

use geno_eval::{Comparison, MetricRow, MetricsDocument};
use geno_provenance::{Json, summary_json};

use super::{
    evaluate::document,
    run::{METRICS, REPORT, Run},
};
use crate::failure::Failure;

/// Which steps were done, and which had been done before.
pub(super) struct Steps {
    all: Vec<(&'static str, bool)>,
    is_quiet: bool,
}

/// The metrics of a run.
pub(super) struct Summary {
    benchmark: String,
    document: MetricsDocument,
    files: Vec<(&'static str, String)>,
}

impl Steps {
    pub(super) fn new(is_quiet: bool) -> Self {
        Self {
            all: Vec::new(),
            is_quiet,
        }
    }

    /// Notes a step, and says so.
    #[expect(clippy::print_stderr, reason = "a summary beside the data")]
    pub(super) fn add(&mut self, step: &'static str, was_run: bool) {
        if !self.is_quiet {
            eprintln!("{step}: {}", said(was_run));
        }
        self.all.push((step, was_run));
    }
}

fn said(was_run: bool) -> &'static str {
    match was_run {
        true => "done",
        false => "was done before",
    }
}

impl Summary {
    pub(super) fn read(run: &Run<'_>) -> Result<Self, Failure> {
        let path = |name: &str| run.output.join(name).display().to_string();
        Ok(Self {
            benchmark: run.prepared.benchmark.id.clone(),
            document: document(run)?,
            files: vec![("metrics", path(METRICS)), ("report", path(REPORT))],
        })
    }

    /// A line for each metric, each verdict and each file, or one object.
    pub(super) fn print(&self, is_json: bool, steps: Steps) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        let written = match is_json {
            true => writeln!(out, "{}", summary_json(&self.to_json(&steps))),
            false => self.lines(&mut out),
        };
        written.map_err(Failure::stdout)
    }

    fn lines(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "metric\tvalue\tinterval\tn\tbaseline\tdifference")?;
        for row in &self.document.metrics {
            let interval = row.interval.map(interval).unwrap_or_default();
            let baseline = row.baseline.as_ref();
            let difference = baseline.map_or_else(String::new, |one| number(one.delta));
            let baseline = baseline.map_or_else(String::new, |one| {
                format!("{} {}", one.name, number(one.value))
            });
            let (name, value) = (&row.name, number(row.value));
            let n = row.n.map_or_else(String::new, |n| n.to_string());
            writeln!(
                out,
                "{name}\t{value}\t{interval}\t{n}\t{baseline}\t{difference}"
            )?;
        }
        for one in self.primary() {
            let verdict = one
                .verdict()
                .map_or("no verdict", |verdict| verdict.as_str());
            let interval = one.interval.map(interval).unwrap_or_default();
            let (metric, baseline) = (&one.metric, &one.baseline);
            let difference = number(one.delta);
            writeln!(
                out,
                "{metric} against {baseline}: {verdict} ({difference} {interval})"
            )?;
        }
        for (what, path) in &self.files {
            writeln!(out, "{what}: {path}")?;
        }
        Ok(())
    }

    fn primary(&self) -> impl Iterator<Item = &Comparison> {
        self.document
            .comparisons
            .iter()
            .filter(|one| one.is_primary)
    }

    fn to_json(&self, steps: &Steps) -> Json {
        let steps = steps.all.iter();
        let steps = steps.map(|(step, was_run)| (*step, Json::from(said(*was_run))));
        let verdicts = self.primary().map(|one| {
            let verdict = one.verdict().map(|verdict| verdict.as_str());
            (
                one.baseline.to_string(),
                verdict.map_or(Json::Null, Json::from),
            )
        });
        let files = self.files.iter();
        let files = files.map(|(what, path)| (*what, Json::from(path.as_str())));
        Json::object([
            ("benchmark", Json::from(self.benchmark.as_str())),
            (
                "metrics",
                Json::Array(self.document.metrics.iter().map(metric).collect()),
            ),
            ("verdicts", Json::object(verdicts)),
            ("files", Json::object(files)),
            ("steps", Json::object(steps)),
        ])
    }
}

fn metric(row: &MetricRow) -> Json {
    let float = |value: f64| Json::float(value).unwrap_or(Json::Null);
    let ends = row.interval.map(|ends| Json::Array(ends.map(float).into()));
    let baseline = row.baseline.as_ref().map(|one| {
        Json::object([
            ("name", Json::from(&one.name)),
            ("value", float(one.value)),
            ("delta", float(one.delta)),
        ])
    });
    Json::object([
        ("name", Json::from(&row.name)),
        ("value", float(row.value)),
        ("ci", ends.unwrap_or(Json::Null)),
        ("n", row.n.map_or(Json::Null, Json::from)),
        ("baseline", baseline.unwrap_or(Json::Null)),
    ])
}

fn number(value: f64) -> String {
    format!("{value:.4}")
}

fn interval([low, high]: [f64; 2]) -> String {
    format!("[{low:.4}, {high:.4}]")
}
