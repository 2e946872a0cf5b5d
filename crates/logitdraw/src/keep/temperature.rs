//! Temperature (Ackley, Hinton, Sejnowski 1985): divides logits. It changes neither their order nor which are the largest, so it
//! costs no pass.

use crate::stage::Stage;
use crate::survivors::WIDE;

pub(crate) static STAGE: Stage = Stage {
    overwrites: |options| options.temperature > WIDE,
    ..Stage::keep(
        "temperature",
        // With a dynamic temperature, that stage divides instead.
        |options| options.temperature != 1.0 && options.dynamic().is_none(),
        |alive, step| {
            alive.set_temperature(step.options.temperature);
            Ok(())
        },
    )
};
