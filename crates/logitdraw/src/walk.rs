//! Finds where a random number falls among weights.

use crate::kernels::Block;

/// Walks every `stride`th weight and returns the first place whose running sum exceeds `target`, or else the last place with a
/// weight above 0 (0 if there is none). Leaves in `target` the remainder at that place. Sums are in double, first to last.
pub(crate) fn walk(weights: &[f32], stride: usize, target: &mut f64) -> usize {
    let (mut place, mut last) = (0, 0);
    let mut left = *target;
    while let Some(weight) = weights.get(place) {
        let weight = f64::from(*weight);
        if weight > 0.0 {
            last = place;
            *target = left;
            if left < weight {
                break;
            }
        }
        left -= weight;
        place += stride;
    }
    last
}

/// Returns the lane of a block's weights in which `target` falls; `None` if it lies beyond all of them, where there is only what rounding
/// has added to their sum in float32.
pub(crate) fn lane_of(weights: &Block, mut target: f64) -> Option<usize> {
    let lane = walk(weights, 1, &mut target);
    (target < f64::from(weights[lane])).then_some(lane)
}

#[cfg(test)]
mod tests {
    use super::{lane_of, walk};
    use crate::kernels::{BLOCK, block_sum};

    #[test]
    fn finds_the_weight_that_a_target_falls_into() {
        let weights = [0.0f32, 1.0, 0.0, 2.0, 0.5, 0.0];
        for (target, place, left) in
            [(0.0, 1, 0.0), (0.75, 1, 0.75), (1.0, 3, 0.0), (2.5, 3, 1.5), (3.0, 4, 0.0), (3.25, 4, 0.25)]
        {
            let mut rest = target;
            assert_eq!((walk(&weights, 1, &mut rest), rest), (place, left), "{target}");
        }
    }

    #[test]
    fn a_target_past_the_end_takes_the_last_positive_weight() {
        for (weights, place, left) in
            [(&[1.0, 2.0, 0.0][..], 1, 3.0), (&[4.0], 0, 4.0), (&[0.0, 0.0], 0, 4.0), (&[], 0, 4.0)]
        {
            let mut rest = 4.0;
            assert_eq!((walk(weights, 1, &mut rest), rest), (place, left), "{weights:?}");
        }
    }

    #[test]
    fn what_rounding_adds_to_a_sum_belongs_to_no_weight() {
        let mut weights = [0.0; BLOCK];
        (weights[0], weights[4], weights[31]) = (1.0, 7e-8, 1e-35);
        let sum = f64::from(block_sum(&weights));
        assert!(sum > 1.0 + 1.1e-7);
        for (target, lane) in [(0.0, Some(0)), (1.0, Some(4)), (1.0 + 6e-8, Some(4)), (1.0 + 1e-7, None), (sum, None)] {
            assert_eq!(lane_of(&weights, target), lane, "{target}");
        }
    }

    #[test]
    fn a_target_equal_to_the_sum_belongs_to_no_weight() {
        let mut weights = [0.0; BLOCK];
        (weights[2], weights[9]) = (1.0, 2.0);
        for (target, lane) in [(1.0, Some(9)), (2.5, Some(9)), (3.0, None)] {
            assert_eq!(lane_of(&weights, target), lane, "{target}");
        }
    }

    #[test]
    fn a_stride_skips_the_weights_in_between() {
        let weights = [9.0, 1.0, 9.0, 0.0, 9.0, 2.0, 9.0];
        for (target, place, left) in [(0.5, 0, 0.5), (1.5, 4, 0.5), (3.0, 4, 2.0)] {
            let mut rest = target;
            assert_eq!((walk(&weights[1..], 2, &mut rest), rest), (place, left), "{target}");
        }
    }
}
