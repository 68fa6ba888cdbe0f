//! What a demonstration is of, read from its files.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    path::Path,
};

use anyhow::{Context, Result, ensure};
use geno_core::Digest;
use geno_data::TextLines;
use geno_provenance::{
    FieldError, Fields, Json, Label, Manifest, PublicPath,
    release::{Claim, CommandLine, ReportBody},
};

use super::{BatchReceipts, RECEIPTS, SCORES};

/// How many variants are spelled out.
const FIRST: usize = 5;

/// What `terminal_demo_manifest.json` holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Demonstration {
    pub(crate) model_id: Digest,
    pub(crate) weights_id: Digest,
    pub(crate) release: Label,
    /// Files of the demonstration.
    pub(crate) vcf: PublicPath,
    pub(crate) fasta: PublicPath,
    /// Whether the encoder was named by itself.
    pub(crate) names_encoder: bool,
    /// Rows of the VCF file.
    pub(crate) records: u64,
    /// Their alternate alleles.
    pub(crate) alternates: u64,
    /// Rows by contig.
    pub(crate) contigs: BTreeMap<Label, u64>,
    /// The first scores: variant, surprise, percentile.
    pub(crate) first: Vec<[Label; 3]>,
    /// Alternate alleles that were scored.
    pub(crate) scored: u64,
    /// What computed.
    pub(crate) kernel: Label,
}

/// The inputs by the names that they have in a demonstration.
pub(crate) struct Inputs<'a> {
    pub(crate) vcf: &'a PublicPath,
    pub(crate) fasta: &'a PublicPath,
    pub(crate) names_encoder: bool,
}

impl Inputs<'_> {
    /// What is run, in a folder that holds the model as `model` and the demonstration as `demo`.
    pub(crate) fn command(&self) -> Result<CommandLine> {
        let file = |name: &str| format!("demo/{name}");
        let mut words: Vec<String> = ["geno-lewm", "score", "--model-dir", "model"]
            .map(str::to_owned)
            .into();
        if self.names_encoder {
            words.extend(["--encoder-dir", "encoder"].map(str::to_owned));
        }
        let files = [
            ("--vcf", self.vcf.as_str()),
            ("--fasta", self.fasta.as_str()),
            ("--output", SCORES),
            ("--receipt", RECEIPTS),
        ];
        words.extend(
            files
                .into_iter()
                .flat_map(|(flag, name)| [flag.to_owned(), file(name)]),
        );
        words.extend(["--log-level", "warn"].map(str::to_owned));
        Ok(CommandLine::new(words)?)
    }
}

impl Demonstration {
    pub(crate) fn inputs(&self) -> Inputs<'_> {
        Inputs {
            vcf: &self.vcf,
            fasta: &self.fasta,
            names_encoder: self.names_encoder,
        }
    }

    /// Reads a demonstration.
    pub(crate) fn of(
        folder: &Path,
        inputs: &Inputs<'_>,
        manifest: &Manifest,
        batch: &BatchReceipts,
    ) -> Result<Self> {
        let (mut records, mut alternates) = (0, 0);
        let mut contigs: BTreeMap<Label, u64> = BTreeMap::new();
        let mut lines = TextLines::open(&inputs.vcf.under(folder))?;
        while let Some(line) = lines.next_line()? {
            if line.starts_with('#') || line.trim().is_empty() {
                continue;
            }
            let columns: Vec<&str> = line.splitn(6, '\t').collect();
            ensure!(
                columns.len() >= 5,
                "a row of `{}` has fewer than five columns",
                inputs.vcf
            );
            records += 1;
            alternates += columns[4].split(',').count() as u64;
            *contigs.entry(Label::new(columns[0])?).or_default() += 1;
        }
        Ok(Self {
            model_id: manifest.model_id(),
            weights_id: manifest.weights_id(),
            release: manifest.release_id.clone(),
            vcf: inputs.vcf.clone(),
            fasta: inputs.fasta.clone(),
            names_encoder: inputs.names_encoder,
            records,
            alternates,
            contigs,
            first: first(&folder.join(SCORES))?,
            scored: batch.records,
            kernel: Label::new(&*batch.runtime.kernel)?,
        })
    }
}

/// The first scores of a file.
fn first(scores: &Path) -> Result<Vec<[Label; 3]>> {
    let lines = BufReader::new(fs::File::open(scores)?).lines().take(FIRST);
    let row = |line: std::io::Result<String>| {
        let row = Json::parse(line?.as_bytes())?;
        let text = |key: &str| match row.get(key) {
            Some(Json::String(text)) => Ok(text.clone()),
            Some(Json::Int(value)) => Ok(value.as_str().to_owned()),
            _ => anyhow::bail!("a score has no `{key}`"),
        };
        let number = |key: &str| {
            let value = row.get(key).and_then(Json::as_f64);
            value.with_context(|| format!("a score has no `{key}`"))
        };
        let variant = [text("chrom")?, text("pos")?, text("ref")?, text("alt")?].join(":");
        Ok([
            Label::new(variant)?,
            Label::new(format!("{:.6}", number("sigma_raw")?))?,
            Label::new(format!("{:.4}", number("sigma_calibrated")?))?,
        ])
    };
    lines.map(row).collect()
}

impl ReportBody for Demonstration {
    const PRODUCER: &'static str = "xtask.demo.run";
    const CLAIMS: &'static [Claim] = &[
        Claim::CommandBehaviourOnly,
        Claim::NoClinicalUse,
        Claim::NoDeploymentReadiness,
        Claim::NoPrivacyAssurance,
    ];
    const NEEDS_FINDINGS: bool = false;

    fn take(fields: &mut Fields) -> Result<Self, FieldError> {
        let first = |mut row: Fields| {
            let row = [
                row.label("variant")?,
                row.label("sigma_raw")?,
                row.label("sigma_calibrated")?,
            ];
            Ok::<_, FieldError>(row)
        };
        let mut input = fields.object("input")?;
        let shown = fields.objects("first_scores")?.into_iter().map(first);
        Ok(Self {
            model_id: fields.digest("model_id")?,
            weights_id: fields.digest("weights_id")?,
            release: fields.label("model_release")?,
            vcf: input.path("vcf")?,
            fasta: input.path("fasta")?,
            names_encoder: fields.bool("names_encoder")?,
            records: input.unsigned("variant_records")?,
            alternates: input.unsigned("alternate_alleles")?,
            contigs: input.counts("contigs")?,
            first: shown.collect::<Result<_, _>>()?,
            scored: fields.unsigned("scored")?,
            kernel: fields.label("kernel")?,
        })
    }

    fn to_json(&self) -> Json {
        let contigs = self.contigs.iter();
        let contigs = contigs.map(|(contig, &count)| (contig.as_str(), Json::from(count)));
        let first = self.first.iter().map(|[variant, raw, calibrated]| {
            Json::object([
                ("variant", Json::from(variant)),
                ("sigma_raw", Json::from(raw)),
                ("sigma_calibrated", Json::from(calibrated)),
            ])
        });
        let input = Json::object([
            ("vcf", Json::from(&self.vcf)),
            ("fasta", Json::from(&self.fasta)),
            ("variant_records", self.records.into()),
            ("alternate_alleles", self.alternates.into()),
            ("contigs", Json::object(contigs)),
        ]);
        Json::object([
            ("model_id", Json::from(self.model_id)),
            ("weights_id", self.weights_id.into()),
            ("model_release", Json::from(&self.release)),
            ("names_encoder", self.names_encoder.into()),
            ("input", input),
            ("first_scores", Json::Array(first.collect())),
            ("scored", self.scored.into()),
            ("kernel", Json::from(&self.kernel)),
        ])
    }
}
