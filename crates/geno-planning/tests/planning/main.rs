//! Searches over edits, against enumerations and planted optima.

mod guides;
mod hostile;
mod legacy;
mod limits;
mod sampler;
mod solvers;
mod space;
mod toy;
