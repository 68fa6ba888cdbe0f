//! Running the steps of a suite, one after the other.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use geno_core::Digest;
use geno_eval::MetricsDocument;
use geno_provenance::{
    Artifact, Label, PublicPath,
    release::{ArtifactSet, Report, Statement},
};

use super::{
    report::Suite,
    step::{Observed, Status, Step, StepRecord},
    tail::tail,
};
use crate::program::{Program, Ran};

/// A run of a suite.
pub(super) struct Execution<'a> {
    /// The folder that commands run in.
    pub(super) root: &'a Path,
    pub(super) program: &'a Program,
    /// The metrics that are put together at the end.
    pub(super) metrics: &'a PublicPath,
    /// The run that this one goes on after.
    pub(super) before: Option<&'a Suite>,
}

/// Writes what is known so far as a report.
type Write<'a> = &'a dyn Fn(Suite) -> Result<Report<Suite>>;

impl Execution<'_> {
    /// Runs all steps until one fails. Before each that runs, the report says that it and those after it
    /// are not done, as its outputs of before are about to go.
    pub(super) fn run(&self, steps: &[Step], write: Write) -> Result<Report<Suite>> {
        let rest = |step| StepRecord::of(step, Status::NotRun);
        let mut suite = Suite {
            is_executed: true,
            program: self.program.digest()?,
            steps: steps.iter().map(rest).collect::<Result<_>>()?,
            findings: Vec::new(),
        };
        let mut observed = Observed::default();
        for (i, step) in steps.iter().enumerate() {
            println!("==> {}", step.id);
            let mut record = StepRecord::of(step, Status::Failed)?;
            record.inputs = observed.inputs(self.root, step)?;
            if let Some(kept) = self.kept(&record, suite.program) {
                println!("    is done");
                suite.steps[i] = kept;
                continue;
            }
            write(suite.clone())?;
            self.run_step(step, &mut record)?;
            suite.steps[i] = record;
            if !suite.steps[i].status.is_done() {
                self.tell(&suite.steps[i]);
                return write(suite);
            }
        }
        suite.findings = self.findings()?;
        write(suite)
    }

    fn run_step(&self, step: &Step, record: &mut StepRecord) -> Result<()> {
        self.clear(step)?;
        let Ran {
            exit_code,
            stdout,
            stderr,
        } = self.program.run(&step.command, self.root)?;
        record.exit_code = exit_code;
        record.stdout_tail = tail(&stdout, self.root);
        record.stderr_tail = tail(&stderr, self.root);
        for path in &record.declared {
            match Artifact::of(self.root, path.clone()) {
                Ok(file) => record.outputs.insert(file)?,
                Err(_) => record
                    .faults
                    .push(Label::new(format!("`{path}` is not there"))?),
            }
        }
        if exit_code == Some(0) && record.faults.is_empty() {
            record.status = Status::Passed;
        }
        Ok(())
    }

    /// The step as it was done before, if that was the same and its outputs are as they were.
    fn kept(&self, now: &StepRecord, program: Digest) -> Option<StepRecord> {
        let before = self.before.filter(|before| before.program == program)?;
        let step = before.steps.iter().find(|step| step.id == now.id)?;
        let is_same = step.status.is_done()
            && step.command == now.command
            && step.declared == now.declared
            && step.inputs == now.inputs;
        let found = step.outputs.iter();
        let found = found.map(|file| Artifact::of(self.root, file.path.clone()));
        let found = ArtifactSet::new(found.collect::<Result<Vec<_>, _>>().ok()?).ok()?;
        let is_there = is_same && found == step.outputs;
        is_there.then(|| StepRecord {
            status: Status::Kept,
            exit_code: None,
            ..step.clone()
        })
    }

    /// Removes what the step owns, so that nothing stale passes for its output.
    fn clear(&self, step: &Step) -> Result<()> {
        let kept: &[PublicPath] = match self.before {
            // The program compares these with what it would do, by digest.
            Some(_) => &[],
            None => &step.kept,
        };
        for path in step.outputs.iter().chain(kept) {
            let file = path.under(self.root);
            let at = || format!("cannot remove `{path}`, which `{}` writes", step.id);
            absent(fs::remove_file(&file)).with_context(at)?;
        }
        for path in kept {
            // What scoring keeps while it is not done.
            let mut partial = path.under(self.root).into_os_string();
            partial.push(".partial");
            let partial = PathBuf::from(partial);
            let at = || format!("cannot remove what is left of `{path}`");
            absent(fs::remove_dir_all(partial)).with_context(at)?;
        }
        Ok(())
    }

    /// Says what went wrong.
    fn tell(&self, step: &StepRecord) {
        let code = step
            .exit_code
            .map_or("none".to_owned(), |code| code.to_string());
        eprintln!("`{}` failed with exit code {code}", step.id);
        let said = step.stdout_tail.iter().chain(&step.stderr_tail);
        for line in said.chain(&step.faults) {
            eprintln!("    {line}");
        }
    }

    /// What the metrics say against the model.
    fn findings(&self) -> Result<Vec<Statement>> {
        let at = || format!("`{}`", self.metrics);
        let bytes = fs::read(self.metrics.under(self.root)).with_context(at)?;
        let metrics = MetricsDocument::parse(&bytes).with_context(at)?;
        let findings = metrics.negative_findings.iter();
        let findings = findings.map(|text| Statement::new(text.as_str()));
        findings.collect::<Result<_, _>>().with_context(at)
    }
}

/// What is not there need not be removed.
fn absent(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
