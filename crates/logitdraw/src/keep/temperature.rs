//! Temperature (Ackley, Hinton, Sejnowski 1985): logits divided by it. It changes no order and no maximum, so it costs no pass.

use crate::stage::Stage;
use crate::survivors::WIDE;

pub(crate) static STAGE: Stage = Stage {
    overwrites: |options| options.temperature > WIDE,
    ..Stage::keep(
        "temperature",
        // Where the temperature follows the entropy, that stage divides.
        |options| options.temperature != 1.0 && options.dynamic_temperature.is_none(),
        |alive, step| {
            alive.set_temperature(step.options.temperature);
            Ok(())
        },
    )
};
