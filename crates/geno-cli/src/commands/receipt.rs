//! `geno-lewm receipt`: make and prove batch receipts, and show the salt of a row.

use std::{
    fs::File,
    io::{self, BufReader, Write},
    path::{Path, PathBuf},
};

use geno_core::{Coded, ErrorCode};
use geno_provenance::{
    BatchBuilder, MerkleTree, ReceiptReader, canonical_json, leaf_hash, write_atomic,
};

use crate::{clock, failure::Failure, salt_file};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Write one receipt over all receipts of a run
    Batch {
        /// Receipts, one a line
        #[arg(value_name = "RECEIPTS")]
        receipts: PathBuf,
        /// The batch receipt
        #[arg(long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Write the proof that one receipt belongs to its batch
    Prove {
        /// Receipts, one a line: all of the batch
        #[arg(value_name = "RECEIPTS")]
        receipts: PathBuf,
        /// The receipt, counted from 1 as its `row_index`
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
        row: u64,
        /// The proof
        #[arg(long, value_name = "PROOF")]
        output: PathBuf,
    },
    /// Print the salt of one row, which opens that row's commitment and no other
    Salt {
        /// The secret that `score --salt` wrote
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The row, as its receipt's `row_index`; 0 for a variant scored by itself
        #[arg(long, value_name = "N")]
        row: u64,
    },
}

/// Receipts that cannot be used.
#[derive(Debug, thiserror::Error)]
enum ReceiptsError {
    #[error("cannot read `{}`", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("there is no receipt {row}, but {n_receipts} in all")]
    NoRow { row: u64, n_receipts: u64 },
}

impl Coded for ReceiptsError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Io { source, .. } => ErrorCode::of_io(source),
            Self::NoRow { .. } => ErrorCode::InputGeneric,
        }
    }
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    match &args.action {
        Action::Batch { receipts, output } => batch(receipts, output),
        Action::Prove {
            receipts,
            row,
            output,
        } => prove(receipts, *row, output),
        Action::Salt { file, row } => {
            let salt = salt_file::read(file)?.row(*row);
            writeln!(io::stdout(), "{}", salt.to_hex()).map_err(Failure::stdout)
        }
    }
}

fn open(path: &Path) -> Result<ReceiptReader<BufReader<File>>, Failure> {
    let file = File::open(path).map_err(|source| ReceiptsError::Io {
        path: path.to_owned(),
        source,
    })?;
    Ok(ReceiptReader::new(BufReader::with_capacity(1 << 18, file)))
}

fn batch(receipts: &Path, output: &Path) -> Result<(), Failure> {
    let mut batch = BatchBuilder::new();
    for receipt in open(receipts)? {
        batch.push(&receipt?)?;
    }
    let batch = batch.seal(clock::now()?)?;
    write_atomic(output, |out| out.write_all(&batch.to_line()))?;
    let (n_receipts, root) = (batch.n_receipts(), batch.root());
    writeln!(io::stdout(), "{n_receipts} receipts, root {root}").map_err(Failure::stdout)
}

fn prove(receipts: &Path, row: u64, output: &Path) -> Result<(), Failure> {
    let mut tree = MerkleTree::watching(row - 1);
    for receipt in open(receipts)? {
        tree.push(leaf_hash(&canonical_json(&receipt?.to_json())));
    }
    let (n_receipts, root) = (tree.n_leaves(), tree.root());
    let Some(proof) = tree.into_proof() else {
        return Err(ReceiptsError::NoRow { row, n_receipts }.into());
    };
    write_atomic(output, |out| out.write_all(&proof.to_line()))?;
    writeln!(io::stdout(), "receipt {row} of {n_receipts}, root {root}").map_err(Failure::stdout)
}
