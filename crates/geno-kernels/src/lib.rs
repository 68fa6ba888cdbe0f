//! Arithmetic of transformers' forward passes on CPUs, mapped files and allocator settings.
//!
//! The one crate of this project with `unsafe` code, each use of it behind a safe function.
//!
//! Weights are packed once, in the order in which the processor reads them ([`PackedMatrix`]).
//! Activations are `f32` slices in row-major order. The steps of a block are functions over many
//! rows at once. Of a Llama block these are [`project`], [`rotate`], [`Attention`],
//! [`add_product`] and [`add_gated`]; of one with biases and few tokens [`LayerNorm`], [`Affine`],
//! [`TokenGroups`] or [`TokenSteps`], and [`gelu`].
//!
//! # What never changes a result
//!
//! A row's result depends on that row and on what it may see: not on the number of threads, on the
//! rows beside it or on how they were split among tasks, to the last bit. Every sum runs in an
//! order that is fixed by the shapes of the weights alone.
//!
//! The [`Kernel`] does change last bits: one with fused multiplications rounds once where the
//! portable one rounds twice. [`Kernel::PORTABLE`] is the canonical one. Tests hold the others to
//! it within `4·√k·ε` of the products' magnitudes for sums of `k`.
//!
//! # Formats
//!
//! | [`Format`] | weights | activations in a product | sums |
//! |---|---|---|---|
//! | `F32` | as they are | as they are | `f32` |
//! | `Bf16` | rounded | rounded | `f32` |
//! | `Int8` | 8 bits, a scale for each column | 8 bits, a scale for each row | exact |
//!
//! Norms, rotations, softmax, gates and the residual stream are `f32` in all of them.

mod affine;
mod allocator;
mod attention;
mod cpu;
mod exp;
mod exponentials;
mod few_rows;
mod format;
mod gate;
mod gelu;
mod layer_norm;
mod mapped_file;
mod multiply;
mod next_token;
mod norm;
mod packed_matrix;
mod packed_rows;
mod panel;
mod product;
mod rotary;
mod rows;
mod scratch;
mod swiglu;
mod tile;
mod token_attention;

pub use self::{
    affine::Affine,
    allocator::keep_freed_memory,
    attention::{Attended, Attention, AttentionInputs, AttentionShape, CausalAttention, Segment},
    cpu::Kernel,
    exponentials::{Exponentials, exponentials},
    format::{Format, quantize_row},
    gate::{GatedLayer, add_gated},
    gelu::{gelu, gelu_backward},
    layer_norm::{LayerNorm, LayerNormGradients},
    mapped_file::MappedFile,
    next_token::{base_cross_entropy, cross_entropy},
    norm::{NormGradients, RmsNorm},
    packed_matrix::PackedMatrix,
    product::{add_product, multiply_rows, project},
    rotary::{RotaryTable, rotate},
    swiglu::{swiglu, swiglu_backward},
    token_attention::{TokenGroups, TokenSteps},
};
