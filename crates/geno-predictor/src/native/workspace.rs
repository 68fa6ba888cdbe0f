//! Memory of a pass.

/// Buffers of a pass, as large as the largest so far needed.
#[derive(Clone, Debug, Default)]
pub(super) struct Workspace {
    pub(super) tokens: Vec<f32>,
    pub(super) normed: Vec<f32>,
    pub(super) queries: Vec<f32>,
    pub(super) keys: Vec<f32>,
    pub(super) values: Vec<f32>,
    pub(super) mixed: Vec<f32>,
    pub(super) inner: Vec<f32>,
}

/// The first `len` values, whatever they hold.
pub(super) fn sized(values: &mut Vec<f32>, len: usize) -> &mut [f32] {
    if values.len() < len {
        values.resize(len, 0.0);
    }
    &mut values[..len]
}
