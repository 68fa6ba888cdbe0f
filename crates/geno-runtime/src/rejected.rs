//! The sidecar of rows that could not be scored.

use geno_data::RejectedRow;
use geno_provenance::{Json, summary_json};

/// One rejected row as a line of JSON, without a newline.
pub(crate) fn to_json(row: &RejectedRow) -> String {
    let text = |text: &Option<String>| text.as_deref().map_or(Json::Null, Json::from);
    summary_json(&Json::object([
        ("line", row.line.into()),
        ("code", row.code().as_str().into()),
        ("reason", row.reason.to_string().into()),
        ("chrom", text(&row.chrom)),
        ("pos", text(&row.pos)),
        ("ref", text(&row.reference)),
        ("alt", text(&row.alternate)),
    ]))
}
