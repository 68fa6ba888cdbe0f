//! The base that Carbon expects after a context, on the kernels for CPUs.

use geno_core::Base;

use super::{NativeLikelihood, output_layer::Question};
use crate::{
    DnaTokenizer, EncodeError, NextBase, PrefixReuse,
    plan::{SitePlan, window_tokens},
    pool::TOKEN_BP,
};

impl NativeLikelihood {
    /// The probabilities of the base that follows each context.
    ///
    /// A context is cut at its left end to whole 6-mers, and may be empty: then Carbon says which
    /// base a sequence begins with. Results are the same bits whatever the company and the number
    /// of threads.
    ///
    /// # Errors
    ///
    /// [`EncodeError::TooLong`].
    ///
    /// # Cost
    ///
    /// A pass over the tokens of each context, and one row of the output layer.
    pub fn next_bases(&self, contexts: &[&[u8]]) -> Result<Vec<NextBase>, EncodeError> {
        let plans = contexts.iter().map(|context| self.context_plan(context));
        let plans = plans.collect::<Result<Vec<_>, _>>()?;
        let mut found = Vec::with_capacity(contexts.len());
        for together in self.engine.schedule(&plans) {
            let plans = &plans[together.sites.clone()];
            let questions = (0..plans.len()).flat_map(|row| Base::ALL.map(|base| about(row, base)));
            let questions: Vec<_> = questions.collect();
            let answers = self.engine.run(&together.batch(plans), |rows| {
                self.output.answer(self.engine.kernel, rows, &questions)
            });
            let by_context = answers.chunks_exact(Base::ALL.len());
            found.extend(by_context.map(|answers| NextBase {
                ln_p: [0, 1, 2, 3].map(|i| answers[i].bases[0]),
            }));
        }
        Ok(found)
    }

    /// One pass, of which the last row is wanted.
    fn context_plan(&self, context: &[u8]) -> Result<SitePlan, EncodeError> {
        let whole = &context[context.len() % TOKEN_BP..];
        let engine = &self.engine;
        let mut tokens = window_tokens(whole, &engine.tokenizer, engine.config.max_positions)?;
        let _close_tag = tokens.pop();
        Ok(SitePlan {
            keep: tokens.len() - 1..tokens.len(),
            tokens,
            edits: Vec::new(),
            reuse: PrefixReuse::default(),
        })
    }
}

/// Asks for the probability of a base in the first place of the next 6-mer.
fn about(row: usize, base: Base) -> Question {
    Question {
        row,
        token: 0,
        bases: vec![DnaTokenizer::digit(base.letter())],
    }
}
