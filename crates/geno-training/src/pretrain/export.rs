//! The folder of an encoder.

use std::{fs, io::Write, path::Path};

use geno_encoder::EncoderFiles;
use geno_provenance::AtomicFolder;

use super::error::PretrainError;

/// Writes the files of an encoder as a new folder. One that holds these files already is left as it
/// is: a run that was stopped after writing it goes on.
pub(super) fn write_encoder(path: &Path, files: &EncoderFiles<'_>) -> Result<(), PretrainError> {
    let configs = [
        ("config.json", &files.config),
        ("dna_config.json", &files.dna_config),
    ];
    let weights = files
        .weights
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes));
    let all: Vec<_> = configs.into_iter().chain(weights).collect();
    if path.exists() {
        let is_same = all
            .iter()
            .all(|(name, bytes)| fs::read(path.join(name)).is_ok_and(|found| found == ***bytes));
        return match is_same {
            true => Ok(()),
            false => Err(PretrainError::OtherEncoder {
                path: path.to_owned(),
            }),
        };
    }
    let folder = AtomicFolder::create(path)?;
    for (name, bytes) in all {
        folder.write(name, |file| file.write_all(bytes))?;
    }
    Ok(folder.commit()?)
}
