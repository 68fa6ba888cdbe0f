//! `geno-lewm calibrate`: build a calibration table from a background VCF.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use geno_core::Digest;
use geno_provenance::{Json, Manifest, summary_json, write_atomic};
use geno_runtime::{Annotations, Calibrate, Calibration, Completion, Runtime};
use geno_surprise::CalibrationParameters;

use crate::{failure::Failure, interrupt, model_args::ModelArgs, progress::Bar};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    model: ModelArgs,

    /// Common variants: plain, gzip or bgzip, `-` for standard input
    #[arg(long, value_name = "VCF")]
    vcf: PathBuf,

    /// Reference, plain or bgzip; an index is built when there is none
    #[arg(long, value_name = "FASTA")]
    fasta: PathBuf,

    /// The table, a Parquet file
    #[arg(long, value_name = "FILE")]
    output: PathBuf,

    /// A manifest that names the new table in place of the model's own
    #[arg(long, value_name = "FILE")]
    manifest_output: Option<PathBuf>,

    /// What was done, as JSON
    #[arg(long, value_name = "FILE")]
    summary_json: Option<PathBuf>,

    /// Seed of the draw from buckets with more examples than are kept
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,

    /// Variants computed together; never changes a result
    #[arg(long, value_name = "N", default_value_t = 64)]
    batch_size: usize,

    /// Print no progress
    #[arg(long, short)]
    quiet: bool,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let backend = args.model.machine.apply()?;
    let model = args.model.open()?;
    let runtime = Runtime::load_uncalibrated(&model, backend)?;
    let request = Calibrate {
        vcf: &args.vcf,
        fasta: &args.fasta,
        parameters: CalibrationParameters {
            seed: args.seed,
            ..CalibrationParameters::default()
        },
        batch_size: args.batch_size,
        annotations: Annotations::default(),
        is_hashed: false,
    };
    let bar = Bar::new(args.quiet);
    let completion =
        runtime.calibrate(&request, |progress| bar.show(progress), interrupt::catch())?;
    bar.finish();
    let Completion::Finished(calibration) = completion else {
        return Err(Failure::Interrupted);
    };

    let table = calibration.table.write_parquet()?;
    let hash = Digest::of(&table);
    write(&args.output, &table)?;
    if let Some(path) = &args.manifest_output {
        write(path, &recalibrated(model.manifest(), hash).to_bytes())?;
    }
    let summary = summary(&calibration, hash);
    if let Some(path) = &args.summary_json {
        write(path, format!("{}\n", summary_json(&summary)).as_bytes())?;
    }
    writeln!(io::stdout(), "{}", summary_json(&summary)).map_err(Failure::stdout)
}

fn recalibrated(manifest: &Manifest, hash: Digest) -> Manifest {
    let mut manifest = manifest.clone();
    manifest.calibration.hash = hash;
    manifest
}

fn summary(calibration: &Calibration, hash: Digest) -> Json {
    let rejected = calibration.rejected.iter();
    let sparse = calibration.sparse.iter();
    Json::object([
        ("schema_version", "1.0.0".into()),
        ("generated_by", "geno-lewm-calibrate".into()),
        ("calibration_hash", hash.into()),
        ("examples", calibration.examples.into()),
        ("buckets", (calibration.table.buckets().len() as u64).into()),
        (
            "rejected",
            Json::object(rejected.map(|(code, n)| (*code, Json::from(*n)))),
        ),
        (
            "sparse_buckets",
            Json::Array(
                sparse
                    .map(|bucket| bucket.bucket_id.to_string().into())
                    .collect(),
            ),
        ),
    ])
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    Ok(write_atomic(path, |out| out.write_all(bytes))?)
}
