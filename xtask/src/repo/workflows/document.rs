//! A workflow as YAML says it.

use anyhow::{Context, Result};
use serde_json::Value;

/// A parsed workflow.
pub(super) struct Workflow(Value);

/// A job, with its name.
pub(super) struct Job<'a> {
    pub(super) name: &'a str,
    pub(super) value: &'a Value,
}

impl Workflow {
    /// # Errors
    ///
    /// If the text is not YAML, or has no triggers or jobs.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let value: Value = serde_saphyr::from_str(text).context("it is not YAML")?;
        let jobs = value["jobs"].as_object().context("it has no jobs")?;
        value["on"].as_object().context("it has no triggers")?;
        for (name, job) in jobs {
            let steps = job["steps"].as_array();
            steps.with_context(|| format!("`{name}` has no steps"))?;
        }
        Ok(Self(value))
    }

    /// What a key at the top says; null where it is not there.
    pub(super) fn get(&self, key: &str) -> &Value {
        &self.0[key]
    }

    /// The names of what starts it.
    pub(super) fn triggers(&self) -> Vec<&str> {
        let triggers = self.0["on"].as_object().into_iter().flatten();
        triggers.map(|(name, _)| name.as_str()).collect()
    }

    pub(super) fn jobs(&self) -> impl Iterator<Item = Job<'_>> {
        let jobs = self.0["jobs"].as_object().into_iter().flatten();
        jobs.map(|(name, value)| Job { name, value })
    }

    /// A job by its name.
    pub(super) fn job(&self, name: &str) -> Option<Job<'_>> {
        self.jobs().find(|job| job.name == name)
    }

    /// Every step of every job.
    pub(super) fn steps(&self) -> impl Iterator<Item = &Value> {
        self.jobs().flat_map(|job| job.steps().iter())
    }

    /// Every command of every step, one after the other.
    pub(super) fn commands(&self) -> String {
        let commands = self.steps().filter_map(|step| step["run"].as_str());
        commands.collect::<Vec<_>>().join("\n")
    }

    /// The whole of it as one text, to look for what may stand nowhere.
    pub(super) fn text(&self) -> String {
        self.0.to_string()
    }
}

impl<'a> Job<'a> {
    pub(super) fn steps(&self) -> &'a [Value] {
        self.value["steps"].as_array().map_or(&[], Vec::as_slice)
    }

    /// The number of the first step that runs or uses something.
    pub(super) fn position(&self, what: &str) -> Option<usize> {
        let says = |step: &Value| {
            let texts = [&step["run"], &step["uses"]].into_iter();
            texts
                .filter_map(Value::as_str)
                .any(|text| text.contains(what))
        };
        self.steps().iter().position(says)
    }

    /// Whether steps come one after the other, each in a step of its own.
    pub(super) fn is_in_order(&self, what: &[&str]) -> bool {
        let positions: Vec<_> = what.iter().map(|what| self.position(what)).collect();
        positions.iter().all(Option::is_some) && positions.is_sorted_by(|a, b| a < b)
    }
}
