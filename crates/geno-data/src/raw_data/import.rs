//! The way of a raw-data file to a VCF.

use std::{
    fs,
    io::{self, Write},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use geno_core::Coded;
use geno_provenance::{AtomicFile, AtomicWriteError, Json, summary_json};

use super::{
    Build, ImportReport, RawDataProvider, RejectedCall, StrandRule,
    allele_map::AlleleMap,
    build::{BuildEvidence, build_of_contigs},
    contigs::Contigs,
    error::{ImportError, Stop},
    place::Reference,
    record::{Record, merge},
    report::{Counts, by_code},
    sequencing::read_json,
    strand::Mark,
    table::{Watch, read_table},
    text::with_text,
    write::Heading,
};
use crate::{Fasta, Progress};

/// Turns a file of raw data into a VCF.
///
/// The file may be plain, gzip or the one file of a zip archive. REF is taken from a FASTA or an
/// allele map, never guessed. The rows of the VCF stand in the order of the FASTA's contigs, else of
/// the human chromosomes, and it is compressed and indexed where its name ends in `.gz`.
///
/// # Examples
///
/// ```
/// use std::sync::atomic::AtomicBool;
/// use geno_data::{Fasta, ImportRawData, RawDataProvider};
///
/// # let folder = tempfile::tempdir()?;
/// # let (fasta, input, output) =
/// #     (folder.path().join("ref.fa"), folder.path().join("raw.txt"), folder.path().join("me.vcf"));
/// std::fs::write(&fasta, ">20\nACGTACGT\n")?;
/// std::fs::write(&input, "# rsid\tchromosome\tposition\tgenotype\nrs1\t20\t2\tCT\nrs2\t20\t3\t--\n")?;
///
/// let fasta = Fasta::open(&fasta)?;
/// let import = ImportRawData {
///     fasta: Some(&fasta),
///     ..ImportRawData::new(RawDataProvider::TwentyThreeAndMe, &input, &output)
/// };
/// let report = import.run(|_| {}, &AtomicBool::new(false))?.expect("nobody interrupted it");
/// assert_eq!((report.counts.written, report.counts.no_calls), (1, 1));
/// let vcf = std::fs::read_to_string(&output)?;
/// assert!(vcf.ends_with("20\t2\trs1\tC\tT\t.\tPASS\tSOURCE=23andMe\tGT\t0/1\n"));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ImportRawData<'a> {
    /// Whose file it is.
    pub provider: RawDataProvider,
    /// The file; `-` for standard input.
    pub input: &'a Path,
    /// The VCF.
    pub output: &'a Path,
    /// Where rows that are set aside are listed, one a line. Written only if there are any.
    pub rejected: Option<&'a Path>,
    /// The reference.
    pub fasta: Option<&'a Fasta>,
    /// Alleles known at sites: a VCF, or rows of `CHROM POS REF [ALT [ID]]`.
    pub alleles: Option<&'a Path>,
    /// The build that the file must be of.
    pub build: Option<Build>,
    /// What is done with calls of the other strand.
    pub strand: StrandRule,
    /// The name of the sample.
    pub sample: &'a str,
    /// Whether positions where every allele is the reference's are written too.
    pub include_reference: bool,
    /// Whether the first row that would be set aside ends the import.
    pub strict: bool,
}

impl<'a> ImportRawData<'a> {
    /// An import with neither a reference nor a map, of a sample called `sample`.
    pub fn new(provider: RawDataProvider, input: &'a Path, output: &'a Path) -> Self {
        Self {
            provider,
            input,
            output,
            rejected: None,
            fasta: None,
            alleles: None,
            build: None,
            strand: StrandRule::default(),
            sample: "sample",
            include_reference: false,
            strict: false,
        }
    }

    /// Runs it. `None` if it was interrupted, and then no file has appeared.
    ///
    /// # Errors
    ///
    /// [`ImportError`]; no file has appeared then, either.
    pub fn run(
        &self,
        mut progress: impl FnMut(Progress),
        interrupted: &AtomicBool,
    ) -> Result<Option<ImportReport>, ImportError> {
        match self.import(&mut progress, interrupted) {
            Ok(report) => Ok(Some(report)),
            Err(Stop::Interrupted) => Ok(None),
            Err(Stop::Failed(error)) => Err(error),
        }
    }

    /// Whether the rows of the file name REF and ALT.
    fn names_alleles(&self) -> bool {
        self.provider == RawDataProvider::Sequencing
    }

    /// Refuses what cannot be done before anything is read.
    fn check(&self) -> Result<(), ImportError> {
        if self.sample.is_empty() || self.sample.contains(char::is_whitespace) {
            return Err(ImportError::SampleName);
        }
        if !self.names_alleles() && self.fasta.is_none() && self.alleles.is_none() {
            let provider = self.provider;
            return Err(ImportError::NoReference { provider });
        }
        if self.names_alleles() && self.alleles.is_some() {
            let provider = self.provider;
            return Err(ImportError::UselessMap { provider });
        }
        let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let inputs = [Some(self.input), self.alleles, self.fasta.map(Fasta::path)];
        let mut taken: Vec<_> = inputs.into_iter().flatten().map(real).collect();
        for output in [Some(self.output), self.rejected].into_iter().flatten() {
            if taken.contains(&real(output)) {
                let path = output.to_owned();
                return Err(ImportError::SameFile { path });
            }
            taken.push(real(output));
        }
        Ok(())
    }

    fn import(
        &self,
        progress: &mut dyn FnMut(Progress),
        interrupted: &AtomicBool,
    ) -> Result<ImportReport, Stop> {
        self.check()?;
        let names_alleles = self.names_alleles();
        let read = Arc::new(AtomicU64::new(0));
        let metadata = fs::metadata(self.input).ok();
        let total = metadata
            .filter(|file| file.is_file())
            .map(|file| file.len());
        let mut tick = |_rows| {
            let read = read.load(Ordering::Relaxed);
            progress(Progress { read, total });
            interrupted.load(Ordering::Relaxed)
        };
        let mut watch = Watch {
            path: self.input,
            provider: self.provider,
            strict: self.strict,
            tick: &mut tick,
        };
        let mut contigs = self.fasta.map_or_else(Contigs::human, Contigs::of_fasta);

        let (records, mut done) = if names_alleles {
            let json = with_text(self.input, &read, |text| read_json(text, &mut watch))?;
            let mut done = Done::new(json.counts, json.build, json.rejected);
            done.check(self)?;
            let reference = Reference {
                fasta: self.fasta,
                map: None,
            };
            let evidence = &mut done.evidence;
            let records = reference.explicit_records(
                json.rows,
                &mut contigs,
                evidence,
                &mut done.rejected,
            )?;
            done.check_reference(self)?;
            (records, done)
        } else {
            let table = with_text(self.input, &read, |text| read_table(text, &mut watch))?;
            let mut done = Done::new(table.counts, table.build, table.rejected);
            done.check(self)?;
            let map = self
                .alleles
                .map(|path| AlleleMap::read(path, &table.rows, interrupted))
                .transpose()?;
            done.counts.sites_rejected = map.as_ref().map_or(0, |map| map.rejected);
            let reference = Reference {
                fasta: self.fasta,
                map,
            };
            let (evidence, rejected) = (&mut done.evidence, &mut done.rejected);
            let n_rows = table.rows.len();
            let placed = reference.place(table.rows, &contigs, evidence, rejected)?;
            if n_rows > 0 && placed.is_empty() {
                let path = self.input.to_owned();
                return Err(ImportError::NoContig { path }.into());
            }
            done.check_reference(self)?;
            let build = done.build(self);
            let (counts, rejected) = (&mut done.counts, &mut done.rejected);
            let records = reference.records(placed, self.strand, build, counts, rejected)?;
            (records, done)
        };
        if interrupted.load(Ordering::Relaxed) {
            return Err(Stop::Interrupted);
        }
        let mut records = merge(records, names_alleles, &mut done.counts, &mut done.rejected);
        done.finish(&mut records, self)?;
        let heading = Heading {
            provider: self.provider,
            contigs: &contigs,
            fasta: self.fasta,
            build: done.build(self),
            sample: self.sample,
        };
        let sidecar = match self.rejected {
            Some(path) if !done.rejected.is_empty() => Some(sidecar(path, &done.rejected)?),
            _ => None,
        };
        let index = heading.write(self.output, &records)?;
        let rejected_path = sidecar.as_ref().and(self.rejected).map(Path::to_owned);
        match (sidecar, self.rejected) {
            (Some(file), _) => file.commit()?,
            // One of an earlier import would be taken for this one's.
            (None, Some(path)) => match fs::remove_file(path) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => {
                    let path = path.to_owned();
                    return Err(ImportError::Io { path, source }.into());
                }
                _ => {}
            },
            (None, None) => {}
        }
        Ok(ImportReport {
            provider: self.provider,
            build: done.build(self),
            evidence: done.evidence,
            counts: done.counts,
            rejected: by_code(&done.rejected),
            rejected_path,
            index,
        })
    }
}

/// What is known of a file so far.
struct Done {
    counts: Counts,
    evidence: BuildEvidence,
    rejected: Vec<RejectedCall>,
}

impl Done {
    fn new(counts: Counts, evidence: BuildEvidence, rejected: Vec<RejectedCall>) -> Self {
        Self {
            counts,
            evidence,
            rejected,
        }
    }

    /// The build of the file, if only because its caller said so.
    fn build(&self, import: &ImportRawData<'_>) -> Option<Build> {
        self.evidence
            .build()
            .or(import.build)
            .or(self.evidence.fasta)
    }

    /// Refuses an empty file, and builds that disagree.
    fn check(&mut self, import: &ImportRawData<'_>) -> Result<(), ImportError> {
        let path = || import.input.to_owned();
        if self.counts.rows == 0 {
            return Err(ImportError::Empty { path: path() });
        }
        let contigs = import.fasta.map_or(&[][..], Fasta::contigs);
        let lengths = contigs.iter().map(|contig| (contig.name(), contig.len()));
        self.evidence.fasta = build_of_contigs(lengths);
        if let Some((comment, markers)) = self.evidence.contradiction()
            && import.build != Some(markers)
        {
            return Err(ImportError::BuildContradiction {
                path: path(),
                comment,
                markers,
                markers_n: self.evidence.markers.into_iter().max().unwrap_or(0),
            });
        }
        let found = self.evidence.build();
        if let (Some(found), Some(declared)) = (found, import.build)
            && found != declared
        {
            return Err(ImportError::OtherBuild {
                path: path(),
                found,
                declared,
            });
        }
        match (found.or(import.build), self.evidence.fasta) {
            (Some(found), Some(fasta)) if found != fasta => Err(ImportError::ReferenceBuild {
                path: path(),
                found,
                fasta,
            }),
            _ => Ok(()),
        }
    }

    /// Refuses a file whose calls differ from the reference too often.
    fn check_reference(&self, import: &ImportRawData<'_>) -> Result<(), ImportError> {
        match self.evidence.reference_contradicts() {
            true => Err(ImportError::ReferenceDiffers {
                path: import.input.to_owned(),
                agree: self.evidence.reference_agree,
                checked: self.evidence.reference_checked,
            }),
            false => Ok(()),
        }
    }

    /// Drops what is not to be written and counts the rest.
    fn finish(
        &mut self,
        records: &mut Vec<Record>,
        import: &ImportRawData<'_>,
    ) -> Result<(), ImportError> {
        self.rejected.sort_by_key(|call| call.line);
        if let Some(first) = self.rejected.first().filter(|_| import.strict) {
            return Err(ImportError::Strict {
                path: import.input.to_owned(),
                line: first.line,
                source: first.fault,
            });
        }
        let is_reference = |record: &Record| u64::from(record.is_reference());
        self.counts.reference = records.iter().map(is_reference).sum();
        if !import.include_reference {
            records.retain(|record| !record.is_reference());
        }
        self.counts.written = records.len() as u64;
        for record in records {
            match record.mark {
                Mark::None => {}
                Mark::Ambiguous => self.counts.strand_ambiguous += 1,
                Mark::Flipped => self.counts.strand_flipped += 1,
                Mark::Suspect => self.counts.strand_suspect += 1,
            }
        }
        Ok(())
    }
}

/// Lists rows that were set aside; what they hold stays in the file they come from.
fn sidecar(path: &Path, rejected: &[RejectedCall]) -> Result<AtomicFile, AtomicWriteError> {
    let mut file = AtomicFile::create(path)?;
    for call in rejected {
        let row = Json::object([
            ("line", call.line.into()),
            ("code", call.fault.code().as_str().into()),
            ("reason", call.fault.to_string().into()),
            ("id", call.id.as_deref().map_or(Json::Null, Json::from)),
        ]);
        let written = writeln!(file, "{}", summary_json(&row));
        written.map_err(|source| AtomicWriteError::Write {
            path: path.to_owned(),
            source,
        })?;
    }
    Ok(file)
}
