//! Training of the predictor and the action encoder.

mod average;
mod batch;
mod curriculum;
mod edit_model;
mod error;
mod events;
mod gradients;
mod history;
mod identity;
mod objective;
mod order;
mod report;
mod run;
mod running;
mod settings;
mod state;
mod states;
mod stored;
mod task;
mod turns;
mod watch;

pub(crate) use self::{
    batch::{Batch, Sequences, read},
    task::{Learner, Task},
};
pub use self::{
    curriculum::{Curriculum, CurriculumStage},
    edit_model::EditModel,
    error::TrainError,
    events::{StepEvent, TrainEvent, ValidationEvent},
    history::{LossPoint, SkillPoint, TrainHistory},
    identity::TrainIdentity,
    objective::{EditObjective, PredictionLoss, Regularizer, SMALLEST_CHANGE},
    report::TrainReport,
    run::{Outcome, Start, TrainPredictor},
    settings::{OnCollapse, TrainSettings, TrainSettingsError},
    states::OtherStates,
};
