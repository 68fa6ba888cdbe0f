//! Whether receipts vouch for the scores of a file.

use std::io::BufRead;

use geno_provenance::{Receipt, ReceiptReader};

use crate::scores::Row;

/// Compares the outputs of receipts with the rows of a file of scores, one by one in their order, as
/// `geno-lewm score` writes both.
pub(crate) struct ComparedOutputs {
    receipts: Option<ReceiptReader<Box<dyn BufRead>>>,
    n_rows: u64,
    n_receipts: u64,
    n_different: u64,
    /// What is wrong first, and at which row.
    first: Option<(u64, &'static str)>,
    /// What the first receipt says of the run.
    pub(crate) run: Option<Receipt>,
}

impl ComparedOutputs {
    /// Without receipts nothing is compared.
    pub(crate) fn nothing() -> Self {
        Self {
            receipts: None,
            n_rows: 0,
            n_receipts: 0,
            n_different: 0,
            first: None,
            run: None,
        }
    }

    pub(crate) fn with(receipts: Box<dyn BufRead>) -> Self {
        Self {
            receipts: Some(ReceiptReader::new(receipts)),
            ..Self::nothing()
        }
    }

    /// Takes the next row, and the next receipt.
    pub(crate) fn compare(&mut self, row: &Row) {
        self.n_rows += 1;
        let Some(receipts) = &mut self.receipts else {
            return;
        };
        let Some(receipt) = receipts.next() else {
            return;
        };
        self.n_receipts += 1;
        let fault = match &receipt {
            Err(_) => Some("the receipt cannot be read"),
            Ok(receipt) => difference(receipt, row),
        };
        if let Some(fault) = fault {
            self.n_different += 1;
            self.first.get_or_insert((self.n_rows, fault));
        }
        if self.run.is_none() {
            self.run = receipt.ok();
        }
    }

    /// Takes the receipts that are left.
    pub(crate) fn finish(&mut self) {
        if let Some(receipts) = &mut self.receipts {
            // A file without any receipt gives one error, which is no receipt.
            let n_left = receipts.filter(Result::is_ok).count();
            self.n_receipts += n_left as u64;
        }
    }

    /// What the comparison came to, if there was one: how many agree, or what does not.
    pub(crate) fn outcome(&self) -> Option<Result<u64, String>> {
        self.receipts.as_ref()?;
        let (n_rows, n_receipts) = (self.n_rows, self.n_receipts);
        Some(match self.first {
            Some((row, fault)) => Err(format!(
                "{} of {n_rows} rows do not agree; first at row {row}: {fault}",
                self.n_different
            )),
            None if n_rows != n_receipts => {
                Err(format!("{n_rows} scores, but {n_receipts} receipts"))
            }
            None => Ok(n_rows),
        })
    }
}

fn difference(receipt: &Receipt, row: &Row) -> Option<&'static str> {
    let output = receipt.output();
    let numbers = [
        (output.sigma_raw(), row.sigma_raw),
        (output.sigma_calibrated(), row.percentile),
        (output.confidence(), row.confidence),
    ];
    if output.commitment() != receipt.output_commitment() {
        return Some("the receipt commits to another output than it states");
    }
    let is_same = numbers.iter().all(|(a, b)| a == b)
        && output.bucket_id() == row.bucket
        && output.low_confidence() == row.low_confidence;
    (!is_same).then_some("the receipt states another output")
}
