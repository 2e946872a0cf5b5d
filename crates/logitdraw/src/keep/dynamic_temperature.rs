//! Dynamic temperature (kalomaze 2023; llama.cpp, text-generation-webui): `T = low + (high - low) * (H / ln n)^exponent`.

use crate::math::{ln, powf};
use crate::stage::Stage;
use crate::survivors::Arrangement;

/// The smallest temperature that logits are divided by.
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
                let temperature = low + (high - low) * bent;
                alive.set_temperature(temperature.max(LEAST));
                if temperature <= 0.0 {
                    // Greedy, as llama.cpp is then, whatever `min_tokens_to_keep` is.
                    let best = alive.nth(1);
                    alive.keep_only(best.place);
                }
            }
            alive.arrange(Arrangement::Descending, usize::MAX);
            Ok(())
        },
    )
};
