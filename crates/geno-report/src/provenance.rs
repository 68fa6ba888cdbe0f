//! What was checked of scores, and what came of it.

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
};

use geno_core::{Coded, Digest, ErrorCode};
use geno_provenance::{Manifest, ReadManifestError, Receipt, ReceiptCheck};

use crate::{
    outputs::ComparedOutputs,
    scores::{LookUps, ReadScoresError, ScoreFile, ScoreTable},
};

/// What came of a check.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// It holds.
    Holds(String),
    /// It does not.
    Fails(String),
    /// It was not looked at, and why.
    NotChecked(String),
}

/// One check.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Check {
    /// What is checked.
    pub name: &'static str,
    /// What came of it.
    pub verdict: Verdict,
    /// Whether the scores as a whole are verified only if this holds.
    pub is_needed: bool,
}

/// Where scores come from, as far as files say, and what of that was checked.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Provenance {
    /// Every check that there is, made or not.
    pub checks: Vec<Check>,
    /// What the files say of themselves.
    pub facts: Vec<(String, String)>,
}

/// The files that say where scores come from.
#[derive(Clone, Debug, Default)]
pub struct ProvenanceFiles<'a> {
    /// The manifest of the model.
    pub manifest: Option<&'a Path>,
    /// The receipts, one a line.
    pub receipts: Option<&'a Path>,
    /// What came of comparing each file of the model with its manifest, if somebody did.
    pub model_files: Option<Result<String, String>>,
}

const RECEIPTS_HOLD: &str = "Receipts hold for the manifest";
const SCORES_AGREE: &str = "Scores are those of the receipts";

/// Why scores and what vouches for them cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadProvenanceError {
    /// The scores.
    #[error(transparent)]
    Scores(#[from] ReadScoresError),
    /// A file could not be read.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The manifest is none.
    #[error("cannot use `{}`", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: ReadManifestError,
    },
}

impl Coded for ReadProvenanceError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Scores(source) => source.code(),
            Self::Io { source, .. } => ErrorCode::of_io(source),
            Self::Manifest { source, .. } => source.code(),
        }
    }
}

impl ScoreFile<'_> {
    /// Reads scores, looks each variant up, and checks what vouches for them.
    ///
    /// # Errors
    ///
    /// [`ReadProvenanceError`]. A check that fails is no error, but a verdict.
    pub fn read_checked(
        &self,
        look_ups: LookUps<'_, '_>,
        files: &ProvenanceFiles<'_>,
    ) -> Result<(ScoreTable, Provenance), ReadProvenanceError> {
        let manifest = files.manifest.map(read_manifest).transpose()?;
        let mut outputs = match files.receipts {
            Some(receipts) => ComparedOutputs::with(Box::new(open(receipts)?)),
            None => ComparedOutputs::nothing(),
        };
        let table = self.read_beside(look_ups, &mut outputs)?;

        let mut facts = vec![fact_of_file("Scores", self.path)?];
        if let Some(receipts) = files.receipts {
            facts.push(fact_of_file("Receipts", receipts)?);
        }
        facts.extend(outputs.run.iter().flat_map(facts_of_run));
        if let Some((manifest, _)) = &manifest {
            facts.extend(facts_of_model(manifest));
        }
        let receipts = match (&manifest, files.receipts) {
            (Some((_, check)), Some(path)) => check_receipts(check, path)?,
            (None, Some(_)) => not_checked("no manifest was given"),
            (_, None) => not_checked("no receipts were given"),
        };
        let checks = [
            (
                "Manifest is well formed",
                match &manifest {
                    Some((manifest, _)) => Verdict::Holds(manifest.model_id().to_string()),
                    None => not_checked("no manifest was given"),
                },
            ),
            (
                "Files of the model are those of the manifest",
                match &files.model_files {
                    Some(Ok(detail)) => Verdict::Holds(detail.clone()),
                    Some(Err(fault)) => Verdict::Fails(fault.clone()),
                    None => not_checked("no model directory was given"),
                },
            ),
            (RECEIPTS_HOLD, receipts),
            (
                SCORES_AGREE,
                match outputs.outcome() {
                    Some(Ok(n)) => Verdict::Holds(format!("{n} rows, one receipt each")),
                    Some(Err(fault)) => Verdict::Fails(fault),
                    None => not_checked("no receipts were given"),
                },
            ),
            (
                "Scores follow from the variants",
                not_checked("geno-lewm verify --rerun computes them again"),
            ),
        ];
        let checks = checks.map(|(name, verdict)| Check {
            is_needed: [RECEIPTS_HOLD, SCORES_AGREE].contains(&name),
            name,
            verdict,
        });
        let checks = checks.into();
        Ok((table, Provenance { checks, facts }))
    }
}

impl Provenance {
    /// What all checks come to: one that fails outweighs all, and scores are verified only if they are those
    /// of receipts, and these hold for a manifest.
    pub fn verdict(&self) -> Verdict {
        let n = |is: fn(&Verdict) -> bool| {
            let verdicts = self.checks.iter().map(|check| &check.verdict);
            verdicts.filter(|verdict| is(verdict)).count()
        };
        let n_failed = n(|verdict| matches!(verdict, Verdict::Fails(_)));
        let n_held = n(|verdict| matches!(verdict, Verdict::Holds(_)));
        let mut needed = self
            .checks
            .iter()
            .filter(|check| check.is_needed)
            .peekable();
        let is_tied = needed.peek().is_some()
            && needed.all(|check| matches!(check.verdict, Verdict::Holds(_)));
        let n_open = self.checks.len() - n_failed - n_held;
        let counts = format!("{n_held} checks hold, {n_open} not made");
        match (n_failed, is_tied) {
            (0, true) => Verdict::Holds(counts),
            (0, false) => {
                Verdict::NotChecked(format!("{counts}: no receipts tie the scores to a model"))
            }
            _ => Verdict::Fails(format!("{n_failed} of {} checks fail", n_failed + n_held)),
        }
    }
}

impl Verdict {
    /// The verdict in a word or two.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Holds(_) => "verified",
            Self::Fails(_) => "failed",
            Self::NotChecked(_) => "not checked",
        }
    }

    /// What it rests on.
    pub fn detail(&self) -> &str {
        match self {
            Self::Holds(detail) | Self::Fails(detail) | Self::NotChecked(detail) => detail,
        }
    }
}

fn not_checked(why: &str) -> Verdict {
    Verdict::NotChecked(why.to_owned())
}

fn check_receipts(check: &ReceiptCheck, path: &Path) -> Result<Verdict, ReadProvenanceError> {
    let mut first = None;
    let summary = check.check_stream(open(path)?, |line, error| {
        first.get_or_insert_with(|| format!("first at line {line}: {}", chain(&error)));
    });
    let (n, n_failed) = (summary.n_receipts, summary.n_failed);
    Ok(match first {
        None => Verdict::Holds(format!("{n} receipts")),
        Some(first) => Verdict::Fails(format!("{n_failed} of {n} receipts do not; {first}")),
    })
}

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |chain, cause| {
        format!("{chain}: {cause}")
    })
}

fn read_manifest(path: &Path) -> Result<(Manifest, ReceiptCheck), ReadProvenanceError> {
    let bytes = fs::read(path).map_err(|source| io_error(path, source))?;
    let unusable = |source| ReadProvenanceError::Manifest {
        path: path.to_owned(),
        source,
    };
    let manifest = Manifest::parse(&bytes).map_err(unusable)?;
    let check = ReceiptCheck::new(&bytes).map_err(unusable)?;
    Ok((manifest, check))
}

fn open(path: &Path) -> Result<impl BufRead + Send + use<>, ReadProvenanceError> {
    let file = File::open(path).map_err(|source| io_error(path, source))?;
    Ok(BufReader::with_capacity(1 << 18, file))
}

fn io_error(path: &Path, source: io::Error) -> ReadProvenanceError {
    let path = path.to_owned();
    ReadProvenanceError::Io { path, source }
}

/// A file by its name, never by its folder, and its digest.
fn fact_of_file(what: &str, path: &Path) -> Result<(String, String), ReadProvenanceError> {
    let read = || {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        Ok((Digest::of_reader(file)?, size))
    };
    let (digest, size) = read().map_err(|source| io_error(path, source))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Ok((what.to_owned(), format!("{name}, {size} bytes, {digest}")))
}

fn facts_of_run(receipt: &Receipt) -> Vec<(String, String)> {
    let facts = [
        ("Scored by", format!("geno-lewm {}", receipt.version())),
        (
            "Backend",
            format!("{} on {}", receipt.backend(), receipt.device()),
        ),
        ("First receipt", receipt.timestamp().to_owned()),
    ];
    facts.map(|(name, fact)| (name.to_owned(), fact)).into()
}

fn facts_of_model(manifest: &Manifest) -> Vec<(String, String)> {
    let encoder = &manifest.encoder;
    let facts = [
        (
            "Model",
            format!("{} {}", manifest.model_name, manifest.model_version),
        ),
        ("Release", manifest.release_id.to_string()),
        ("Model identity", manifest.model_id().to_string()),
        (
            "Encoder",
            format!("{}, revision {}", encoder.id, encoder.revision),
        ),
        ("Calibration table", manifest.calibration.hash.to_string()),
    ];
    facts.map(|(name, fact)| (name.to_owned(), fact)).into()
}
