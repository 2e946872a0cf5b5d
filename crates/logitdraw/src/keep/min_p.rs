//! Min-p (Nguyen et al. 2024, arXiv 2407.01082): keep what is at least `min_p` times as probable as the best token.

use crate::math;
use crate::survivors::Survivors;

/// Keeps `p >= min_p * p_max`, which is `x >= max + ln(min_p) * temperature`: it needs the maximum alone.
pub(crate) fn keep(alive: &mut Survivors<'_>, min_p: f64) {
    let threshold = f64::from(alive.max()) + math::ln(min_p) / f64::from(alive.scale());
    alive.raise(threshold);
}
