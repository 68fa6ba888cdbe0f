//! A causal language model of Carbon's layout that can be trained.

mod attention;
mod block;
mod draw;
mod files;
#[cfg(feature = "cpu")]
mod fused;
mod gate;
mod norm;
mod objective;
mod rotation;

use burn::{
    module::{Module, Param, ParamId},
    tensor::{Device, Int, Tensor},
};
use geno_core::RandomStream;
use geno_encoder::{CarbonConfig, ConfigError, DnaTokenizer, EncoderFiles, LoadError};
use geno_weights::{NewTensor, WeightDtype, WeightFile};

pub use self::objective::Objective;
use self::{block::Block, draw::Draw, files::Named, norm::rms_norm, rotation::Rotation};

/// Carbon's network with all its parameters, for windows of equal length.
///
/// Its vocabulary is that of DNA: `<dna>`, `</dna>`, `<oov>`, the 6-mers, and whatever rows a
/// configuration has after them. Tokens are rows of it, counted from `<dna>`.
///
/// ```text
/// x ← E[tokens]
/// x ← x + O · attention(norm(x)),  x ← x + down(silu(gate(norm(x))) · up(norm(x)))   in each block
/// logits = norm(x) · Hᵀ,  H = E where they are tied
/// ```
///
/// # Examples
///
/// ```
/// use burn::tensor::{Device, Int, Tensor};
/// use geno_core::RandomStream;
/// use geno_encoder::CarbonConfig;
/// use geno_training::{LanguageModel, Objective};
///
/// let config = CarbonConfig {
///     hidden_size: 16,
///     n_layers: 1,
///     n_heads: 2,
///     n_kv_heads: 1,
///     head_dim: 8,
///     ffn_dim: 16,
///     vocab_size: 155_776,
///     max_positions: 64,
///     rope_theta: 10_000.0,
///     rms_norm_eps: 1e-6,
///     tied: true,
///     yarn: None,
/// };
/// let device = Device::flex().autodiff();
/// let model = LanguageModel::draw(&config, &mut RandomStream::new(0, "doc"), &device)?;
///
/// // `<dna>` and three 6-mers.
/// let tokens = Tensor::<2, Int>::from_data([[0, 3, 700, 4_098]], &device);
/// let loss = model.loss(tokens, Objective::CrossEntropy);
/// let gradients = loss.clone().backward();
/// // It knows nothing yet: each of 4,107 rows is about as likely as the others.
/// let loss = loss.into_scalar::<f32>();
/// assert!((loss - 4_107f32.ln()).abs() < 0.1);
/// # let _ = gradients;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Module, Debug)]
pub struct LanguageModel {
    /// `[rows, d]`.
    embedding: Param<Tensor<2>>,
    /// `[rows, d]`; none where the embedding is it.
    head: Option<Param<Tensor<2>>>,
    blocks: Vec<Block>,
    /// `[d]`.
    final_norm: Param<Tensor<1>>,
    #[module(skip)]
    config: CarbonConfig,
}

impl LanguageModel {
    /// Draws a model: `N(0, 0.02²)` weights and norms of one.
    ///
    /// A 6-mer's row of the embedding, and of an untied output layer, is the sum of six vectors,
    /// one for each of its bases and the place where it stands, with the variance of other weights.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the sizes do not fit together, or the vocabulary is smaller than Carbon's
    /// first DNA token and all 6-mers need.
    pub fn draw(
        config: &CarbonConfig,
        stream: &mut RandomStream,
        device: &Device,
    ) -> Result<Self, ConfigError> {
        config.validate()?;
        let mut draw = Draw::new(stream);
        let Some(files) = Named::of_config(config) else {
            let (field, value) = ("vocab_size", config.vocab_size);
            return Err(ConfigError::Size { field, value });
        };
        files.model(config, device, |tensor| Ok(draw.values(tensor)))
    }

    /// Takes a model's tensors from a file, under the names of a checkpoint that is cut to DNA.
    ///
    /// The file may hold others; [`WeightFile::finish`] names them.
    ///
    /// # Errors
    ///
    /// [`LoadError`] if the configuration's sizes do not fit together, its vocabulary is too small,
    /// or a tensor is missing, has another shape or holds a value that is not finite.
    pub fn load(
        config: &CarbonConfig,
        file: &mut WeightFile<'_>,
        device: &Device,
    ) -> Result<Self, LoadError> {
        config.validate()?;
        let Some(files) = Named::of_config(config) else {
            let first = DnaTokenizer::carbon().dna_start_id() as usize;
            return Err(LoadError::Vocabulary {
                first,
                last: first + DnaTokenizer::N_ROWS - 1,
                vocab_size: config.vocab_size,
            });
        };
        files.model(config, device, |tensor| {
            let values = file.take_f32(&tensor.name, &tensor.shape)?;
            match values.iter().all(|value| value.is_finite()) {
                true => Ok(values),
                false => Err(LoadError::NotFinite {
                    name: tensor.name.clone(),
                }),
            }
        })
    }

    /// The configuration it was built from.
    pub fn config(&self) -> &CarbonConfig {
        &self.config
    }

    /// All tensors as f32, under their names in a checkpoint.
    pub fn to_weights(&self) -> Vec<NewTensor> {
        files::to_weights(self, WeightDtype::F32)
    }

    /// The files of a checkpoint that holds the model, with values rounded to a dtype.
    ///
    /// It is cut to DNA: embedding rows begin at `<dna>`, as `dna_config.json` says.
    ///
    /// # Errors
    ///
    /// [`WriteWeightsError`](geno_weights::WriteWeightsError) for a value beyond the range of the
    /// dtype.
    pub fn to_checkpoint(
        &self,
        dtype: WeightDtype,
    ) -> Result<EncoderFiles<'static>, geno_weights::WriteWeightsError> {
        files::to_checkpoint(self, dtype)
    }

    /// The name in a checkpoint of each parameter.
    pub fn parameters(&self) -> Vec<(String, ParamId)> {
        files::parameters(self)
    }

    /// The mean loss of the tokens after the first, each predicted from those before it.
    ///
    /// # Shapes
    ///
    /// - `tokens`: `[batch, len]`, rows of the vocabulary, of which the first is `<dna>` (0) and the
    ///   others are 6-mers
    /// - output: `[1]`
    ///
    /// # Units
    ///
    /// Nats a token for [`Objective::CrossEntropy`], nats a base for
    /// [`Objective::FactorisedNucleotides`].
    ///
    /// # Panics
    ///
    /// If there are fewer than two tokens, or more than the network has positions.
    pub fn loss(&self, tokens: Tensor<2, Int>, objective: Objective) -> Tensor<1> {
        let [batch, len] = tokens.dims();
        assert!(len > 1, "a token to predict");
        let hidden = self.rows(tokens.clone().narrow(1, 0, len - 1));
        let targets = tokens.narrow(1, 1, len - 1).reshape([batch * (len - 1)]);
        objective.loss(hidden, self.output_layer(), targets)
    }

    /// The rows that the output layer multiplies: those of the last block, normalised.
    ///
    /// # Shapes
    ///
    /// - `tokens`: `[batch, len]`
    /// - output: `[batch, len, d]`
    ///
    /// # Panics
    ///
    /// If there are no tokens, or more than the network has positions.
    pub fn hidden(&self, tokens: Tensor<2, Int>) -> Tensor<3> {
        let [batch, len] = tokens.dims();
        let rows = self.rows(tokens);
        let width = rows.dims()[1];
        rows.reshape([batch, len, width])
    }

    /// [`hidden`](Self::hidden) as `[batch · len, d]`.
    fn rows(&self, tokens: Tensor<2, Int>) -> Tensor<2> {
        let [batch, len] = tokens.dims();
        let most = self.config.max_positions;
        assert!((1..=most).contains(&len), "{len} tokens, at most {most}");
        let rotation = Rotation::new(&self.config, len);
        let x = self
            .embedding
            .val()
            .select(0, tokens.reshape([batch * len]));
        let x = self
            .blocks
            .iter()
            .fold(x, |x, block| block.forward(x, &self.config, &rotation));
        rms_norm(x, self.final_norm.val(), self.config.rms_norm_eps)
    }

    fn output_layer(&self) -> Tensor<2> {
        self.head.as_ref().unwrap_or(&self.embedding).val()
    }
}
