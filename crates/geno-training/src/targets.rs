//! States to train on, computed once by the frozen encoder and kept on disk.
//!
//! An [`Example`] is one source state, its edits, and one state for each of them. [`BuildTargets`]
//! draws examples and encodes them into a folder; a [`TargetSet`] gives them back, in any order and
//! without an encoder.
//!
//! # The folder
//!
//! | file | what |
//! |---|---|
//! | `targets.json` | what the states are and were drawn from ([`TargetIdentity`]), counts, and every part's sizes and SHA-256 |
//! | `part-00000.states` | `f32`, little-endian, `[n_rows, d_state]`: of each example its source state, then one row an edit |
//! | `part-00000.jsonl` | the examples in the same order, one a line |
//!
//! Parts are written in order, each whole or not at all, and `targets.json` again after each. Bytes
//! depend on the identity alone: not on the number of threads, nor on where a run was interrupted.

mod build;
mod counts;
mod disjoint;
mod example;
mod example_line;
mod identity;
mod manifest;
mod open_error;
mod part;
mod set;
mod source;
mod write;

#[cfg(feature = "experimental")]
pub(crate) use self::build::{Planned, encode_passes, passes};
pub use self::{
    build::{BuildTargets, BuildTargetsError, TargetProgress, TargetsReport},
    counts::{LeftOut, TargetCounts},
    disjoint::{Overlap, Separation, disjoint},
    example::{Example, ExampleEdit, ExampleFault, ExampleKind, ExamplePlace},
    example_line::ExampleLineError,
    identity::{
        DrawnIdentity, EncoderDigests, StatesIdentity, TargetIdentity, TargetWindows,
        TokenSettings, TuplesIdentity,
    },
    open_error::OpenTargetsError,
    set::{TargetFolder, TargetSet},
    source::ExampleSource,
    write::{ExampleStates, TargetWriter, WriteTargetsError},
};
