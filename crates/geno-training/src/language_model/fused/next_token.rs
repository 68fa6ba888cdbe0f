//! The output layer with the loss of the tokens that it predicts.

use std::sync::Arc;

use burn::tensor::{Int, Tensor};
use burn_backend::ops::FloatTensorOps;
use burn_flex::{Flex, FlexTensor};
use geno_fused::{Operation, Values, apply, operand};
use geno_kernels::{Kernel, base_cross_entropy, cross_entropy};
use rayon::prelude::*;

use crate::language_model::objective::{KMERS, Objective};

/// Rows whose logits are held at a time. It decides the order of the sums over rows.
const CHUNK: usize = 512;

#[derive(Clone, Debug)]
struct NextToken {
    objective: Objective,
    targets: Arc<[usize]>,
}

impl Operation<2> for NextToken {
    /// Gradients of hidden rows and of the output layer. They are known as soon as the loss is, which
    /// spares the way back the logits.
    type State = Option<[Values; 2]>;

    fn forward(
        &self,
        [hidden, head]: [Values; 2],
        is_tracked: bool,
    ) -> (Values, Option<[Values; 2]>) {
        let n = self.targets.len();
        let (width, n_rows) = (hidden.width(), head.dims()[0]);
        let kernel = Kernel::detect();
        let scale = (n as f64).recip() as f32;
        let mut total = 0f64;
        let len = |whole: &[f32]| if is_tracked { whole.len() } else { 0 };
        let mut of_hidden = Vec::with_capacity(len(&hidden));
        let mut of_head = vec![0f32; len(&head)];
        for (i, targets) in self.targets.chunks(CHUNK).enumerate() {
            let rows = hidden.tensor().narrow(0, i * CHUNK, targets.len());
            let mut logits = Flex::float_matmul(rows.clone(), head.tensor().transpose(0, 1));
            let losses = logits.storage_mut::<f32>().par_chunks_mut(n_rows);
            let losses = losses
                .zip(targets)
                .map(|(logits, target)| self.row(kernel, logits, *target, scale));
            let losses: Vec<f32> = losses.collect();
            total += losses.into_iter().map(f64::from).sum::<f64>();
            if is_tracked {
                let slopes = logits.transpose(0, 1);
                let found = Flex::float_matmul(logits, head.tensor().clone());
                of_hidden.extend_from_slice(&Values::from(found));
                let found = Values::from(Flex::float_matmul(slopes, rows));
                let sums = of_head.par_iter_mut().zip(&*found);
                sums.with_min_len(1 << 14)
                    .for_each(|(sum, found)| *sum += found);
            }
        }
        let mean = (total / n as f64) as f32;
        let found = is_tracked.then(|| {
            [
                Values::new(of_hidden, [n, width]),
                Values::new(of_head, [n_rows, width]),
            ]
        });
        (Values::new(vec![mean], [1]), found)
    }

    fn backward(&self, found: Option<[Values; 2]>, gradient: &Values) -> [Values; 2] {
        let found = found.expect("what is tracked has gradients");
        match gradient[0] {
            1.0 => found,
            by => found.map(|found| {
                let tensor = FlexTensor::from(found);
                Flex::float_mul_scalar(tensor, by.into()).into()
            }),
        }
    }
}

pub(in super::super) fn loss(
    objective: Objective,
    hidden: &Tensor<2>,
    head: &Tensor<2>,
    targets: &Tensor<1, Int>,
) -> Option<Tensor<1>> {
    let operands = [operand(hidden)?, operand(head)?];
    let targets = targets
        .to_data()
        .iter::<i64>()
        .map(|row| row as usize)
        .collect();
    Some(apply(NextToken { objective, targets }, operands))
}

impl NextToken {
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
