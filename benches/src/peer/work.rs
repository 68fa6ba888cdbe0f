//! What has to agree for two times to be of the same work.

/// Work that the Python package is compared in, item by item.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Work {
    /// Variants from files to scores.
    Score {
        /// A name of [`Shape`](crate::shape::Shape), or another word for a model that has none.
        shape: String,
        dtype: String,
        /// Whether all variants share one window.
        dense: bool,
        state_layer: i32,
        pool_radius: usize,
        window_bp: u64,
    },
    /// Candidates of a search, drawn and evaluated.
    Plan {
        shape: String,
        dtype: String,
        /// Edits of every candidate.
        n_edits: usize,
    },
    /// Haplotypes of `cross_attention_v1`, each state from the one before it.
    Rollout {
        shape: String,
        dtype: String,
        n_edits: usize,
        /// Haplotypes side by side.
        batch: usize,
    },
}

impl Work {
    /// The first thing in which a peer's work of this kind differs from ours.
    pub(super) fn difference(&self, ours: &Self) -> Option<String> {
        if std::mem::discriminant(self) != std::mem::discriminant(ours) {
            return None;
        }
        let both = self.properties().into_iter().zip(ours.properties());
        let mut unlike = both.filter(|(peer, ours)| peer != ours);
        let ((what, peer), (_, ours)) = unlike.next()?;
        Some(format!("{what} is {ours} here and {peer} at the peer"))
    }

    fn properties(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Score {
                shape,
                dtype,
                dense,
                state_layer,
                pool_radius,
                window_bp,
            } => vec![
                ("shape", shape.clone()),
                ("dtype", dtype.clone()),
                ("dense", dense.to_string()),
                ("state layer", state_layer.to_string()),
                ("pool radius", pool_radius.to_string()),
                ("window", window_bp.to_string()),
            ],
            Self::Plan {
                shape,
                dtype,
                n_edits,
            } => vec![
                ("shape", shape.clone()),
                ("predictor dtype", dtype.clone()),
                ("edits", n_edits.to_string()),
            ],
            Self::Rollout {
                shape,
                dtype,
                n_edits,
                batch,
            } => vec![
                ("shape", shape.clone()),
                ("predictor dtype", dtype.clone()),
                ("edits", n_edits.to_string()),
                ("batch", batch.to_string()),
            ],
        }
    }
}
