//! What a pretraining run stood on.

use std::path::Path;

use geno_app::config::Settings;
use geno_data::Fasta;
use geno_provenance::{EnvelopeDraft, FileRecord, InputIdentity, Label, PublicPath};
use geno_runtime::registered_pipeline;
use geno_training::Pretrained;

use crate::{
    failure::{Failure, ReadError},
    run_state::run_state,
};

/// Writes `envelope.json` into the folder of a run.
pub(super) fn write(
    folder: &Path,
    fastas: &[Fasta],
    pretrained: &Pretrained,
    settings: &Settings,
) -> Result<(), Failure> {
    let mut artifacts = Vec::new();
    for (i, fasta) in fastas.iter().enumerate() {
        let (digest, size) = fasta.digest().map_err(|source| ReadError {
            path: fasta.path().to_owned(),
            source,
        })?;
        let name = PublicPath::new(format!("fasta/{}", i + 1))?;
        artifacts.push((name, FileRecord { digest, size }));
    }
    let run = run_state(settings)?;
    let draft = EnvelopeDraft {
        code: run.code,
        input: InputIdentity {
            kind: Label::new("corpus")?,
            digest: pretrained.corpus,
            layout: None,
        },
        artifacts,
        configs: run.configs,
        pipeline: registered_pipeline(),
        started: run.started,
    };
    Ok(draft.freeze()?.write(&folder.join("envelope.json"))?)
}
