//! Min-p (Nguyen et al. 2024, arXiv 2407.01082): keep what is at least `min_p` times as probable as the best token.

use crate::math;
use crate::stage::Stage;

/// `p >= min_p * p_max` is `x >= max + ln(min_p) * temperature`: it needs the maximum alone.
pub(crate) static STAGE: Stage = Stage {
    relative: true,
    ..Stage::keep(
        "minP",
        |options| options.min_p > 0.0,
        |alive, step| {
            let max = f64::from(alive.max());
            alive.raise(max + math::ln(step.options.min_p) * alive.temperature());
            Ok(())
        },
    )
};
