//! How each check of a split came out.

use std::collections::BTreeMap;

use super::{CheckReport, CheckStatus, SideReport, SplitCheck, SplitProof};

impl SplitProof<'_> {
    pub(super) fn check(&self, check: SplitCheck) -> CheckReport {
        let (train, held_out) = (&self.side, &self.held_out.side);
        let (lost, held_out_lost) = (self.unaligned, self.held_out.unaligned);
        let placed = |side: &SideReport| side.windows - side.unplaced_windows;

        // Entries of the two sides, those of them that are compared, and why others are not.
        let (all, compared, incomparable) = match check {
            SplitCheck::VariantEquality => (
                (train.variants, held_out.variants),
                (
                    train.variants - lost.total() - self.unplaced_variants,
                    held_out.variants - held_out_lost.total(),
                ),
                vec![
                    ("no_placement", self.unplaced_variants),
                    (
                        "no_reference",
                        lost.no_reference + held_out_lost.no_reference,
                    ),
                    (
                        "unknown_contig",
                        lost.unknown_contig + held_out_lost.unknown_contig,
                    ),
                    (
                        "reference_mismatch",
                        lost.reference_mismatch + held_out_lost.reference_mismatch,
                    ),
                ],
            ),
            SplitCheck::WindowContainment => {
                // Windows of either side against variants of the other.
                let of_train = if held_out.variants > 0 {
                    train.unplaced_windows
                } else {
                    0
                };
                let of_held_out = if train.variants > 0 {
                    held_out.unplaced_windows
                } else {
                    0
                };
                let variants = if held_out.windows > 0 {
                    self.unplaced_variants
                } else {
                    0
                };
                let forth = u64::from(train.windows.min(held_out.variants) > 0);
                let back = u64::from(train.variants.min(held_out.windows) > 0);
                (
                    (forth + back, forth + back),
                    (
                        forth * placed(train) + back * (train.variants - self.unplaced_variants),
                        forth * held_out.variants + back * placed(held_out),
                    ),
                    vec![("no_placement", of_train + of_held_out + variants)],
                )
            }
            SplitCheck::WindowOverlap => (
                (train.windows, held_out.windows),
                (placed(train), placed(held_out)),
                vec![(
                    "no_placement",
                    train.unplaced_windows + held_out.unplaced_windows,
                )],
            ),
            SplitCheck::RecordIdentity => {
                let without = (self.windows_without_id, self.held_out.windows_without_id);
                (
                    (train.records + without.0, held_out.records + without.1),
                    (train.records, held_out.records),
                    vec![("no_record_id", without.0 + without.1)],
                )
            }
        };
        let is_empty = all.0 == 0 || all.1 == 0;
        let incomparable: BTreeMap<_, _> = incomparable
            .into_iter()
            .filter(|&(_, count)| count > 0 && !is_empty)
            .collect();
        let (overlap_count, examples) = self.overlaps.get(&check).cloned().unwrap_or_default();
        let failure_reason = match (overlap_count > 0, incomparable.is_empty()) {
            (true, _) => "overlap",
            (false, false) => "incomparable",
            (false, true) => "",
        };
        let declared = self.declared.get(&check).cloned();
        let status = match (failure_reason, is_empty, &declared) {
            ("", true, _) => CheckStatus::NothingToCompare,
            ("", false, _) => CheckStatus::Passed,
            (_, _, Some(_)) => CheckStatus::Declared,
            (_, _, None) => CheckStatus::Failed,
        };
        CheckReport {
            name: check,
            split_a: "train",
            split_b: "held_out",
            status,
            failure_reason,
            split_a_comparable_keys: compared.0,
            split_b_comparable_keys: compared.1,
            overlap_count,
            incomparable,
            declared,
            examples,
        }
    }
}
