//! Min-p (Nguyen et al. 2024, arXiv 2407.01082): keep tokens at least `min_p` times as probable as the best one.

use crate::math;
use crate::stage::Stage;
use crate::survivors::Arrangement;

/// `p >= min_p * p_max` is equivalent to `x >= max + ln(min_p) * temperature`, which needs only the maximum.
pub(crate) static STAGE: Stage = Stage {
    reads_best_only: true,
    ..Stage::keep(
        "minP",
        |options| options.min_p > 0.0,
        |alive, step| {
            let threshold = f64::from(alive.max()) + math::ln(step.options.min_p) * alive.temperature();
            alive.raise_floor(threshold);
            // llama.cpp sorts its candidates only if too few reach the threshold.
            let sorts = alive.min_keep() > 1 && f64::from(alive.floor().x) < threshold;
            alive.arrange(if sorts { Arrangement::Descending } else { alive.arrangement() }, 1);
            Ok(())
        },
    )
};
