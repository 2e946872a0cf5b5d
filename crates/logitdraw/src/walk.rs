//! Finds where a random number falls among weights.

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

#[cfg(test)]
mod tests {
    use super::walk;

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
    fn a_stride_skips_the_weights_in_between() {
        let weights = [9.0, 1.0, 9.0, 0.0, 9.0, 2.0, 9.0];
        for (target, place, left) in [(0.5, 0, 0.5), (1.5, 4, 0.5), (3.0, 4, 2.0)] {
            let mut rest = target;
            assert_eq!((walk(&weights[1..], 2, &mut rest), rest), (place, left), "{target}");
        }
    }
}
