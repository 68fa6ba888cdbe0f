//! The output layer with the loss of the tokens that it predicts.

use burn::tensor::{Int, Tensor};
use burn_autodiff::{
    checkpoint::base::Checkpointer,
    grads::Gradients,
    ops::{Backward, Ops},
};
use burn_backend::ops::FloatTensorOps;
use burn_flex::{Flex, FlexTensor};
use geno_kernels::{Kernel, base_cross_entropy, cross_entropy};
use rayon::prelude::*;

use super::{gradient_of, hand_on, operand, record, tensor, values};
use crate::language_model::objective::{KMERS, Objective};

/// Rows whose logits are held at a time. It decides the order of the sums over rows.
const CHUNK: usize = 512;

#[derive(Debug)]
struct NextToken;

/// Gradients of hidden rows and of the output layer. They are known as soon as the loss is, which
/// spares the way back the logits.
#[derive(Clone, Debug)]
struct State {
    hidden: FlexTensor,
    head: FlexTensor,
}

pub(in super::super) fn loss(
    objective: Objective,
    hidden: &Tensor<2>,
    head: &Tensor<2>,
    targets: &Tensor<1, Int>,
) -> Option<Tensor<1>> {
    let operands = [operand(hidden)?, operand(head)?];
    let targets: Vec<usize> = targets
        .to_data()
        .iter::<i64>()
        .map(|row| row as usize)
        .collect();
    Some(record(NextToken, operands, |[hidden, head], is_tracked| {
        let task = Task {
            objective,
            hidden,
            head,
            targets: &targets,
        };
        task.run(is_tracked)
    }))
}

struct Task<'t> {
    objective: Objective,
    /// `[n, d]`.
    hidden: FlexTensor,
    /// `[rows, d]`.
    head: FlexTensor,
    targets: &'t [usize],
}

impl Task<'_> {
    fn run(&self, is_tracked: bool) -> (FlexTensor, State) {
        let n = self.targets.len();
        let (hidden, head) = (values(&self.hidden), values(&self.head));
        let width = hidden.len() / n;
        let n_rows = head.len() / width;
        let kernel = Kernel::detect();
        let scale = (n as f64).recip() as f32;
        let mut total = 0f64;
        let len = |whole: &[f32]| if is_tracked { whole.len() } else { 0 };
        let mut of_hidden = Vec::with_capacity(len(hidden));
        let mut of_head = vec![0f32; len(head)];
        for (i, targets) in self.targets.chunks(CHUNK).enumerate() {
            let rows = self.hidden.narrow(0, i * CHUNK, targets.len());
            let mut logits = Flex::float_matmul(rows.clone(), self.head.transpose(0, 1));
            let losses = logits.storage_mut::<f32>().par_chunks_mut(n_rows);
            let losses = losses
                .zip(targets)
                .map(|(logits, target)| self.row(kernel, logits, *target, scale));
            let losses: Vec<f32> = losses.collect();
            total += losses.into_iter().map(f64::from).sum::<f64>();
            if is_tracked {
                let slopes = logits.transpose(0, 1);
                let found = Flex::float_matmul(logits, self.head.clone());
                of_hidden.extend_from_slice(values(&found));
                let found = Flex::float_matmul(slopes, rows);
                let sums = of_head.par_iter_mut().zip(values(&found));
                sums.with_min_len(1 << 14)
                    .for_each(|(sum, found)| *sum += found);
            }
        }
        let mean = (total / n as f64) as f32;
        let state = State {
            hidden: tensor(of_hidden, if is_tracked { [n, width] } else { [0, 0] }),
            head: tensor(of_head, if is_tracked { [n_rows, width] } else { [0, 0] }),
        };
        (tensor(vec![mean], [1]), state)
    }

    /// The loss of a row, whose logits become `scale` times its gradient.
    fn row(&self, kernel: Kernel, logits: &mut [f32], target: usize, scale: f32) -> f32 {
        match self.objective {
            Objective::CrossEntropy => cross_entropy(kernel, logits, target, scale),
            Objective::FactorisedNucleotides => {
                assert!(KMERS.contains(&target), "row {target} is no 6-mer");
                logits[..KMERS.start].fill(0.0);
                logits[KMERS.end..].fill(0.0);
                let kmers = &mut logits[KMERS];
                base_cross_entropy(kernel, kmers, target - KMERS.start, scale)
            }
        }
    }
}

impl Backward<Flex, 2> for NextToken {
    type State = State;

    fn backward(self, ops: Ops<State, 2>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = values(&gradient_of(&ops, gradients))[0];
        let State { hidden, head } = ops.state.clone();
        let found = [hidden, head].map(|found| match gradient {
            1.0 => found,
            _ => Flex::float_mul_scalar(found, gradient.into()),
        });
        hand_on(ops, gradients, found);
    }
}
