//! A row of the report: what is asked for, what was measured, and what follows.

use geno_provenance::{FieldError, Fields, Json, release::NegativeFinding};

use super::{
    measured::{Measured, Outcome},
    requirement::{Requirement, SPEED, speedup},
};
use crate::{findings::derived, speed};

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) required: Requirement,
    /// Metrics that are asked for and were measured, in the order of the registry.
    pub(super) measured: Vec<Measured>,
}

/// Whether what is asked for is there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Coverage {
    Covered,
    Missing,
    Incomplete,
}

/// Whether a target was met.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Target {
    Met,
    Missed,
    /// It was missed, and it was decided to go on with another.
    Rescoped,
    /// There is none, or nothing was measured.
    None,
}

impl Coverage {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Covered => "covered",
            Self::Missing => "missing",
            Self::Incomplete => "incomplete",
        }
    }
}

impl Target {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "missed",
            Self::Rescoped => "rescoped",
            Self::None => "none",
        }
    }
}

impl Row {
    /// What is asked for and not there, in words.
    pub(super) fn lacks(&self) -> Vec<String> {
        let required = &self.required;
        let mut lacks = Vec::new();
        for metric in &required.metrics {
            let found = self.measured.iter().find(|one| *one.metric == **metric);
            let Some(found) = found else {
                lacks.push(format!("`{metric}`"));
                continue;
            };
            if let Some(name) = &required.baseline
                && found.baseline.as_ref().is_none_or(|(is, _)| **is != **name)
            {
                lacks.push(format!("`{metric}` against `{name}`"));
            }
            if required.interval && found.interval.is_none() {
                lacks.push(format!("an interval of `{metric}`"));
            }
        }
        lacks
    }

    pub(super) fn coverage(&self) -> Coverage {
        match (self.measured.is_empty(), self.lacks().is_empty()) {
            (true, _) => Coverage::Missing,
            (false, true) => Coverage::Covered,
            (false, false) => Coverage::Incomplete,
        }
    }

    /// Speeds that are below their targets, with the number of edits.
    fn missed(&self) -> impl Iterator<Item = (u64, f64)> {
        let horizons = speed::HORIZONS
            .into_iter()
            .filter(|_| self.required.id == SPEED);
        horizons.filter_map(|horizon| {
            let name = speedup(horizon);
            let found = self.measured.iter().find(|one| *one.metric == *name)?;
            (found.value < speed::target(horizon)).then_some((horizon, found.value))
        })
    }

    pub(super) fn target(&self, is_rescoped: bool) -> Target {
        let has_target = self.required.id == SPEED && !self.measured.is_empty();
        match (has_target, self.missed().next().is_some(), is_rescoped) {
            (false, ..) => Target::None,
            (true, false, _) => Target::Met,
            (true, true, true) => Target::Rescoped,
            (true, true, false) => Target::Missed,
        }
    }

    /// That of the metric that does worst.
    pub(super) fn outcome(&self) -> Outcome {
        let outcomes = self.measured.iter().map(Measured::outcome);
        outcomes.min().unwrap_or(Outcome::NotApplicable)
    }

    /// What speaks against the model here.
    pub(super) fn findings(&self, is_rescoped: bool) -> Vec<NegativeFinding> {
        let id = &self.required.id;
        let coverage = match self.coverage() {
            Coverage::Covered => None,
            Coverage::Missing => Some(derived("row_missing", format!("`{id}` was not measured."))),
            Coverage::Incomplete => {
                let lacks = self.lacks().join(", ");
                Some(derived("row_incomplete", format!("`{id}` lacks {lacks}.")))
            }
        };
        let targets = self.missed().map(|(horizon, value)| {
            let missed = speed::short_of(horizon, value);
            match is_rescoped {
                true => derived(
                    "target_rescoped",
                    format!("{missed}; it was decided to go on with another target."),
                ),
                false => derived("target_missed", format!("{missed}.")),
            }
        });
        let metrics = self.measured.iter().filter_map(|one| {
            let against = one.against(id)?;
            match one.outcome() {
                Outcome::Regressed => Some(derived("regressed", format!("{against}."))),
                Outcome::Inconclusive => Some(derived(
                    "inconclusive",
                    format!("{against}, which does not tell them apart."),
                )),
                Outcome::Improved | Outcome::NotApplicable => None,
            }
        });
        coverage.into_iter().chain(targets).chain(metrics).collect()
    }

    pub(super) fn take(mut fields: Fields, required: Requirement) -> Result<Self, FieldError> {
        let wrong = |field: &str, expected| FieldError::Value {
            field: format!("body.rows[].{field}"),
            expected,
        };
        if fields.string("benchmark_id")? != required.id {
            return Err(wrong("benchmark_id", "the next benchmark of the registry"));
        }
        let mut measured = Vec::new();
        for metric in fields.objects("metrics")? {
            measured.push(Measured::take(metric)?);
        }
        let mut names = required.metrics.iter();
        let in_order = |one: &Measured| names.any(|name| **name == *one.metric);
        if !measured.iter().all(in_order) {
            return Err(wrong(
                "metrics",
                "a list of metrics that are asked for, in their order",
            ));
        }
        // What follows; the reader compares it.
        for derived in ["track", "split", "coverage", "missing", "target", "outcome"] {
            fields.value(derived)?;
        }
        fields.finish()?;
        Ok(Self { required, measured })
    }

    pub(super) fn to_json(&self, is_rescoped: bool) -> Json {
        let required = &self.required;
        let split = required.split.as_deref();
        let lacks = self.lacks().into_iter().map(Json::from);
        let measured = self.measured.iter().map(Measured::to_json);
        Json::object([
            ("benchmark_id", Json::from(required.id.as_str())),
            ("track", required.track.into()),
            ("split", split.map_or(Json::Null, Json::from)),
            ("coverage", self.coverage().as_str().into()),
            ("missing", Json::Array(lacks.collect())),
            ("target", self.target(is_rescoped).as_str().into()),
            ("outcome", self.outcome().as_str().into()),
            ("metrics", Json::Array(measured.collect())),
        ])
    }
}
