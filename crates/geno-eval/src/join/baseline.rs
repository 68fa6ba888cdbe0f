//! What scores are compared to.

use std::{ops::ControlFlow, path::PathBuf, str::FromStr};

use geno_core::{Coded, ErrorCode};
use geno_data::{Progress, VariantKeys};
use geno_provenance::Label;

use super::{
    EvaluatedVariant, ScoreSource,
    labels::Labelled,
    scores::{Column, ReadColumn},
};
use crate::variant_rows::{ReadVariantsError, RowFault};

/// What scores are compared to.
#[derive(Clone, Debug, PartialEq)]
pub enum Baseline {
    /// Scores of a file.
    File(ScoreSource),
    /// Scores that follow from the labelled variants.
    BuiltIn {
        /// Which.
        rule: BuiltIn,
        /// From which score on a variant counts as positive, if metrics of that are wanted.
        threshold: Option<f64>,
    },
}

/// A baseline that needs no model.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum BuiltIn {
    /// 1 for a transversion and 0 for a transition: what a model has to beat that only knows which substitutions are
    /// common. Of other edits than those of one base it says nothing, so these are without a score.
    Transversion,
    /// One minus the frequency of the allele: the rarer, the higher.
    ///
    /// Without a file it is that of the row of the labels (`AF` or `allele_frequency`), and a row without one is
    /// without a score. With a file, a variant that is not in it has the frequency 0, and a variant that is in it
    /// without a frequency is without a score.
    AlleleFrequency {
        /// Where frequencies are: `AF` of whatever [`VariantRows`](crate::VariantRows) reads.
        file: Option<PathBuf>,
    },
}

/// A word that is no built-in baseline.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{name}` is no baseline that is built in: {}", BuiltIn::NAMES.join(", "))]
pub struct UnknownBaseline {
    /// The word.
    name: String,
}

impl Coded for UnknownBaseline {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

/// Where frequencies stand in a file.
const FREQUENCY: &str = "AF";

impl From<ScoreSource> for Baseline {
    fn from(source: ScoreSource) -> Self {
        Self::File(source)
    }
}

impl FromStr for BuiltIn {
    type Err = UnknownBaseline;

    fn from_str(name: &str) -> Result<Self, UnknownBaseline> {
        let all = [Self::Transversion, Self::AlleleFrequency { file: None }];
        let mut all = all.into_iter();
        all.find(|one| one.name() == name)
            .ok_or_else(|| UnknownBaseline {
                name: name.to_owned(),
            })
    }
}

impl BuiltIn {
    const NAMES: [&str; 2] = ["transversion", "allele_frequency"];

    /// The name used in documents.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Transversion => Self::NAMES[0],
            Self::AlleleFrequency { .. } => Self::NAMES[1],
        }
    }

    /// Where its scores come from, in words.
    fn describe(&self) -> &'static str {
        match self {
            Self::Transversion => "the alleles",
            Self::AlleleFrequency { .. } => "1 - AF",
        }
    }

    /// From which score on a variant counts as positive, unless somebody says otherwise.
    pub fn threshold(&self) -> Option<f64> {
        match self {
            Self::Transversion => Some(0.5),
            Self::AlleleFrequency { .. } => None,
        }
    }
}

impl Baseline {
    /// Its name in documents.
    pub fn name(&self) -> &str {
        match self {
            Self::File(source) => &source.name,
            Self::BuiltIn { rule, .. } => rule.name(),
        }
    }

    /// The file that its scores come from, if there is one.
    pub fn path(&self) -> Option<&PathBuf> {
        match self {
            Self::File(source) => Some(&source.path),
            Self::BuiltIn { rule, .. } => match rule {
                BuiltIn::AlleleFrequency { file } => file.as_ref(),
                BuiltIn::Transversion => None,
            },
        }
    }

    /// The scores of the labelled variants; none if `on_progress` breaks off.
    pub(super) fn read(
        &self,
        labelled: &Labelled,
        keys: &mut VariantKeys<'_>,
        on_progress: &mut impl FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Option<ReadColumn>, ReadVariantsError> {
        let (rule, threshold) = match self {
            Self::File(source) => {
                let mut column = Column::new(source, labelled);
                let read = column.read(labelled, keys, on_progress)?;
                return Ok(read.map(|()| column.finish()));
            }
            Self::BuiltIn { rule, threshold } => (rule, *threshold),
        };
        let name = Label::new(rule.name()).expect("a word");
        let own = |score: fn(&EvaluatedVariant) -> Option<f64>| ReadColumn {
            name: name.clone(),
            field: rule.describe().to_owned(),
            threshold,
            scores: labelled.variants().map(score).collect(),
            extra: 0,
            absent: 0,
        };
        let file = match rule {
            BuiltIn::Transversion => return Ok(Some(own(transversion))),
            BuiltIn::AlleleFrequency { file: None } => {
                let rarity =
                    |variant: &EvaluatedVariant| Some(1.0 - variant.strata.allele_frequency?);
                return Ok(Some(own(rarity)));
            }
            BuiltIn::AlleleFrequency { file: Some(file) } => file,
        };
        let source = ScoreSource {
            name,
            path: file.clone(),
            field: FREQUENCY.to_owned(),
            threshold,
            producer: None,
        };
        let mut column = Column::new(&source, labelled);
        if column.read(labelled, keys, on_progress)?.is_none() {
            return Ok(None);
        }
        column.rarities(rule.describe()).map(Some)
    }
}

impl Column<'_> {
    /// One minus each frequency, which is 0 of a variant that is not in the file.
    fn rarities(self, field: &str) -> Result<ReadColumn, ReadVariantsError> {
        let path = &self.source.path;
        for (frequency, place) in self.given() {
            if !(0.0..=1.0).contains(&frequency) {
                return Err(ReadVariantsError::Row {
                    path: path.clone(),
                    place,
                    source: RowFault::NotAPart {
                        field: FREQUENCY.to_owned(),
                    },
                });
            }
        }
        let blank = self.blank.clone();
        let mut column = self.finish();
        column.field = field.to_owned();
        for (i, score) in column.scores.iter_mut().enumerate() {
            match score {
                Some(frequency) => *score = Some(1.0 - *frequency),
                None if blank.contains(&i) => {}
                None => {
                    column.absent += 1;
                    *score = Some(1.0);
                }
            }
        }
        Ok(column)
    }
}

/// Of a change of one base: 1 if it is from one with one ring to one with two, or back.
fn transversion(variant: &EvaluatedVariant) -> Option<f64> {
    let (reference, alternate) = (&variant.reference, &variant.alternate);
    if reference.len() != alternate.len() {
        return None;
    }
    let pairs = reference.bytes().zip(alternate.bytes());
    let mut changed = pairs.filter(|(from, to)| from != to);
    let (from, to) = changed.next()?;
    if changed.next().is_some() {
        return None;
    }
    let is_purine = |base| matches!(base, b'A' | b'G');
    Some(f64::from(is_purine(from) != is_purine(to)))
}
