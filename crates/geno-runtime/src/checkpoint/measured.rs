//! What the weights of a checkpoint do to states, as its own file says.

use std::{collections::BTreeMap, str::FromStr};

use geno_core::{Digest, Dtype, PoolType, StateContract};
use geno_encoder::{CarbonConfig, StateSettings};
use geno_provenance::{Json, canonical_json};
use geno_weights::WeightFile;

use super::{
    measure::{ScoreError, StateError},
    refusal::Int8Refusal,
};
use crate::{config::EncoderSection, lineage::Lineage};

/// The key of a weight file's metadata that holds it.
const KEY: &str = "geno_lewm.measured_error";

/// The error of a checkpoint in a dtype, measured against the checkpoint that it was made from.
///
/// It stands in the metadata of the weight file, so the file's own hash covers it. It is a claim:
/// only measuring again proves it. Numbers have four digits; their last ones are those of the
/// kernel.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasuredError {
    /// Digest of the checkpoint it was measured against, as a manifest holds it.
    pub source: Digest,
    /// The dtype whose error it is.
    pub dtype: Dtype,
    /// The dtype that the source was computed in.
    pub against: Dtype,
    /// How states were made.
    pub settings: MeasuredSettings,
    /// Digest of the windows and their edits.
    pub sites: Digest,
    /// Windows.
    pub n_windows: u64,
    /// The seed that chose windows and edits.
    pub seed: u64,
    /// Of the states of references and edits.
    pub states: StateError,
    /// Of raw surprise, where a model was given.
    pub scores: Option<ScoreError>,
    /// What [`StateError::max`] may be at most.
    pub max_state_error: f64,
    /// The kernel that computed.
    pub kernel: String,
    /// Program and version that measured.
    pub by: String,
}

/// How the states were made whose error was measured. It says nothing about others.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct MeasuredSettings {
    /// The state layer, counted from 0.
    pub state_layer: u64,
    /// Which rows were pooled.
    pub pool_type: PoolType,
    /// Tokens to either side.
    pub pool_radius: u64,
    /// How states were made of them.
    pub contract: StateContract,
    /// Bases of a window.
    pub window_bp: u64,
}

impl MeasuredSettings {
    /// Those of a model's configuration, if its network has such a layer.
    pub(super) fn of(section: &EncoderSection, config: &CarbonConfig) -> Option<Self> {
        let layer = settings(section).layer(config.n_layers)?;
        Some(Self {
            state_layer: layer as u64,
            pool_type: section.pool_type,
            pool_radius: match section.pool_type {
                PoolType::GlobalMean => 0,
                _ => section.pool_radius as u64,
            },
            contract: section.state_contract,
            window_bp: section.window_bp,
        })
    }

    /// The first setting that differs, with this and the other value.
    fn difference(&self, other: &Self) -> Option<(&'static str, String, String)> {
        let both = |of: &dyn Fn(&Self) -> String| (of(self), of(other));
        [
            ("state_layer", both(&|s| s.state_layer.to_string())),
            ("pool_type", both(&|s| s.pool_type.to_string())),
            ("pool_radius", both(&|s| s.pool_radius.to_string())),
            ("state_contract", both(&|s| s.contract.to_string())),
            ("window_bp", both(&|s| s.window_bp.to_string())),
        ]
        .into_iter()
        .find(|(_, (own, other))| own != other)
        .map(|(what, (own, other))| (what, own, other))
    }
}

/// What turns hidden rows into states by a model's configuration.
pub(crate) fn settings(section: &EncoderSection) -> StateSettings {
    StateSettings {
        state_layer: section.state_layer,
        pool_type: section.pool_type,
        pool_radius: section.pool_radius,
        contract: section.state_contract,
    }
}

impl MeasuredError {
    /// Reads the claim of a weight file; none where there is none.
    pub(crate) fn read(file: &[u8]) -> Option<Result<Self, Int8Refusal>> {
        let file = WeightFile::parse(file).ok()?;
        Self::of_metadata(file.metadata())
    }

    fn of_metadata(metadata: &BTreeMap<String, String>) -> Option<Result<Self, Int8Refusal>> {
        let text = metadata.get(KEY)?;
        let json = Json::parse(text.as_bytes()).ok();
        let read = json.ok_or("the whole of it").and_then(|json| read(&json));
        Some(read.map_err(|field| Int8Refusal::Malformed { field }))
    }

    /// Adds the claim to the metadata of a weight file.
    pub(super) fn add_to(&self, metadata: &mut BTreeMap<String, String>) {
        let text = canonical_json(&self.to_json());
        let text = String::from_utf8(text).expect("JSON is text");
        metadata.insert(KEY.to_owned(), text);
    }

    /// The claim as JSON.
    pub fn to_json(&self) -> Json {
        let Self { settings, .. } = self;
        let mut fields = vec![
            ("against", Json::from(self.against.as_str())),
            ("by", self.by.as_str().into()),
            ("dtype", self.dtype.as_str().into()),
            ("kernel", self.kernel.as_str().into()),
            ("max_state_error", number(self.max_state_error)),
            ("n_windows", self.n_windows.into()),
            ("pool_radius", settings.pool_radius.into()),
            ("pool_type", settings.pool_type.as_str().into()),
            ("seed", self.seed.into()),
            ("sites", self.sites.into()),
            ("source", self.source.into()),
            ("state_contract", settings.contract.as_str().into()),
            ("state_layer", settings.state_layer.into()),
            ("states", self.states.to_json()),
            ("window_bp", settings.window_bp.into()),
        ];
        if let Some(scores) = &self.scores {
            fields.push(("scores", scores.to_json()));
        }
        Json::object(fields)
    }

    /// Whether the error stays below its bound.
    ///
    /// # Errors
    ///
    /// [`Int8Refusal::Exceeded`].
    pub fn check_bound(&self) -> Result<(), Int8Refusal> {
        let (error, bound) = (self.states.max, self.max_state_error);
        // Nothing that is no number passes.
        if error <= bound && bound.is_finite() {
            return Ok(());
        }
        Err(Int8Refusal::Exceeded {
            dtype: self.dtype,
            measured: Box::new(self.clone()),
        })
    }

    /// Whether a model may use the checkpoint in int8: measured in that dtype, against what it was
    /// made from, as the model makes states, and below its bound.
    pub(crate) fn admit(
        &self,
        section: &EncoderSection,
        config: &CarbonConfig,
        lineage: Option<&Lineage>,
    ) -> Result<(), Int8Refusal> {
        let made_from = lineage.and_then(|lineage| lineage.steps.last());
        if self.dtype != Dtype::Int8 || made_from.is_none_or(|step| step.from != self.source) {
            return Err(Int8Refusal::OtherSource);
        }
        let model = MeasuredSettings::of(section, config);
        let model = model.ok_or(Int8Refusal::OtherSource)?;
        if let Some((what, measured, model)) = self.settings.difference(&model) {
            return Err(Int8Refusal::OtherSettings {
                what,
                measured,
                model,
            });
        }
        self.check_bound()
    }
}

/// Four significant digits.
pub(super) fn number(value: f64) -> Json {
    let rounded: f64 = format!("{value:.3e}")
        .parse()
        .expect("a number as it was written");
    Json::float(rounded).expect("a finite number")
}

/// A number of a claim: finite, or none.
pub(super) fn finite(json: &Json, key: &'static str) -> Result<f64, &'static str> {
    let value = json.get(key).and_then(Json::as_f64);
    value.filter(|value| value.is_finite()).ok_or(key)
}

fn read(json: &Json) -> Result<MeasuredError, &'static str> {
    let text = |key| json.get(key).and_then(Json::as_str).ok_or(key);
    let whole = |key| json.get(key).and_then(Json::as_u64).ok_or(key);
    Ok(MeasuredError {
        source: named(json, "source")?,
        dtype: named(json, "dtype")?,
        against: named(json, "against")?,
        settings: MeasuredSettings {
            state_layer: whole("state_layer")?,
            pool_type: named(json, "pool_type")?,
            pool_radius: whole("pool_radius")?,
            contract: named(json, "state_contract")?,
            window_bp: whole("window_bp")?,
        },
        sites: named(json, "sites")?,
        n_windows: whole("n_windows")?,
        seed: whole("seed")?,
        states: StateError::read(json.get("states").ok_or("states")?)?,
        scores: json.get("scores").map(ScoreError::read).transpose()?,
        max_state_error: finite(json, "max_state_error")?,
        kernel: text("kernel")?.to_owned(),
        by: text("by")?.to_owned(),
    })
}

fn named<T: FromStr>(json: &Json, key: &'static str) -> Result<T, &'static str> {
    let text = json.get(key).and_then(Json::as_str);
    text.and_then(|text| text.parse().ok()).ok_or(key)
}
