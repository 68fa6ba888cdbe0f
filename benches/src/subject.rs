//! The model under measurement and the files that it scores.

use std::{
    cell::OnceCell,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use geno_core::{Dtype, Layout};
use geno_encoder::{CarbonConfig, NativeLikelihood, StateSettings, TokenDomain};
use geno_predictor::PredictorArchitecture;
use geno_runtime::{BackendChoice, EncoderSection, EncoderSource, ModelDir, Runtime};
use tempfile::TempDir;

use crate::{
    causal_flops,
    flops::EncoderWork,
    line::Line,
    options::ModelSource,
    peer::Work,
    predictor_flops,
    sequence::{Contig, WINDOW_BP},
    shape::Shape,
};

/// A model directory with inputs, loaded when it is first needed.
pub(crate) struct Subject {
    /// Holds what was made on the spot.
    _made: Option<TempDir>,
    /// What the model calls itself.
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) fasta: PathBuf,
    pub(crate) vcf: PathBuf,
    /// Where the variants lie, if the files were made here.
    pub(crate) contig: Option<Contig>,
    pub(crate) shape: Option<Shape>,
    pub(crate) section: EncoderSection,
    pub(crate) encoder: EncoderWork,
    predictor: PredictorArchitecture,
    /// In which the predictor multiplies, where the backend can.
    pub(crate) predictor_dtype: Dtype,
    backend: BackendChoice,
    runtime: OnceCell<Runtime>,
}

impl Subject {
    /// Opens the files that were named or makes them.
    ///
    /// # Errors
    ///
    /// If files cannot be written, or do not make a model.
    pub(crate) fn new(source: &ModelSource, backend: BackendChoice) -> Result<Self> {
        match source {
            ModelSource::Files { model, fasta, vcf } => {
                Self::open(None, [model, fasta, vcf].map(PathBuf::clone), None, backend)
            }
            ModelSource::Random(random) => {
                let made = tempfile::tempdir()?;
                let paths = ["model", "ref.fa", "variants.vcf"].map(|name| made.path().join(name));
                fs::create_dir(&paths[0])?;
                random.write(&paths[0])?;
                let contig = match (random.layout, random.shape) {
                    (Layout::Centered, Shape::Nano) => Contig::sparse(64),
                    (Layout::Centered, Shape::Carbon500M) => Contig::sparse(4),
                    (Layout::Grid, Shape::Nano) => Contig::dense(4_096),
                    (Layout::Grid, Shape::Carbon500M) => Contig::dense(512),
                };
                contig.write(&paths[1], &paths[2])?;
                Self::open(Some(made), paths, Some(contig), backend)
            }
        }
    }

    fn open(
        made: Option<TempDir>,
        [path, fasta, vcf]: [PathBuf; 3],
        contig: Option<Contig>,
        backend: BackendChoice,
    ) -> Result<Self> {
        let model = open(&path)?;
        let section = model.config().encoder.clone();
        let config = model.encoder_folder().join("config.json");
        let config = fs::read(&config).with_context(|| format!("`{}`", config.display()))?;
        let config = CarbonConfig::from_json(&config)?;
        let settings = StateSettings {
            state_layer: section.state_layer,
            pool_type: section.pool_type,
            pool_radius: section.pool_radius,
            contract: section.state_contract,
        };
        Ok(Self {
            _made: made,
            name: model.manifest().model_name.to_string(),
            shape: Shape::of(&config),
            encoder: EncoderWork::new(config, settings),
            predictor: model.config().predictor_architecture(),
            predictor_dtype: model.config().predictor.compute_dtype,
            section,
            path,
            fasta,
            vcf,
            contig,
            backend,
            runtime: OnceCell::new(),
        })
    }

    /// The model, loaded once.
    pub(crate) fn runtime(&self) -> Result<&Runtime> {
        if let Some(runtime) = self.runtime.get() {
            return Ok(runtime);
        }
        let runtime = self.load()?;
        Ok(self.runtime.get_or_init(|| runtime))
    }

    /// The model, loaded anew: every file read and hashed.
    pub(crate) fn load(&self) -> Result<Runtime> {
        Ok(Runtime::load(&open(&self.path)?, self.backend)?)
    }

    /// The whole encoder with its output layer.
    pub(crate) fn likelihood(&self, domain: TokenDomain) -> Result<NativeLikelihood> {
        Ok(open(&self.path)?.load_likelihood(domain)?)
    }

    /// Operations of predicting the state after one edit.
    pub(crate) fn prediction(&self) -> u64 {
        match &self.predictor {
            PredictorArchitecture::CrossAttentionV1(config) => {
                predictor_flops::prediction(config, 1)
            }
            PredictorArchitecture::CausalV2(config) => causal_flops::rollout(config, 1),
        }
    }

    pub(crate) fn dtype(&self) -> Dtype {
        self.section.dtype
    }

    /// What the peer has to agree in.
    pub(crate) fn scored(&self, dense: bool) -> Work {
        Work::Score {
            shape: self.shape_name().to_owned(),
            dtype: self.dtype().to_string(),
            dense,
            state_layer: self.section.state_layer,
            pool_radius: self.section.pool_radius,
            window_bp: WINDOW_BP as u64,
        }
    }

    fn shape_name(&self) -> &'static str {
        self.shape.map_or("other", Shape::as_str)
    }

    /// Says in a line which model ran, and where.
    pub(crate) fn describe(&self, line: Line) -> Result<Line> {
        let backend = self.runtime()?.backend();
        Ok(line
            .with("shape", self.shape_name())
            .with("dtype", self.dtype().as_str())
            .with("predictor_dtype", self.predictor_dtype.as_str())
            .with("contract", self.section.state_contract.as_str())
            .with("backend", backend.as_str())
            .with("kernel", backend.kernel()))
    }
}

fn open(path: &Path) -> Result<ModelDir> {
    Ok(ModelDir::open(path, &EncoderSource::default())?)
}
