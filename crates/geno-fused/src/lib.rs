//! Operations that are one kernel forwards and one backwards, for tensors in this process's memory.
//!
//! What Burn composes of its operations reads and writes all values once for each of them. Where one
//! kernel does the whole, an [`Operation`] puts it into the graph of gradients as one node: [`operand`]
//! takes tensors of `f32` in this process's memory and gives nothing for others, for which the caller
//! composes the same of the device's own operations.
//!
//! # Examples
//!
//! ```
//! use burn::tensor::{Device, Tensor};
//! use geno_fused::{Operation, Values, apply, operand};
//!
//! #[derive(Clone, Debug)]
//! struct Cube;
//!
//! impl Operation<1> for Cube {
//!     type State = Values;
//!
//!     fn forward(&self, [x]: [Values; 1], _is_tracked: bool) -> (Values, Values) {
//!         (Values::new(x.iter().map(|x| x * x * x).collect(), x.dims()), x)
//!     }
//!
//!     fn backward(&self, x: Values, gradient: &Values) -> [Values; 1] {
//!         let slopes = x.iter().zip(&**gradient).map(|(x, gradient)| 3. * x * x * gradient);
//!         [Values::new(slopes.collect(), x.dims())]
//!     }
//! }
//!
//! /// `x³`, on any device.
//! fn cube(x: Tensor<1>) -> Tensor<1> {
//!     match operand(&x) {
//!         Some(x) => apply(Cube, [x]),
//!         None => x.clone() * x.clone() * x,
//!     }
//! }
//!
//! let x = Tensor::<1>::from_floats([2., -1.], &Device::flex().autodiff()).require_grad();
//! let cubes = cube(x.clone());
//! let gradients = cubes.clone().sum().backward();
//! assert_eq!(cubes.into_data().as_slice::<f32>()?, [8., -1.]);
//! assert_eq!(x.grad(&gradients).expect("of a leaf").into_data().as_slice::<f32>()?, [12., 3.]);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod node;
mod operand;
mod values;

pub use self::{
    node::{Operation, apply},
    operand::{Operand, operand},
    values::Values,
};
