//! One haplotype's states: where it starts, what is predicted, and what is encoded.

mod error;
mod parse;

use std::num::NonZeroU32;

use geno_provenance::{Json, Label, summary_json};

pub use self::error::{StateField, StateRowError, StatesError};
use crate::vector::norm;

/// What files of state rows name as their producer.
pub const ROLLOUT_STATES_PRODUCER: &str = "geno-lewm-rollout-states";

/// The version of the schema of state rows.
const SCHEMA_VERSION: &str = "1.0.0";

/// Three states of one haplotype.
#[derive(Clone, Debug, PartialEq)]
pub struct StateTriple {
    /// The state of the reference window.
    pub source: Vec<f64>,
    /// The state that is predicted after the last edit.
    pub predicted: Vec<f64>,
    /// The state of the window with every edit applied.
    pub target: Vec<f64>,
}

/// The states of a haplotype that can be compared: of one width, finite, and none of them zero.
#[derive(Clone, Debug, PartialEq)]
pub struct RolloutStates {
    id: Label,
    split: Label,
    n_edits: NonZeroU32,
    states: StateTriple,
}

/// A haplotype's states, and where its target stands among others.
#[derive(Clone, Debug, PartialEq)]
pub struct StateRow {
    rollout: RolloutStates,
    target_rank: u64,
    baseline_target_rank: u64,
}

impl RolloutStates {
    /// Joins what is known of one haplotype.
    ///
    /// # Errors
    ///
    /// [`StatesError`] for states that are empty, of different widths, not finite or of length 0.
    pub fn new(
        id: Label,
        split: Label,
        n_edits: NonZeroU32,
        states: StateTriple,
    ) -> Result<Self, StatesError> {
        let expected = states.source.len();
        for (field, state) in states.fields() {
            if state.is_empty() {
                return Err(StatesError::Empty { field });
            }
            if state.len() != expected {
                let found = state.len();
                return Err(StatesError::Width {
                    field,
                    found,
                    expected,
                });
            }
            if let Some(index) = state.iter().position(|value| !value.is_finite()) {
                return Err(StatesError::NotFinite { field, index });
            }
            let length = norm(state);
            if length == 0.0 || !length.is_finite() {
                return Err(StatesError::Length { field });
            }
        }
        Ok(Self {
            id,
            split,
            n_edits,
            states,
        })
    }

    /// The name of the haplotype; no two rows of a file have one.
    pub fn id(&self) -> &Label {
        &self.id
    }

    /// What the row is evaluated with.
    pub fn split(&self) -> &Label {
        &self.split
    }

    /// How many edits the haplotype has: `k` of a state row.
    pub fn n_edits(&self) -> NonZeroU32 {
        self.n_edits
    }

    /// The states.
    pub fn states(&self) -> &StateTriple {
        &self.states
    }
}

impl StateTriple {
    fn fields(&self) -> [(StateField, &[f64]); 3] {
        [
            (StateField::Source, &self.source),
            (StateField::Predicted, &self.predicted),
            (StateField::Target, &self.target),
        ]
    }
}

impl StateRow {
    /// Adds the ranks, which count from 1.
    ///
    /// # Panics
    ///
    /// If a rank is 0.
    pub fn new(rollout: RolloutStates, target_rank: u64, baseline_target_rank: u64) -> Self {
        assert!(
            target_rank > 0 && baseline_target_rank > 0,
            "ranks count from 1"
        );
        Self {
            rollout,
            target_rank,
            baseline_target_rank,
        }
    }

    /// The haplotype and its states.
    pub fn rollout(&self) -> &RolloutStates {
        &self.rollout
    }

    /// How many targets are as near to the predicted state as the row's own or nearer, itself among
    /// them.
    pub fn target_rank(&self) -> u64 {
        self.target_rank
    }

    /// The same for the source state: the rank of a prediction that nothing changes.
    pub fn baseline_target_rank(&self) -> u64 {
        self.baseline_target_rank
    }

    /// The row as a line of a file, without a newline. Reading it gives the same numbers.
    ///
    /// # Examples
    ///
    /// ```
    /// use geno_eval::{RolloutStates, StateRow, StateTriple};
    /// use geno_provenance::Label;
    ///
    /// let states = StateTriple { source: vec![1.0], predicted: vec![0.5], target: vec![0.25] };
    /// let (id, split) = (Label::new("h1")?, Label::new("demo")?);
    /// let row = StateRow::new(RolloutStates::new(id, split, 2.try_into()?, states)?, 1, 3);
    /// assert_eq!(StateRow::parse(row.to_json().as_bytes())?, row);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_json(&self) -> String {
        let rollout = &self.rollout;
        let state = |values: &[f64]| {
            let float = |&value: &f64| Json::float(value).expect("states are finite");
            Json::Array(values.iter().map(float).collect())
        };
        let fixed = [
            ("schema_version", SCHEMA_VERSION.into()),
            ("generated_by", ROLLOUT_STATES_PRODUCER.into()),
            ("id", rollout.id.as_str().into()),
            ("split", rollout.split.as_str().into()),
            ("k", rollout.n_edits.get().into()),
            ("target_rank", self.target_rank.into()),
            ("baseline_target_rank", self.baseline_target_rank.into()),
        ];
        let states = rollout.states.fields();
        let states = states.map(|(field, values)| (field.name(), state(values)));
        summary_json(&Json::object(fixed.into_iter().chain(states)))
    }
}
