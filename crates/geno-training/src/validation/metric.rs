//! Numbers as evaluation reports hold them.

use serde::Serialize;

use super::{Strata, Summary};

/// One number of a report, with what it is compared to.
///
/// # Source
///
/// A metric of `eval_metrics.json` of geno-lewm 0.2.1.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Metric {
    /// What was measured, and on which kind of edits.
    pub name: String,
    /// The number.
    pub value: f64,
    /// Which data.
    pub split: String,
    /// Its unit.
    pub unit: &'static str,
    /// Whether more is better.
    pub higher_is_better: bool,
    /// What it is compared to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<&'static str>,
    /// The same number of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline_value: Option<f64>,
    /// How much more it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delta_vs_baseline: Option<f64>,
    /// Low end of the 95 % interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ci_low: Option<f64>,
    /// High end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ci_high: Option<f64>,
    /// Predictions it is of.
    pub n: usize,
}

impl Strata {
    /// All summaries as metrics, in one order.
    pub fn metrics(&self, split: &str) -> Vec<Metric> {
        let mut metrics = self.all.metrics("", split);
        for (edit_type, summary) in &self.by_type {
            metrics.extend(summary.metrics(&format!("type_{}.", edit_type.to_lowercase()), split));
        }
        for (offset, summary) in &self.by_offset {
            metrics.extend(summary.metrics(&format!("offset_{offset}."), split));
        }
        for (n_edits, summary) in &self.by_n_edits {
            metrics.extend(summary.metrics(&format!("edits_{n_edits}."), split));
        }
        metrics
    }
}

impl Summary {
    fn metrics(&self, prefix: &str, split: &str) -> Vec<Metric> {
        let metric = |name: &str, value, higher_is_better, n| Metric {
            name: format!("{prefix}{name}"),
            value,
            split: split.to_owned(),
            unit: "1",
            higher_is_better,
            baseline: None,
            baseline_value: None,
            delta_vs_baseline: None,
            ci_low: None,
            ci_high: None,
            n,
        };
        let mut skill = metric("skill", self.skill, true, self.n);
        skill.baseline = Some("mean_change");
        skill.baseline_value = Some(self.mean_change_skill);
        skill.delta_vs_baseline = Some(self.skill - self.mean_change_skill);
        skill.ci_low = self.skill_interval.map(|interval| interval.low);
        skill.ci_high = self.skill_interval.map(|interval| interval.high);
        let mut advantage = metric(
            "skill_above_mean_change",
            self.skill - self.mean_change_skill,
            true,
            self.n,
        );
        advantage.ci_low = self.advantage_interval.map(|interval| interval.low);
        advantage.ci_high = self.advantage_interval.map(|interval| interval.high);
        let mut metrics = vec![
            skill,
            advantage,
            metric("residual_loss", self.residual_loss, false, self.n),
            metric("displacement", self.displacement, true, self.n),
            metric("cosine", self.cosine, true, self.n),
            metric("better_than_copy", self.better_than_copy, true, self.n),
            metric(
                "better_than_mean_change",
                self.better_than_mean_change,
                true,
                self.n,
            ),
        ];
        let recalls = [
            ("recall_at_1", self.recall_at_1),
            ("recall_at_5", self.recall_at_5),
        ];
        let recalls = recalls
            .into_iter()
            .filter_map(|(name, value)| Some(metric(name, value?, true, self.n)));
        metrics.extend(recalls);
        metrics
    }
}
