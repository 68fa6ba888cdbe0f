//! The receipts themselves: one by one, as a batch, or as one of a batch.

use std::{io::Write, path::Path};

use geno_core::{Coded, Event};
use geno_provenance::{
    BatchError, BatchReceipt, CheckLineError, InclusionProof, ReceiptCheck, ReceiptReader,
};

use super::{
    Args,
    files::{self, VerifyFileError},
};
use crate::failure::{Failure, UsageError};

/// Failures named in full for one file; the rest is counted.
const MAX_NAMED: u64 = 3;

/// Checks every file of receipts; how many receipts there are, and the failures among them.
pub(super) fn check(
    args: &Args,
    check: &ReceiptCheck,
    out: &mut impl Write,
) -> Result<(u64, Vec<Failure>), Failure> {
    let batch = args.batch.as_deref().map(read_batch).transpose()?;
    if let Some(batch) = &batch {
        only_file(args)?;
        batch.check(check)?;
        let (n_receipts, root) = (batch.n_receipts(), batch.root());
        writeln!(out, "batch     ok  {n_receipts} receipts, root {root}")
            .map_err(Failure::stdout)?;
    }
    let whole = batch.as_ref().filter(|_| args.proof.is_none());

    let (mut n_checked, mut failures) = (0, Vec::new());
    for path in &args.receipts {
        let (n_receipts, failed) = check_file(path, check, whole)?;
        let verdict = if failed.is_empty() { "ok" } else { "NO" };
        let path = path.display();
        writeln!(out, "receipts  {verdict}  {n_receipts} in {path}").map_err(Failure::stdout)?;
        n_checked += n_receipts;
        failures.extend(failed);
    }
    if let (Some(batch), Some(proof), true) = (&batch, &args.proof, failures.is_empty()) {
        check_proof(only_file(args)?, batch, proof)?;
        writeln!(out, "proof     ok  {}", proof.display()).map_err(Failure::stdout)?;
    }
    Ok((n_checked, failures))
}

/// A batch is one file, and a proof is of one receipt.
fn only_file(args: &Args) -> Result<&Path, Failure> {
    match &args.receipts[..] {
        [path] => Ok(path),
        _ => Err(UsageError("`--batch` needs a single file of receipts".to_owned()).into()),
    }
}

fn read_batch(path: &Path) -> Result<BatchReceipt, Failure> {
    let batch = BatchReceipt::parse(&files::read(path)?);
    Ok(batch.map_err(|source| VerifyFileError::Batch {
        path: path.to_owned(),
        source,
    })?)
}

fn check_proof(receipt: &Path, batch: &BatchReceipt, proof: &Path) -> Result<(), Failure> {
    let mut receipts = ReceiptReader::new(files::open(receipt)?);
    let (Some(receipt), None) = (receipts.next(), receipts.next()) else {
        return Err(UsageError("`--proof` needs a file with a single receipt".to_owned()).into());
    };
    let proof = InclusionProof::parse(&files::read(proof)?).map_err(|source| {
        let path = proof.to_owned();
        VerifyFileError::Proof { path, source }
    })?;
    Ok(batch.check_proof(&receipt?, &proof)?)
}

/// Checks every receipt of a file; how many there are, and the failures among them.
#[expect(clippy::print_stderr, reason = "every failure is worth a line")]
fn check_file(
    path: &Path,
    check: &ReceiptCheck,
    batch: Option<&BatchReceipt>,
) -> Result<(u64, Vec<Failure>), Failure> {
    let reader = files::open(path)?;
    let mut failures: Vec<Failure> = Vec::new();
    let mut n_named = 0;
    let on_failure = |line: u64, error: CheckLineError| {
        n_named += 1;
        Event::ProvenanceVerifyMismatch {
            kind: "receipt",
            error_code: error.code(),
            expected: None,
            got: None,
        }
        .emit();
        if n_named <= MAX_NAMED {
            let failure = Failure::from(error);
            eprintln!("{}, line {line}: {failure}", path.display());
            failures.push(failure);
        }
    };
    let (summary, of_batch) = match batch {
        Some(batch) => batch.check_stream(check, reader, on_failure),
        None => (check.check_stream(reader, on_failure), Ok(())),
    };
    if summary.n_failed > MAX_NAMED {
        eprintln!("{}: {} more", path.display(), summary.n_failed - MAX_NAMED);
    }
    failures.extend(of_batch.err().map(|error: BatchError| Failure::from(error)));
    Ok((summary.n_receipts, failures))
}
