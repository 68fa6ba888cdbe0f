//! Plots as SVG: lines with bands ([`LinePlot`]), bars ([`Histogram`]), quantiles ([`QuantilePlot`]),
//! and what others are drawn with ([`Picture`], [`Axis`]).
//!
//! The same plot has the same bytes. Every picture has a title and a description for those who do not
//! see it, colours that people of any colour vision tell apart, and fits light and dark pages.

mod axis;
mod histogram;
mod line_plot;
mod picture;
mod quantile_plot;
mod text;
mod ticks;

pub use self::{
    axis::Axis,
    histogram::{Histogram, HistogramGroup},
    line_plot::{Band, LinePlot, Series},
    picture::{Anchor, N_COLOURS, PLOT_STYLE, Picture},
    quantile_plot::{QuantilePlot, QuantileRow},
    text::escaped,
};
