//! Where a random number falls among weights.

/// The first place whose running sum exceeds `target`, which becomes what is left of it there; else the last place above 0 (0 where
/// there is none). Sums are in double, first to last.
pub(crate) fn walk<T: Copy + Into<f64>>(weights: &[T], target: &mut f64) -> usize {
    let mut last = 0;
    let mut left = *target;
    for (place, weight) in weights.iter().enumerate() {
        let weight: f64 = (*weight).into();
        if weight > 0.0 {
            last = place;
            *target = left;
            if left < weight {
                break;
            }
        }
        left -= weight;
    }
    last
}

#[cfg(test)]
mod tests {
    use super::walk;

    #[test]
    fn where_a_number_falls() {
        let weights = [0.0f32, 1.0, 0.0, 2.0, 0.5, 0.0];
        for (target, place, left) in
            [(0.0, 1, 0.0), (0.75, 1, 0.75), (1.0, 3, 0.0), (2.5, 3, 1.5), (3.0, 4, 0.0), (3.25, 4, 0.25)]
        {
            let mut rest = target;
            assert_eq!((walk(&weights, &mut rest), rest), (place, left), "{target}");
        }
    }

    #[test]
    fn behind_the_last_weight_it_is_the_last_one_above_0() {
        for (weights, place, left) in
            [(&[1.0, 2.0, 0.0][..], 1, 3.0), (&[4.0], 0, 4.0), (&[0.0, 0.0], 0, 4.0), (&[], 0, 4.0)]
        {
            let mut rest = 4.0;
            assert_eq!((walk(weights, &mut rest), rest), (place, left), "{weights:?}");
        }
    }
}
