//! Carbon's likelihood of windows on the kernels for CPUs.

use std::ops::Range;

use geno_action::{Site, edited_window};
use geno_core::{Dtype, StateContract};
use geno_kernels::Kernel;

use super::{
    engine::Engine,
    load,
    output_layer::{Answer, OutputLayer, Question},
};
use crate::{
    CarbonConfig, DnaTokenizer, EncodeError, EncoderFiles, LoadError, SiteLikelihood, TokenDomain,
    WindowLikelihood,
    plan::{SitePlan, Wanted},
    pool::{TOKEN_BP, WindowLen},
};

/// The whole of a frozen Carbon network on this machine's processor, with its output layer.
///
/// # Cost
///
/// One pass over the reference window of a site, and for each edit one over the tokens from its own
/// to the window's end, through all layers; a row then costs `2 · d` operations a token of the
/// [`TokenDomain`]: 4 % of Carbon-500M's for DNA, and half as much as all its layers for the whole
/// vocabulary. A thread holds the logits of 140 rows and 8,192 tokens.
pub struct NativeLikelihood {
    pub(super) engine: Engine,
    pub(super) output: OutputLayer,
}

/// All rows but that of the last token, after which nothing comes.
struct AllRows(StateContract);

impl Wanted for AllRows {
    fn contract(&self) -> StateContract {
        self.0
    }

    fn span(&self, _: usize, len: WindowLen) -> Result<Range<usize>, EncodeError> {
        Ok(self.of_reference(len))
    }

    fn of_reference(&self, len: WindowLen) -> Range<usize> {
        0..len.tokens - 1
    }
}

impl NativeLikelihood {
    /// Builds the network from the files of a checkpoint; weights and activations as of
    /// [`NativeEncoder::load`](crate::NativeEncoder::load).
    ///
    /// # Errors
    ///
    /// Those of [`NativeEncoder::load`](crate::NativeEncoder::load), and
    /// [`LoadError::NoTextRows`].
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use geno_action::{RelEdit, Site};
    /// use geno_core::{Dtype, RandomStream, StateContract, Window};
    /// use geno_encoder::{
    ///     CarbonConfig, EmbeddingRows, NativeLikelihood, TokenDomain, random_checkpoint,
    /// };
    /// use geno_kernels::Kernel;
    ///
    /// # let config = CarbonConfig {
    /// #     hidden_size: 32,
    /// #     n_layers: 2,
    /// #     n_heads: 4,
    /// #     n_kv_heads: 2,
    /// #     head_dim: 8,
    /// #     ffn_dim: 64,
    /// #     vocab_size: 155_776,
    /// #     max_positions: 8_192,
    /// #     rope_theta: 500_000.0,
    /// #     rms_norm_eps: 1e-6,
    /// #     tied: true,
    /// #     yarn: None,
    /// # };
    /// let files = random_checkpoint(&config, EmbeddingRows::Dna, &mut RandomStream::new(0, "doc"))?;
    /// let kernel = Kernel::detect();
    /// let carbon = NativeLikelihood::load(files, TokenDomain::Dna, Dtype::F32, kernel)?;
    ///
    /// let window = Arc::new(Window::new(0, b"ACGT".repeat(60))?);
    /// let site = Site::new(window, vec![RelEdit::new(120, "A", "C")?])?;
    /// let found = &carbon.sites(&[site], StateContract::L2NormalizedV2)?[0];
    /// assert_eq!((found.reference.tokens.len(), found.reference.bases.len()), (40, 240));
    /// // Nothing changes left of the edit, and something right of it.
    /// assert_eq!(found.edited[0].bases[..120], found.reference.bases[..120]);
    /// let delta = found.edited[0].base_mean() - found.reference.base_mean();
    /// assert!(delta != 0.0);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn load(
        files: EncoderFiles<'_>,
        domain: TokenDomain,
        dtype: Dtype,
        kernel: Kernel,
    ) -> Result<Self, LoadError> {
        let config = CarbonConfig::from_json(&files.config)?;
        let tokenizer = DnaTokenizer::from_json(&files.dna_config)?;
        let (network, output) = load::with_output_layer(files, &config, &tokenizer, domain, dtype)?;
        Ok(Self {
            engine: Engine::new(config, tokenizer, network, kernel),
            output,
        })
    }

    /// The shape of the network.
    pub fn config(&self) -> &CarbonConfig {
        &self.engine.config
    }

    /// The instructions that it computes with.
    pub fn kernel(&self) -> Kernel {
        self.engine.kernel
    }

    /// The likelihoods of sites, edited windows being made as a contract has it.
    ///
    /// Tokens left of an edit have the reference's probabilities, which are not computed again.
    /// Results are the same bits whatever the company and the number of threads.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] for a window that is too long, or an edit that cannot be applied.
    pub fn sites(
        &self,
        sites: &[Site],
        contract: StateContract,
    ) -> Result<Vec<SiteLikelihood>, EncodeError> {
        let plans = self.engine.plans(sites, &AllRows(contract))?;
        let mut found: Vec<Option<SiteLikelihood>> = vec![None; sites.len()];
        for together in self.engine.schedule(&plans) {
            let range = together.sites.clone();
            let (sites, plans) = (&sites[range.clone()], &plans[range.clone()]);
            let (mut asked, mut shared) = (Asked::default(), Vec::new());
            for (site, plan) in sites.iter().zip(plans) {
                let edits = together.edits_of(plan);
                shared.extend(asked.site(site, plan, edits, contract)?);
            }
            let answers = self.engine.run(&together.batch(plans), |rows| {
                asked.answers(&self.output, self.engine.kernel, rows)
            });
            let mut answers = answers.into_iter();
            let mut shared = shared.into_iter();
            for (plan, found) in plans.iter().zip(&mut found[range]) {
                let edits = &plan.edits[together.edits_of(plan)];
                let mut take = |n: usize| answers.by_ref().take(n).collect::<Vec<_>>();
                let reference = take(plan.tokens.len());
                let found = found.get_or_insert_with(|| SiteLikelihood {
                    reference: window(reference.iter()),
                    edited: Vec::new(),
                });
                found.edited.extend(edits.iter().map(|edit| {
                    let shared = shared.next().expect("a number for every edit");
                    let own = take(edit.start - shared + edit.suffix.len() + 1);
                    window(reference[..shared - 1].iter().chain(&own))
                }));
            }
        }
        let every = "the schedule holds every site";
        Ok(found.into_iter().map(|found| found.expect(every)).collect())
    }
}

/// The answers about a window's tokens, one after the other, that of `</dna>` last.
fn window<'a>(answers: impl Iterator<Item = &'a Answer>) -> WindowLikelihood {
    let (mut tokens, mut bases) = (Vec::new(), Vec::new());
    for answer in answers {
        tokens.push(answer.token);
        bases.extend_from_slice(&answer.bases);
    }
    let close_tag = tokens.pop().expect("a window ends with its tag");
    WindowLikelihood {
        tokens,
        close_tag,
        bases,
    }
}

/// What is asked about the rows of a batch.
#[derive(Default)]
struct Asked {
    questions: Vec<Question>,
    n_rows: usize,
}

impl Asked {
    /// Asks for every token of the reference, and for those of each edited window from the first
    /// whose bases are not the reference's, which is given for each edit.
    ///
    /// That may be before the first whose number is another: an `N` that moves within its token
    /// changes which bases stand beside it.
    fn site(
        &mut self,
        site: &Site,
        plan: &SitePlan,
        edits: Range<usize>,
        contract: StateContract,
    ) -> Result<Vec<usize>, EncodeError> {
        let (reference, mut shared) = (self.n_rows, Vec::new());
        let targets = plan.tokens[1..].iter().copied().chain([CLOSE_TAG]);
        self.window(
            targets,
            site.window().bases(),
            |token| reference + token - 1,
            1,
        );
        self.n_rows += plan.tokens.len();
        for i in edits {
            let edit = &plan.edits[i];
            let edited = edited_window(site.window(), &site.edits()[i], contract)
                .map_err(|source| EncodeError::Edit { edit: i, source })?;
            let (own, start) = (self.n_rows, edit.start);
            let pairs = site.window().bases().iter().zip(&edited);
            let alike = pairs.take_while(|(a, b)| a == b).count();
            let first = (1 + alike / TOKEN_BP).min(start);
            let row = |token| match token <= start {
                true => reference + token - 1,
                false => own + token - 1 - start,
            };
            let moved = plan.tokens[first..start].iter().copied();
            let targets = moved.chain(edit.suffix.iter().copied()).chain([CLOSE_TAG]);
            self.window(targets, &edited, row, first);
            shared.push(first);
            self.n_rows += edit.suffix.len();
        }
        Ok(shared)
    }

    /// Asks for the tokens of a window from `start` on, each of the row before it.
    fn window(
        &mut self,
        targets: impl Iterator<Item = u32>,
        bases: &[u8],
        row: impl Fn(usize) -> usize,
        start: usize,
    ) {
        let bases = |token: usize| bases.chunks(TOKEN_BP).nth(token - 1).unwrap_or_default();
        let questions = targets.zip(start..).map(|(token, i)| Question {
            row: row(i),
            token,
            bases: bases(i)
                .iter()
                .map(|base| DnaTokenizer::digit(*base))
                .collect(),
        });
        self.questions.extend(questions);
    }

    /// The answers in the order of the questions.
    fn answers(mut self, output: &OutputLayer, kernel: Kernel, rows: &[f32]) -> Vec<Answer> {
        let mut order: Vec<usize> = (0..self.questions.len()).collect();
        order.sort_by_key(|i| self.questions[*i].row);
        self.questions.sort_by_key(|question| question.row);
        let sorted = output.answer(kernel, rows, &self.questions);
        let mut answers: Vec<_> = order.into_iter().zip(sorted).collect();
        answers.sort_by_key(|(i, _)| *i);
        answers.into_iter().map(|(_, answer)| answer).collect()
    }
}

/// The row of `</dna>`, counted from `<dna>`.
const CLOSE_TAG: u32 = 1;

impl std::fmt::Debug for NativeLikelihood {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NativeLikelihood")
            .field("config", &self.engine.config)
            .field("kernel", &self.engine.kernel)
            .finish_non_exhaustive()
    }
}
