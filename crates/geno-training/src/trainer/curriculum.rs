//! From short haplotypes to long ones.

use serde::{Deserialize, Serialize};

/// From a step on, the longest haplotypes that are trained on.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CurriculumStage {
    /// The first step, counted from 1.
    pub from_step: u64,
    /// Most edits of an example.
    pub max_edits: usize,
}

/// Which haplotypes are trained on as a run goes on; all from the start if there is no stage.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Curriculum(Vec<CurriculumStage>);

impl Curriculum {
    /// Stages by their first step. None where two begin together, one begins at step 0 or allows no
    /// edit, or the first begins after step 1.
    pub fn new(stages: Vec<CurriculumStage>) -> Option<Self> {
        let begins = stages.first().is_none_or(|first| first.from_step == 1);
        let is_sorted = stages
            .windows(2)
            .all(|two| two[0].from_step < two[1].from_step);
        let is_open = stages.iter().all(|stage| stage.max_edits > 0);
        (begins && is_sorted && is_open).then_some(Self(stages))
    }

    /// Most edits of an example at a step, if there is a limit.
    pub fn max_edits(&self, step: u64) -> Option<usize> {
        let begun = self.0.partition_point(|stage| stage.from_step <= step);
        begun.checked_sub(1).map(|last| self.0[last].max_edits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stages(stages: &[(u64, usize)]) -> Option<Curriculum> {
        let stages = stages
            .iter()
            .map(|&(from_step, max_edits)| CurriculumStage {
                from_step,
                max_edits,
            });
        Curriculum::new(stages.collect())
    }

    #[test]
    fn stages_follow_each_other() {
        let curriculum = stages(&[(1, 1), (100, 2), (101, 16)]).unwrap();
        let limits = [1, 99, 100, 101, 5000].map(|step| curriculum.max_edits(step).unwrap());
        assert_eq!(limits, [1, 1, 2, 16, 16]);
        assert_eq!(Curriculum::default().max_edits(1), None);
    }

    #[test]
    fn stages_that_make_no_course_are_refused() {
        for bad in [vec![(2, 1)], vec![(1, 1), (1, 2)], vec![(1, 0)]] {
            assert_eq!(stages(&bad), None);
        }
    }
}
