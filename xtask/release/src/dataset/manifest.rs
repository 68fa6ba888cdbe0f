//! The manifest of a data set: what people say of it, and each of its files.

use std::collections::BTreeMap;

use geno_core::Digest;
use geno_provenance::{
    FieldError, Fields, Json, Label, PublicPath,
    release::{Claim, ReportBody, Statement},
};

use super::{declared::Declared, facts::Facts, spec::SPEC_SCHEMA};

/// What `dataset_manifest.json` holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Manifest {
    pub(crate) facts: Facts,
    /// Digest of the specification.
    pub(crate) spec: Digest,
    pub(crate) files: BTreeMap<PublicPath, File>,
    pub(crate) declared: Vec<Declared>,
}

/// A file of a data set.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct File {
    pub(crate) split: Label,
    pub(crate) description: Statement,
    pub(crate) digest: Digest,
    pub(crate) size: u64,
    /// Records in it, where it is a list of records.
    pub(crate) records: Option<u64>,
    /// The file it is made of, if there is one.
    pub(crate) made_of: Option<PublicPath>,
}

impl Manifest {
    /// The files of a split.
    pub(crate) fn of_split<'a>(
        &'a self,
        split: &'a Label,
    ) -> impl Iterator<Item = (&'a PublicPath, &'a File)> {
        self.files
            .iter()
            .filter(move |(_, file)| file.split == *split)
    }

    /// Records of a split.
    pub(crate) fn records(&self, split: &Label) -> u64 {
        self.of_split(split)
            .filter_map(|(_, file)| file.records)
            .sum()
    }
}

impl ReportBody for Manifest {
    const PRODUCER: &'static str = "xtask.dataset.package";
    const SCHEMA: &'static str = SPEC_SCHEMA;
    const CLAIMS: &'static [Claim] = &[
        Claim::LabelsAsGiven,
        Claim::NoClinicalUse,
        Claim::NoPrivacyAssurance,
    ];
    const NEEDS_FINDINGS: bool = false;

    fn take(fields: &mut Fields) -> Result<Self, FieldError> {
        let facts = Facts::take(fields)?;
        let mut files = BTreeMap::new();
        for mut item in fields.objects("files")? {
            let path = item.path("path")?;
            let file = File {
                split: item.label("split")?,
                description: Statement::take(&mut item, "description")?,
                digest: item.digest("sha256")?,
                size: item.unsigned("size_bytes")?,
                records: item.optional_unsigned("records")?,
                made_of: item.optional_path("made_of")?,
            };
            item.finish()?;
            files.insert(path, file);
        }
        Ok(Self {
            facts,
            spec: fields.digest("spec_sha256")?,
            files,
            declared: Declared::take_all(fields)?,
        })
    }

    fn to_json(&self) -> Json {
        let files = self.files.iter().map(|(path, file)| {
            Json::object([
                ("path", Json::from(path)),
                ("split", Json::from(&file.split)),
                ("description", Json::from(&file.description)),
                ("sha256", file.digest.into()),
                ("size_bytes", file.size.into()),
                ("records", file.records.map_or(Json::Null, Json::from)),
                (
                    "made_of",
                    file.made_of.as_ref().map_or(Json::Null, Json::from),
                ),
            ])
        });
        let declared = self.declared.iter().map(Json::from);
        let mut fields = self.facts.fields();
        fields.push(("spec_sha256", self.spec.into()));
        fields.push(("files", Json::Array(files.collect())));
        fields.push(("declared", Json::Array(declared.collect())));
        Json::object(fields)
    }
}
