//! Carbon with its output layer, and what a baseline says about it.

use std::path::Path;

use geno_core::{Digest, Dtype};
use geno_encoder::{DnaTokenizer, NativeLikelihood, TokenDomain};
use geno_kernels::Kernel;
use geno_provenance::{FileRecord, Json, PublicPath, hash_configs};

use super::{CarbonBaselineError, Recipe};
use crate::{
    components::LoadModelError, mapped_encoder::MappedEncoder, model_dir::ModelDir,
    model_files::ModelFiles, runtime::RuntimeError,
};

/// A Carbon checkpoint that says how likely windows are.
pub struct CarbonModel {
    pub(super) carbon: NativeLikelihood,
    pub(super) domain: TokenDomain,
    pub(super) files: ModelFiles,
    name: String,
    revision: String,
    weights: Digest,
    configs: Option<[Digest; 2]>,
    dtype: Dtype,
}

/// How a checkpoint is loaded.
#[derive(Clone, Copy, Debug)]
pub struct CarbonOptions<'a> {
    /// What the rows of a baseline are made by.
    pub recipe: &'a Recipe,
    /// What the checkpoint's revision is called.
    pub revision: &'a str,
    /// In which numbers matrices are multiplied.
    pub dtype: Dtype,
    /// Among which tokens probabilities are shared; `None` for all that the checkpoint holds. A
    /// recipe of 6-mers alone needs none but those.
    pub domain: Option<TokenDomain>,
}

impl CarbonModel {
    /// Loads the checkpoint in a folder, or a GGUF file, onto this machine's processor.
    ///
    /// # Errors
    ///
    /// [`CarbonBaselineError::Load`], also where the checkpoint does not hold the tokens asked for.
    pub fn open(place: &Path, options: CarbonOptions<'_>) -> Result<Self, CarbonBaselineError> {
        let mapped = MappedEncoder::open(place).map_err(LoadModelError::from)?;
        let role = |name: &str| PublicPath::new(name).expect("a name without a root");
        let configs = match mapped.configs {
            Some(_) => hash_configs(&role("encoder"), place).map_err(RuntimeError::from)?,
            None => Default::default(),
        };
        let artifacts = mapped.weights.iter().map(|weights| {
            let size = weights.file.len() as u64;
            let digest = weights.digest;
            (
                format!("encoder/{}", weights.name),
                FileRecord { digest, size },
            )
        });
        let files = ModelFiles {
            artifacts: artifacts
                .map(|(name, record)| (role(&name), record))
                .collect(),
            configs,
        };
        Self::load(
            place.to_string_lossy().into_owned(),
            &mapped,
            files,
            options,
        )
    }

    /// Loads the encoder of a model directory, whose digest is checked.
    ///
    /// # Errors
    ///
    /// As [`CarbonModel::open`].
    pub fn of_model(
        model: &ModelDir,
        options: CarbonOptions<'_>,
    ) -> Result<Self, CarbonBaselineError> {
        let mapped = model.read_encoder().map_err(LoadModelError::from)?;
        let files = ModelFiles::of(model).map_err(RuntimeError::from)?;
        Self::load(
            model.config().encoder.model_id.clone(),
            &mapped,
            files,
            options,
        )
    }

    fn load(
        name: String,
        mapped: &MappedEncoder,
        files: ModelFiles,
        options: CarbonOptions<'_>,
    ) -> Result<Self, CarbonBaselineError> {
        let encoder = mapped.files().map_err(LoadModelError::Encoder)?;
        let domain = match options.domain {
            _ if options.recipe.is_of_6_mers() => TokenDomain::Dna,
            Some(domain) => domain,
            None => {
                let tokenizer = DnaTokenizer::from_json(&encoder.dna_config);
                match tokenizer.map(|tokenizer| tokenizer.embedding_row_offset()) {
                    Ok(0) => TokenDomain::Vocabulary,
                    _ => TokenDomain::Dna,
                }
            }
        };
        let kernel = Kernel::detect();
        let carbon = NativeLikelihood::load(encoder, domain, options.dtype, kernel)
            .map_err(LoadModelError::Encoder)?;
        mapped.check_unchanged().map_err(LoadModelError::from)?;
        Ok(Self {
            carbon,
            domain,
            files,
            name,
            revision: options.revision.to_owned(),
            weights: mapped.digest(),
            configs: mapped.config_digests(),
            dtype: options.dtype,
        })
    }

    /// What the model is called: the place it was opened at, or what its model directory calls it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// What its revision is called.
    pub(super) fn revision(&self) -> &str {
        &self.revision
    }

    /// The digest of its weights.
    pub fn weights(&self) -> Digest {
        self.weights
    }

    /// The number format in which it multiplies.
    pub(super) fn dtype(&self) -> Dtype {
        self.dtype
    }

    /// Everything of it that decides a result, but for its weights.
    pub(super) fn arithmetic(&self) -> String {
        let (kernel, arch) = (self.carbon.kernel().as_str(), std::env::consts::ARCH);
        let version = env!("CARGO_PKG_VERSION");
        let mut all = format!("{version} {arch} {kernel} {}", self.dtype);
        for digest in self.configs.iter().flatten() {
            all += &format!(" {digest}");
        }
        all
    }

    /// The name without folders: no name in a record begins at a root.
    pub(super) fn public_name(&self) -> Json {
        let name = Path::new(&self.name).file_name();
        let name = name.map_or(self.name.as_str().into(), |name| name.to_string_lossy());
        name.as_ref().into()
    }
}

impl std::fmt::Debug for CarbonModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CarbonModel")
            .field("weights", &self.weights)
            .field("carbon", &self.carbon)
            .finish_non_exhaustive()
    }
}
