//! Haplotypes one edit at a time.

use super::{NativeCausalPredictor, sequences::Sequences};

/// A haplotype of each row under way: what the predictor keeps of the states and the edits so far.
///
/// Its steps are those of [`NativeCausalPredictor::predict`] to the last bit, each at the cost of one
/// token a row.
///
/// # Cost
///
/// `2 · n_layers · d_hidden` numbers for each token of a row. Memory is kept when haplotypes begin
/// anew: a step allocates no more than its result once there have been as many edits of as many
/// rows.
///
/// # Examples
///
/// ```
/// use burn::tensor::Device;
/// use geno_core::{Dtype, RandomStream};
/// use geno_kernels::Kernel;
/// use geno_predictor::{CausalConfig, CausalPredictor, NativeCausalPredictor};
/// use geno_weights::{WeightFile, write_weights};
///
/// let config = CausalConfig { d_hidden: 16, n_heads: 2, ffn_dim: 16, ..CausalConfig::new(3, 4) };
/// let drawn = CausalPredictor::init(&config, &mut RandomStream::new(7, "doc"), &Device::flex())?;
/// let mut file = WeightFile::parse(write_weights(&drawn.to_weights())?)?;
/// let predictor = NativeCausalPredictor::load(&mut file, &config, Dtype::F32, Kernel::detect())?;
/// let mut rollout = predictor.rollout(&[0., 3., 4.]);
/// assert_eq!(rollout.step(&[1.; 4]), predictor.predict(&[0., 3., 4.], &[1.; 4], &[true]));
/// rollout.step(&[0.; 4]);
/// assert_eq!(rollout.n_edits(), 2);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct NativeRollout<'a> {
    predictor: &'a NativeCausalPredictor,
    states: Vec<f32>,
    sequences: Sequences,
}

impl NativeCausalPredictor {
    /// Begins haplotypes at states `[rows, d_state]`.
    ///
    /// # Panics
    ///
    /// If there is no state, or a part of one.
    pub fn rollout(&self, states: &[f32]) -> NativeRollout<'_> {
        let mut rollout = NativeRollout {
            predictor: self,
            states: Vec::new(),
            sequences: Sequences::new(&self.config),
        };
        rollout.start(states);
        rollout
    }
}

impl NativeRollout<'_> {
    /// Begins anew at other states `[rows, d_state]`, of which there may be more or fewer.
    ///
    /// # Panics
    ///
    /// If there is no state, or a part of one.
    pub fn start(&mut self, states: &[f32]) {
        let n_rows = self.predictor.n_rows(states);
        assert!(n_rows > 0, "haplotypes of no states");
        self.states.clear();
        self.states.extend_from_slice(states);
        let (predictor, sequences) = (self.predictor, &mut self.sequences);
        sequences.begin(n_rows);
        rayon::scope(|_| {
            predictor.read_in(states, &[], sequences);
            predictor.through_blocks(sequences);
        });
    }

    /// Adds an edit `[rows, d_action]` to each haplotype and gives the states `[rows, d_state]` after
    /// it, of length 1.
    ///
    /// # Panics
    ///
    /// If the shape differs from that, or there are more edits than learned positions.
    pub fn step(&mut self, actions: &[f32]) -> Vec<f32> {
        let Self {
            predictor,
            states,
            sequences,
        } = self;
        let n_values = sequences.n_rows * predictor.config.d_action;
        assert_eq!(actions.len(), n_values, "actions of other rows");
        let mut out = vec![0.0; states.len()];
        rayon::scope(|_| {
            predictor.read_in(&[], actions, sequences);
            predictor.through_blocks(sequences);
            predictor.read_out(states, sequences, &mut out);
        });
        out
    }

    /// How many edits were added.
    pub fn n_edits(&self) -> usize {
        self.sequences.n_kept - 1
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;
    use geno_core::{Dtype, RandomStream};
    use geno_kernels::Kernel;
    use geno_weights::{WeightFile, write_weights};

    use super::*;
    use crate::{CausalConfig, CausalPredictor, Network};

    #[test]
    fn haplotypes_that_begin_anew_stay_in_the_same_memory() {
        let config = CausalConfig {
            d_hidden: 16,
            n_heads: 2,
            ffn_dim: 16,
            ..CausalConfig::new(3, 4)
        };
        let stream = &mut RandomStream::new(7, "rollout");
        let drawn = CausalPredictor::init(&config, stream, &Device::flex()).unwrap();
        let bytes = write_weights(&drawn.to_weights()).unwrap();
        let mut file = WeightFile::parse(bytes).unwrap();
        let kernel = Kernel::detect();
        let predictor =
            NativeCausalPredictor::load(&mut file, &config, Dtype::F32, kernel).unwrap();
        let mut rollout = predictor.rollout(&[1.0; 15]);
        let mut buffers = || {
            rollout.start(&[1.0; 15]);
            (0..20).for_each(|_| drop(rollout.step(&[1.0; 20])));
            let Sequences {
                kept,
                positions,
                work,
                ..
            } = &rollout.sequences;
            let work = [
                &work.tokens,
                &work.normed,
                &work.queries,
                &work.mixed,
                &work.inner,
            ];
            let values = kept.iter().chain(work);
            let values = values.map(|values| (values.as_ptr().addr(), values.capacity()));
            (values.collect::<Vec<_>>(), positions.capacity())
        };
        assert_eq!(buffers(), buffers());
    }
}
