//! Dynamic temperature (kalomaze 2023; llama.cpp, text-generation-webui): `T = low + (high - low) * (H / ln n)^exponent`.

use crate::math::{ln, powf};
use crate::stage::Stage;
use crate::survivors::Arrangement;

/// The smallest temperature that logits are divided by: any lower one would also leave only the best tokens.
const LEAST: f64 = f64::MIN_POSITIVE;

pub(crate) static STAGE: Stage = Stage {
    overwrites: |_| true,
    ..Stage::keep(
        "dynamicTemperature",
        |options| options.dynamic().is_some(),
        |alive, step| {
            let Some(dynamic) = step.options.dynamic() else { return Ok(()) };
            let temperature = step.options.temperature;
            let (low, high) = match dynamic.range {
                Some(range) => ((temperature - range).max(0.0), temperature + range),
                None => (dynamic.low.unwrap_or(1.0), dynamic.high.unwrap_or(1.0)),
            };
            let n = alive.count();
            if n > 1 {
                let entropy = alive.sums().entropy() / ln(n as f64);
                let bent = powf(entropy.clamp(0.0, 1.0), dynamic.exponent.unwrap_or(1.0));
                alive.set_temperature((low + (high - low) * bent).max(LEAST));
            }
            alive.arrange(Arrangement::Descending, usize::MAX);
            Ok(())
        },
    )
};
