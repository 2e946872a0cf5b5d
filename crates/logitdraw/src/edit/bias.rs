//! Logit bias (OpenAI, llama.cpp, vLLM): a number added to the logit of a token; -Infinity bans it.

use crate::kernels::lowered;
use crate::stage::Stage;

pub(crate) static LOGIT: Stage = Stage::edit(
    "logitBias",
    |options| !options.logit_bias.is_empty(),
    |alive, step| {
        for (id, bias) in &step.options.logit_bias {
            alive.edit(*id, |x| biased(x, *bias));
        }
        Ok(())
    },
);

/// Only -Infinity bans: below the lowest float a logit is still alive.
pub(super) fn biased(x: f32, bias: f64) -> f32 {
    if bias == f64::NEG_INFINITY { f32::NEG_INFINITY } else { lowered(x, -bias) }
}
