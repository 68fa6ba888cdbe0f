//! Reading a row, strictly.

use std::{collections::BTreeMap, num::NonZeroU32};

use geno_provenance::{Json, Label};

use super::{
    ROLLOUT_STATES_PRODUCER, RolloutStates, SCHEMA_VERSION, StateField, StateRow, StateRowError,
    StateTriple,
};

impl StateRow {
    /// Reads a line.
    ///
    /// `schema_version` may be absent; every other field has to be there, and no other may be.
    ///
    /// # Errors
    ///
    /// [`StateRowError`], which names the field.
    pub fn parse(line: &[u8]) -> Result<Self, StateRowError> {
        let Json::Object(fields) = Json::parse(line).map_err(StateRowError::Json)? else {
            return Err(StateRowError::NotAnObject);
        };
        let mut fields = Fields(fields);
        if fields.text("generated_by")? != ROLLOUT_STATES_PRODUCER {
            return Err(StateRowError::Producer);
        }
        if let Some(version) = fields.0.remove("schema_version")
            && version.as_str() != Some(SCHEMA_VERSION)
        {
            return Err(StateRowError::SchemaVersion);
        }
        let (id, split) = (fields.name("id")?, fields.name("split")?);
        let n_edits = u32::try_from(fields.count("k")?)
            .ok()
            .and_then(NonZeroU32::new)
            .ok_or(StateRowError::WrongType {
                field: "k",
                expected: COUNT,
            })?;
        let states = StateTriple {
            source: fields.state(StateField::Source)?,
            predicted: fields.state(StateField::Predicted)?,
            target: fields.state(StateField::Target)?,
        };
        let target_rank = fields.count("target_rank")?;
        let baseline_target_rank = fields.count("baseline_target_rank")?;
        if let Some(field) = fields.0.into_keys().next() {
            return Err(StateRowError::Unknown { field });
        }
        let rollout = RolloutStates::new(id, split, n_edits, states)?;
        Ok(Self::new(rollout, target_rank, baseline_target_rank))
    }
}

/// What ranks and numbers of edits are.
const COUNT: &str = "a whole number of at least 1";

/// The fields that were not yet taken.
struct Fields(BTreeMap<String, Json>);

impl Fields {
    fn take(&mut self, field: &'static str) -> Result<Json, StateRowError> {
        let value = self.0.remove(field);
        value.ok_or(StateRowError::Missing { field })
    }

    fn text(&mut self, field: &'static str) -> Result<String, StateRowError> {
        match self.take(field)? {
            Json::String(text) => Ok(text),
            _ => Err(StateRowError::WrongType {
                field,
                expected: "a text",
            }),
        }
    }

    fn name(&mut self, field: &'static str) -> Result<Label, StateRowError> {
        let text = self.text(field)?;
        if text.trim() != text {
            return Err(StateRowError::Untrimmed { field });
        }
        Label::new(text).map_err(|source| StateRowError::Name { field, source })
    }

    fn count(&mut self, field: &'static str) -> Result<u64, StateRowError> {
        let count = self.take(field)?.as_u64().filter(|&count| count > 0);
        count.ok_or(StateRowError::WrongType {
            field,
            expected: COUNT,
        })
    }

    fn state(&mut self, field: StateField) -> Result<Vec<f64>, StateRowError> {
        let field = field.name();
        let values = match self.take(field)? {
            Json::Array(values) => values.iter().map(Json::as_f64).collect(),
            _ => None,
        };
        values.ok_or(StateRowError::WrongType {
            field,
            expected: "a list of numbers",
        })
    }
}

#[cfg(test)]
mod tests {
    use geno_provenance::{JsonError, LabelError};

    use super::*;
    use crate::StatesError;

    const ROW: &str = r#"{"generated_by": "geno-lewm-rollout-states", "id": "h", "split": "s", "k": 2,
        "source_state": [1, 0.5], "predicted_state": [1, 0], "target_state": [0, 1],
        "target_rank": 3, "baseline_target_rank": 4}"#;

    fn error(from: &str, to: &str) -> StateRowError {
        assert!(ROW.contains(from), "{from}");
        StateRow::parse(ROW.replace(from, to).as_bytes()).unwrap_err()
    }

    #[test]
    fn a_row_is_read_with_and_without_a_version() {
        let row = StateRow::parse(ROW.as_bytes()).unwrap();
        assert_eq!((row.target_rank(), row.baseline_target_rank()), (3, 4));
        assert_eq!(row.rollout().states().source, [1.0, 0.5]);
        assert_eq!(row.rollout().n_edits().get(), 2);
        let with = ROW.replace("\"k\"", "\"schema_version\": \"1.0.0\", \"k\"");
        assert_eq!(StateRow::parse(with.as_bytes()), Ok(row));
    }

    #[test]
    fn every_fault_of_a_row_has_its_name() {
        let wrong = |field, expected| StateRowError::WrongType { field, expected };
        let states = |error| StateRowError::States(error);
        let field = StateField::Target;
        for (from, to, expected) in [
            ("\"id\": \"h\",", "", StateRowError::Missing { field: "id" }),
            (
                "\"id\"",
                "\"x\": 1, \"id\"",
                StateRowError::Unknown { field: "x".into() },
            ),
            ("\"k\": 2", "\"k\": 0", wrong("k", COUNT)),
            ("\"k\": 2", "\"k\": 2.0", wrong("k", COUNT)),
            ("\"k\": 2", "\"k\": true", wrong("k", COUNT)),
            ("\"k\": 2", "\"k\": 4294967297", wrong("k", COUNT)),
            ("_rank\": 3", "_rank\": 0", wrong("target_rank", COUNT)),
            (
                "_rank\": 4",
                "_rank\": -4",
                wrong("baseline_target_rank", COUNT),
            ),
            ("\"h\"", "7", wrong("id", "a text")),
            ("\"h\"", "\" h\"", StateRowError::Untrimmed { field: "id" }),
            (
                "\"s\"",
                "\"\"",
                StateRowError::Name {
                    field: "split",
                    source: LabelError::Empty,
                },
            ),
            (
                "\"s\"",
                r#""a\nb""#,
                StateRowError::Name {
                    field: "split",
                    source: LabelError::ControlCharacter,
                },
            ),
            ("rollout-states", "eval", StateRowError::Producer),
            (
                "\"id\"",
                "\"schema_version\": \"2.0.0\", \"id\"",
                StateRowError::SchemaVersion,
            ),
            (
                "[0, 1]",
                "[0, true]",
                wrong("target_state", "a list of numbers"),
            ),
            ("[0, 1]", "{}", wrong("target_state", "a list of numbers")),
            ("[0, 1]", "[]", states(StatesError::Empty { field })),
            (
                "[0, 1]",
                "[1]",
                states(StatesError::Width {
                    field,
                    found: 1,
                    expected: 2,
                }),
            ),
            ("[0, 1]", "[0, 0.0]", states(StatesError::Length { field })),
            (
                "[0, 1]",
                "[1e200, 1e200]",
                states(StatesError::Length { field }),
            ),
        ] {
            assert_eq!(error(from, to), expected, "{to}");
        }
        let json = error("[0, 1]", "[0, NaN]");
        assert!(matches!(
            json,
            StateRowError::Json(JsonError::NotFinite { .. })
        ));
        assert_eq!(StateRow::parse(b"[]"), Err(StateRowError::NotAnObject));
    }
}
