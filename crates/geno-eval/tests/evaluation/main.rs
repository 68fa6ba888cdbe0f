//! Labels and scores from files to documents.

mod documents;
mod files;
mod join;
mod parity;
mod verdicts;
