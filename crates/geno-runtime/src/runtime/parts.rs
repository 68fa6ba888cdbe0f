//! What a runtime is put together from.

use geno_encoder::SiteEncoder;
use geno_predictor::{EditEncoder, StatePredictor};
use geno_surprise::CalibrationTable;

/// The parts of a model. Any may be left out.
#[derive(Default)]
pub struct Parts {
    /// Turns windows into states.
    pub encoder: Option<Box<dyn SiteEncoder>>,
    /// Turns edits into actions.
    pub action_encoder: Option<Box<dyn EditEncoder>>,
    /// Turns states and actions into predicted states.
    pub predictor: Option<Box<dyn StatePredictor>>,
    /// Turns raw surprise into percentiles.
    pub calibration: Option<CalibrationTable>,
}

/// A part of a model.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Part {
    /// The encoder.
    Encoder,
    /// The action encoder.
    ActionEncoder,
    /// The predictor.
    Predictor,
    /// The calibration table.
    Calibration,
}
