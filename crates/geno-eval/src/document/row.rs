//! A metric of a document.

use geno_core::Digest;
use geno_provenance::{FieldError, Fields, Json, Label};

use crate::{bootstrap::Ends, report::float};

/// A metric on a split.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "json-schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields, transform = super::schema::complete_metric)
)]
pub struct MetricRow {
    /// Which metric.
    pub name: Label,
    /// Its value.
    pub value: f64,
    /// The set of variants.
    pub split: Label,
    /// What it is measured in.
    pub unit: Label,
    /// Whether a higher value is better.
    pub higher_is_better: bool,
    /// What it is compared to. Then the variants are known.
    #[cfg_attr(feature = "json-schema", schemars(skip))]
    pub baseline: Option<BaselineValue>,
    /// Its interval, low end first.
    #[cfg_attr(feature = "json-schema", schemars(skip))]
    pub interval: Option<Ends>,
    /// Number of variants or rows, at least 1.
    #[cfg_attr(feature = "json-schema", schemars(extend("minimum" = 1)))]
    pub n: Option<u64>,
    /// How it was computed.
    pub notes: Option<Label>,
    /// The variants: see [`Join::variants_digest`](crate::Join::variants_digest).
    #[cfg_attr(
        feature = "json-schema",
        schemars(rename = "evaluated_variant_keys_sha256", with = "Digest", default)
    )]
    pub variants: Option<Digest>,
}

/// The same metric of a baseline, on the same variants.
#[derive(Clone, Debug, PartialEq)]
pub struct BaselineValue {
    /// The baseline.
    pub name: Label,
    /// Its value.
    pub value: f64,
    /// How far the metric is better, or above it: rows of rollouts have the latter.
    pub delta: f64,
}

impl MetricRow {
    /// How much better the metric is than its baseline, below 0 where it is worse; none without one. Whether that
    /// is more than chance gives, an interval has to say.
    pub fn better_by(&self) -> Option<f64> {
        let difference = self.value - self.baseline.as_ref()?.value;
        Some(match self.higher_is_better {
            true => difference,
            false => -difference,
        })
    }

    /// As documents hold it.
    pub(crate) fn to_json(&self) -> Json {
        let mut row = vec![
            ("name", Json::from(&self.name)),
            ("value", float(self.value)),
            ("split", Json::from(&self.split)),
            ("unit", Json::from(&self.unit)),
            ("higher_is_better", self.higher_is_better.into()),
        ];
        if let Some(baseline) = &self.baseline {
            row.push(("baseline", Json::from(&baseline.name)));
            row.push(("baseline_value", float(baseline.value)));
            row.push(("delta_vs_baseline", float(baseline.delta)));
            let variants = self.variants.map(Json::from);
            let key = "baseline_evaluated_variant_keys_sha256";
            row.extend(variants.map(|variants| (key, variants)));
        }
        row.extend(interval_json(self.interval, ["ci_low", "ci_high"]));
        row.extend(self.n.map(|n| ("n", n.into())));
        row.extend(self.notes.as_ref().map(|notes| ("notes", notes.into())));
        let variants = self.variants.map(Json::from);
        row.extend(variants.map(|variants| ("evaluated_variant_keys_sha256", variants)));
        Json::object(row)
    }

    /// Reads what [`MetricRow::to_json`] gives, or the Python package.
    pub(crate) fn read(mut fields: Fields) -> Result<Self, RowError> {
        let baseline = fields.contains("baseline").then(|| {
            Ok::<_, FieldError>(BaselineValue {
                name: fields.label("baseline")?,
                value: fields.finite("baseline_value")?.get(),
                delta: fields.finite("delta_vs_baseline")?.get(),
            })
        });
        let baseline = baseline.transpose()?;
        let variants = "evaluated_variant_keys_sha256";
        let variants = match baseline.is_some() || fields.contains(variants) {
            true => Some(fields.digest(variants)?),
            false => None,
        };
        if baseline.is_some() {
            let theirs = fields.digest("baseline_evaluated_variant_keys_sha256")?;
            if variants != Some(theirs) {
                return Err(RowError::OtherVariants);
            }
        }
        let row = Self {
            name: fields.label("name")?,
            value: fields.finite("value")?.get(),
            split: fields.label("split")?,
            unit: fields.label("unit")?,
            higher_is_better: fields.bool("higher_is_better")?,
            baseline,
            interval: read_interval(&mut fields, ["ci_low", "ci_high"])?,
            n: fields.optional_unsigned("n")?,
            notes: fields.optional_label("notes")?,
            variants,
        };
        if row.n == Some(0) {
            return Err(RowError::NoVariants);
        }
        fields.finish()?;
        Ok(row)
    }
}

/// What is wrong with a row of a document.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RowError {
    /// A field is not what its schema says.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// The ends of an interval are not in order.
    #[error("`{low}` is above `{high}`")]
    Ends {
        /// The low end.
        low: &'static str,
        /// The high end.
        high: &'static str,
    },
    /// A metric and its baseline are of different variants.
    #[error("the metric and its baseline are not of the same variants")]
    OtherVariants,
    /// `n` is 0.
    #[error("`n` is 0")]
    NoVariants,
    /// The verdict is not what the interval says.
    #[error("`verdict` is not what the interval says")]
    OtherVerdict,
    /// A field says something of an interval that is not there.
    #[error("`{field}` is there without an interval")]
    NoInterval {
        /// The field.
        field: &'static str,
    },
    /// A word is none of those known.
    #[error("`{field}` is none of the words known")]
    Word {
        /// The field.
        field: &'static str,
    },
}

pub(super) fn interval_json(
    interval: Option<Ends>,
    names: [&'static str; 2],
) -> impl Iterator<Item = (&'static str, Json)> {
    let ends = interval.into_iter().flatten();
    names.into_iter().zip(ends.map(float))
}

/// Reads both ends of an interval, or none.
pub(super) fn read_interval(
    fields: &mut Fields,
    [low, high]: [&'static str; 2],
) -> Result<Option<Ends>, RowError> {
    if !fields.contains(low) && !fields.contains(high) {
        return Ok(None);
    }
    let ends = [fields.finite(low)?.get(), fields.finite(high)?.get()];
    match ends[0] <= ends[1] {
        true => Ok(Some(ends)),
        false => Err(RowError::Ends { low, high }),
    }
}

/// Takes a finite number that may be absent.
pub(super) fn optional_finite(fields: &mut Fields, key: &str) -> Result<Option<f64>, FieldError> {
    match fields.contains(key) {
        true => fields.finite(key).map(|value| Some(value.get())),
        false => Ok(None),
    }
}
