//! From rows after the last block to probabilities of the next token.

use geno_kernels::{Exponentials, Kernel, PackedMatrix, RmsNorm, exponentials, project};
use rayon::prelude::*;

use crate::{DnaTokenizer, pool::TOKEN_BP};

/// Rows whose logits are held at a time by a thread: as many as share a panel of weights.
const CHUNK_ROWS: usize = 140;

/// The norm after the last block, and a column for each token that may come next.
pub(super) struct OutputLayer {
    pub(super) norm: RmsNorm,
    /// The tags, the 6-mers, and whatever rows come after them.
    pub(super) dna: PackedMatrix,
    /// The rows before, some at a time; none where they do not count.
    pub(super) text: Vec<PackedMatrix>,
}

/// Which probabilities of a row are asked for.
pub(super) struct Question {
    pub(super) row: usize,
    /// The token that came, counted from `<dna>`.
    pub(super) token: u32,
    /// Digits of the bases that it stands for, `None` for an `N`; none of a tag.
    pub(super) bases: Bases,
}

/// At most six digits in the order A, T, C, G, the bases that a token really stands for.
pub(super) type Bases = Vec<Option<u8>>;

/// The logarithms of probabilities.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) token: f64,
    pub(super) bases: Vec<f64>,
}

impl OutputLayer {
    /// Most columns of a part of the vocabulary, which bounds the logits that are held.
    pub(super) const MAX_COLUMNS: usize = 8_192;

    /// Answers questions, sorted by row, about rows `[n, d]`.
    pub(super) fn answer(
        &self,
        kernel: Kernel,
        rows: &[f32],
        questions: &[Question],
    ) -> Vec<Answer> {
        debug_assert!(questions.is_sorted_by_key(|question| question.row));
        let width = self.norm.weight.len();
        let chunks = rows.par_chunks(CHUNK_ROWS * width).enumerate();
        let answers = chunks.map_init(Vec::new, |logits, (i, rows)| {
            let first = i * CHUNK_ROWS;
            let at = |row: usize| questions.partition_point(|question| question.row < row);
            let questions = &questions[at(first)..at(first + CHUNK_ROWS)];
            self.answer_chunk(kernel, rows, first, questions, logits)
        });
        answers.collect::<Vec<_>>().into_iter().flatten().collect()
    }

    fn answer_chunk(
        &self,
        kernel: Kernel,
        rows: &[f32],
        first: usize,
        questions: &[Question],
        logits: &mut Vec<f32>,
    ) -> Vec<Answer> {
        let n_rows = rows.len() / self.norm.weight.len();
        let mut totals = vec![Total::default(); n_rows];
        for part in &self.text {
            let logits = self.logits(kernel, rows, part, logits);
            for (logits, total) in logits.chunks_exact_mut(part.columns()).zip(&mut totals) {
                total.add(exponentials(kernel, logits));
            }
        }

        let logits = self.logits(kernel, rows, &self.dna, logits);
        let mut questions = questions.iter().peekable();
        let mut answers = Vec::new();
        let rows = logits.chunks_exact_mut(self.dna.columns()).zip(totals);
        for (i, (logits, mut total)) in rows.enumerate() {
            let is_of_row = |question: &&Question| question.row == first + i;
            let mut asked = Vec::new();
            while let Some(question) = questions.next_if(is_of_row) {
                asked.push((question, logits[question.token as usize]));
            }
            if asked.is_empty() {
                continue;
            }
            total.add(exponentials(kernel, logits));
            let kmers = &logits[DnaTokenizer::N_TAGS..DnaTokenizer::N_ROWS];
            let marginals = asked
                .iter()
                .any(|(question, _)| !question.bases.is_empty())
                .then(|| Marginals::of(kmers));
            answers.extend(asked.into_iter().map(|(question, logit)| {
                let bases = question.bases.iter().enumerate();
                let marginals = marginals.as_ref();
                Answer {
                    token: f64::from(logit) - total.logarithm(),
                    bases: bases
                        .map(|(j, digit)| marginals.expect("bases are asked for").ln_p(j, *digit))
                        .collect(),
                }
            }));
        }
        answers
    }

    /// The logits `[rows, columns of the part]`.
    fn logits<'l>(
        &self,
        kernel: Kernel,
        rows: &[f32],
        part: &PackedMatrix,
        logits: &'l mut Vec<f32>,
    ) -> &'l mut [f32] {
        let n_rows = rows.len() / self.norm.weight.len();
        logits.resize((n_rows * part.columns()).max(logits.len()), 0.0);
        let logits = &mut logits[..n_rows * part.columns()];
        project(kernel, &self.norm, rows, [(part, &mut *logits)]);
        logits
    }
}

/// `ln Σ e^x` over parts of a row, `largest + ln sum`.
#[derive(Clone)]
struct Total {
    largest: f64,
    sum: f64,
}

impl Default for Total {
    fn default() -> Self {
        Self {
            largest: f64::NEG_INFINITY,
            sum: 0.0,
        }
    }
}

impl Total {
    fn add(&mut self, part: Exponentials) {
        let (largest, sum) = (f64::from(part.largest), f64::from(part.sum));
        let both = self.largest.max(largest);
        self.sum = self.sum * (self.largest - both).exp() + sum * (largest - both).exp();
        self.largest = both;
    }

    fn logarithm(&self) -> f64 {
        self.largest + self.sum.ln()
    }
}

/// A sum in eight lanes, which a processor adds side by side.
fn sum_of(values: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let chunks = values.chunks_exact(lanes.len());
    let rest: f64 = chunks.remainder().iter().sum();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += value;
        }
    }
    lanes.iter().sum::<f64>() + rest
}

/// For each of the six places of a 6-mer the probability of each base, not yet divided by their
/// sum.
struct Marginals([[f64; 4]; TOKEN_BP]);

impl Marginals {
    /// Sums the weights of all 6-mers with a base in a place: one axis after the other is summed
    /// over and goes.
    fn of(kmers: &[f32]) -> Self {
        let mut sums = [[0.0; 4]; TOKEN_BP];
        let mut rest: Vec<f64> = kmers.iter().map(|weight| f64::from(*weight)).collect();
        for place in &mut sums {
            let quarter = rest.len() / 4;
            for (sum, part) in place.iter_mut().zip(rest.chunks_exact(quarter)) {
                *sum = sum_of(part);
            }
            let (first, others) = rest.split_at_mut(quarter);
            let (second, others) = others.split_at(quarter);
            let (third, fourth) = others.split_at(quarter);
            let others = second.iter().zip(third).zip(fourth);
            for (first, ((second, third), fourth)) in first.iter_mut().zip(others) {
                *first += second + third + fourth;
            }
            rest.truncate(quarter);
        }
        Self(sums)
    }

    /// The logarithm of the probability of a base, for an `N` of the likeliest.
    fn ln_p(&self, place: usize, digit: Option<u8>) -> f64 {
        let weights = &self.0[place];
        let weight = match digit {
            Some(digit) => weights[usize::from(digit)],
            None => weights.iter().copied().fold(0.0, f64::max),
        };
        (weight / weights.iter().sum::<f64>()).ln()
    }
}
