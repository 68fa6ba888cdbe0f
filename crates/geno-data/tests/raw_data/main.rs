//! Raw data of testing services, turned into VCF.

mod build;
mod files;
mod formats;
mod hostile;
mod parity;
mod services;
