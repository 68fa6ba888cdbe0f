//! What people say of a data set.

use std::{collections::BTreeMap, fmt};

use geno_provenance::{
    FieldError, Fields, Json, Label,
    release::{EvidenceClass, FixtureReason, PublicUrl, Statement},
};

/// What people say of a data set: it stands in its specification and, the same, in its manifest.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Facts {
    /// `geno-lewm-data-v0.3.0-r1`, or another name.
    pub(crate) snapshot_id: Label,
    /// Whether the data are made up.
    pub(crate) is_made_up: bool,
    pub(crate) assembly: Label,
    pub(crate) sources: BTreeMap<Label, Source>,
    pub(crate) license: Statement,
    pub(crate) preprocessing: Vec<Statement>,
    pub(crate) split_policy: Statement,
    pub(crate) intended_use: Statement,
    pub(crate) limitations: Vec<Statement>,
    pub(crate) splits: BTreeMap<Label, Split>,
}

/// Where data come from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Source {
    pub(crate) revision: Label,
    pub(crate) url: PublicUrl,
    pub(crate) license: Statement,
}

/// A part of the data.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Split {
    pub(crate) role: Role,
    pub(crate) description: Statement,
}

/// What a part of the data is for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Role {
    /// A model learns from it.
    Train,
    /// It chooses among models.
    Validation,
    /// Percentiles are made of it.
    Calibration,
    /// Models are measured on it.
    Evaluation,
    /// It says nothing of any variant, such as a reference genome.
    Reference,
}

impl Role {
    const ALL: [Self; 5] = [
        Self::Train,
        Self::Validation,
        Self::Calibration,
        Self::Evaluation,
        Self::Reference,
    ];

    /// What a field is not that holds none.
    pub(crate) const EXPECTED: &str =
        "`train`, `validation`, `calibration`, `evaluation` or `reference`";

    /// The role of a name.
    pub(crate) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Calibration => "calibration",
            Self::Evaluation => "evaluation",
            Self::Reference => "reference",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The error of a field that holds something else than it should.
pub(crate) fn wrong(field: &str, expected: &'static str) -> FieldError {
    FieldError::Value {
        field: field.to_owned(),
        expected,
    }
}

/// Takes a list of objects with a `name`, each name once.
fn named<V>(
    fields: &mut Fields,
    key: &str,
    take: impl Fn(&mut Fields) -> Result<V, FieldError>,
) -> Result<BTreeMap<Label, V>, FieldError> {
    let mut all = BTreeMap::new();
    for mut item in fields.objects(key)? {
        let name = item.label("name")?;
        let value = take(&mut item)?;
        item.finish()?;
        if all.insert(name, value).is_some() {
            let field = key.to_owned();
            return Err(FieldError::Unsorted { field });
        }
    }
    Ok(all)
}

impl Facts {
    pub(crate) fn take(fields: &mut Fields) -> Result<Self, FieldError> {
        let source = |fields: &mut Fields| {
            Ok(Source {
                revision: fields.label("revision")?,
                url: PublicUrl::new(fields.string("url")?)
                    .map_err(|_| wrong("sources[].url", "an `https` address without secrets"))?,
                license: Statement::take(fields, "license")?,
            })
        };
        let split = |fields: &mut Fields| {
            let role = Role::of(&fields.string("role")?);
            Ok(Split {
                role: role.ok_or_else(|| wrong("splits[].role", Role::EXPECTED))?,
                description: Statement::take(fields, "description")?,
            })
        };
        Ok(Self {
            snapshot_id: fields.label("snapshot_id")?,
            is_made_up: fields.bool("is_made_up")?,
            assembly: fields.label("assembly")?,
            sources: named(fields, "sources", source)?,
            license: Statement::take(fields, "license")?,
            preprocessing: Statement::take_all(fields, "preprocessing")?,
            split_policy: Statement::take(fields, "split_policy")?,
            intended_use: Statement::take(fields, "intended_use")?,
            limitations: Statement::take_all(fields, "limitations")?,
            splits: named(fields, "splits", split)?,
        })
    }

    /// The fields of a document.
    pub(crate) fn fields(&self) -> Vec<(&'static str, Json)> {
        let list = |texts: &[Statement]| Json::Array(texts.iter().map(Json::from).collect());
        let sources = self.sources.iter().map(|(name, source)| {
            Json::object([
                ("name", Json::from(name)),
                ("revision", Json::from(&source.revision)),
                ("url", Json::from(&source.url)),
                ("license", Json::from(&source.license)),
            ])
        });
        let splits = self.splits.iter().map(|(name, split)| {
            Json::object([
                ("name", Json::from(name)),
                ("role", Json::from(split.role.as_str())),
                ("description", Json::from(&split.description)),
            ])
        });
        vec![
            ("snapshot_id", Json::from(&self.snapshot_id)),
            ("is_made_up", self.is_made_up.into()),
            ("assembly", Json::from(&self.assembly)),
            ("sources", Json::Array(sources.collect())),
            ("license", Json::from(&self.license)),
            ("preprocessing", list(&self.preprocessing)),
            ("split_policy", Json::from(&self.split_policy)),
            ("intended_use", Json::from(&self.intended_use)),
            ("limitations", list(&self.limitations)),
            ("splits", Json::Array(splits.collect())),
        ]
    }

    /// Whether reports of these data may count as evidence.
    pub(crate) fn evidence_class(&self) -> EvidenceClass {
        match self.is_made_up {
            true => EvidenceClass::fixture(FixtureReason::MadeUpData),
            false => EvidenceClass::RELEASE,
        }
    }

    /// Names of the splits of a role.
    pub(crate) fn of_role(&self, role: Role) -> impl Iterator<Item = &Label> {
        let splits = self.splits.iter();
        splits
            .filter(move |(_, split)| split.role == role)
            .map(|(name, _)| name)
    }
}
