//! Memory of one task, kept by its thread.

use std::cell::RefCell;

use crate::{attention::Seen, packed_rows::PackedRows, panel::Step};

/// What a task needs besides its input and output. It grows to the largest task and stays.
pub(crate) struct Scratch {
    pub(crate) rows: PackedRows,
    pub(crate) inner_rows: PackedRows,
    pub(crate) values: Vec<f32>,
    pub(crate) more_values: Vec<f32>,
    pub(crate) keys: Vec<Step>,
    pub(crate) values_of_keys: Vec<Step>,
    pub(crate) seen: Vec<Seen>,
    pub(crate) visible: Vec<usize>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = const {
        RefCell::new(Scratch {
            rows: PackedRows::new(),
            inner_rows: PackedRows::new(),
            values: Vec::new(),
            more_values: Vec::new(),
            keys: Vec::new(),
            values_of_keys: Vec::new(),
            seen: Vec::new(),
            visible: Vec::new(),
        })
    };
}

/// Runs one task with the memory of this thread. Tasks do not nest.
pub(crate) fn with_scratch<T>(task: impl FnOnce(&mut Scratch) -> T) -> T {
    SCRATCH.with_borrow_mut(task)
}

/// The first `len` values, as they were left by whatever used them before.
pub(crate) fn at_least<T: Copy + Default>(values: &mut Vec<T>, len: usize) -> &mut [T] {
    if values.len() < len {
        values.resize(len, T::default());
    }
    &mut values[..len]
}
