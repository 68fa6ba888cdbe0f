//! Proof that training and evaluation share nothing.

mod check;
mod held_out;
mod proof;
mod report;

pub use self::{
    held_out::HeldOut,
    proof::SplitProof,
    report::{
        CheckReport, CheckStatus, SideReport, SplitCheck, SplitLeak, SplitReport, UnknownCheck,
    },
};
