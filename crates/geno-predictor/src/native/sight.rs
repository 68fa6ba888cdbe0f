//! Which actions are seen.

/// Which actions the states and the actions of some rows see.
#[derive(Clone, Debug)]
pub(super) struct Sight {
    n_actions: usize,
    /// `[rows, actions]`.
    present: Vec<bool>,
    /// `[rows · actions, actions]`.
    by_actions: Vec<bool>,
    /// `[rows · actions, actions]`.
    causal: Vec<bool>,
}

impl Sight {
    /// What is seen of `[rows, n_actions]`, true for actions.
    pub(super) fn new(present: &[bool], n_actions: usize) -> Self {
        let (mut by_actions, mut causal) = (Vec::new(), Vec::new());
        for row in present.chunks_exact(n_actions) {
            for query in 0..n_actions {
                by_actions.extend_from_slice(row);
                causal.extend(
                    row.iter()
                        .enumerate()
                        .map(|(key, there)| *there && key <= query),
                );
            }
        }
        Self {
            n_actions,
            present: present.to_vec(),
            by_actions,
            causal,
        }
    }

    /// Rows, each of a state and its actions.
    pub(super) fn n_rows(&self) -> usize {
        self.present.len() / self.n_actions
    }

    /// Actions of a row, those that are missing too.
    pub(super) fn n_actions(&self) -> usize {
        self.n_actions
    }

    /// A state sees all actions that are there.
    pub(super) fn by_states(&self) -> &[bool] {
        &self.present
    }

    /// So does an action, where it may see later ones.
    pub(super) fn by_actions(&self) -> &[bool] {
        &self.by_actions
    }

    /// An action sees itself and those before it.
    pub(super) fn causal(&self) -> &[bool] {
        &self.causal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_sees_those_that_are_there_up_to_itself_or_all() {
        let sight = Sight::new(&[true, false, true, true, true, false], 3);
        assert_eq!((sight.n_rows(), sight.n_actions()), (2, 3));
        let text = |visible: &[bool]| -> String {
            visible
                .iter()
                .map(|there| if *there { 'x' } else { '.' })
                .collect()
        };
        assert_eq!(text(sight.by_states()), "x.xxx.");
        assert_eq!(text(sight.by_actions()), "x.xx.xx.xxx.xx.xx.");
        assert_eq!(text(sight.causal()), "x..x..x.xx..xx.xx.");
    }
}
