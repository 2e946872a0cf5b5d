//! Eta sampling (Hewitt, Manning, Liang 2022, arXiv 2210.15191): keep `p >= min(epsilon, sqrt(epsilon) * e^-H)`.

use crate::math::ln;
use crate::stage::Stage;

pub(crate) static STAGE: Stage = Stage::keep(
    "etaCutoff",
    |options| options.eta_cutoff > 0.0,
    |alive, step| {
        let sums = alive.sums();
        let epsilon = ln(step.options.eta_cutoff);
        alive.raise_floor_to_probability(epsilon.min(epsilon / 2.0 - sums.entropy()), sums.mass);
        Ok(())
    },
);
