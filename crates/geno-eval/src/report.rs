//! The document of metrics, schema 1.0.0 of the Python package.

use std::collections::BTreeMap;

use geno_core::Digest;
use geno_provenance::{Json, Label, PublicPath, Timestamp, indented_json};

use crate::{
    number::six_digits,
    rollout::{RolloutScores, SplitSummary},
};

/// What the package's reader of reports expects as the producer of rollout metrics.
const GENERATED_BY: &str = "geno-lewm-eval";

pub(crate) const SCHEMA_VERSION: &str = "1.0.0";

/// What was evaluated, and where. The Python package merges reports that agree in all of it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ReportIdentity {
    /// The model's manifest.
    pub model_id: Option<Digest>,
    /// The release of the model.
    pub model_release: Option<Label>,
    /// The data.
    pub dataset_snapshot: Option<Label>,
    /// The commit of the code.
    pub commit: Option<Label>,
    /// The machine.
    pub hardware: Option<Label>,
}

/// The metrics of rollouts as a file.
///
/// Its keys are those that geno-lewm 0.2.1 writes, and `skill` beside them, both as a metric and in
/// each stratum. `delta_vs_baseline` is `value − baseline_value` for every metric, as there: of a
/// distance a negative one is better.
#[derive(Clone, Debug)]
pub struct MetricsReport<'a> {
    /// When it was made.
    pub generated_at: Timestamp,
    /// What was evaluated. What is not known is left out, and said among the limitations.
    pub identity: &'a ReportIdentity,
    /// Files that the metrics stand on, by what they are.
    pub artifacts: &'a BTreeMap<Label, PublicPath>,
    /// The metrics.
    pub splits: &'a [SplitSummary],
    /// The rank up to which a target counts as found.
    pub recall_k: u64,
    /// Among how many targets ranks were computed; nothing where the rows came with their ranks.
    pub n_candidates: Option<usize>,
}

/// A metric of a split.
struct Metric {
    name: &'static str,
    unit: String,
    higher_is_better: bool,
    value: f64,
    baseline: f64,
}

impl MetricsReport<'_> {
    /// The document, indented, with its final newline.
    pub fn to_json(&self) -> String {
        let metrics = self.splits.iter().flat_map(|split| {
            let metrics = self.metrics(&split.all).into_iter();
            metrics.map(move |metric| (split, metric))
        });
        let (metrics, conclusions): (Vec<_>, Vec<_>) = metrics
            .map(|(split, metric)| (metric.to_json(split), metric.conclusion(&split.split)))
            .unzip();
        let strata = self.splits.iter().flat_map(|split| {
            let strata = split.by_edits.iter();
            strata.map(|(k, scores)| self.stratum(&split.split, k.get(), scores))
        });
        let artifacts = self.artifacts.iter();
        let artifacts = artifacts.map(|(key, path)| (key.as_str(), path.as_str().into()));
        let fixed = [
            ("schema_version", SCHEMA_VERSION.into()),
            ("generated_by", GENERATED_BY.into()),
            ("generated_at", self.generated_at.to_string().into()),
            ("metrics", Json::Array(metrics)),
            ("artifacts", Json::object(artifacts)),
            ("rollout_stratification", Json::Array(strata.collect())),
            ("limitations", texts(self.all_limitations())),
            ("negative_findings", texts([NO_CLAIM.to_owned()])),
            ("conclusions", texts(conclusions)),
        ];
        let fields = fixed.into_iter().chain(self.identity.fields());
        indented_json(&Json::object(fields)) + "\n"
    }

    fn metrics(&self, scores: &RolloutScores) -> Vec<Metric> {
        let metric = |name, unit: &str, value, baseline| Metric {
            name,
            unit: unit.to_owned(),
            higher_is_better: name != "l2_distance_mean",
            value,
            baseline,
        };
        let recall = format!("recall@{}", self.recall_k);
        let mut metrics = vec![
            metric(
                "cosine_similarity_mean",
                "cosine",
                scores.cosine,
                scores.baseline_cosine,
            ),
            metric("l2_distance_mean", "l2", scores.l2, scores.baseline_l2),
            metric(
                "recall_at_k",
                &recall,
                scores.recall,
                scores.baseline_recall,
            ),
        ];
        // Copying the source has a skill of 0.
        let skill = scores.skill;
        metrics.extend(skill.map(|skill| metric("skill", "fraction", skill, 0.0)));
        metrics
    }

    fn stratum(&self, split: &Label, k: u32, scores: &RolloutScores) -> Json {
        Json::object([
            ("split", split.as_str().into()),
            ("k", k.into()),
            ("n", scores.n.into()),
            ("row_identity", scores.row_identity.into()),
            ("cosine_similarity_mean", float(scores.cosine)),
            ("naive_baseline_cosine_mean", float(scores.baseline_cosine)),
            ("l2_distance_mean", float(scores.l2)),
            ("naive_baseline_l2_mean", float(scores.baseline_l2)),
            ("recall_at_k", float(scores.recall)),
            ("naive_baseline_recall_at_k", float(scores.baseline_recall)),
            ("recall_k", self.recall_k.into()),
            ("skill", scores.skill.map_or(Json::Null, float)),
        ])
    }

    fn all_limitations(&self) -> Vec<String> {
        let k = self.recall_k;
        let recall = match self.n_candidates {
            Some(n) => format!(
                "Recall@{k} ranks a target among those of up to {n} neighbouring rows, its own \
                 among them; where there are no more than {k} it is 1 for any prediction."
            ),
            None => format!(
                "Recall@{k} takes the ranks as the rows give them; among how many candidates they \
                 were computed is not known here."
            ),
        };
        let mut all = vec![STATES_ONLY.to_owned(), recall];
        all.extend(self.identity.limitation());
        all
    }
}

const STATES_ONLY: &str = "The metrics compare predicted states with encoded ones and say nothing \
    about what an edit does to an organism.";

pub(crate) const NO_CLAIM: &str =
    "The metrics support no claim of clinical use, privacy or safe deployment.";

impl Metric {
    fn to_json(&self, split: &SplitSummary) -> Json {
        let scores = &split.all;
        Json::object([
            ("name", self.name.into()),
            ("value", float(self.value)),
            ("split", split.split.as_str().into()),
            ("unit", self.unit.as_str().into()),
            ("higher_is_better", self.higher_is_better.into()),
            ("baseline", "source_state".into()),
            ("baseline_value", float(self.baseline)),
            ("delta_vs_baseline", float(self.value - self.baseline)),
            ("n", scores.n.into()),
            (
                "notes",
                "last state of a rollout against the encoded one".into(),
            ),
            ("evaluated_variant_keys_sha256", scores.row_identity.into()),
            (
                "baseline_evaluated_variant_keys_sha256",
                scores.row_identity.into(),
            ),
        ])
    }

    fn conclusion(&self, split: &Label) -> String {
        format!(
            "`{}` on {split} is {}, {} against source_state.",
            self.name,
            six_digits(self.value),
            six_digits(self.value - self.baseline),
        )
    }
}

impl ReportIdentity {
    fn labels(&self) -> [(&'static str, &Option<Label>); 4] {
        [
            ("model_release", &self.model_release),
            ("dataset_snapshot", &self.dataset_snapshot),
            ("commit", &self.commit),
            ("hardware", &self.hardware),
        ]
    }

    /// As documents hold it: what is known.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&'static str, Json)> {
        let labels = self.labels().into_iter();
        let labels = labels.filter_map(|(key, label)| Some((key, label.as_ref()?.as_str().into())));
        let model_id = self.model_id.map(|id| ("model_id", id.into()));
        model_id.into_iter().chain(labels)
    }

    /// Says what is not known, if anything is not.
    pub(crate) fn limitation(&self) -> Option<String> {
        let missing = self.missing();
        (!missing.is_empty()).then(|| {
            let missing = missing.join(", ");
            format!("The report does not name its {missing}, so it cannot be merged with others.")
        })
    }

    /// What is not known.
    pub(crate) fn missing(&self) -> Vec<&'static str> {
        let labels = self.labels().into_iter();
        let labels = labels.filter_map(|(key, label)| label.is_none().then_some(key));
        let model_id = self.model_id.is_none().then_some("model_id");
        model_id.into_iter().chain(labels).collect()
    }
}

pub(crate) fn texts(texts: impl IntoIterator<Item = String>) -> Json {
    Json::Array(texts.into_iter().map(Json::from).collect())
}

/// # Panics
///
/// If the value is not finite: metrics of finite states are.
pub(crate) fn float(value: f64) -> Json {
    Json::float(value).expect("a metric is finite")
}
