//! Rows that `score` wrote.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use anyhow::{Context, Result};
use serde::Deserialize;

/// What is read of a row.
#[derive(Deserialize)]
pub(crate) struct ScoreRow {
    pub(crate) pos: u64,
    #[serde(rename = "ref")]
    pub(crate) reference: String,
    #[serde(rename = "alt")]
    pub(crate) alternate: String,
    pub(crate) sigma_calibrated: f64,
    pub(crate) bucket_id: String,
}

impl ScoreRow {
    /// Reads all rows of a file.
    pub(crate) fn read(path: &Path) -> Result<Vec<Self>> {
        let file = File::open(path).with_context(|| format!("no scores `{}`", path.display()))?;
        let rows = BufReader::new(file).lines();
        rows.map(|line| Ok(serde_json::from_str(&line?)?)).collect()
    }
}
