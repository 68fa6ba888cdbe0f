//! Configuration: one table of keys, and layers of files, environment and arguments over its
//! defaults.
//!
//! [`KEYS`] is all there is: what a key holds, its default and range, its name in the environment,
//! who reads it and what it means. Validation, [`explain`], [`json_schema`], [`markdown_table`] and
//! [`Effective::to_yaml`] all come from it.
//!
//! Nothing here reads the environment or prints: [`Layers`] is given what there is.

mod effective;
mod explain;
mod fault;
mod file;
mod key;
mod keys;
mod kind;
mod layers;
mod origin;
mod scalar;
mod schema;
mod settings;
mod training;
mod value;
mod yaml;

pub use self::{
    effective::{Effective, Entry},
    explain::{explain, markdown_table},
    fault::{ConfigError, Fault, Problem, UnknownKeyError},
    key::{Key, PREFIX, Readers, nearest},
    keys::KEYS,
    kind::Kind,
    layers::{Layers, Warning},
    origin::Origin,
    schema::json_schema,
    settings::{Paths, Settings},
    value::Value,
    yaml::SyntaxError,
};
