//! Classes of the surroundings of an edit, by the words that annotations use for them.

pub(crate) mod region;
pub(crate) mod repeat;
mod terms;
