//! Shards made of small files, and shards that the Python package wrote.

mod clinvar;
mod files;
mod gnomad;
mod hostile;
mod parity;

use std::{
    error::Error,
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use geno_data::{
    ClinvarCounts, ClinvarShard, ClinvarVariant, GnomadCounts, GnomadShard, GnomadVariant,
    PrepareClinvar, PrepareGnomad, PrepareShard, PrepareShardError, ShardReport,
};
use tempfile::TempDir;

type Outcome = Result<(), Box<dyn Error>>;

const HEADER: &str = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";

fn fixture(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/parity/shards");
    folder.join(name)
}

/// A folder with a VCF file and the shards made of it.
struct Folder {
    folder: TempDir,
    vcf: PathBuf,
}

impl Folder {
    /// Writes a file of these bytes.
    fn of(bytes: impl AsRef<[u8]>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let vcf = folder.path().join("variants.vcf");
        fs::write(&vcf, bytes).unwrap();
        Self { folder, vcf }
    }

    /// Writes a file of these rows, without contig lines.
    fn of_rows(rows: &str) -> Self {
        Self::of(HEADER.to_owned() + rows)
    }

    fn files(&self) -> PrepareShard<'_> {
        PrepareShard {
            vcf: &self.vcf,
            output: self.folder.path(),
            release: "r",
            max_allele_len: 16,
            overwrite: false,
            rejected: None,
        }
    }

    fn gnomad(&self) -> PrepareGnomad<'_> {
        PrepareGnomad {
            files: self.files(),
            min_af: 0.01,
            allow_unfiltered: false,
        }
    }

    fn prepare_gnomad(&self) -> Result<ShardReport<GnomadCounts>, PrepareShardError> {
        finish(self.gnomad())
    }

    fn prepare_clinvar(&self) -> Result<ShardReport<ClinvarCounts>, PrepareShardError> {
        let prepare = PrepareClinvar {
            files: self.files(),
        };
        let report = prepare.run(|_| ControlFlow::Continue(()))?;
        Ok(report.expect("nobody broke it off"))
    }

    fn path(&self, kind: &str) -> PathBuf {
        let path = self.folder.path().join(kind);
        path.join("r/variants.parquet")
    }

    fn gnomad_variants(&self) -> Vec<GnomadVariant> {
        gnomad_variants(&self.path("gnomad"))
    }

    fn clinvar_variants(&self) -> Vec<ClinvarVariant> {
        clinvar_variants(&self.path("clinvar"))
    }
}

fn finish(prepare: PrepareGnomad<'_>) -> Result<ShardReport<GnomadCounts>, PrepareShardError> {
    let report = prepare.run(|_| ControlFlow::Continue(()))?;
    Ok(report.expect("nobody broke it off"))
}

fn gnomad_variants(path: &Path) -> Vec<GnomadVariant> {
    let shard = GnomadShard::open(path).unwrap();
    let n_variants = shard.n_variants();
    let variants: Result<Vec<_>, _> = shard.variants().unwrap().collect();
    let variants = variants.unwrap();
    assert_eq!(variants.len() as u64, n_variants);
    variants
}

fn clinvar_variants(path: &Path) -> Vec<ClinvarVariant> {
    let shard = ClinvarShard::open(path).unwrap();
    let n_variants = shard.n_variants();
    let variants: Result<Vec<_>, _> = shard.variants().unwrap().collect();
    let variants = variants.unwrap();
    assert_eq!(variants.len() as u64, n_variants);
    variants
}
