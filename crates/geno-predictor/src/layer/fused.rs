//! Operations that are one kernel forwards and one backwards, for tensors in this process's memory.
//!
//! Each function gives nothing for tensors of another device, where the operation is composed of the
//! device's own. Results are the same bits for any number of rows and threads.

mod gelu;
mod layer_norm;
#[cfg(test)]
mod tests;

pub(super) use self::{gelu::gelu, layer_norm::layer_norm};
