//! The layers both networks are made of.

mod attention;
mod feed_forward;
#[cfg(feature = "cpu")]
mod fused;
mod gelu;
mod linear;
mod norm;
mod product;

pub(crate) use self::{
    attention::Attention,
    feed_forward::FeedForward,
    gelu::gelu,
    linear::{Linear, LinearInit},
    norm::{EPSILON, LayerNorm},
};
