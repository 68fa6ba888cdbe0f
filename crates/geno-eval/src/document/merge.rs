//! Several documents as one.

use std::collections::BTreeMap;

use geno_core::{Coded, ErrorCode};
use geno_provenance::{Label, PublicPath};

use super::{DocumentProducer, MetricsDocument};

/// Files that every document names and that have to be the same.
const SHARED: [&str; 4] = [
    "checkpoint",
    "config",
    "dataset_manifest",
    "efficiency_report",
];

/// A document, with the file it was read from.
#[derive(Clone, Debug)]
pub struct NamedDocument {
    /// The file, inside the folder of artifacts.
    pub path: PublicPath,
    /// What it holds.
    pub document: MetricsDocument,
}

/// Why documents cannot be merged. Inputs are counted from 1.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// There is nothing to merge.
    #[error("there is no document to merge")]
    Nothing,
    /// Two are of different models, data, commits or machines.
    #[error("`{field}` of `{}` is not that of `{}`", other.as_str(), first.as_str())]
    OtherIdentity {
        /// The first document.
        first: PublicPath,
        /// The other one.
        other: PublicPath,
        /// In what they differ.
        field: &'static str,
    },
    /// Two stand on different files.
    #[error("artifact `{key}` of `{}` is not that of `{}`", other.as_str(), first.as_str())]
    OtherArtifact {
        /// The first document.
        first: PublicPath,
        /// The other one.
        other: PublicPath,
        /// Which file.
        key: &'static str,
    },
    /// A metric of a split is in two of them.
    #[error("`{name}` on `{split}` is in `{}` and in one before it", path.as_str())]
    Twice {
        /// The second document.
        path: PublicPath,
        /// The metric.
        name: Label,
        /// The split.
        split: Label,
    },
    /// A text says that something is still to come.
    #[error("`{}` says `{word}`, which no measured document says", path.as_str())]
    Placeholder {
        /// The document.
        path: PublicPath,
        /// What it says.
        word: &'static str,
    },
}

impl Coded for MergeError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Nothing => ErrorCode::InputEmpty,
            _ => ErrorCode::EvalGeneric,
        }
    }
}

impl MetricsDocument {
    /// Merges documents that agree in what they are of and in the files every one has to name. Metrics
    /// and texts keep their order, and a text that was said before is not said again.
    ///
    /// Files of single inputs are called `input_<i>.<key>`, and the inputs `metrics_input_<i>`. How an
    /// input was evaluated is its own, so its `eval_config` is too.
    ///
    /// # Errors
    ///
    /// [`MergeError`].
    pub fn merge(inputs: Vec<NamedDocument>) -> Result<Self, MergeError> {
        let n_inputs = inputs.len();
        let mut inputs = inputs.into_iter().enumerate();
        let (_, first) = inputs.next().ok_or(MergeError::Nothing)?;
        let mut merged = Self::begin(&first)?;
        for (i, input) in inputs {
            merged.check(&first, &input)?;
            merged.add(i + 1, input)?;
        }
        let n_rows = merged.metrics.len();
        let said = format!("{n_rows} metrics of {n_inputs} documents are put together here.");
        merged
            .conclusions
            .push(Label::new(said).expect("a sentence"));
        Ok(merged)
    }

    fn begin(first: &NamedDocument) -> Result<Self, MergeError> {
        let NamedDocument { path, document } = first;
        let mut merged = Self {
            generated_by: DocumentProducer::EvalAll,
            generated_at: document.generated_at.clone(),
            identity: document.identity.clone(),
            metrics: Vec::new(),
            comparisons: Vec::new(),
            strata: Vec::new(),
            coverage: BTreeMap::new(),
            rollout_strata: Vec::new(),
            artifacts: BTreeMap::new(),
            limitations: Vec::new(),
            negative_findings: Vec::new(),
            conclusions: Vec::new(),
        };
        for (key, file) in &document.artifacts {
            if SHARED.contains(&key.as_str()) {
                merged.artifacts.insert(key.clone(), file.clone());
            }
        }
        let (path, document) = (path.clone(), document.clone());
        merged.add(1, NamedDocument { path, document })?;
        Ok(merged)
    }

    /// Whether an input is of the same things as the first.
    fn check(&self, first: &NamedDocument, input: &NamedDocument) -> Result<(), MergeError> {
        let [a, b] = [first, input].map(|named| &named.document.identity);
        let differs = [
            ("model_id", a.model_id != b.model_id),
            ("model_release", a.model_release != b.model_release),
            ("dataset_snapshot", a.dataset_snapshot != b.dataset_snapshot),
            ("commit", a.commit != b.commit),
            ("hardware", a.hardware != b.hardware),
        ];
        let paths = || (first.path.clone(), input.path.clone());
        if let Some((field, _)) = differs.into_iter().find(|(_, differs)| *differs) {
            let (first, other) = paths();
            return Err(MergeError::OtherIdentity {
                first,
                other,
                field,
            });
        }
        let file = |named: &'_ NamedDocument, key: &str| {
            let mut artifacts = named.document.artifacts.iter();
            let found = artifacts.find(|(name, _)| name.as_str() == key);
            found.map(|(_, file)| file.clone())
        };
        let other = SHARED
            .into_iter()
            .find(|key| file(first, key) != file(input, key));
        match other {
            None => Ok(()),
            Some(key) => {
                let (first, other) = paths();
                Err(MergeError::OtherArtifact { first, other, key })
            }
        }
    }

    fn add(&mut self, number: usize, input: NamedDocument) -> Result<(), MergeError> {
        let NamedDocument { path, document } = input;
        if let Some(word) = document.placeholder() {
            return Err(MergeError::Placeholder { path, word });
        }
        for row in &document.metrics {
            let is_it =
                |known: &super::MetricRow| (&known.split, &known.name) == (&row.split, &row.name);
            if self.metrics.iter().any(is_it) {
                return Err(MergeError::Twice {
                    path,
                    name: row.name.clone(),
                    split: row.split.clone(),
                });
            }
        }
        let label = |text: String| Label::new(text).expect("a name with a number");
        for (key, file) in document.artifacts {
            if !SHARED.contains(&key.as_str()) {
                self.artifacts
                    .insert(label(format!("input_{number}.{key}")), file);
            }
        }
        self.artifacts
            .insert(label(format!("metrics_input_{number}")), path);
        self.generated_at = self.generated_at.clone().max(document.generated_at);
        self.metrics.extend(document.metrics);
        self.comparisons.extend(document.comparisons);
        self.strata.extend(document.strata);
        self.coverage.extend(document.coverage);
        self.rollout_strata.extend(document.rollout_strata);
        for (own, said) in [
            (&mut self.limitations, document.limitations),
            (&mut self.negative_findings, document.negative_findings),
            (&mut self.conclusions, document.conclusions),
        ] {
            for text in said {
                if !own.contains(&text) {
                    own.push(text);
                }
            }
        }
        Ok(())
    }

    /// A word for what is still to come, if any text has one.
    fn placeholder(&self) -> Option<&'static str> {
        let identity = &self.identity;
        let named = [
            &identity.model_release,
            &identity.dataset_snapshot,
            &identity.commit,
            &identity.hardware,
        ];
        let named = named.into_iter().flatten();
        let said = [
            &self.limitations,
            &self.negative_findings,
            &self.conclusions,
        ];
        let rows = self.metrics.iter().flat_map(|row| {
            let baseline = row.baseline.as_ref().map(|baseline| &baseline.name);
            let own = [&row.name, &row.split, &row.unit].into_iter();
            own.chain(baseline).chain(&row.notes)
        });
        let texts = named.chain(said.into_iter().flatten()).chain(rows);
        let texts = texts.map(Label::as_str);
        let mut texts = texts.chain(self.artifacts.values().map(PublicPath::as_str));
        texts.find_map(placeholder_in)
    }
}

/// What the Python package takes for a text that is still to be written.
const PLACEHOLDERS: [&str; 7] = [
    concat!("to", "do"),
    "tbd",
    "placeholder",
    "coming soon",
    "fake",
    "dummy",
    "lorem ipsum",
];

fn placeholder_in(text: &str) -> Option<&'static str> {
    let text = text.to_lowercase();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    PLACEHOLDERS.into_iter().find(|word| {
        text.match_indices(word).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + word.len()..].chars().next();
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_stand_alone_are_placeholders() {
        assert_eq!(placeholder_in("results: TBD."), Some("tbd"));
        assert_eq!(placeholder_in("Coming soon"), Some("coming soon"));
        assert_eq!(placeholder_in("fakes, a dummy_split, mastodons"), None);
    }
}
