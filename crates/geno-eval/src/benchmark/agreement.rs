//! Whether the fields of an entry agree.

use std::str::FromStr;

use geno_provenance::Label;

use super::{
    entry::{Benchmark, GateEntry, LabelKind, MetricMode, SCHEMA_VERSION, Track},
    rule::{ChainRule, PhasedRule, Rule},
};
use crate::metric_kind::MetricKind;

impl Benchmark {
    /// What contradicts itself, if anything does.
    pub(super) fn contradiction(&self) -> Option<String> {
        if self.schema_version != SCHEMA_VERSION {
            return Some(format!("`schema_version` is not `{SCHEMA_VERSION}`"));
        }
        let is_word = |text: &str| {
            let is_in = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            !text.is_empty() && text.chars().all(is_in)
        };
        for (field, text) in [("id", &self.id), ("split", &self.split)] {
            if !is_word(text) {
                return Some(format!(
                    "`{field}` has other characters than a-z, 0-9 and _"
                ));
            }
        }
        let limitations = self.limitations.iter().map(|text| ("limitations", text));
        for (field, text) in [("title", &self.title), ("summary", &self.summary)]
            .into_iter()
            .chain(limitations)
        {
            if Label::new(text.as_str()).is_err() {
                return Some(format!("`{field}` is empty or holds a control character"));
            }
        }
        if self.assemblies.is_empty() {
            return Some("`assemblies` is empty".to_owned());
        }
        self.sources_contradiction()
            .or_else(|| self.measures_contradiction())
    }

    fn sources_contradiction(&self) -> Option<String> {
        let read = self.rule.sources();
        for name in &read {
            let found = self.sources.iter().filter(|source| source.name == *name);
            if found.count() != 1 {
                return Some(format!("source `{name}` of the rule is not there once"));
            }
        }
        let unread = self
            .sources
            .iter()
            .find(|source| !read.contains(&&*source.name));
        if let Some(source) = unread {
            return Some(format!("source `{}` is read by nothing", source.name));
        }
        if let Rule::Table(rule) = &self.rule {
            let source = self.source(&rule.source)?;
            let is_there = |name: &&str| source.columns.iter().any(|column| column.name == *name);
            let missing = rule.all_columns().into_iter().find(|name| !is_there(name));
            if let Some(column) = missing {
                return Some(format!(
                    "column `{column}` of the rule is not of its source"
                ));
            }
        }
        None
    }

    fn measures_contradiction(&self) -> Option<String> {
        let is_rollout = self.track == Track::LatentRolloutFidelity;
        if is_rollout != self.rule.is_rollout() {
            return Some("`track` is not that of the rule".to_owned());
        }
        if let Rule::PhasedHaplotypes(PhasedRule {
            candidates,
            recall_k,
            ..
        })
        | Rule::EditChains(ChainRule {
            candidates,
            recall_k,
            ..
        }) = &self.rule
            && recall_k >= candidates
        {
            return Some("`recall_k` is not less than `candidates`: all would be found".to_owned());
        }
        match (&self.label, &self.evaluation, &self.baseline) {
            (None, None, None) if is_rollout => {}
            (Some(label), Some(evaluation), Some(_)) if !is_rollout => {
                let primary = MetricKind::from_str(&evaluation.primary);
                let Ok(primary) = primary else {
                    return Some(format!("`{}` is no metric", evaluation.primary));
                };
                let is_of_ranks = primary == MetricKind::SpearmanRho;
                let (is_binary, is_ranked) = (
                    label.kind == LabelKind::Binary,
                    evaluation.mode == MetricMode::Spearman,
                );
                if !is_binary && (!is_ranked || !is_of_ranks) {
                    return Some("measured values are evaluated by rank alone".to_owned());
                }
                if !is_ranked && is_of_ranks {
                    return Some("`spearman_rho` needs the mode `spearman`".to_owned());
                }
            }
            _ => {
                return Some(
                    "`label`, `evaluation` and `baseline` are there for variants and for them alone"
                        .to_owned(),
                );
            }
        }
        let is_bad = |gate: &GateEntry| {
            gate.metrics.is_empty()
                || gate.mode.is_none() != is_rollout
                || self.gate(&gate.version) != Some(gate)
        };
        let bad = self.gates.iter().find(|gate| is_bad(gate));
        bad.map(|gate| {
            format!(
                "gate `{}` is empty, twice there or of no mode",
                gate.version
            )
        })
    }
}
