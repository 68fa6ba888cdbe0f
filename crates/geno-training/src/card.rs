//! What there is to know of a model, as a page.

mod calibration;
mod document;
mod error;
mod findings;
mod held_out;
mod markdown;
mod metric;
mod sections;
mod strata;

use geno_runtime::ModelDir;

use self::calibration::CalibrationCounts;
pub use self::{
    document::CardDocument,
    error::{CardError, MetricFault},
    metric::{MetricOutcome, ReportedBaseline, ReportedMetric},
};

/// Everything a card is written from: a model directory, and what was measured of it.
///
/// The card holds no number of its own: each comes from the manifest, the configuration, the
/// calibration table or a document, and a document is named with its digest. What nobody measured is
/// said to be missing. Negative findings follow from the values: where a metric is no better than its
/// baseline, or its interval does not tell.
#[derive(Clone, Debug)]
pub struct ModelCard<'a> {
    model: &'a ModelDir,
    calibration: Option<CalibrationCounts>,
    documents: Vec<CardDocument>,
}

impl<'a> ModelCard<'a> {
    /// Reads the calibration table, and checks that the documents are about this model.
    ///
    /// # Errors
    ///
    /// [`CardError`].
    pub fn new(model: &'a ModelDir, documents: Vec<CardDocument>) -> Result<Self, CardError> {
        for document in &documents {
            document.check(model.manifest())?;
        }
        Ok(Self {
            calibration: CalibrationCounts::read(model)?,
            model,
            documents,
        })
    }

    /// What the values say against the model, a sentence each: of its metrics, of its calibration, and
    /// what the documents add.
    pub fn negative_findings(&self) -> Vec<String> {
        findings::negative(&self.documents, self.calibration.as_ref())
    }

    /// Writes the card as Markdown. It names the weights, not the model's id, so that it can be the
    /// evaluation report that the id covers.
    pub fn to_markdown(&self) -> String {
        sections::all(self)
    }
}
