//! Which genes are drawn beside each other, and which below.

use std::ops::Range;

/// The lane of each stretch, from above, none overlapping another in its lane; stretches come by their
/// start. What has no place in so many lanes has no lane.
pub(super) fn lanes(
    stretches: impl IntoIterator<Item = Range<f64>>,
    n_lanes: usize,
) -> Vec<Option<usize>> {
    let mut ends = vec![f64::NEG_INFINITY; n_lanes];
    let stretches = stretches.into_iter();
    let placed = stretches.map(|stretch| {
        let lane = ends.iter().position(|end| *end <= stretch.start)?;
        ends[lane] = stretch.end;
        Some(lane)
    });
    placed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_overlaps_lies_below_and_what_has_no_room_is_left_out() {
        let stretches = [0.0..5.0, 1.0..3.0, 2.0..9.0, 3.0..4.0, 5.0..6.0];
        assert_eq!(
            lanes(stretches, 2),
            [Some(0), Some(1), None, Some(1), Some(0)]
        );
    }
}
