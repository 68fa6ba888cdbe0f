//! A metric within a class of variants.

use geno_provenance::{Fields, Json, Label};

use super::{
    comparison::DELTA_ENDS,
    row::{BaselineValue, RowError, interval_json, optional_finite, read_interval},
};
use crate::{bootstrap::Ends, report::float};

/// The primary metric of a split within one class of its variants.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "json-schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields, transform = super::schema::complete_stratum)
)]
pub struct StratumRow {
    /// The set of variants.
    pub split: Label,
    /// What the classes are: a name of [`StratumKind`](crate::StratumKind).
    #[cfg_attr(feature = "json-schema", schemars(rename = "stratum"))]
    pub kind: Label,
    /// The class.
    pub class: Label,
    /// Its variants.
    pub n: u64,
    /// Those that are positive, where labels are classes.
    pub n_positive: Option<u64>,
    /// Which metric.
    pub metric: Label,
    /// Its value; none where the class has too few variants for one, or a single label.
    #[cfg_attr(feature = "json-schema", schemars(skip))]
    pub value: Option<f64>,
    /// Its interval.
    #[cfg_attr(feature = "json-schema", schemars(skip))]
    pub interval: Option<Ends>,
    /// The same of the first baseline.
    #[cfg_attr(feature = "json-schema", schemars(skip))]
    pub baseline: Option<BaselineValue>,
    /// The interval of the difference.
    #[cfg_attr(feature = "json-schema", schemars(skip))]
    pub delta_interval: Option<Ends>,
}

impl StratumRow {
    /// As documents hold it.
    pub(crate) fn to_json(&self) -> Json {
        let mut row = vec![
            ("split", Json::from(&self.split)),
            ("stratum", Json::from(&self.kind)),
            ("class", Json::from(&self.class)),
            ("n", self.n.into()),
            ("metric", Json::from(&self.metric)),
        ];
        row.extend(self.n_positive.map(|n| ("n_positive", n.into())));
        row.extend(self.value.map(|value| ("value", float(value))));
        row.extend(interval_json(self.interval, ["ci_low", "ci_high"]));
        if let Some(baseline) = &self.baseline {
            row.push(("baseline", Json::from(&baseline.name)));
            row.push(("baseline_value", float(baseline.value)));
            row.push(("delta", float(baseline.delta)));
        }
        row.extend(interval_json(self.delta_interval, DELTA_ENDS));
        Json::object(row)
    }

    /// Reads what [`StratumRow::to_json`] gives.
    pub(crate) fn read(mut fields: Fields) -> Result<Self, RowError> {
        let baseline = match fields.contains("baseline") {
            true => Some(BaselineValue {
                name: fields.label("baseline")?,
                value: fields.finite("baseline_value")?.get(),
                delta: fields.finite("delta")?.get(),
            }),
            false => None,
        };
        let row = Self {
            split: fields.label("split")?,
            kind: fields.label("stratum")?,
            class: fields.label("class")?,
            n: fields.unsigned("n")?,
            n_positive: fields.optional_unsigned("n_positive")?,
            metric: fields.label("metric")?,
            value: optional_finite(&mut fields, "value")?,
            interval: read_interval(&mut fields, ["ci_low", "ci_high"])?,
            baseline,
            delta_interval: read_interval(&mut fields, DELTA_ENDS)?,
        };
        fields.finish()?;
        Ok(row)
    }
}
