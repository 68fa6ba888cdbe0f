//! Reports as JSON.

use geno_core::{Coded, ErrorCode};

use super::{Report, ReportBody, ReportDraft, SealReportError};
use crate::{
    CodeState, FieldError, Fields, Json, JsonError, JsonKind,
    release::{
        ArtifactSet, CommandLine, EvidenceClass, Issue, NegativeFinding, ReleaseIdentity, Statement,
    },
};

/// Why bytes are no report of a kind.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ReadReportError {
    /// The bytes are not JSON.
    #[error("report is not JSON")]
    Json(#[from] JsonError),
    /// A field is missing, unknown or mistyped.
    #[error("report does not follow its schema")]
    Field(#[from] FieldError),
    /// The report follows another schema.
    #[error("report has schema `{found}`, not {expected}")]
    Schema {
        /// What it names.
        found: String,
        /// What is read here.
        expected: &'static str,
    },
    /// Something else wrote the report, or somebody did by hand.
    #[error("report is of `{found}`, not of `{expected}`")]
    Producer {
        /// Whom it names.
        found: String,
        /// Who writes such reports.
        expected: &'static str,
    },
    /// The report leaves out what it has to state.
    #[error(transparent)]
    Seal(#[from] SealReportError),
    /// A field is not what follows from the rest of the report.
    #[error("field `{field}` is not what follows from the report")]
    Derived {
        /// The field.
        field: String,
    },
}

impl Coded for ReadReportError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Json(_) | Self::Field(_) => ErrorCode::InputGeneric,
            Self::Schema { .. } => ErrorCode::ConfigSchemaIncompat,
            Self::Producer { .. } | Self::Seal(_) | Self::Derived { .. } => {
                ErrorCode::ProvenanceGeneric
            }
        }
    }
}

impl<B: ReportBody> Report<B> {
    /// Reads a report of this kind. White space and the order of keys are free.
    ///
    /// # Errors
    ///
    /// [`ReadReportError`], for a report of another kind first, then for fields that are missing,
    /// unknown or mistyped, then for any that is not what follows from the rest.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReadReportError> {
        let document = Json::parse(bytes)?;
        let mut fields = Fields::of_document(document.clone())?;
        let producer = fields.string("generated_by")?;
        if producer != B::PRODUCER {
            return Err(ReadReportError::Producer {
                found: producer,
                expected: B::PRODUCER,
            });
        }
        let schema = fields.string("schema_version")?;
        if schema != B::SCHEMA {
            return Err(ReadReportError::Schema {
                found: schema,
                expected: B::SCHEMA,
            });
        }
        let mut body = fields.object("body")?;
        let draft = ReportDraft {
            generated_at: fields.timestamp("generated_at")?,
            tool: CodeState::take(fields.object("tool")?)?,
            evidence_class: EvidenceClass::take(fields.object("evidence_class")?)?,
            identity: match fields.nullable_object("identity")? {
                Some(identity) => Some(ReleaseIdentity::take(identity)?),
                None => None,
            },
            command: CommandLine::take(&mut fields, "command")?,
            inputs: ArtifactSet::take(&mut fields, "inputs")?,
            outputs: ArtifactSet::take(&mut fields, "outputs")?,
            issues: fields
                .objects("issues")?
                .into_iter()
                .map(Issue::take)
                .collect::<Result<_, _>>()?,
            limitations: Statement::take_all(&mut fields, "limitations")?,
            authored_findings: authored(&mut fields)?,
            body: B::take(&mut body)?,
        };
        body.finish()?;
        // These follow; what they are is compared below.
        fields.bool("ok")?;
        fields.value("claim_boundaries")?;
        fields.finish()?;
        let report = draft.seal()?;
        match first_difference(&report.to_json(), &document) {
            Some(field) => Err(ReadReportError::Derived { field }),
            None => Ok(report),
        }
    }

    pub(super) fn to_json(&self) -> Json {
        let draft = &self.draft;
        let list = |items: Vec<Json>| Json::Array(items);
        let identity = draft.identity.as_ref();
        Json::object([
            ("schema_version", Json::from(B::SCHEMA)),
            ("generated_by", B::PRODUCER.into()),
            ("generated_at", draft.generated_at.to_string().into()),
            ("tool", draft.tool.to_json()),
            ("evidence_class", Json::from(&draft.evidence_class)),
            ("identity", identity.map_or(Json::Null, Json::from)),
            ("command", Json::from(&draft.command)),
            ("inputs", Json::from(&draft.inputs)),
            ("outputs", Json::from(&draft.outputs)),
            ("ok", self.is_ok().into()),
            ("issues", list(self.issues.iter().map(Json::from).collect())),
            (
                "limitations",
                list(draft.limitations.iter().map(Json::from).collect()),
            ),
            (
                "negative_findings",
                list(self.findings.iter().map(Json::from).collect()),
            ),
            (
                "claim_boundaries",
                list(B::CLAIMS.iter().map(|&claim| claim.into()).collect()),
            ),
            ("body", draft.body.to_json()),
        ])
    }
}

fn authored(fields: &mut Fields) -> Result<Vec<Statement>, FieldError> {
    let mut authored = Vec::new();
    for item in fields.objects("negative_findings")? {
        if let NegativeFinding::Authored { text } = NegativeFinding::take(item)? {
            authored.push(text);
        }
    }
    Ok(authored)
}

/// The path of the first place where two documents differ.
fn first_difference(expected: &Json, found: &Json) -> Option<String> {
    let (Json::Object(expected), Json::Object(found)) = (expected, found) else {
        return (expected != found).then(|| JsonKind::Object.to_string());
    };
    let keys = expected.keys().chain(found.keys());
    let differs = |key: &&String| expected.get(*key) != found.get(*key);
    keys.filter(differs).min().map(|key| {
        let inner = expected.get(key).zip(found.get(key));
        match inner {
            Some((a @ Json::Object(_), b @ Json::Object(_))) => {
                let rest = first_difference(a, b);
                format!("{key}.{}", rest.unwrap_or_default())
            }
            _ => key.clone(),
        }
    })
}
