//! The specification of a data set: what people say of it, and how each file is made.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context, Result, bail, ensure};
use geno_provenance::{FieldError, Fields, Json, Label, PublicPath, release::Statement};

use super::{
    declared::Declared,
    facts::{Facts, Role, wrong},
};

/// The schema version of specifications.
pub(crate) const SPEC_SCHEMA: &str = "1.1.0";

/// How a data set is made.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    pub(crate) facts: Facts,
    pub(crate) files: BTreeMap<PublicPath, FileSpec>,
    pub(crate) declared: Vec<Declared>,
}

/// How one file is made.
#[derive(Clone, Debug)]
pub(crate) struct FileSpec {
    pub(crate) split: Label,
    pub(crate) description: Statement,
    pub(crate) make: Make,
}

/// What a file is made of.
#[derive(Clone, Debug)]
pub(crate) enum Make {
    /// The bytes of a file.
    Copy { input: PublicPath },
    /// Rows of a VCF file, as they are.
    Variants {
        input: PublicPath,
        /// Where they lie; everywhere if there is none.
        regions: Vec<Interval>,
        /// Least frequency by INFO `AF`; both alleles count.
        min_frequency: Option<f64>,
    },
    /// Intervals, as a BED file.
    Regions { regions: Vec<Interval> },
}

/// A stretch of a contig, 0-based and half-open; `20:1000001-2000000` in a specification.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Interval {
    pub(crate) contig: String,
    pub(crate) start: u64,
    pub(crate) end: u64,
}

impl Make {
    /// The file it is made of, if there is one.
    pub(crate) fn input(&self) -> Option<&PublicPath> {
        match self {
            Self::Copy { input } | Self::Variants { input, .. } => Some(input),
            Self::Regions { .. } => None,
        }
    }
}

impl Interval {
    fn parse(text: &str) -> Option<Self> {
        let (contig, span) = text.rsplit_once(':')?;
        let (start, end) = span.split_once('-')?;
        let (start, end) = (start.parse::<u64>().ok()?, end.parse().ok()?);
        let fits = !contig.is_empty() && !contig.contains(char::is_whitespace);
        (fits && start >= 1 && start <= end).then(|| Self {
            contig: contig.to_owned(),
            start: start - 1,
            end,
        })
    }
}

impl Spec {
    /// Reads a specification and checks that it holds together.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let at = || format!("`{}`", path.display());
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", at()))?;
        let document = Json::parse(&bytes).with_context(at)?;
        let spec = Self::take(Fields::of_document(document).with_context(at)?);
        let spec = spec.with_context(at)?;
        spec.check().with_context(at)?;
        Ok(spec)
    }

    fn take(mut fields: Fields) -> Result<Self> {
        let version = fields.string("schema_version")?;
        ensure!(
            version == SPEC_SCHEMA,
            "`schema_version` is `{version}`, not {SPEC_SCHEMA}"
        );
        let facts = Facts::take(&mut fields)?;
        let mut files = BTreeMap::new();
        for mut item in fields.objects("files")? {
            let path = item.path("path")?;
            let file = FileSpec {
                split: item.label("split")?,
                description: Statement::take(&mut item, "description")?,
                make: make(item.object("make")?)?,
            };
            item.finish()?;
            if files.insert(path.clone(), file).is_some() {
                bail!("`{path}` is made twice");
            }
        }
        let declared = Declared::take_all(&mut fields)?;
        fields.finish()?;
        Ok(Self {
            facts,
            files,
            declared,
        })
    }

    /// What no single field can say.
    fn check(&self) -> Result<()> {
        let splits = &self.facts.splits;
        ensure!(!self.facts.limitations.is_empty(), "`limitations` is empty");
        ensure!(!self.facts.sources.is_empty(), "`sources` is empty");
        for (path, file) in &self.files {
            let split = &file.split;
            ensure!(
                splits.contains_key(split),
                "`{path}` is of `{split}`, which is no split"
            );
            let is_generated = super::GENERATED.contains(&path.as_str());
            ensure!(!is_generated, "`{path}` is made by this command itself");
        }
        let used: BTreeSet<_> = self.files.values().map(|file| &file.split).collect();
        for (name, split) in splits {
            ensure!(used.contains(name), "the split `{name}` has no file");
            let has = |role| self.facts.of_role(role).next().is_some();
            let needs_train = matches!(split.role, Role::Evaluation | Role::Validation);
            ensure!(
                !needs_train || has(Role::Train),
                "`{name}` is held out, and there is no split of the role `train`"
            );
        }
        for declared in &self.declared {
            let name = &declared.held_out;
            ensure!(
                splits.contains_key(name),
                "`declared` names `{name}`, which is no split"
            );
        }
        Ok(())
    }

    /// The files that the data set is made of.
    pub(crate) fn inputs(&self) -> BTreeSet<&PublicPath> {
        let makes = self.files.values().map(|file| &file.make);
        makes.filter_map(Make::input).collect()
    }
}

fn make(mut fields: Fields) -> Result<Make, FieldError> {
    let made = match &*fields.string("kind")? {
        "copy" => Make::Copy {
            input: fields.path("input")?,
        },
        "variants" => Make::Variants {
            input: fields.path("input")?,
            regions: match fields.contains("regions") {
                true => regions(&mut fields)?,
                false => Vec::new(),
            },
            min_frequency: match fields.contains("min_frequency") {
                true => Some(fields.finite("min_frequency")?.get()),
                false => None,
            },
        },
        "regions" => Make::Regions {
            regions: regions(&mut fields)?,
        },
        _ => {
            return Err(wrong(
                "files[].make.kind",
                "`copy`, `variants` or `regions`",
            ));
        }
    };
    fields.finish()?;
    Ok(made)
}

fn regions(fields: &mut Fields) -> Result<Vec<Interval>, FieldError> {
    let texts = fields.labels("regions")?;
    let parse = |text: &Label| {
        Interval::parse(text).ok_or_else(|| {
            wrong(
                "files[].make.regions",
                "a list of regions such as `20:1-5000`",
            )
        })
    };
    texts.iter().map(parse).collect()
}
