//! Carbon with its output layer, from the encoder of a model directory.

use geno_encoder::{NativeLikelihood, TokenDomain};
use geno_kernels::Kernel;

use crate::{components::LoadModelError, model_dir::ModelDir};

impl ModelDir {
    /// Loads the encoder of the model with its output layer, in the model's dtype, on this machine's
    /// processor. Its files are those that the manifest names.
    ///
    /// # Errors
    ///
    /// [`LoadModelError::ModelDir`] and [`LoadModelError::Encoder`], the latter also where the
    /// checkpoint does not hold the tokens of the domain.
    pub fn load_likelihood(&self, domain: TokenDomain) -> Result<NativeLikelihood, LoadModelError> {
        let mapped = self.read_encoder()?;
        let files = mapped.files().map_err(LoadModelError::Encoder)?;
        let dtype = self.config().encoder.dtype;
        let loaded = NativeLikelihood::load(files, domain, dtype, Kernel::detect())
            .map_err(LoadModelError::Encoder)?;
        mapped.check_unchanged()?;
        Ok(loaded)
    }
}
