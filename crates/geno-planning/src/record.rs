//! Edits as files show them.

use geno_action::{Haplotype, RelEdit};
use serde::{Serialize, Serializer};

#[derive(Serialize)]
struct EditRecord<'e> {
    rel_pos: usize,
    edit_type: &'static str,
    edit_type_id: u8,
    ref_bases: &'e str,
    alt_bases: &'e str,
}

pub(crate) fn edits<S: Serializer>(edits: &[RelEdit], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(edits.iter().map(|edit| EditRecord {
        rel_pos: edit.rel_pos(),
        edit_type: edit.edit_type().as_str(),
        edit_type_id: edit.edit_type().id(),
        ref_bases: edit.reference(),
        alt_bases: edit.alternate(),
    }))
}

pub(crate) fn haplotype<S: Serializer>(
    haplotype: &Haplotype,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    edits(haplotype.edits(), serializer)
}
