//! Operations that are one kernel forwards and one backwards, for tensors in this process's memory.
//!
//! Each function gives nothing for tensors of another device, where the operation is composed of the
//! device's own. Results are the same bits for any number of threads.

mod attention;
mod gate;
mod next_token;
mod norm;
#[cfg(test)]
mod tests;

pub(super) use self::{attention::attention, gate::gate, next_token::loss, norm::rms_norm};
