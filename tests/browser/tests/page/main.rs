//! The page in a real browser.

mod hostile;
mod kept;
mod keys;
mod look;
mod quiet;
mod table;
