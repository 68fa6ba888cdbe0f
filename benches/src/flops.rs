//! How much arithmetic a score takes.

/// Sizes of an encoder that decide its arithmetic.
pub(crate) struct Shape {
    pub(crate) hidden: f64,
    pub(crate) ffn: f64,
    pub(crate) heads: f64,
    pub(crate) kv_heads: f64,
    pub(crate) head_dim: f64,
    pub(crate) layers: f64,
}

impl Shape {
    /// Operations of `tokens` tokens that each see `context` tokens on average, through all layers.
    ///
    /// Linear maps take two operations a weight and token, attention four a head dimension, token
    /// and token seen.
    fn pass(&self, tokens: f64, context: f64) -> f64 {
        let attention_width = self.heads * self.head_dim;
        let kv_width = self.kv_heads * self.head_dim;
        let weights = self.hidden * (2. * attention_width + 2. * kv_width + 3. * self.ffn);
        self.layers * tokens * (2. * weights + 4. * attention_width * context)
    }

    /// Operations of a site: one pass over `prefix` tokens and one of `suffix` tokens an edit.
    pub(crate) fn site(&self, prefix: f64, suffix: f64, edits: f64) -> f64 {
        self.pass(prefix, prefix / 2.) + edits * self.pass(suffix, prefix)
    }
}
