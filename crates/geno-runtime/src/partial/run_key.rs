//! What must be the same for a run to be resumed.

use std::collections::BTreeMap;

use geno_core::Digest;
use geno_provenance::Json;

use crate::{identity::ModelIdentity, input_files::Hashed, runtime::Runtime, score_vcf::ScoreVcf};

/// Everything that decides a run's bytes, by name, but for the time.
///
/// Batch size and threads are not among it, for they decide nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct RunKey(BTreeMap<String, String>);

impl RunKey {
    pub(crate) fn new(
        runtime: &Runtime,
        model: &ModelIdentity,
        request: &ScoreVcf<'_>,
        inputs: &Hashed,
    ) -> Self {
        let (backend, arithmetic) = (runtime.backend(), runtime.arithmetic());
        let text = |text: Option<&str>| text.unwrap_or("-").to_owned();
        // The digest of a secret of 32 random bytes says nothing of it.
        let salt = request.receipts.and_then(|receipts| receipts.salt);
        let salt = salt.map(|salt| {
            let bytes = [b"geno-lewm journal\n".as_slice(), &salt.to_file()].concat();
            Digest::of(&bytes).to_string()
        });
        let vcf = inputs.vcf.map(|vcf| vcf.digest.to_string());
        let fields = [
            ("version", env!("CARGO_PKG_VERSION").to_owned()),
            ("model", model.model_id.to_string()),
            ("manifest", model.manifest_digest.to_string()),
            ("layout", model.layout.to_string()),
            ("number of windows a variant", model.windows.to_string()),
            ("calibration", model.calibration_hash.to_string()),
            ("backend", format!("{backend}/{}", std::env::consts::ARCH)),
            ("kernel", backend.kernel().to_owned()),
            ("arithmetic", arithmetic.encoder.to_string()),
            ("predictor arithmetic", arithmetic.predictor.to_string()),
            ("sandbox", text(runtime.guard().map(|guard| guard.as_str()))),
            ("vcf", text(vcf.as_deref())),
            ("fasta", inputs.fasta.digest.to_string()),
            ("fasta index", inputs.fasta_index.digest.to_string()),
            ("region", text(request.annotations.region)),
            ("repeat", text(request.annotations.repeat)),
            (
                "annotation",
                text(
                    request
                        .annotations
                        .sources
                        .map(|sources| sources.key())
                        .as_deref(),
                ),
            ),
            (
                "use of stated surroundings",
                request.annotations.is_stated.to_string(),
            ),
            ("form of the variants", request.is_list.to_string()),
            ("signals", request.signals.key()),
            ("strictness", request.strict.to_string()),
            ("use of receipts", request.receipts.is_some().to_string()),
            ("salt", text(salt.as_deref())),
            (
                "use of a file of rejected rows",
                request.rejected.is_some().to_string(),
            ),
        ];
        Self::of(fields)
    }

    /// A key of these fields.
    pub(crate) fn of<const N: usize>(fields: [(&str, String); N]) -> Self {
        Self(fields.map(|(name, value)| (name.to_owned(), value)).into())
    }

    /// The first thing that differs from another run.
    pub(crate) fn difference<'a>(&'a self, other: &'a Self) -> Option<&'a str> {
        let names = self.0.keys().chain(other.0.keys());
        let mut names = names.filter(|name| self.0.get(*name) != other.0.get(*name));
        names.next().map(String::as_str)
    }

    pub(crate) fn to_json(&self) -> Json {
        Json::object(
            self.0
                .iter()
                .map(|(name, value)| (name.clone(), value.clone().into())),
        )
    }

    pub(crate) fn from_json(json: &Json) -> Option<Self> {
        let Json::Object(fields) = json else {
            return None;
        };
        let fields = fields.iter().map(|(name, value)| {
            let value = value.as_str()?;
            Some((name.clone(), value.to_owned()))
        });
        fields.collect::<Option<_>>().map(Self)
    }
}
