//! The folder of a prepared benchmark.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    path::Path,
};

use geno_core::{Digest, DigestHasher};
use geno_data::{Fasta, canonical_contig};
use geno_provenance::{AtomicFolder, Json, canonical_json, indented_json};

use super::{
    PrepareBenchmark, PrepareBenchmarkError, Prepared, ReadFile,
    collect::Collected,
    consequence,
    found::{Found, Skipped},
};
use crate::benchmark::{
    entry::LabelKind,
    prepared::{LABELS, PRODUCER, RECORD, SKIPPED, VARIANTS},
};

/// Consequences that are counted by name.
const MAX_CONSEQUENCES: usize = 10;

/// What is written, and said of it.
pub(super) struct Outputs<'a> {
    /// Each with what it is called in the record.
    files: Vec<(&'static str, OutputFile<'a>)>,
    record: Vec<(&'static str, Json)>,
    prepared: Prepared,
}

/// A file of the folder, by what writes it.
type Contents<'a> = Box<dyn Fn(&mut dyn Write) -> io::Result<()> + 'a>;

struct OutputFile<'a> {
    name: &'static str,
    contents: Contents<'a>,
}

impl ReadFile {
    /// A file whose digest is known.
    pub(super) fn of(path: &Path, digest: Digest) -> Result<Self, PrepareBenchmarkError> {
        let metadata = fs::metadata(path).map_err(|source| PrepareBenchmarkError::Read {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            path: path.to_owned(),
            digest,
            size: metadata.len(),
        })
    }

    pub(super) fn hashed(path: &Path) -> Result<Self, PrepareBenchmarkError> {
        let read = || Digest::of_reader(fs::File::open(path)?);
        let digest = read().map_err(|source| PrepareBenchmarkError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::of(path, digest)
    }

    /// By its name alone: where it lay is nobody's business.
    fn to_json(&self) -> Json {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        identity(&name, self.digest, self.size)
    }
}

fn identity(name: &str, digest: Digest, size: u64) -> Json {
    Json::object([
        ("path", Json::from(name)),
        ("sha256", digest.into()),
        ("size_bytes", size.into()),
    ])
}

impl<'a> Outputs<'a> {
    /// Variants with labels.
    pub(super) fn of_variants(
        request: &'a PrepareBenchmark<'a>,
        fasta: &'a Fasta,
        sources: Vec<ReadFile>,
        collected: &'a Collected,
    ) -> Result<Self, PrepareBenchmarkError> {
        let variants = &collected.variants;
        let (labels, said) = labels(request, variants);
        let consequences = consequences(variants);
        let mut outputs = Self::new(request, fasta, sources, &collected.skipped)?;
        outputs.add("variants", VARIANTS, move |out| {
            write_vcf(request, fasta, variants, out)
        });
        outputs.add("labels", LABELS, move |out| {
            variants
                .iter()
                .try_for_each(|found| write_line(out, &label_row(request, found)))
        });
        outputs
            .record
            .extend([("labels", labels), ("consequences", consequences)]);
        outputs.count(collected.usable, variants.len() as u64);
        outputs.said(said);
        Ok(outputs)
    }

    /// What every benchmark has: what it was made from, and rows that were left out.
    pub(super) fn new(
        request: &'a PrepareBenchmark<'a>,
        fasta: &Fasta,
        sources: Vec<ReadFile>,
        skipped: &'a [Skipped],
    ) -> Result<Self, PrepareBenchmarkError> {
        let benchmark = request.benchmark;
        let names: Vec<String> = benchmark
            .sources
            .iter()
            .map(|source| {
                let name = request.file(&source.name).file_name();
                name.unwrap_or_default().to_string_lossy().into_owned()
            })
            .collect();
        let genes = request.genes.map(ReadFile::hashed).transpose()?;
        let genes_name = request.genes.and_then(Path::file_name);
        let genes_name = genes_name.map_or_else(String::new, |name| name.to_string_lossy().into());
        let (digest, size) = fasta
            .digest()
            .map_err(|source| PrepareBenchmarkError::Read {
                path: request.fasta.to_owned(),
                source,
            })?;
        let fasta_name = request
            .fasta
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        let by_name = benchmark.sources.iter().zip(&sources);
        let by_name = by_name.map(|(source, file)| (source.name.clone(), file.to_json()));
        let selection = request.selection;
        let texts =
            |texts: &[String]| Json::Array(texts.iter().map(|one| one.as_str().into()).collect());
        let counts = counts(skipped);
        let record = vec![
            ("schema_version", Json::from("1.0.0")),
            ("generated_by", PRODUCER.into()),
            ("benchmark", benchmark.to_json()),
            ("assembly", request.assembly.as_str().into()),
            (
                "selection",
                Json::object([
                    ("max", selection.max.map_or(Json::Null, Json::from)),
                    ("seed", selection.seed.into()),
                    ("chromosomes", texts(&selection.chromosomes)),
                    ("groups", texts(&selection.groups)),
                ]),
            ),
            ("sources", Json::object(by_name)),
            ("fasta", identity(&fasta_name, digest, size)),
            ("genes", genes.map_or(Json::Null, |file| file.to_json())),
            ("limitations", texts(&benchmark.limitations)),
        ];
        let mut outputs = Self {
            files: Vec::new(),
            record,
            prepared: Prepared {
                written: 0,
                skipped: counts,
                labels: String::new(),
                was_there: false,
            },
        };
        outputs.add("skipped", SKIPPED, move |out| {
            skipped.iter().try_for_each(|row| {
                let file = names.get(row.file).unwrap_or(&genes_name);
                let fields = [
                    ("file", Json::from(file.as_str())),
                    ("line", row.line.into()),
                    ("reason", row.reason.into()),
                ];
                write_line(out, &Json::object(fields))
            })
        });
        Ok(outputs)
    }

    pub(super) fn add(
        &mut self,
        what: &'static str,
        name: &'static str,
        contents: impl Fn(&mut dyn Write) -> io::Result<()> + 'a,
    ) {
        let contents = Box::new(contents);
        self.files.push((what, OutputFile { name, contents }));
    }

    pub(super) fn count(&mut self, usable: u64, written: u64) {
        let skipped = self.prepared.skipped.iter();
        let skipped = skipped.map(|(reason, n)| (*reason, Json::from(*n)));
        let counts = [
            ("usable", Json::from(usable)),
            ("written", written.into()),
            ("skipped", Json::object(skipped)),
        ];
        self.record.push(("counts", Json::object(counts)));
        self.prepared.written = written;
    }

    /// Labels or haplotypes in short.
    pub(super) fn said(&mut self, said: String) {
        self.prepared.labels = said;
    }

    /// Writes the folder, or finds that it is there.
    pub(super) fn write(self, path: &Path) -> Result<Prepared, PrepareBenchmarkError> {
        let identities = self.files.iter().map(|(what, file)| {
            let mut hashing = Hashing::default();
            let written = (file.contents)(&mut hashing);
            written.expect("hashing cannot fail");
            let Hashing { hasher, size } = hashing;
            (*what, identity(file.name, hasher.finish(), size))
        });
        let outputs = ("outputs", Json::object(identities));
        let record = self.record.into_iter().chain([outputs]);
        let record = indented_json(&Json::object(record)) + "\n";
        if fs::symlink_metadata(path).is_ok() {
            let is_same = fs::read(path.join(RECORD)).is_ok_and(|there| there == record.as_bytes());
            return match is_same {
                true => Ok(Prepared {
                    was_there: true,
                    ..self.prepared
                }),
                false => Err(PrepareBenchmarkError::Occupied {
                    path: path.to_owned(),
                }),
            };
        }
        let folder = AtomicFolder::create(path)?;
        for (_, file) in &self.files {
            folder.write(file.name, |mut out| (file.contents)(&mut out))?;
        }
        folder.write(RECORD, |out| out.write_all(record.as_bytes()))?;
        folder.commit()?;
        Ok(self.prepared)
    }
}

/// Hashes and counts what is written.
#[derive(Default)]
struct Hashing {
    hasher: DigestHasher,
    size: u64,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hasher.update(bytes);
        self.size += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(super) fn counts(skipped: &[Skipped]) -> BTreeMap<&'static str, u64> {
    let mut counts = BTreeMap::new();
    skipped
        .iter()
        .for_each(|row| *counts.entry(row.reason).or_default() += 1);
    counts
}

/// The head of a VCF over contigs of a reference.
pub(super) fn write_head(
    request: &PrepareBenchmark<'_>,
    fasta: &Fasta,
    contigs: &dyn Fn(&str) -> bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "##fileformat=VCFv4.2")?;
    writeln!(out, "##source={PRODUCER} {}", request.benchmark.id)?;
    for contig in fasta.contigs() {
        let name = canonical_contig(contig.name());
        if contigs(&name) {
            let (len, assembly) = (contig.len(), request.assembly);
            writeln!(out, "##contig=<ID={name},length={len},assembly={assembly}>")?;
        }
    }
    Ok(())
}

fn write_vcf(
    request: &PrepareBenchmark<'_>,
    fasta: &Fasta,
    variants: &[Found],
    out: &mut dyn Write,
) -> io::Result<()> {
    let is_used = |name: &str| variants.iter().any(|found| found.contig == name);
    write_head(request, fasta, &is_used, out)?;
    writeln!(out, "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO")?;
    for found in variants {
        let Found {
            contig,
            pos,
            reference,
            alternate,
            ..
        } = found;
        writeln!(out, "{contig}\t{pos}\t.\t{reference}\t{alternate}\t.\t.\t.")?;
    }
    Ok(())
}

fn write_line(out: &mut dyn Write, row: &Json) -> io::Result<()> {
    out.write_all(&canonical_json(row))?;
    out.write_all(b"\n")
}

fn label_row(request: &PrepareBenchmark<'_>, found: &Found) -> Json {
    let mut row = found.extra.clone();
    let own = [
        ("chrom", Json::from(found.contig.as_str())),
        ("pos", found.pos.into()),
        ("ref", found.reference.as_str().into()),
        ("alt", found.alternate.as_str().into()),
        ("label", label(request, found.label)),
        ("split", request.benchmark.split.as_str().into()),
    ];
    row.extend(own.map(|(name, value)| (name.to_owned(), value)));
    if let Some(worst) = consequence::worst(&found.terms) {
        row.insert("consequence".to_owned(), worst.as_str().into());
    }
    Json::Object(row)
}

/// A class as 1 or 0, a value as it is.
fn label(request: &PrepareBenchmark<'_>, label: f64) -> Json {
    match is_binary(request) {
        true => Json::from(u32::from(label == 1.0)),
        false => float(label),
    }
}

fn is_binary(request: &PrepareBenchmark<'_>) -> bool {
    let label = request.benchmark.label.as_ref();
    label.is_some_and(|label| label.kind == LabelKind::Binary)
}

fn float(value: f64) -> Json {
    Json::float(value).expect("labels are finite")
}

/// Labels in numbers, and in words.
fn labels(request: &PrepareBenchmark<'_>, variants: &[Found]) -> (Json, String) {
    let n = variants.len() as u64;
    if is_binary(request) {
        let positive = variants.iter().filter(|found| found.label == 1.0).count() as u64;
        let counts = Json::object([
            ("positive", Json::from(positive)),
            ("negative", (n - positive).into()),
        ]);
        return (
            counts,
            format!("{positive} positive, {} negative", n - positive),
        );
    }
    let values = || variants.iter().map(|found| found.label);
    let (min, max) = (
        values().fold(f64::INFINITY, f64::min),
        values().fold(f64::NEG_INFINITY, f64::max),
    );
    let mean = values().sum::<f64>() / n as f64;
    let range = Json::object([
        ("min", float(min)),
        ("max", float(max)),
        ("mean", float(mean)),
    ]);
    (
        range,
        format!("values from {min:.4} to {max:.4}, mean {mean:.4}"),
    )
}

/// The most frequent consequences.
fn consequences(variants: &[Found]) -> Json {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    let worst = variants
        .iter()
        .filter_map(|found| consequence::worst(&found.terms));
    worst.for_each(|term| *counts.entry(term).or_default() += 1);
    let mut counts: Vec<(&str, u64)> = counts.into_iter().collect();
    counts.sort_by_key(|(term, n)| (std::cmp::Reverse(*n), *term));
    counts.truncate(MAX_CONSEQUENCES);
    Json::object(counts.into_iter().map(|(term, n)| (term, Json::from(n))))
}
