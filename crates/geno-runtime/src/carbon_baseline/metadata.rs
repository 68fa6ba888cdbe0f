//! What a baseline says of itself.

use std::{io::Write, path::Path};

use geno_provenance::{Json, Timestamp, indented_json, write_atomic};

use super::{
    CarbonBaseline, CarbonBaselineError, CarbonModel,
    row::{GENERATED_BY, SCHEMA_VERSION, SCORE_FIELD},
};
use crate::{input_files::InputFiles, outputs::RejectedCounts};

/// What a run had of its cache.
#[derive(Clone, Copy)]
pub(super) struct CacheUse {
    /// Rows that this model and recipe can use.
    pub(super) entries: u64,
    /// Edits that were found.
    pub(super) hits: u64,
}

/// The summary of a run: the fields that geno-lewm 0.2.1 has, and how scores were made.
pub(super) struct Metadata<'a> {
    pub(super) model: &'a CarbonModel,
    pub(super) request: &'a CarbonBaseline<'a>,
    pub(super) started: Timestamp,
    pub(super) scored: u64,
    pub(super) rejected: &'a RejectedCounts,
    pub(super) files: &'a InputFiles,
    pub(super) cache: Option<CacheUse>,
}

impl Metadata<'_> {
    pub(super) fn write(&self, path: &Path) -> Result<(), CarbonBaselineError> {
        let text = indented_json(&self.to_json());
        Ok(write_atomic(path, |out| writeln!(out, "{text}"))?)
    }

    fn to_json(&self) -> Json {
        let (model, request, recipe) = (self.model, self.request, self.request.recipe);
        let name = |path: &Path| Json::from(public_name(path, request.artifact_root));
        let hits = self.cache.map_or(0, |cache| cache.hits);
        let rejected = self.rejected.iter();
        let rejected = rejected.map(|(code, n)| (*code, Json::from(*n)));
        let mut fields = vec![
            ("schema_version", SCHEMA_VERSION.into()),
            ("generated_by", GENERATED_BY.into()),
            ("generated_at", self.started.to_string().into()),
            ("carbon_model", model.public_name()),
            ("carbon_revision", model.revision().into()),
            ("carbon_weights", model.weights().into()),
            ("dtype", model.dtype().as_str().into()),
            ("kernel", model.carbon.kernel().as_str().into()),
            ("version", env!("CARGO_PKG_VERSION").into()),
            ("vcf", name(request.vcf)),
            ("vcf_sha256", self.files.vcf.digest.to_hex().into()),
            ("fasta", name(request.fasta)),
            ("fasta_sha256", self.files.fasta.digest.to_hex().into()),
            ("output_scores", name(request.output)),
            ("score_field", SCORE_FIELD.into()),
            ("records", self.scored.into()),
            ("rejected", Json::object(rejected)),
            ("window_bp", recipe.window_bp().into()),
            ("recipe", recipe.as_str().into()),
            ("softmax", recipe.softmax(model.domain).into()),
            ("logp_cache", request.cache.map_or(Json::Null, name)),
            (
                "logp_cache_entries",
                self.cache.map_or(0, |cache| cache.entries).into(),
            ),
            (
                "new_logp_evaluations",
                self.scored.saturating_sub(hits).into(),
            ),
            ("local_files_only", true.into()),
        ];
        if let Some(delta) = recipe.delta() {
            fields.push(("level", delta.level.as_str().into()));
            fields.push(("strands", delta.strands.as_str().into()));
            fields.push(("phases", (delta.phases.get() as u64).into()));
        }
        Json::object(fields)
    }
}

/// A name without what lies above the root, which is nobody's business: below it the path, else the
/// last part.
fn public_name(path: &Path, root: Option<&Path>) -> String {
    let below = root.and_then(|root| path.strip_prefix(root).ok());
    let last = || path.file_name().map(Path::new);
    let name = below.or_else(last).unwrap_or(path);
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_begin_below_the_root_or_hold_no_folder() {
        let (root, path) = (Path::new("/data/run"), Path::new("/data/run/out/s.jsonl"));
        assert_eq!(public_name(path, Some(root)), "out/s.jsonl");
        assert_eq!(public_name(path, Some(Path::new("/srv"))), "s.jsonl");
        assert_eq!(public_name(path, None), "s.jsonl");
    }
}
