//! Made-up edits, one or several that are neighbours.

use geno_action::RelEdit;
use geno_core::Window;

use super::{super::EditSource, Draw, synthetic_edits};

impl<'a> Draw<'a> {
    /// One edit anywhere between the margins, and as many more to its right as are drawn and find
    /// room, each at most `max_gap` bases after the one before it. None if the window allows none.
    pub(super) fn chain(&mut self, source: EditSource) -> Option<Vec<RelEdit>> {
        let n_edits = match self.settings.edit_count_weights.len() {
            1 => 1,
            _ => {
                let weights = &self.settings.edit_count_weights;
                (self.random.weighted(weights) + 1).min(self.settings.max_edits)
            }
        };
        let mut edits = vec![self.first(source)?];
        while edits.len() < n_edits {
            match self.next(source, &edits[edits.len() - 1]) {
                Some(edit) => edits.push(edit),
                None => break,
            }
        }
        Some(edits)
    }

    fn first(&mut self, source: EditSource) -> Option<RelEdit> {
        if !self.synthetic.contains_key(&source) {
            let window: &'a Window = self.window;
            let (margin, weights) = (self.settings.margin, self.settings.type_weights);
            let edits = synthetic_edits(source, window, margin, self.lengths, weights).ok()?;
            self.synthetic.insert(source, edits);
        }
        let edits = &self.synthetic[&source];
        edits.sample(1, &mut self.random).ok()?.pop()
    }

    /// An edit right of another, at most the largest gap after its start.
    fn next(&mut self, source: EditSource, last: &RelEdit) -> Option<RelEdit> {
        let right = self.window.len().checked_sub(self.settings.margin)?;
        let reach = last.rel_pos() + self.settings.max_gap as usize + 1;
        let (from, to) = (last.end(), right.min(reach));
        let bases = self.window.bases().get(from..to)?;
        let room = Window::new(0, bases).ok()?;
        let weights = self.settings.type_weights;
        let edits = synthetic_edits(source, &room, 0, self.lengths, weights).ok()?;
        let edit = edits.sample(1, &mut self.random).ok()?.pop()?;
        RelEdit::new(from + edit.rel_pos(), edit.reference(), edit.alternate()).ok()
    }
}
