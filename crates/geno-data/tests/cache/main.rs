//! The window-state cache: what goes in comes out, and nothing else ever does.

mod damage;
#[cfg(feature = "parquet")]
mod peer;
mod states;
mod store;
mod upkeep;
