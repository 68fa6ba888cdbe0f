//! The layers both networks are made of.

mod attention;
mod feed_forward;
mod linear;
mod norm;
mod product;

pub(crate) use self::{
    attention::Attention,
    feed_forward::FeedForward,
    linear::{Linear, LinearInit},
    norm::{EPSILON, LayerNorm},
};
