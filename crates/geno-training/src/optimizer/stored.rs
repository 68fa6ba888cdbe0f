//! The optimiser's state as a weight file.

use std::collections::BTreeMap;

use burn::{
    optim::{AdamWState, AdaptiveMomentumState},
    tensor::{Device, Tensor, TensorData},
};
use geno_core::{Coded, ErrorCode};
use geno_weights::{
    NewTensor, WeightDtype, WeightError, WeightFile, WriteWeightsError, write_weights_with,
};

use super::{AdamW, AdamWSettings};

/// Where the file says how many steps each parameter has seen, as JSON.
const STEPS: &str = "geno_lewm.adamw.steps";
/// Endings of the names of the two moments.
const MOMENTS: [&str; 2] = ["moment_1", "moment_2"];

/// Why a file holds no state of an optimiser.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadOptimizerError {
    /// The file does not say how many steps it comes from.
    #[error("optimizer state has no counts of steps")]
    NoSteps,
    /// The counts are something else.
    #[error("optimizer state has malformed counts of steps")]
    Steps(#[source] serde_json::Error),
    /// A tensor is missing, left over, or damaged.
    #[error(transparent)]
    Weights(#[from] WeightError),
}

impl Coded for LoadOptimizerError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Weights(error) => error.code(),
            _ => ErrorCode::InputGeneric,
        }
    }
}

impl AdamW {
    /// The moments of all parameters and how many steps they come from.
    ///
    /// # Errors
    ///
    /// [`WriteWeightsError`].
    pub fn write(&self) -> Result<Vec<u8>, WriteWeightsError> {
        let tensor = |name: &str, moment: &str, values: &Tensor<1>| {
            let data = values.to_data().convert::<f32>();
            let shape = values.dims();
            let values = data.iter::<f32>().collect();
            NewTensor::new(format!("{name}.{moment}"), shape, values, WeightDtype::F32)
        };
        let tensors = self
            .states
            .iter()
            .flat_map(|(name, AdamWState { momentum })| {
                let moments = [&momentum.moment_1, &momentum.moment_2].into_iter();
                moments
                    .zip(MOMENTS)
                    .map(|(values, moment)| tensor(name, moment, values))
            });
        let steps = self
            .states
            .iter()
            .map(|(name, state)| (name, state.momentum.time));
        let steps = serde_json::to_string(&steps.collect::<BTreeMap<_, _>>());
        let steps = steps.expect("names and whole numbers");
        let metadata = BTreeMap::from([(STEPS.to_owned(), steps)]);
        write_weights_with(&tensors.collect::<Vec<_>>(), &metadata)
    }

    /// The optimiser that wrote a file.
    ///
    /// # Errors
    ///
    /// [`LoadOptimizerError`].
    pub fn load(
        settings: AdamWSettings,
        file: &mut WeightFile<'_>,
        device: &Device,
    ) -> Result<Self, LoadOptimizerError> {
        let steps = file
            .metadata()
            .get(STEPS)
            .ok_or(LoadOptimizerError::NoSteps)?;
        let steps: BTreeMap<String, usize> =
            serde_json::from_str(steps).map_err(LoadOptimizerError::Steps)?;
        let mut states = BTreeMap::new();
        for (name, time) in steps {
            let [moment_1, moment_2] = MOMENTS.map(|moment| {
                let name = format!("{name}.{moment}");
                let shape = file.shape(&name).unwrap_or_default().to_vec();
                let values = file.take_f32(&name, &shape)?;
                let data = TensorData::new(values, [shape.iter().product::<usize>()]);
                Ok::<_, WeightError>(Tensor::<1>::from_data(data, device))
            });
            let momentum = AdaptiveMomentumState::new(time, moment_1?, moment_2?);
            states.insert(name, AdamWState::new(momentum));
        }
        file.finish()?;
        Ok(Self { settings, states })
    }
}
