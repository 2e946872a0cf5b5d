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
