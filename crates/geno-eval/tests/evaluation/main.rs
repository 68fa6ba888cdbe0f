//! Labels and scores from files to documents.

mod built_in;
mod documents;
mod files;
mod join;
mod parity;
mod tables;
mod verdicts;
