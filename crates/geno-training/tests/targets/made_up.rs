//! Small folders of targets with made-up states.

use std::path::{Path, PathBuf};

use geno_action::RelEdit;
use geno_data::EditSource;
use geno_training::{
    Example, ExampleEdit, ExampleKind, ExamplePlace, ExampleSource, ExampleStates, LeftOut,
    TargetIdentity, TargetWriter, WriteTargetsError,
};
use tempfile::TempDir;

use crate::identity;

/// Width of the made-up states.
pub(crate) const D_STATE: usize = 3;
const WINDOW: &[u8] = b"AAAAAACGTACGTTTTTTGGAACC";

pub(crate) fn identity() -> TargetIdentity {
    identity::identity(D_STATE, 7)
}

pub(crate) fn edit(rel_pos: usize, reference: &str, alternate: &str) -> ExampleEdit {
    let edit = RelEdit::new(rel_pos, reference, alternate).expect("an edit");
    ExampleEdit::in_window(edit, WINDOW)
}

/// Three alternatives of one token, in a window that begins here.
pub(crate) fn alternatives(contig: &str, window_start: u64) -> Example {
    let edits = vec![edit(6, "C", "A"), edit(7, "G", "GT"), edit(11, "G", "T")];
    let (kind, source) = (ExampleKind::Alternatives, ExampleSource::Saturated);
    Example::new(kind, source, Some(place(contig, window_start)), 6, edits).expect("an example")
}

/// Two edits of a haplotype.
pub(crate) fn trajectory(contig: &str, window_start: u64) -> Example {
    let edits = vec![edit(9, "AC", "A"), edit(18, "G", "C")];
    let (kind, source) = (
        ExampleKind::Trajectory,
        ExampleSource::Tuple(EditSource::Phased),
    );
    Example::new(kind, source, Some(place(contig, window_start)), 9, edits).expect("an example")
}

fn place(contig: &str, window_start: u64) -> ExamplePlace {
    ExamplePlace {
        contig: contig.to_owned(),
        window_start,
        window_bp: WINDOW.len() as u64,
    }
}

/// An example with states that begin with this number.
pub(crate) fn states(example: Example, first: u16) -> ExampleStates {
    let n = (1 + example.edits().len()) * D_STATE;
    let numbers = (0..n).map(|i| f32::from(first) + i as f32 / 8.0);
    ExampleStates {
        example,
        states: numbers.collect(),
    }
}

/// Writes parts of examples as a whole folder.
pub(crate) fn write(
    folder: &Path,
    identity: TargetIdentity,
    parts: &[Vec<ExampleStates>],
) -> Result<(), WriteTargetsError> {
    let mut writer = TargetWriter::create(folder, identity)?;
    for part in parts {
        writer.write(part, &LeftOut::default())?;
    }
    writer.finish()
}

/// A first part of two examples, an empty one, and a last one of one example.
pub(crate) fn parts() -> Vec<Vec<ExampleStates>> {
    vec![
        vec![
            states(alternatives("20", 1_000), 1),
            states(trajectory("20", 2_000), 2),
        ],
        Vec::new(),
        vec![states(alternatives("chr20", 3_000), 3)],
    ]
}

/// A folder of these parts, inside one that lasts as long.
pub(crate) fn folder() -> Result<(TempDir, PathBuf), Box<dyn std::error::Error>> {
    let root = tempfile::tempdir()?;
    let folder = root.path().join("targets");
    write(&folder, identity(), &parts())?;
    Ok((root, folder))
}
