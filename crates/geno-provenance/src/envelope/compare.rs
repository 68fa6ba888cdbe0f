//! What differs between the states that two runs stood on.

use std::{collections::BTreeSet, fmt};

use super::Envelope;
use crate::Json;

/// One of the three kinds of state.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum StateKind {
    /// Version and commit of the program.
    Code,
    /// The input, files and configurations.
    Data,
    /// What was registered in the program.
    Pipeline,
}

/// A field that differs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EnvelopeDifference {
    /// The kind of state it belongs to.
    pub kind: StateKind,
    /// Its path, such as `data.artifacts.model/predictor.safetensors.digest`.
    pub field: String,
    /// Its value in the first envelope, if it is there.
    pub first: Option<Json>,
    /// Its value in the second envelope, if it is there.
    pub second: Option<Json>,
}

impl StateKind {
    /// The name of the kind, which is its key in an envelope.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Data => "data",
            Self::Pipeline => "pipeline",
        }
    }
}

impl fmt::Display for StateKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Lists what differs between two envelopes, the time left out: code, then data, then pipeline,
/// by field.
///
/// It is empty exactly if the two have one [`Envelope::digest`]. The count of files is left out,
/// since it follows from the files.
pub fn diff(first: &Envelope, second: &Envelope) -> Vec<EnvelopeDifference> {
    let (first, second) = (first.state(), second.state());
    let mut differences = Vec::new();
    for kind in [StateKind::Code, StateKind::Data, StateKind::Pipeline] {
        let (first, second) = (first.get(kind.as_str()), second.get(kind.as_str()));
        compare(kind, kind.as_str(), first, second, &mut differences);
    }
    differences
}

fn compare(
    kind: StateKind,
    field: &str,
    first: Option<&Json>,
    second: Option<&Json>,
    differences: &mut Vec<EnvelopeDifference>,
) {
    if first == second || field == "data.artifact_count" {
        return;
    }
    if let (Some(Json::Object(a)), Some(Json::Object(b))) = (first, second) {
        let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
        for key in keys {
            let field = format!("{field}.{key}");
            compare(kind, &field, a.get(key), b.get(key), differences);
        }
        return;
    }
    differences.push(EnvelopeDifference {
        kind,
        field: field.to_owned(),
        first: first.cloned(),
        second: second.cloned(),
    });
}
