//! Monte-Carlo tree search.

mod actions;
mod tree;

use std::{collections::HashMap, sync::Arc};

use geno_action::{Haplotype, RelEdit};

use self::{
    actions::Actions,
    tree::{Descent, Tree},
};
use crate::{
    EditSpace, Evaluate, MctsConfig, Score, SearchConfig, StopReason,
    judge::{Halt, Judge},
};

/// Grows a tree from the empty haplotype, and commits to one edit after each step.
///
/// A node is a haplotype, so its own objective is what a descent that ends there has found: nothing is
/// played to an end at random. Descents of one batch of leaves avoid each other, since one on its way
/// counts as a visit that found the worst. The tree below the edit committed to is kept, and what was
/// reached by other edits first is not evaluated again.
///
/// # Source
///
/// Auer, Cesa-Bianchi and Fischer, 2002 (UCB1); Kocsis and Szepesvári, 2006 (on trees); Coulom, 2007
/// (progressive widening); Chaslot, Winands and van den Herik, 2008 (virtual loss); Schrittwieser and
/// others, 2020 (values between the lowest and the highest of the tree).
pub(crate) fn search<E: Evaluate>(
    space: &EditSpace,
    config: &SearchConfig,
    mcts: &MctsConfig,
    judge: &mut Judge<'_, E>,
) -> Result<StopReason, Halt<E::Error>> {
    let mut search = Search {
        space,
        tree: Tree::new(mcts, config.horizon, judge.best()),
        actions: Actions::new(space, config.seed),
        known: HashMap::new(),
        judge,
    };
    let (mut root, mut stale) = (0, 0);
    for _ in 0..config.horizon {
        let before = search.judge.best();
        let found = search.step(root, mcts)?;
        if let Some(best) = found.iter().copied().min_by(Score::order) {
            search.judge.log(best, None, found.len());
        }
        if let Some(reason) = search.judge.reason() {
            return Ok(reason);
        }
        stale = match search.judge.best().is_better_than(&before) {
            true => 0,
            false => stale + 1,
        };
        if stale >= mcts.patience {
            return Ok(StopReason::Patience);
        }
        match search.tree.best_child(root) {
            Some(child) => root = child,
            None => return Ok(StopReason::Exhausted),
        }
    }
    Ok(StopReason::MaxIterations)
}

struct Search<'a, 'j, E: Evaluate> {
    space: &'a EditSpace,
    tree: Tree<'a>,
    actions: Actions<'a>,
    /// Scores of all haplotypes that were evaluated.
    known: HashMap<Vec<RelEdit>, Score>,
    judge: &'a mut Judge<'j, E>,
}

impl<E: Evaluate> Search<'_, '_, E> {
    /// Descends so many times from a node; gives the scores of the nodes that are new.
    fn step(&mut self, root: usize, mcts: &MctsConfig) -> Result<Vec<Score>, Halt<E::Error>> {
        let mut found = Vec::new();
        let mut leaves: Vec<Vec<usize>> = Vec::new();
        let mut n_descents = 0;
        while n_descents < mcts.n_simulations {
            let Descent { path, is_new } = self.tree.descend(root, &mut self.actions);
            let end = path[path.len() - 1];
            let known = self.tree.score(end);
            let known = known.or_else(|| self.known.get(self.tree.edits(end)).copied());
            n_descents += 1;
            match known {
                Some(score) => {
                    if is_new {
                        found.push(score);
                    }
                    self.tree.settle(&path, score);
                }
                None if is_new => leaves.push(path),
                None => {
                    // It met a leaf that waits to be evaluated.
                    self.tree.give_up(&path);
                    n_descents -= 1;
                    found.extend(self.evaluate(&mut leaves)?);
                }
            }
            if leaves.len() == mcts.n_leaves {
                found.extend(self.evaluate(&mut leaves)?);
            }
        }
        found.extend(self.evaluate(&mut leaves)?);
        Ok(found)
    }

    fn evaluate(&mut self, leaves: &mut Vec<Vec<usize>>) -> Result<Vec<Score>, Halt<E::Error>> {
        let candidate = |path: &Vec<usize>| {
            let edits = self.tree.edits(path[path.len() - 1]).to_vec();
            Haplotype::new(Arc::clone(self.space.window()), edits)
                .expect("edits of the space that do not overlap")
        };
        let candidates: Vec<Haplotype> = leaves.iter().map(candidate).collect();
        let scores = self.judge.scores(&candidates)?;
        for ((path, candidate), &score) in leaves.drain(..).zip(&candidates).zip(&scores) {
            self.tree.settle(&path, score);
            self.known.insert(candidate.edits().to_vec(), score);
        }
        Ok(scores)
    }
}
