//! Checking the package of a run against its files.

use std::{fs, path::Path};

use crate::{Artifact, Fields, Json, PublicPath, ReadFileError};

use super::{
    ArtifactKind, PREFLIGHT_REPORT, PackageRunError, RUN_CARD, RUN_CHECKSUMS, RUN_MANIFEST,
    ReadRunError, RunArtifact, RunMetadata, RunPackage, card::card, check::RunFault,
    read::RunFiles,
};

impl RunPackage {
    /// Reads the manifest in the folder of a run, and checks every file against it: the files of the
    /// run, the card and the checksums.
    ///
    /// With `release`, a preflight must belong to the run, under its usual name.
    ///
    /// # Errors
    ///
    /// [`PackageRunError`] with the first file that is not as the manifest says.
    pub fn verify(run_dir: &Path, release: bool) -> Result<Self, PackageRunError> {
        let fault = |name: &str, fault: RunFault| PackageRunError::Fault {
            path: run_dir.join(name),
            fault,
        };
        let manifest = read(run_dir, RUN_MANIFEST)?;
        let (metadata, stated) = parse(manifest.as_bytes()).map_err(|f| fault(RUN_MANIFEST, f))?;
        let time = metadata.origin.time;
        let time = time.ok_or_else(|| fault(RUN_MANIFEST, RunFault::Stale(RUN_MANIFEST)))?;
        let package = Self::of(run_dir, metadata, time)?;
        for (found, stated) in package.artifacts.iter().zip(&stated) {
            if found != stated {
                let path = stated.identity.path.clone();
                return Err(fault(RUN_MANIFEST, RunFault::Changed(path)));
            }
        }
        let card = card(&package);
        let checksums = package.checksums(&manifest, &card).to_text();
        for (name, expected) in [
            (RUN_MANIFEST, &package.manifest()),
            (RUN_CARD, &card),
            (RUN_CHECKSUMS, &checksums),
        ] {
            if read(run_dir, name)? != *expected {
                return Err(fault(name, RunFault::Stale(name)));
            }
        }
        let report = package.metadata.preflight_report.as_ref();
        if release && report.map(PublicPath::as_str) != Some(PREFLIGHT_REPORT) {
            let missing = RunFault::Preflight("a release needs one, under its usual name");
            return Err(fault(RUN_MANIFEST, missing));
        }
        Ok(package)
    }
}

fn read(run_dir: &Path, name: &str) -> Result<String, ReadFileError> {
    let path = run_dir.join(name);
    fs::read_to_string(&path).map_err(|source| ReadFileError { path, source })
}

/// Takes a manifest apart: the record, and the files as it states them, in its order.
fn parse(bytes: &[u8]) -> Result<(RunMetadata, Vec<RunArtifact>), RunFault> {
    let document = Json::parse(bytes).map_err(ReadRunError::from)?;
    let mut fields = Fields::of_document(document).map_err(ReadRunError::from)?;
    let mut stated = Vec::new();
    for mut file in fields.objects("artifacts").map_err(ReadRunError::from)? {
        stated.push(artifact(&mut file)?);
        file.finish().map_err(ReadRunError::from)?;
    }
    let metadata = RunMetadata::take(fields, files(&stated)?)?;
    Ok((metadata, stated))
}

fn artifact(fields: &mut Fields) -> Result<RunArtifact, ReadRunError> {
    let kind = fields.string("kind")?;
    let known = ArtifactKind::ALL
        .into_iter()
        .find(|known| known.as_str() == kind);
    // What it says in words follows from the kind, and is compared with all else.
    fields.string("description")?;
    Ok(RunArtifact {
        kind: known.ok_or(ReadRunError::Kind(kind))?,
        identity: Artifact::take(fields)?,
    })
}

/// The files by kind.
fn files(stated: &[RunArtifact]) -> Result<RunFiles, RunFault> {
    let of = |kind| -> Vec<PublicPath> {
        let files = stated.iter().filter(|file| file.kind == kind);
        files.map(|file| file.identity.path.clone()).collect()
    };
    let only = |kind| match &of(kind)[..] {
        [path] => Ok(path.clone()),
        paths => Err(RunFault::Count {
            kind,
            found: paths.len(),
        }),
    };
    let preflight = ArtifactKind::TrainingPreflight;
    let preflight_report = match of(preflight).is_empty() {
        true => None,
        false => Some(only(preflight)?),
    };
    Ok(RunFiles {
        dataset_manifest: only(ArtifactKind::DatasetManifest)?,
        training_config: only(ArtifactKind::TrainingConfig)?,
        metrics: only(ArtifactKind::Metrics)?,
        preflight_report,
        logs: of(ArtifactKind::Log),
        checkpoint_files: of(ArtifactKind::Checkpoint),
    })
}
