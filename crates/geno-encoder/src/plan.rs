//! What has to be computed for one site, before anything is.

use std::ops::Range;

use geno_action::{Haplotype, Site, edited_window};
use geno_core::{StateContract, Window};
use rayon::prelude::*;

use crate::{
    DnaTokenizer, EncodeError, PrefixReuse, StateSettings,
    pool::{TOKEN_BP, WindowLen},
};

/// The passes of one site.
pub(crate) struct SitePlan {
    /// Tokens of the reference pass: up to the last one that any state needs.
    pub(crate) tokens: Vec<u32>,
    /// Rows of the reference pass that are pooled.
    pub(crate) keep: Range<usize>,
    /// One pass an edit.
    pub(crate) edits: Vec<EditPlan>,
    pub(crate) reuse: PrefixReuse,
}

/// The pass of one edit. Token rows count from the first token of the window.
pub(crate) struct EditPlan {
    /// Pooled rows of the reference.
    pub(crate) reference: Range<usize>,
    /// Pooled rows of the edited window.
    pub(crate) edited: Range<usize>,
    /// Rows before this one are those of the reference.
    pub(crate) start: usize,
    /// Tokens of the edited window from `start` to the last pooled one; may be empty.
    pub(crate) suffix: Vec<u32>,
    /// Whether nothing is changed before the edit's own token.
    is_reused: bool,
}

/// What a site is planned for.
pub(crate) trait Wanted: Sync {
    /// How edited windows are made.
    fn contract(&self) -> StateContract;

    /// The rows of a window that are needed for an edit at a locus.
    fn span(&self, locus: usize, len: WindowLen) -> Result<Range<usize>, EncodeError>;

    /// The rows of the reference window that are needed for a site without edits.
    fn of_reference(&self, len: WindowLen) -> Range<usize>;
}

impl Wanted for StateSettings {
    fn contract(&self) -> StateContract {
        self.contract
    }

    fn span(&self, locus: usize, len: WindowLen) -> Result<Range<usize>, EncodeError> {
        self.pooled(Some(locus), len)
    }

    /// There is no state to make, and a pass has a row.
    fn of_reference(&self, _: WindowLen) -> Range<usize> {
        0..1
    }
}

impl SitePlan {
    /// The passes of a window and of each of its edits, every one pooled at its own base.
    pub(crate) fn new(
        site: &Site,
        tokenizer: &DnaTokenizer,
        wanted: &impl Wanted,
        max_tokens: usize,
    ) -> Result<Self, EncodeError> {
        let edited = |i: usize| {
            let edit = &site.edits()[i];
            let bases = edited_window(site.window(), edit, wanted.contract())
                .map_err(|source| EncodeError::Edit { edit: i, source })?;
            Ok((edit.rel_pos(), bases))
        };
        let n_edits = site.edits().len();
        Self::of(
            site.window(),
            n_edits,
            edited,
            tokenizer,
            wanted,
            max_tokens,
        )
    }

    /// The passes of a window and of its edits one after the other, all pooled at the first.
    pub(crate) fn of_trajectory(
        haplotype: &Haplotype,
        tokenizer: &DnaTokenizer,
        wanted: &impl Wanted,
        max_tokens: usize,
    ) -> Result<Self, EncodeError> {
        let edited = |i: usize| {
            let bases = haplotype.first(i + 1).edited_window(wanted.contract());
            Ok((haplotype.edits()[0].rel_pos(), bases))
        };
        let n_edits = haplotype.edits().len();
        Self::of(
            haplotype.window(),
            n_edits,
            edited,
            tokenizer,
            wanted,
            max_tokens,
        )
    }

    /// The passes of a window, and of others made from it, each with its locus.
    fn of(
        window: &Window,
        n_edits: usize,
        edited: impl Fn(usize) -> Result<(usize, Vec<u8>), EncodeError> + Sync,
        tokenizer: &DnaTokenizer,
        wanted: &impl Wanted,
        max_tokens: usize,
    ) -> Result<Self, EncodeError> {
        let bases = window.bases();
        let mut tokens = window_tokens(bases, tokenizer, max_tokens)?;
        let len = WindowLen::of(bases, &tokens);

        // Each edit has a window of its own to be put into tokens, which is worth a thread.
        let edits = (0..n_edits).into_par_iter().map(|i| {
            let (locus, edited) = edited(i)?;
            EditPlan::new(locus, &edited, len, &tokens, tokenizer, wanted)
        });
        // In order, so that the first edit that is at fault is the one that is named.
        let edits: Vec<_> = edits.collect();
        let edits = edits.into_iter().collect::<Result<Vec<_>, _>>()?;
        let reused = edits.iter().filter(|edit| edit.is_reused).count();
        let reuse = PrefixReuse {
            reused,
            full: edits.len() - reused,
        };

        // An edit shares pooled rows with the reference only where it pools the same ones.
        let rows = edits.iter().map(|edit: &EditPlan| edit.reference.clone());
        let keep = rows.reduce(|a, b| a.start.min(b.start)..a.end.max(b.end));
        let keep = keep.unwrap_or_else(|| wanted.of_reference(len));
        tokens.truncate(keep.end);
        Ok(Self {
            tokens,
            keep,
            edits,
            reuse,
        })
    }
}

impl EditPlan {
    /// The pass of a window of these bases, pooled at a locus and made from a reference window of
    /// this length and these tokens.
    fn new(
        locus: usize,
        edited: &[u8],
        len: WindowLen,
        tokens: &[u32],
        tokenizer: &DnaTokenizer,
        wanted: &impl Wanted,
    ) -> Result<Self, EncodeError> {
        let edited_tokens: Vec<u32> = tokenizer.rows(edited).collect();
        let span = wanted.span(locus, WindowLen::of(edited, &edited_tokens))?;
        let (start, is_reused) = first_changed(tokens, &edited_tokens, locus);
        let start = start.min(span.end);
        Ok(Self {
            reference: wanted.span(locus, len)?,
            suffix: edited_tokens[start..span.end].to_vec(),
            edited: span,
            start,
            is_reused,
        })
    }
}

/// The tokens of a window, if the model takes so many.
pub(crate) fn window_tokens(
    bases: &[u8],
    tokenizer: &DnaTokenizer,
    limit: usize,
) -> Result<Vec<u32>, EncodeError> {
    let tokens = tokenizer.len_of(bases.len());
    if tokens > limit {
        return Err(EncodeError::TooLong { tokens, limit });
    }
    Ok(tokenizer.rows(bases).collect())
}

/// The first token of the edited window that is not taken from the reference pass, and whether
/// that is the own one of an edit at this locus.
///
/// It is the edit's own also where the change begins later or is hidden by an `N`, so that all
/// substitutions of one position are run together.
fn first_changed(reference: &[u32], edited: &[u32], locus: usize) -> (usize, bool) {
    let own = 1 + locus / TOKEN_BP;
    let pairs = reference.iter().zip(edited).take(own);
    let changed = pairs.take_while(|(r, e)| r == e).count();
    (changed, changed == own)
}
