//! What a run reads, and its digests.

use std::{
    fs::File,
    path::Path,
    thread::{Scope, ScopedJoinHandle},
};

use geno_core::Digest;
use geno_data::{Fasta, VcfError};
use geno_provenance::FileRecord;

use crate::run_vcf::RunVcfError;

/// What a run read beside its model.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InputFiles {
    /// The VCF as it is stored: the bytes that the rows came from.
    pub vcf: FileRecord,
    /// The FASTA as it is stored.
    pub fasta: FileRecord,
    /// The `.fai` index of the FASTA, the same whether it was read or made.
    pub fasta_index: FileRecord,
    /// The label sets that a background was compared with, as they are stored.
    pub labels: Vec<FileRecord>,
    /// Genes, regions and repeats that variants were looked up in, as they are stored.
    pub context: Vec<FileRecord>,
}

/// The digests of a run's inputs.
#[derive(Clone, Copy)]
pub(crate) struct Hashed {
    /// `None` where the VCF is a stream, or nobody asked before it is read to its end.
    pub(crate) vcf: Option<FileRecord>,
    pub(crate) fasta: FileRecord,
    pub(crate) fasta_index: FileRecord,
}

impl Hashed {
    /// With the digest of the VCF, if that is what was found at first.
    pub(crate) fn with_vcf(self, vcf: FileRecord) -> Option<InputFiles> {
        let is_same = self.vcf.is_none_or(|hashed| hashed == vcf);
        is_same.then_some(InputFiles {
            vcf,
            fasta: self.fasta,
            fasta_index: self.fasta_index,
            labels: Vec::new(),
            context: Vec::new(),
        })
    }
}

/// Inputs that are hashed while the run goes on.
pub(crate) enum Hashing<'scope> {
    Running(ScopedJoinHandle<'scope, Result<Hashed, RunVcfError>>),
    Done(Hashed),
    /// Nobody asked, or reading failed and was said.
    Nothing,
}

impl<'scope> Hashing<'scope> {
    /// Begins to hash a FASTA, and a VCF if it is given.
    pub(crate) fn start<'a: 'scope>(
        scope: &'scope Scope<'scope, 'a>,
        vcf: Option<&'a Path>,
        fasta: &'a Fasta,
    ) -> Self {
        Self::Running(scope.spawn(move || {
            let (fasta, fasta_index) = hash_fasta(fasta)?;
            Ok(Hashed {
                vcf: vcf.map(hash_vcf).transpose()?,
                fasta,
                fasta_index,
            })
        }))
    }

    /// Waits until everything is hashed; `None` if nothing is.
    pub(crate) fn wait(&mut self) -> Result<Option<Hashed>, RunVcfError> {
        *self = match std::mem::replace(self, Self::Nothing) {
            Self::Running(thread) => Self::Done(thread.join().expect("hashing does not panic")?),
            other => other,
        };
        Ok(match self {
            Self::Done(hashed) => Some(*hashed),
            _ => None,
        })
    }
}

fn hash_vcf(path: &Path) -> Result<FileRecord, RunVcfError> {
    let hash = || {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        let digest = Digest::of_reader(file)?;
        Ok(FileRecord { digest, size })
    };
    hash().map_err(|source| {
        let path = path.to_owned();
        VcfError::Io { path, source }.into()
    })
}

fn hash_fasta(fasta: &Fasta) -> Result<(FileRecord, FileRecord), RunVcfError> {
    let (digest, size) = fasta.digest().map_err(|source| RunVcfError::HashFasta {
        path: fasta.path().to_owned(),
        source,
    })?;
    let (index, index_size) = fasta.index_digest();
    let index = FileRecord {
        digest: index,
        size: index_size,
    };
    Ok((FileRecord { digest, size }, index))
}
