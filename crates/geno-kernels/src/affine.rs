//! Affine maps of rows.

use crate::{
    Kernel, PackedMatrix,
    product::{Start, product},
};

/// `rows · W + b`.
#[derive(Clone, Debug)]
pub struct Affine {
    weight: PackedMatrix,
    bias: Vec<f32>,
}

impl Affine {
    /// An affine map.
    ///
    /// # Panics
    ///
    /// If there is not a bias a column.
    ///
    /// # Examples
    ///
    /// ```
    /// use geno_kernels::{Affine, Format, Kernel, PackedMatrix};
    ///
    /// let weight = PackedMatrix::pack(Format::F32, 2, 1, |_, column| column.copy_from_slice(&[2., 3.]));
    /// let map = Affine::new(weight, vec![10.]);
    /// let mut out = [0.];
    /// map.forward(Kernel::PORTABLE, &[1., 1.], &mut out);
    /// assert_eq!(out, [15.]);
    /// map.add(Kernel::PORTABLE, &[1., 0.], &mut out);
    /// assert_eq!(out, [27.]);
    /// ```
    pub fn new(weight: PackedMatrix, bias: Vec<f32>) -> Self {
        assert_eq!(weight.columns(), bias.len(), "biases of another width");
        Self { weight, bias }
    }

    /// The map without its bias.
    pub fn weight(&self) -> &PackedMatrix {
        &self.weight
    }

    /// The bias, one a column.
    pub fn bias(&self) -> &[f32] {
        &self.bias
    }

    /// Maps rows: `out = rows · W + b`.
    ///
    /// # Shapes
    ///
    /// - `rows`: `[rows, inner]`
    /// - `out`: `[rows, columns]`
    ///
    /// # Cost
    ///
    /// `2 · rows · inner · columns` operations. Weights are read once for every 140 rows.
    ///
    /// # Panics
    ///
    /// If a shape does not fit the others.
    pub fn forward(&self, kernel: Kernel, rows: &[f32], out: &mut [f32]) {
        product(kernel, rows, &self.weight, Start::Bias(&self.bias), out);
    }

    /// Maps rows and adds the result: `out += rows · W + b`, as [`forward`](Self::forward).
    ///
    /// # Panics
    ///
    /// If a shape does not fit the others.
    pub fn add(&self, kernel: Kernel, rows: &[f32], out: &mut [f32]) {
        product(
            kernel,
            rows,
            &self.weight,
            Start::AddedBias(&self.bias),
            out,
        );
    }
}
