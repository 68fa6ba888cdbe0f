//! What a data set holds, and the proof that its splits share nothing.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, Result};
use geno_data::{Fasta, HeldOut, SplitProof};
use geno_provenance::{
    FieldError, Fields, Json, JsonKind, Label, PublicPath,
    release::{Claim, Issue, IssueCode, ReportBody, Severity},
};

use super::{
    contents::Contents,
    facts::{Role, wrong},
    manifest::{File, Manifest},
};

/// What `split_integrity.json` holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Integrity {
    pub(crate) snapshot_id: Label,
    pub(crate) splits: BTreeMap<Label, SplitContents>,
    /// What is trained on against each split that is held out, and what percentiles are made of
    /// against each that is measured on.
    pub(crate) proofs: BTreeMap<(Role, Label), Proof>,
}

/// What a split holds.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct SplitContents {
    pub(crate) records: u64,
    /// Records by their class.
    pub(crate) labels: BTreeMap<Label, u64>,
}

/// The proof of one split, as `geno-data` reports it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Proof {
    pub(crate) is_ok: bool,
    pub(crate) report: Json,
}

impl Integrity {
    /// Reads a data set and proves its splits.
    pub(crate) fn of(folder: &Path, manifest: &Manifest) -> Result<Self> {
        let facts = &manifest.facts;
        let mut splits: BTreeMap<Label, SplitContents> = BTreeMap::new();
        for (path, file) in &manifest.files {
            let contents = Contents::of(folder, path)?;
            let split = splits.entry(file.split.clone()).or_default();
            split.records += contents.records.unwrap_or_default();
            for (label, count) in contents.labels {
                *split.labels.entry(Label::new(label)?).or_default() += count;
            }
        }

        let reference = facts.of_role(Role::Reference);
        let reference = reference.flat_map(|split| manifest.of_split(split));
        let mut reference = reference.filter(|(path, _)| is_fasta(path));
        let fasta = reference
            .next()
            .map(|(path, _)| Fasta::open_untouched(path.under(folder)));
        let fasta = fasta.transpose()?;

        let mut proofs = BTreeMap::new();
        for side in [Role::Train, Role::Calibration] {
            for (name, split) in &facts.splits {
                if is_held_out(split.role, side) {
                    let proof = prove(folder, manifest, side, name, fasta.as_ref());
                    let proof = proof.with_context(|| format!("split `{name}`"))?;
                    proofs.extend(proof.map(|proof| ((side, name.clone()), proof)));
                }
            }
        }
        Ok(Self {
            snapshot_id: facts.snapshot_id.clone(),
            splits,
            proofs,
        })
    }
}

/// The files of a split that list something; an index does not.
fn listed<'a>(
    manifest: &'a Manifest,
    split: &'a Label,
) -> impl Iterator<Item = (&'a PublicPath, &'a File)> {
    manifest
        .of_split(split)
        .filter(|(_, file)| file.records.is_some())
}

/// Whether a file is a genome.
pub(crate) fn is_fasta(path: &PublicPath) -> bool {
    let endings = [".fa", ".fa.gz", ".fasta", ".fasta.gz"];
    endings.iter().any(|ending| path.as_str().ends_with(ending))
}

/// Whether a split of a role must share nothing with those of another.
fn is_held_out(role: Role, from: Role) -> bool {
    match from {
        Role::Train => matches!(
            role,
            Role::Validation | Role::Calibration | Role::Evaluation
        ),
        Role::Calibration => role == Role::Evaluation,
        Role::Validation | Role::Evaluation | Role::Reference => false,
    }
}

/// Compares every split of a role with one that is held out; there is nothing to prove where there is
/// no split of that role.
fn prove(
    folder: &Path,
    manifest: &Manifest,
    side: Role,
    name: &Label,
    fasta: Option<&Fasta>,
) -> Result<Option<Proof>> {
    let mut held_out = HeldOut::new(fasta);
    for (path, _) in listed(manifest, name) {
        held_out.file(&path.under(folder))?;
    }
    let mut proof = SplitProof::new(held_out);
    let mut n_files = 0;
    for split in manifest.facts.of_role(side) {
        for (path, _) in listed(manifest, split) {
            proof.file(&path.under(folder))?;
            n_files += 1;
        }
    }
    let declared = manifest.declared.iter();
    for declared in declared.filter(|declared| declared.is_of(side, name)) {
        proof.declare(declared.check, &declared.reason);
    }
    if n_files == 0 {
        return Ok(None);
    }
    let report = proof.finish();
    let json = serde_json::to_vec(&report)?;
    Ok(Some(Proof {
        is_ok: report.ok,
        report: Json::parse(&json)?,
    }))
}

impl ReportBody for Integrity {
    const PRODUCER: &'static str = "xtask.dataset.integrity";
    const CLAIMS: &'static [Claim] = &[Claim::LabelsAsGiven, Claim::LeakageAsCompared];
    const NEEDS_FINDINGS: bool = false;

    fn take(fields: &mut Fields) -> Result<Self, FieldError> {
        let mut splits = BTreeMap::new();
        for mut item in fields.objects("splits")? {
            let name = item.label("name")?;
            let split = SplitContents {
                records: item.unsigned("records")?,
                labels: item.counts("labels")?,
            };
            item.finish()?;
            if split.labels.values().sum::<u64>() > split.records {
                return Err(wrong("splits[].labels", "at most the number of records"));
            }
            splits.insert(name, split);
        }
        let mut proofs = BTreeMap::new();
        for mut item in fields.objects("proofs")? {
            let side = Role::of(&item.string("used")?)
                .ok_or_else(|| wrong("proofs[].used", Role::EXPECTED))?;
            let held_out = item.label("held_out")?;
            let report = item.value("report")?;
            item.finish()?;
            let Some(&Json::Bool(is_ok)) = report.get("ok") else {
                return Err(FieldError::WrongType {
                    field: "proofs[].report.ok".to_owned(),
                    expected: JsonKind::Bool,
                });
            };
            proofs.insert((side, held_out), Proof { is_ok, report });
        }
        Ok(Self {
            snapshot_id: fields.label("snapshot_id")?,
            splits,
            proofs,
        })
    }

    fn to_json(&self) -> Json {
        let splits = self.splits.iter().map(|(name, split)| {
            let labels = split.labels.iter();
            let labels = labels.map(|(label, count)| (label.as_str(), Json::from(*count)));
            Json::object([
                ("name", Json::from(name)),
                ("records", split.records.into()),
                ("labels", Json::object(labels)),
            ])
        });
        let proofs = self.proofs.iter().map(|((side, name), proof)| {
            Json::object([
                ("used", Json::from(side.as_str())),
                ("held_out", Json::from(name)),
                ("report", proof.report.clone()),
            ])
        });
        Json::object([
            ("snapshot_id", Json::from(&self.snapshot_id)),
            ("splits", Json::Array(splits.collect())),
            ("proofs", Json::Array(proofs.collect())),
        ])
    }

    /// A split that is not proven to be disjoint is an error.
    fn issues(&self) -> Vec<Issue> {
        let failed = self.proofs.iter().filter(|(_, proof)| !proof.is_ok);
        let issue = |side: Role, name: &Label| {
            let message = format!("`{name}` is not proven to share nothing with `{side}`.");
            Some(Issue {
                severity: Severity::Error,
                code: IssueCode::new("dataset.split.leak").ok()?,
                path: None,
                message: Label::new(message).ok()?,
            })
        };
        failed
            .filter_map(|((side, name), _)| issue(*side, name))
            .collect()
    }
}
