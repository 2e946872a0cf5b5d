//! Epsilon sampling (Hewitt, Manning, Liang 2022, arXiv 2210.15191): keep `p >= epsilon`.

use crate::math::ln;
use crate::stage::Stage;

pub(crate) static STAGE: Stage = Stage::keep(
    "epsilonCutoff",
    |options| options.epsilon_cutoff > 0.0,
    |alive, step| {
        let mass = alive.mass();
        alive.raise_floor_to_probability(ln(step.options.epsilon_cutoff), mass);
        Ok(())
    },
);
