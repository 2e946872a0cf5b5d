//! p-less sampling (Tan, Wu, Howard 2025, arXiv 2509.23234): keep tokens at least as probable as it is that two draws agree.

use crate::math::ln;
use crate::options::PLess;
use crate::stage::Stage;

/// `p >= sum p^2`; relaxed ("norm"), `p >= (n * sum p^2 - 1) / (n - 1)` with n the number of tokens alive.
pub(crate) static STAGE: Stage = Stage::keep(
    "pLess",
    |options| options.p_less != PLess::Off,
    |alive, step| {
        let sums = alive.sums();
        let collision = sums.squares / (sums.mass * sums.mass);
        let threshold = if step.options.p_less == PLess::Norm {
            let n = alive.count() as f64;
            (n * collision - 1.0) / (n - 1.0)
        } else {
            collision
        };
        // Otherwise there is only one token (NaN), or the row is so flat that nothing lies below: everything stays.
        if threshold > 0.0 {
            alive.raise_floor_to_probability(ln(threshold), sums.mass);
        }
        Ok(())
    },
);
