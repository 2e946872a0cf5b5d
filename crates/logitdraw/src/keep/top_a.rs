//! Top-a (BlinkDL's RWKV-LM 2022): keep `p >= a * p_max^2`.

use crate::math::ln;
use crate::stage::Stage;

pub(crate) static STAGE: Stage = Stage::keep(
    "topA",
    |options| options.top_a > 0.0,
    |alive, step| {
        // The best token's weight is 1, so p_max is 1 / mass.
        let mass = alive.mass();
        alive.raise_floor_to_probability(ln(step.options.top_a) - 2.0 * ln(mass), mass);
        Ok(())
    },
);
