//! A tree of haplotypes: a child has one edit more.

use geno_action::RelEdit;

use super::actions::Actions;
use crate::{MctsConfig, Score};

/// Nodes, the root of the whole search first.
pub(super) struct Tree<'c> {
    config: &'c MctsConfig,
    horizon: usize,
    nodes: Vec<Node>,
    /// Lowest and highest objective of any node.
    range: (f64, f64),
}

struct Node {
    edits: Vec<RelEdit>,
    children: Vec<usize>,
    /// The next action to widen by.
    cursor: usize,
    /// None until it is evaluated.
    score: Option<Score>,
    /// The best score of the node and what is below it.
    best: Option<Score>,
    /// Descents that were counted, and the sum of what they found.
    n_visits: f64,
    sum: f64,
    /// Descents on their way: counted as visits that found the worst there is.
    n_pending: f64,
}

/// Where a descent ended: the nodes from the root on, and whether the last is new.
pub(super) struct Descent {
    pub(super) path: Vec<usize>,
    pub(super) is_new: bool,
}

impl<'c> Tree<'c> {
    pub(super) fn new(config: &'c MctsConfig, horizon: usize, empty: Score) -> Self {
        let mut tree = Self {
            config,
            horizon,
            nodes: vec![Node::new(Vec::new())],
            range: (empty.objective, empty.objective),
        };
        tree.count(&[0], empty);
        tree
    }

    pub(super) fn edits(&self, node: usize) -> &[RelEdit] {
        &self.nodes[node].edits
    }

    pub(super) fn score(&self, node: usize) -> Option<Score> {
        self.nodes[node].score
    }

    /// The child that the best plan lies below; none of a node without children.
    pub(super) fn best_child(&self, node: usize) -> Option<usize> {
        let evaluated = self.nodes[node].children.iter().filter_map(|&child| {
            let best = self.nodes[child].best?;
            Some((child, best))
        });
        let best = evaluated.min_by(|(_, a), (_, b)| a.order(b));
        best.map(|(child, _)| child)
    }

    /// Goes down from a node by UCB1 until a node is widened or cannot be left, and marks the way.
    pub(super) fn descend(&mut self, root: usize, actions: &mut Actions<'_>) -> Descent {
        let mut path = vec![root];
        let is_new = loop {
            let node = path[path.len() - 1];
            if self.nodes[node].score.is_none() {
                break false;
            }
            if let Some(child) = self.widen(node, actions) {
                path.push(child);
                break true;
            }
            match self.choose(node) {
                Some(child) => path.push(child),
                None => break false,
            }
        };
        for &node in &path {
            self.nodes[node].n_pending += 1.0;
        }
        Descent { path, is_new }
    }

    /// Counts what a descent found.
    pub(super) fn settle(&mut self, path: &[usize], score: Score) {
        self.give_up(path);
        self.count(path, score);
    }

    /// Takes back the marks of a descent that found nothing.
    pub(super) fn give_up(&mut self, path: &[usize]) {
        for &node in path {
            self.nodes[node].n_pending -= 1.0;
        }
    }

    fn count(&mut self, path: &[usize], score: Score) {
        let (low, high) = self.range;
        self.range = (low.min(score.objective), high.max(score.objective));
        if let Some(&leaf) = path.last() {
            self.nodes[leaf].score = Some(score);
        }
        for &node in path {
            let node = &mut self.nodes[node];
            node.n_visits += 1.0;
            node.sum += score.objective;
            let best = node.best.into_iter().chain([score]);
            node.best = best.min_by(Score::order);
        }
    }

    /// Adds the child of the next action that fits, if the node may have one more.
    fn widen(&mut self, parent: usize, actions: &mut Actions<'_>) -> Option<usize> {
        let node = &mut self.nodes[parent];
        let may_have = (node.n_visits + node.n_pending)
            .powf(self.config.widening)
            .ceil();
        if node.edits.len() == self.horizon || node.children.len() as f64 >= may_have {
            return None;
        }
        let edits = loop {
            let edit = actions.get(node.cursor)?;
            node.cursor += 1;
            if let Some(edits) = with(&node.edits, edit) {
                break edits;
            }
        };
        let child = self.nodes.len();
        self.nodes[parent].children.push(child);
        self.nodes.push(Node::new(edits));
        Some(child)
    }

    /// The child of the highest upper bound: `q + c · √(ln N / n)`, with `q` the mean objective of
    /// its visits, 1 at the lowest of the tree and 0 at the highest.
    fn choose(&self, parent: usize) -> Option<usize> {
        let (low, high) = self.range;
        let parent = &self.nodes[parent];
        let log_n = (parent.n_visits + parent.n_pending).ln();
        let bound = |child: usize| {
            let node = &self.nodes[child];
            let n = node.n_visits + node.n_pending;
            let mean = (node.sum + node.n_pending * high) / n;
            let q = if high > low {
                (high - mean) / (high - low)
            } else {
                0.0
            };
            q + self.config.exploration * (log_n / n).sqrt()
        };
        let bounds = parent.children.iter().map(|&child| (child, bound(child)));
        // Of equal ones the first.
        let better =
            |best: (usize, f64), other: (usize, f64)| if other.1 > best.1 { other } else { best };
        bounds.reduce(better).map(|(child, _)| child)
    }
}

impl Node {
    fn new(edits: Vec<RelEdit>) -> Self {
        Self {
            edits,
            children: Vec::new(),
            cursor: 0,
            score: None,
            best: None,
            n_visits: 0.0,
            sum: 0.0,
            n_pending: 0.0,
        }
    }
}

/// Sorted edits and one more in its place; none where it overlaps another.
fn with(edits: &[RelEdit], edit: &RelEdit) -> Option<Vec<RelEdit>> {
    let place = edits.partition_point(|other| other.rel_pos() < edit.rel_pos());
    let (left, right) = edits.split_at(place);
    let fits = left
        .last()
        .is_none_or(|other| other.end() <= edit.rel_pos())
        && right
            .first()
            .is_none_or(|other| edit.end() <= other.rel_pos());
    fits.then(|| [left, std::slice::from_ref(edit), right].concat())
}

#[cfg(test)]
mod tests {
    use geno_action::EditType;
    use geno_core::Window;

    use super::*;
    use crate::{EditPrior, EditSpace, Restrictions};

    fn config(exploration: f64, widening: f64) -> MctsConfig {
        MctsConfig {
            exploration,
            widening,
            ..MctsConfig::default()
        }
    }

    fn space(bases: &str) -> EditSpace {
        let anywhere = Restrictions {
            margin: 0,
            ..Restrictions::default()
        };
        let window = Window::new(0, bases.as_bytes()).unwrap();
        let prior = EditPrior::of_types(&[EditType::Snv]);
        EditSpace::new(window.into(), &prior, &anywhere).unwrap()
    }

    fn score(objective: f64) -> Score {
        Score::new(objective, 0.0, 0.0)
    }

    /// Descends, and gives the leaf its objective.
    fn visit(tree: &mut Tree<'_>, actions: &mut Actions<'_>, objective: f64) -> Vec<usize> {
        let descent = tree.descend(0, actions);
        tree.settle(&descent.path, score(objective));
        descent.path
    }

    #[test]
    fn a_node_has_no_more_children_than_its_visits_allow() {
        let (space, config) = (space("ACGTACGT"), config(1.0, 0.5));
        let mut actions = Actions::new(&space, 0);
        let mut tree = Tree::new(&config, 1, score(1.0));
        let n_children = (1..=16).map(|_| {
            visit(&mut tree, &mut actions, 1.0);
            tree.nodes[0].children.len()
        });
        // ⌈√n⌉ for the n visits before each descent, the first being that of the root itself.
        let expected = [1, 2, 2, 2, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4];
        assert_eq!(n_children.collect::<Vec<_>>(), expected);
    }

    // Worked out by hand: objectives 4 (root), 1, 3 and 2, so values lie between 1 and 4.
    #[test]
    fn the_highest_upper_bound_is_followed() {
        let (space, narrow) = (space("A"), config(0.0, 1.0));
        let mut actions = Actions::new(&space, 0);
        let mut tree = Tree::new(&narrow, 1, score(4.0));
        for objective in [1.0, 3.0, 2.0] {
            assert_eq!(visit(&mut tree, &mut actions, objective).len(), 2);
        }
        // q is 1, 1/3 and 2/3: without exploration the first child stays the best.
        assert_eq!(visit(&mut tree, &mut actions, 1.0), [0, 1]);
        assert_eq!(tree.best_child(0), Some(1));

        // With it n counts: q + √(ln 5 / n) is 1.897, 1.602 and 1.935.
        let wide = config(1.0, 1.0);
        tree.config = &wide;
        assert_eq!(tree.choose(0), Some(3));
    }

    #[test]
    fn descents_on_their_way_count_as_the_worst() {
        let (space, config) = (space("A"), config(0.0, 1.0));
        let mut actions = Actions::new(&space, 0);
        let mut tree = Tree::new(&config, 1, score(4.0));
        for objective in [1.0, 3.0, 2.0] {
            visit(&mut tree, &mut actions, objective);
        }
        // The first child's mean is 1, then (1 + 4) / 2: behind the third's 2.
        let first = tree.descend(0, &mut actions);
        let second = tree.descend(0, &mut actions);
        assert_eq!((first.path, second.path.clone()), (vec![0, 1], vec![0, 3]));
        tree.give_up(&second.path);
        assert_eq!(tree.descend(0, &mut actions).path, [0, 3]);
    }

    #[test]
    fn an_edit_is_put_in_its_place_or_refused() {
        let edit = |rel_pos, reference| RelEdit::new(rel_pos, reference, "T").unwrap();
        let edits = [edit(2, "AC"), edit(6, "A")];
        let places = |new: RelEdit| {
            let edits = with(&edits, &new)?;
            Some(edits.iter().map(RelEdit::rel_pos).collect::<Vec<_>>())
        };
        assert_eq!(places(edit(4, "AC")), Some(vec![2, 4, 6]));
        assert_eq!(places(edit(0, "AC")), Some(vec![0, 2, 6]));
        assert_eq!(places(edit(8, "A")), Some(vec![2, 6, 8]));
        for overlapping in [
            edit(2, "A"),
            edit(3, "A"),
            edit(1, "AC"),
            edit(5, "AC"),
            edit(6, "C"),
        ] {
            assert_eq!(places(overlapping), None);
        }
    }
}
