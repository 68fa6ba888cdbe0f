//! What was done to make a shard.

use std::path::{Path, PathBuf};

use geno_core::Digest;
use geno_provenance::{Json, summary_json};
use serde::{Deserialize, Serialize, Serializer};

use super::allele::AlleleCounts;

/// Rows and alleles of a file, by what became of them.
///
/// Every row is malformed, without an alternate, or gives alleles. Every allele is written, or
/// skipped for one reason.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct RowCounts {
    /// Rows behind the header.
    pub records_read: u64,
    /// Rows that cannot be parsed; the file of rejected rows names them.
    pub malformed_rows: u64,
    /// Rows whose ALT is `.` or empty.
    pub rows_without_alternate: u64,
    /// Alternate alleles of all other rows.
    pub allele_records_seen: u64,
    /// Alleles that a shard does not hold.
    pub skipped_allele: u64,
    /// The same, by kind.
    pub skipped_allele_kinds: AlleleCounts,
    /// Alleles written already for the same position.
    pub skipped_duplicate: u64,
    /// Alleles written.
    pub records_written: u64,
}

impl RowCounts {
    pub(super) fn add(&mut self, other: &Self) {
        self.records_read += other.records_read;
        self.malformed_rows += other.malformed_rows;
        self.rows_without_alternate += other.rows_without_alternate;
        self.allele_records_seen += other.allele_records_seen;
        self.skipped_allele += other.skipped_allele;
        self.skipped_allele_kinds.add(&other.skipped_allele_kinds);
        self.skipped_duplicate += other.skipped_duplicate;
        self.records_written += other.records_written;
    }
}

/// What was done to make a shard. `C` are the counts of its kind.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct ShardReport<C> {
    /// The shard.
    #[serde(serialize_with = "as_displayed")]
    pub output_path: PathBuf,
    /// The rows that cannot be parsed, one a line, if there are any.
    #[serde(serialize_with = "as_displayed_if_any")]
    pub rejected_path: Option<PathBuf>,
    /// The release it is filed under.
    pub release: String,
    /// Version of its columns.
    pub schema_version: String,
    /// SHA-256 of the VCF file as it is stored.
    pub input_sha256: Digest,
    /// Size of the shard.
    pub size_bytes: u64,
    /// Whether the shard was there and is of this input and these settings. The counts are then
    /// those of the run that made it.
    pub already_exists: bool,
    /// Rows and alleles.
    #[serde(flatten)]
    pub counts: C,
}

impl<C: Serialize> ShardReport<C> {
    /// The report as one line of JSON with sorted keys, without a newline, as the Python package
    /// prints its own: with its keys, and more.
    pub fn to_json(&self) -> String {
        let bytes = serde_json::to_vec(self);
        let json = bytes.ok().and_then(|bytes| Json::parse(&bytes).ok());
        let Some(json) = json else {
            panic!("counts and texts are JSON");
        };
        summary_json(&json)
    }
}

fn as_displayed<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&path.display())
}

fn as_displayed_if_any<S: Serializer>(
    path: &Option<PathBuf>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match path {
        Some(path) => as_displayed(path, serializer),
        None => serializer.serialize_none(),
    }
}
