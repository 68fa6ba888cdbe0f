//! Checks against tensors computed by geno-lewm 0.2.1, and of what must hold between batches.

mod actions;
mod architectures;
mod base_actions;
mod causal;
mod forward;
mod golden;
mod losses;
mod misfits;
mod native;
mod native_base_actions;
mod native_causal;
mod rollout;
mod rows;
mod scores;
mod weights;
