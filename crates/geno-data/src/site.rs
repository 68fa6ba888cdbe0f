//! From variants to sites: a window for each variant, and one site for all variants of a window.

mod chunks;
mod windows;

pub use self::{
    chunks::{ChunkRow, EditPlace, PlaceError, SiteChunk, SiteChunks, Skip},
    windows::{GridWindowError, ShiftWindowError, SiteWindows},
};
