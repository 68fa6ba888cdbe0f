//! A browser to look at pages with, and the pages.

mod browser;
mod http;
mod light;
mod picture;
mod scores;

pub use self::{
    browser::{Browser, Key, Theme},
    light::Light,
    picture::Picture,
    scores::{HOSTILE, ScoredPage},
};
