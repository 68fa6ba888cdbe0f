//! What a checkpoint was made from, as its own file says.

use std::collections::BTreeMap;

use geno_core::Digest;
use geno_provenance::{Json, canonical_json};
use geno_weights::WeightFile;

/// The key of a weight file's metadata that holds it.
const KEY: &str = "geno_lewm.lineage";
/// The most steps that are read.
const MAX_STEPS: usize = 64;

/// What a checkpoint was made from, the first checkpoint first.
///
/// It stands in the metadata of the weight file, so the file's own hash covers it. It is a claim:
/// only making the file again proves it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Lineage {
    /// The steps; at least one.
    pub steps: Vec<LineageStep>,
}

/// One step from a checkpoint to the next.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LineageStep {
    /// Digest of the checkpoint before the step, as a manifest holds it.
    pub from: Digest,
    /// What was done: `slice`, `convert to bf16`.
    pub did: String,
    /// Program and version that did it.
    pub by: String,
}

impl Lineage {
    /// Reads the claim of a weight file. A file of another kind, or without a claim that can be
    /// read, has none.
    pub(crate) fn read(file: &[u8]) -> Option<Self> {
        let file = WeightFile::parse(file).ok()?;
        Self::of_metadata(file.metadata())
    }

    pub(crate) fn of_metadata(metadata: &BTreeMap<String, String>) -> Option<Self> {
        let Json::Array(listed) = Json::parse(metadata.get(KEY)?.as_bytes()).ok()? else {
            return None;
        };
        let text = |step: &Json, key| Some(step.get(key)?.as_str()?.to_owned());
        let step = |step: &Json| {
            Some(LineageStep {
                from: text(step, "from")?.parse().ok()?,
                did: text(step, "did")?,
                by: text(step, "by")?,
            })
        };
        let steps: Option<Vec<_>> = listed.iter().map(step).collect();
        let steps = steps.filter(|steps| (1..=MAX_STEPS).contains(&steps.len()))?;
        Some(Self { steps })
    }

    /// The lineage of what is made from a checkpoint with the lineage `before`.
    pub fn after(before: Option<Self>, step: LineageStep) -> Self {
        let mut steps = before.map_or_else(Vec::new, |before| before.steps);
        steps.push(step);
        Self { steps }
    }

    /// The metadata of a weight file. `format` is what readers of the Python world ask for.
    pub fn to_metadata(&self) -> BTreeMap<String, String> {
        let steps = self.steps.iter().map(|step| {
            Json::object([
                ("by", Json::from(&*step.by)),
                ("did", Json::from(&*step.did)),
                ("from", step.from.into()),
            ])
        });
        let steps = canonical_json(&Json::Array(steps.collect()));
        let steps = String::from_utf8(steps).expect("JSON is text");
        [("format", "pt"), (KEY, &steps)]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into()
    }

    /// What was done since a checkpoint, if it is among those that this one was made from.
    pub fn since(&self, original: Digest) -> Option<String> {
        let at = self.steps.iter().position(|step| step.from == original)?;
        let done: Vec<_> = self.steps[at..]
            .iter()
            .map(|step| step.did.as_str())
            .collect();
        Some(done.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(from: &[u8], did: &str) -> LineageStep {
        LineageStep {
            from: Digest::of(from),
            did: did.to_owned(),
            by: "geno-lewm 0.3.0".to_owned(),
        }
    }

    #[test]
    fn a_lineage_reads_back_and_grows() {
        let first = Lineage::after(None, step(b"a", "slice"));
        let read = Lineage::of_metadata(&first.to_metadata());
        assert_eq!(read.as_ref(), Some(&first));
        let second = Lineage::after(read, step(b"b", "convert to bf16"));
        assert_eq!(
            second.since(Digest::of(b"a")).as_deref(),
            Some("slice, convert to bf16")
        );
        assert_eq!(second.since(Digest::of(b"c")), None);
    }

    #[test]
    fn claims_that_cannot_be_read_are_none() {
        for text in [
            "",
            "[]",
            "{}",
            "[1]",
            r#"[{"by":"b","did":"d","from":"sha256:0"}]"#,
        ] {
            let metadata = BTreeMap::from([(KEY.to_owned(), text.to_owned())]);
            assert_eq!(Lineage::of_metadata(&metadata), None, "{text}");
        }
    }
}
