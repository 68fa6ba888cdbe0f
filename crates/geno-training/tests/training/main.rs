//! Parts of training, against independent arithmetic.

mod bench;
mod card;
mod checkpoint;
mod collapse;
mod examples;
mod export;
#[path = "../targets/identity.rs"]
mod identity;
mod optimizer;
mod pretrain;
mod run;
