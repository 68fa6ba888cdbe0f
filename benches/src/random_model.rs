//! A complete model directory with random weights, of the sizes of the Python package's benchmark.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Result;
use geno_core::{Digest, Dtype, Layout, PoolType, RandomStream, StateContract};
use geno_encoder::{EmbeddingRows, random_checkpoint};
use geno_provenance::{Label, Manifest};
use geno_runtime::{ConvertTo, MAX_STATE_ERROR, MeasureError, ModelConfig, convert_measured};
use geno_surprise::{BucketId, CalibrationExample, CalibrationParameters, CalibrationTable};
use geno_training::{ModelNames, SourceEncoder, author_manifest};

use crate::{
    networks::{random_actions, random_predictor},
    sequence::{WINDOW_BP, bases},
    shape::{POOL_RADIUS, Shape},
};

const SEED: u64 = 0;

/// Examples of the one bucket that all variants share.
const N_EXAMPLES: u32 = 1_200;

/// What distinguishes one random model from another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RandomModel {
    pub(crate) shape: Shape,
    pub(crate) dtype: Dtype,
    /// In which the predictor multiplies.
    pub(crate) predictor_dtype: Dtype,
    pub(crate) contract: StateContract,
    pub(crate) layout: Layout,
}

impl RandomModel {
    /// Writes the directory: manifest, configuration, encoder, predictor, action encoder, table.
    ///
    /// # Errors
    ///
    /// If a file cannot be written.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let config = self.config()?;
        fs::write(folder.join("config.yaml"), self.yaml())?;
        fs::write(
            folder.join("eval_report.md"),
            "Random weights, not evaluated.\n",
        )?;

        self.write_encoder(folder, &config)?;
        let weights = random_predictor(&config)?;
        fs::write(folder.join("predictor.safetensors"), weights)?;
        let weights = random_actions(&config)?;
        fs::write(folder.join("action_encoder.safetensors"), weights)?;

        let table = folder.join("calibration.parquet");
        fs::write(&table, self.table(None)?)?;
        let encoder_id = format!("bench/{}", self.shape.as_str());
        let encoder = SourceEncoder::find(&folder.join("encoder"), &encoder_id, "bench")?;
        let weights = self.manifest(folder, &encoder)?.weights_id();
        fs::write(&table, self.table(Some(weights))?)?;
        let manifest = self.manifest(folder, &encoder)?;
        Ok(fs::write(
            folder.join("manifest.json"),
            manifest.to_bytes(),
        )?)
    }

    /// What the directory says of itself.
    ///
    /// # Errors
    ///
    /// If no model can be so.
    pub(crate) fn config(&self) -> Result<ModelConfig> {
        Ok(ModelConfig::from_yaml(self.yaml().as_bytes())?)
    }

    /// Writes the encoder, of which all but int8 models have the same files.
    fn write_encoder(&self, folder: &Path, config: &ModelConfig) -> Result<()> {
        let is_int8 = self.dtype == Dtype::Int8;
        let encoder = folder.join(if is_int8 { "bf16" } else { "encoder" });
        fs::create_dir_all(&encoder)?;
        let mut stream = RandomStream::new(SEED, "bench/encoder");
        let files = random_checkpoint(&self.shape.config(), EmbeddingRows::Full, &mut stream)?;
        fs::write(encoder.join("config.json"), &files.config)?;
        fs::write(encoder.join("dna_config.json"), &files.dna_config)?;
        for (name, weights) in &files.weights {
            fs::write(encoder.join(name), weights)?;
        }
        if is_int8 {
            self.convert(&encoder, &folder.join("encoder"), config)?;
            fs::remove_dir_all(encoder)?;
        }
        Ok(())
    }

    /// Makes the int8 encoder as a user would, its error measured on one window.
    fn convert(&self, source: &Path, target: &Path, config: &ModelConfig) -> Result<()> {
        let folder = tempfile::tempdir()?;
        let fasta = folder.path().join("ref.fa");
        let bases = String::from_utf8(bases("bench/measured", WINDOW_BP))?;
        fs::write(&fasta, format!(">1\n{bases}\n"))?;
        let request = MeasureError {
            fasta: &fasta,
            n_windows: 1,
            seed: SEED,
            max_state_error: MAX_STATE_ERROR,
            against: None,
            section: &config.encoder,
            model: None,
        };
        convert_measured(source, target, ConvertTo::Int8, "bench", &request)?;
        Ok(())
    }

    fn yaml(&self) -> String {
        let pool_type = match self.contract {
            StateContract::L2NormalizedV2 => PoolType::DownstreamMean,
            StateContract::LegacyRawV1 => PoolType::CenteredMean,
        };
        let Self {
            dtype,
            predictor_dtype,
            contract,
            layout,
            ..
        } = self;
        let (layer, d_state) = (self.shape.state_layer(), self.shape.config().hidden_size);
        format!(
            "\
schema_version: \"1.0.0\"
encoder:
  model_id: encoder
  revision: bench
  dtype: {dtype}
  state_layer: {layer}
  pool_type: {pool_type}
  pool_radius: {POOL_RADIUS}
  state_contract: {contract}
  layout: {layout}
predictor: {{n_layers: 6, n_heads: 8, d_state: {d_state}, dtype: fp32, compute_dtype: {predictor_dtype}}}
action: {{d_action: 64, max_len: 16}}
"
        )
    }

    /// A table whose one bucket spreads over the surprises that random states have, built for these
    /// weights.
    fn table(&self, weights: Option<Digest>) -> Result<Vec<u8>> {
        let example = |i| CalibrationExample::new(BucketId::All, f64::from(i) / 600.);
        let examples: Vec<_> = (0..N_EXAMPLES).map(example).collect::<Result<_, _>>()?;
        let (table, _) = CalibrationTable::build(examples, &CalibrationParameters::default())?;
        let mut metadata =
            BTreeMap::from([("geno_lewm.layout".to_owned(), self.layout.to_string())]);
        if let Some(weights) = weights {
            metadata.insert("geno_lewm.weights_id".to_owned(), weights.to_string());
        }
        Ok(table.with_metadata(metadata).write_parquet()?)
    }

    fn manifest(&self, folder: &Path, encoder: &SourceEncoder) -> Result<Manifest> {
        let names = ModelNames {
            name: Label::new(format!("bench-{}", self.shape.as_str()))?,
            version: Label::new("0.0.1")?,
            release_id: Label::new("bench")?,
        };
        let facts = BTreeMap::from([(Label::new("snapshot")?, Label::new("synthetic")?)]);
        Ok(author_manifest(folder, &names, encoder, facts)?)
    }
}

#[cfg(test)]
mod tests {
    use geno_runtime::{Backend, BackendChoice, EncoderSource, ModelDir, Runtime};

    use super::*;

    #[test]
    fn a_random_int8_model_loads_behind_its_gate() {
        let folder = tempfile::tempdir().unwrap();
        let model = RandomModel {
            shape: Shape::Nano,
            predictor_dtype: Dtype::F32,
            dtype: Dtype::Int8,
            contract: StateContract::L2NormalizedV2,
            layout: Layout::Centered,
        };
        model.write(folder.path()).unwrap();
        let written = ModelDir::open(folder.path(), &EncoderSource::default()).unwrap();
        let native = BackendChoice::Only(Backend::Native);
        let runtime = Runtime::load(&written, native).unwrap();
        assert_eq!(runtime.arithmetic().encoder, Dtype::Int8);
    }

    #[test]
    fn a_random_model_is_a_whole_directory_that_checks() {
        let folder = tempfile::tempdir().unwrap();
        let model = RandomModel {
            shape: Shape::Nano,
            dtype: Dtype::Bf16,
            predictor_dtype: Dtype::F32,
            contract: StateContract::LegacyRawV1,
            layout: Layout::Centered,
        };
        model.write(folder.path()).unwrap();
        let written = ModelDir::open(folder.path(), &EncoderSource::default()).unwrap();
        written.check().unwrap();
        let encoder = &written.config().encoder;
        assert_eq!((encoder.dtype, encoder.state_layer), (Dtype::Bf16, 4));
        assert_eq!(encoder.pool_type, PoolType::CenteredMean);
    }
}
