//! Computing the scores of receipts again.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use geno_action::EditSpec;
use geno_app::config::{Layers, Settings};
use geno_core::{Layout, UnknownName};
use geno_provenance::{Json, MasterSalt, ReceiptReader, Timestamp};
use geno_runtime::{
    BackendError, LoadOptions, ModelDir, RerunMismatch, RerunSummary, RerunVcf, Runtime, Signals,
    Tolerance, WindowsPerVariant, compare_receipts,
};

use super::files;
use crate::{
    annotations::AnnotationArgs,
    failure::{Failure, UsageError},
    interrupt,
    model_args::{self, MachineArgs, MemoryArgs},
    progress::Bar,
    salt_file,
    variant_arg::VariantArg,
    variant_window::WindowArgs,
};

/// Failures named in full; the rest is counted.
const MAX_NAMED: u64 = 3;

#[derive(clap::Args)]
#[command(next_help_heading = "Computing again")]
pub(super) struct RerunArgs {
    /// Compute the scores again from the model and compare them with the receipts
    #[arg(long)]
    rerun: bool,

    /// The variants that were scored
    #[arg(long, value_name = "VCF", requires_all = ["rerun", "fasta"], group = "file")]
    vcf: Option<PathBuf>,

    /// The same, of a list
    #[arg(long, value_name = "LIST", requires_all = ["rerun", "fasta"], group = "file")]
    variants: Option<PathBuf>,

    /// The one variant that was scored
    #[arg(
        long,
        value_name = "VARIANT",
        requires = "rerun",
        conflicts_with = "file"
    )]
    variant: Option<VariantArg>,

    #[command(flatten)]
    window: WindowArgs,

    /// The secret that the receipts were made with
    #[arg(long, value_name = "FILE", requires = "rerun")]
    salt: Option<PathBuf>,

    #[command(flatten)]
    annotations: AnnotationArgs,

    #[command(flatten)]
    machine: MachineArgs,

    #[command(flatten)]
    memory: MemoryArgs,
}

impl RerunArgs {
    /// Adds the flags that stand for keys.
    pub(super) fn add_to(&self, layers: &mut Layers) -> Result<(), BackendError> {
        self.annotations.add_to(layers);
        self.memory.add_to(layers);
        self.machine.add_to(layers)
    }

    /// Computes and compares, if asked to, and says which comparison it was.
    pub(super) fn run(
        &self,
        receipts: &[PathBuf],
        model: Option<&ModelDir>,
        settings: &Settings,
        out: &mut impl Write,
    ) -> Result<(), Failure> {
        if !self.rerun {
            return Ok(());
        }
        let model = model.ok_or_else(|| usage("`--rerun` needs `--model-dir`"))?;
        let [receipts] = receipts else {
            return Err(usage("`--rerun` needs a single file of receipts").into());
        };
        let salt = self.salt.as_deref().map(salt_file::read).transpose()?;
        let Laid { layout, windows } = Laid::of(receipts)?;
        let options = LoadOptions {
            layout: Some(layout),
            windows,
            calibration: model_args::calibration_source(settings),
        };
        let runtime = Runtime::load_with(model, model_args::backend(settings)?, options)?;
        let variants = self.vcf.as_ref().or(self.variants.as_ref());
        let summary = match (&self.variant, variants, &self.window.fasta) {
            (Some(variant), _, _) => {
                let variant = &variant.edit_in(self.window.fasta.as_deref())?;
                self.one(receipts, variant, &runtime, salt.as_ref(), settings)?
            }
            (None, Some(vcf), Some(fasta)) => {
                let sources = self.annotations.open(Some(fasta))?;
                let request = RerunVcf {
                    vcf,
                    is_list: self.variants.is_some(),
                    fasta,
                    batch_size: settings.score.batch_size,
                    memory_budget: model_args::memory_budget(settings),
                    annotations: self.annotations.annotations(settings, sources.as_ref()),
                    salt: salt.as_ref(),
                };
                many(receipts, &runtime, &request, settings)?
            }
            _ => {
                let message =
                    "`--rerun` needs `--vcf` or `--variants`, and `--fasta`, or `--variant`";
                return Err(usage(message).into());
            }
        };
        writeln!(out, "rerun     ok  {}", verdict(&summary)).map_err(Failure::stdout)
    }

    fn one(
        &self,
        receipts: &Path,
        variant: &EditSpec,
        runtime: &Runtime,
        salt: Option<&MasterSalt>,
        settings: &Settings,
    ) -> Result<RerunSummary, Failure> {
        let mut reader = ReceiptReader::new(files::open(receipts)?);
        let (Some(receipt), None) = (reader.next(), reader.next()) else {
            return Err(usage("`--variant` needs a file with a single receipt").into());
        };
        let windows = self.window.read(runtime, variant)?;
        let sources = self.annotations.open(self.window.fasta.as_deref())?;
        let annotations = self.annotations.annotations(settings, sources.as_ref());
        let none = Signals::default();
        let scored = runtime.score_with_signals(variant, windows, annotations, none)?;
        // No comparison looks at the time.
        let again = runtime.receipt(&scored, Timestamp::from_unix_seconds(0)?, salt)?;
        Ok(compare_receipts(&receipt?, &again)?.into())
    }
}

/// How windows were laid for receipts.
struct Laid {
    layout: Layout,
    windows: WindowsPerVariant,
}

impl Laid {
    /// What the first receipt says. Those of the Python package, and a file without any, say nothing.
    fn of(receipts: &Path) -> Result<Self, Failure> {
        let first = ReceiptReader::new(files::open(receipts)?)
            .next()
            .transpose()?;
        let detail = |name: &str| first.as_ref().and_then(|first| first.details()?.get(name));
        let unknown = |unknown: UnknownName| usage(&unknown.to_string());
        let layout = detail("layout").and_then(Json::as_str).map(str::parse);
        let layout = layout.transpose().map_err(unknown)?;
        let windows = match detail("windows_per_variant") {
            None => WindowsPerVariant::ONE,
            Some(n) => {
                let aggregate = detail("aggregate").and_then(Json::as_str);
                let aggregate = aggregate.unwrap_or_default().parse().map_err(unknown)?;
                let n = n.as_u64().and_then(|n| usize::try_from(n).ok());
                let windows = n.and_then(|n| WindowsPerVariant::new(n, aggregate));
                windows
                    .ok_or_else(|| usage("the receipts name no number of windows from 1 to 6"))?
            }
        };
        Ok(Self {
            layout: layout.unwrap_or(Layout::Centered),
            windows,
        })
    }
}

#[expect(clippy::print_stderr, reason = "every failure is worth a line")]
fn many(
    receipts: &Path,
    runtime: &Runtime,
    request: &RerunVcf<'_>,
    settings: &Settings,
) -> Result<RerunSummary, Failure> {
    let reader = ReceiptReader::new(files::open(receipts)?);
    let bar = Bar::new(settings.observability.quiet);
    let mut first: Option<RerunMismatch> = None;
    let mut n_named = 0;
    let completion = runtime.rerun_vcf(
        request,
        reader,
        |number, mismatch| {
            n_named += 1;
            if n_named <= MAX_NAMED {
                eprintln!("{}, receipt {number}: {mismatch}", receipts.display());
            }
            first.get_or_insert(mismatch);
        },
        |progress| bar.show(progress),
        interrupt::catch(),
    )?;
    bar.finish();
    let summary = interrupt::finished(completion)?;
    if summary.mismatches > MAX_NAMED {
        let more = summary.mismatches - MAX_NAMED;
        eprintln!("{}: {more} more", receipts.display());
    }
    match first {
        None => Ok(summary),
        Some(mismatch) => Err(mismatch.into()),
    }
}

fn verdict(summary: &RerunSummary) -> String {
    let RerunSummary {
        exact,
        within_tolerance,
        largest_difference,
        tolerance,
        ..
    } = summary;
    let mut parts = Vec::new();
    if *exact > 0 {
        parts.push(format!("{exact} to the bit, on the same kernel"));
    }
    if let Some(Tolerance { raw, calibrated }) = tolerance {
        parts.push(format!(
            "{within_tolerance} of another kernel within {raw:e} relative and {calibrated:e} of a \
             percentile, at most {largest_difference:.1e} apart"
        ));
    }
    parts.join("; ")
}

fn usage(message: &str) -> UsageError {
    UsageError(message.to_owned())
}
