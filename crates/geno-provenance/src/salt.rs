//! Salts that keep inputs from being guessed from their commitments.

use std::{fmt, str::FromStr};

use geno_core::{Coded, Digest, ErrorCode, hmac_sha256};

/// The secret of a run, from which each row's salt follows.
///
/// Whoever has it can open every commitment of the run; a [`RowSalt`] opens one. It is written to a
/// file of its own as 64 hexadecimal digits, never to a receipt, and never shown otherwise.
#[derive(Clone, Eq, PartialEq)]
pub struct MasterSalt([u8; 32]);

/// What makes one commitment impossible to guess.
///
/// ```
/// use geno_provenance::MasterSalt;
///
/// let master = MasterSalt::from_bytes([7; 32]);
/// assert_ne!(master.row(1), master.row(2));
/// let hex = master.row(1).to_hex();
/// assert_eq!(hex.parse(), Ok(master.row(1)));
/// # Ok::<_, geno_provenance::ParseSaltError>(())
/// ```
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct RowSalt(Digest);

/// A text that is no salt.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected a salt of 64 lowercase hexadecimal digits")]
pub struct ParseSaltError;

impl Coded for ParseSaltError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl MasterSalt {
    /// Wraps 32 bytes, which must come from a source of randomness fit for keys.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The salt of a row: HMAC-SHA-256 of its number, as eight big-endian bytes, under the secret.
    ///
    /// Rows count from 1, as `row_index` does; a variant scored by itself is row 0.
    pub fn row(&self, row: u64) -> RowSalt {
        RowSalt(hmac_sha256(&self.0, &row.to_be_bytes()))
    }

    /// What stands in the secret's file: its hexadecimal digits and a newline.
    pub fn to_file(&self) -> Vec<u8> {
        format!("{}\n", Digest::from_bytes(self.0).to_hex()).into_bytes()
    }
}

impl RowSalt {
    /// The 64 hexadecimal digits.
    pub fn to_hex(self) -> String {
        self.0.to_hex()
    }
}

fn parse(text: &str) -> Result<Digest, ParseSaltError> {
    format!("sha256:{text}").parse().map_err(|_| ParseSaltError)
}

impl FromStr for MasterSalt {
    type Err = ParseSaltError;

    fn from_str(text: &str) -> Result<Self, ParseSaltError> {
        Ok(Self(*parse(text.trim_end())?.as_bytes()))
    }
}

impl FromStr for RowSalt {
    type Err = ParseSaltError;

    fn from_str(text: &str) -> Result<Self, ParseSaltError> {
        parse(text).map(Self)
    }
}

impl fmt::Debug for MasterSalt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterSalt(..)")
    }
}

impl fmt::Debug for RowSalt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RowSalt(..)")
    }
}
