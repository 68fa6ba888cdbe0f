//! Metrics of parts of the data, such as `type_snv.skill`: a row a part.

use std::collections::BTreeSet;

use super::{
    markdown::{interval, number, text},
    metric::ReportedMetric,
};

/// Fewest metrics of a part that is shown as a row.
const FEWEST: usize = 3;

/// The split that says which weights are best, and so says little of them.
const CHOSEN_BY: &str = "validation";

/// Metrics of a report: of all data, and of parts.
pub(super) struct Metrics<'a> {
    /// Of all data, and of what is no part of a row.
    pub(super) whole: Vec<&'a ReportedMetric>,
    parts: Vec<Part<'a>>,
}

/// What was measured on a part.
struct Part<'a> {
    name: &'a str,
    split: Option<&'a str>,
    metrics: Vec<(&'a str, &'a ReportedMetric)>,
}

impl<'a> Metrics<'a> {
    /// Sorts metrics out. Parts of the validation set are left out beside those of another.
    pub(super) fn of(metrics: &'a [ReportedMetric]) -> Self {
        let (mut whole, mut parts) = (Vec::new(), Vec::<Part<'_>>::new());
        for metric in metrics {
            let split = metric.split.as_deref();
            let Some((name, what)) = metric.name.rsplit_once('.') else {
                whole.push(metric);
                continue;
            };
            match parts
                .iter_mut()
                .find(|part| (part.name, part.split) == (name, split))
            {
                Some(part) => part.metrics.push((what, metric)),
                None => parts.push(Part {
                    name,
                    split,
                    metrics: vec![(what, metric)],
                }),
            }
        }
        let (parts, few): (Vec<_>, Vec<_>) = parts
            .into_iter()
            .partition(|part| part.metrics.len() >= FEWEST);
        whole.extend(
            few.into_iter()
                .flat_map(|part| part.metrics)
                .map(|(_, metric)| metric),
        );
        let is_chosen_by = |part: &Part<'_>| part.split == Some(CHOSEN_BY);
        let has_other = parts.iter().any(|part| !is_chosen_by(part));
        let parts = parts
            .into_iter()
            .filter(|part| !(has_other && is_chosen_by(part)));
        Self {
            whole,
            parts: parts.collect(),
        }
    }

    /// All that a card says something about.
    pub(super) fn all(&self) -> impl Iterator<Item = &'a ReportedMetric> {
        let parts = self.parts.iter().flat_map(|part| &part.metrics);
        self.whole
            .iter()
            .copied()
            .chain(parts.map(|(_, metric)| *metric))
    }

    /// A table of the parts; none without any.
    pub(super) fn table(&self) -> Option<String> {
        let mut seen = BTreeSet::new();
        let whats = self.parts.iter().flat_map(|part| &part.metrics);
        let whats: Vec<_> = whats
            .map(|(what, _)| *what)
            .filter(|what| seen.insert(*what))
            .collect();
        if whats.is_empty() {
            return None;
        }
        let mut table = format!("| part | split | n | {} |\n", whats.join(" | "));
        table += &format!("|{}\n", "---|".repeat(3 + whats.len()));
        for part in &self.parts {
            let n = part.metrics.iter().find_map(|(_, metric)| metric.n);
            let mut cells = vec![
                text(part.name),
                part.split.map_or_else(none, text),
                n.map_or_else(none, |n| n.to_string()),
            ];
            for what in &whats {
                let metric = part.metrics.iter().find(|(name, _)| name == what);
                cells.push(metric.map_or_else(none, |(_, metric)| cell(metric)));
            }
            table += &format!("| {} |\n", cells.join(" | "));
        }
        Some(table)
    }
}

fn none() -> String {
    "–".to_owned()
}

/// The value with its interval and its baseline.
fn cell(metric: &ReportedMetric) -> String {
    let mut cell = number(metric.value);
    if let Some(ends) = metric.interval {
        cell += &format!(" ({})", interval(ends));
    }
    if let Some(baseline) = &metric.baseline {
        cell += &format!("; {} {}", text(&baseline.name), number(baseline.value));
    }
    cell
}

#[cfg(test)]
mod tests {
    use geno_provenance::Json;

    use super::*;

    fn metric(name: &str, split: &str, value: f64) -> ReportedMetric {
        let json = format!(r#"{{"value": {value}, "split": "{split}", "n": 7}}"#);
        ReportedMetric::of(name, &Json::parse(json.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn parts_are_rows_and_those_of_the_validation_set_are_left_out() {
        let metrics: Vec<_> = ["test", "validation"]
            .into_iter()
            .flat_map(|split| {
                ["skill", "a.skill", "a.cosine", "a.recall", "b.skill"]
                    .map(|name| metric(name, split, 0.5))
            })
            .collect();
        let metrics = Metrics::of(&metrics);
        let whole: Vec<_> = metrics
            .whole
            .iter()
            .map(|metric| &metric.name[..])
            .collect();
        assert_eq!(whole, ["skill", "skill", "b.skill", "b.skill"]);
        assert_eq!(metrics.all().count(), 7);
        assert_eq!(
            metrics.table().unwrap(),
            "| part | split | n | skill | cosine | recall |\n|---|---|---|---|---|---|\n\
             | a | test | 7 | 0.5 | 0.5 | 0.5 |\n"
        );
    }

    #[test]
    fn parts_of_the_validation_set_alone_are_shown() {
        let metrics = ["a.x", "a.y", "a.z"].map(|name| metric(name, "validation", 1.0));
        assert!(Metrics::of(&metrics).table().is_some());
        assert!(Metrics::of(&[]).table().is_none());
    }
}
